/**
 * Streams that templates fill: tracks whose slices are written down once for many operations and made where someone
 * looks. Far out, an operation is a bar on each stream as high as the share of time that the stream was busy in it.
 */
import type { Trace } from "../../src/trace/index.ts"
import type { TimeWindow } from "../base/time-window.ts"
import { colourOf, kindOfColour, type Kind } from "./kinds.ts"
import { laneRectangles, rectangleList, type Rectangles } from "./rectangles.ts"
import type { Timeline } from "./timeline.ts"

/** Entries of one template on one stream. */
export interface Part {
  /** Rows of the trace's template entries, in order of time. */
  readonly rows: Uint32Array
  readonly busySeconds: number
  readonly fromSeconds: number
  readonly toSeconds: number
  /** Colour class of most of the time. */
  readonly colour: number
}

export interface Stream {
  readonly track: number
  /** Tracks whose slices have the templates. */
  readonly sources: readonly number[]
  /** By template. */
  readonly parts: ReadonlyMap<number, Part>
}

export interface Streams {
  /** By track, for tracks that templates fill. */
  readonly byTrack: ReadonlyMap<number, Stream>
  /** Colour class of each template entry. */
  readonly entryColour: Uint8Array
}

const keyOf = (path: readonly string[]): string => JSON.stringify(path)

export const streamsOf = (trace: Trace): Streams => {
  const { slices, templates, templateEntries: entries, names, tracks } = trace
  const entryColour = Uint8Array.from(entries.name, (name, row) => colourOf(names[entries.stream[row]!]!, names[name]!))
  const partsOf = new Map<number, ReadonlyMap<number, Part>>()
  for (let template = 0; template < templates.first.length; template++)
    partsOf.set(template, partsOfTemplate(trace, template, entryColour))

  const trackOf = new Map(tracks.map((path, track) => [keyOf(path), track]))
  const found = new Map<number, { sources: Set<number>; parts: Map<number, Part> }>()
  const seen = new Set<number>()
  for (let slice = 0; slice < slices.track.length; slice++) {
    const template = slices.template[slice]!
    if (template < 0) continue
    const source = slices.track[slice]!
    const pair = source * templates.first.length + template
    if (seen.has(pair)) continue
    seen.add(pair)
    for (const [stream, part] of partsOf.get(template) ?? []) {
      const track = trackOf.get(keyOf([...tracks[source]!.slice(0, -1), names[stream]!]))
      if (track === undefined) continue
      const one = found.get(track) ?? { sources: new Set<number>(), parts: new Map<number, Part>() }
      found.set(track, one)
      one.sources.add(source)
      one.parts.set(template, part)
    }
  }
  return {
    byTrack: new Map(
      [...found].map(([track, { sources, parts }]) => [track, { track, sources: [...sources], parts }] as const)
    ),
    entryColour
  }
}

const partsOfTemplate = (trace: Trace, template: number, colours: Uint8Array): ReadonlyMap<number, Part> => {
  const { templates, templateEntries: entries } = trace
  const first = templates.first[template]!
  const rows = Array.from({ length: templates.count[template]! }, (_, index) => first + index)
  const byStream = Map.groupBy(rows, (row) => entries.stream[row]!)
  return new Map(
    [...byStream].map(([stream, own]) => {
      own.sort((a, b) => entries.offset[a]! - entries.offset[b]!)
      const time = new Map<number, number>()
      let [busy, to] = [0, 0]
      for (const row of own) {
        const seconds = entries.duration[row]!
        busy += seconds
        to = Math.max(to, entries.offset[row]! + seconds)
        time.set(colours[row]!, (time.get(colours[row]!) ?? 0) + seconds)
      }
      const [[colour] = [0]] = [...time].sort(([, a], [, b]) => b - a)
      const part: Part = {
        rows: Uint32Array.from(own),
        busySeconds: busy,
        fromSeconds: entries.offset[own[0]!]!,
        toSeconds: to,
        colour
      }
      return [stream, part] as const
    })
  )
}

/** Buckets that an operation is long when it is drawn kernel by kernel. */
const expandedFrom = 24

/** Rectangles of a stream in a window. */
export const streamRectangles = (
  timeline: Timeline,
  streams: Streams,
  stream: Stream,
  window: TimeWindow,
  bucket: number,
  hidden: ReadonlySet<Kind>
): Rectangles => {
  const list = rectangleList()
  const { slices, templateEntries: entries } = timeline.trace
  for (const source of stream.sources)
    for (const lane of timeline.lanesOfTrack[source] ?? []) {
      const outer = laneRectangles(timeline, lane, window, bucket)
      for (let row = 0; row < outer.count; row++) {
        const slice = outer.slice[row]!
        const part = stream.parts.get(slices.template[slice]!)
        if (part === undefined) continue
        const [start, end] = [outer.start[row]!, outer.end[row]!]
        const duration = slices.duration[slice]!
        if (outer.members[row] === 1 && duration >= bucket * expandedFrom) {
          expand(list, streams, entries, part, slice, start, window, bucket, hidden)
          continue
        }
        if (hidden.has(kindOfColour(part.colour))) continue
        const share = duration > 0 ? part.busySeconds / duration : 1
        const level = Math.max(24, Math.round(outer.level[row]! * Math.min(1, share)))
        list.push(start, end, slice, -1, outer.members[row]! * part.rows.length, part.colour, level)
      }
    }
  return list
}

const expand = (
  list: ReturnType<typeof rectangleList>,
  { entryColour }: Streams,
  entries: Timeline["trace"]["templateEntries"],
  part: Part,
  slice: number,
  start: number,
  window: TimeWindow,
  bucket: number,
  hidden: ReadonlySet<Kind>
): void => {
  let until = -Infinity
  for (const row of part.rows) {
    if (hidden.size > 0 && hidden.has(kindOfColour(entryColour[row]!))) continue
    const from = start + entries.offset[row]!
    const to = from + entries.duration[row]!
    if (to < window.start || from > window.end) continue
    // Entries shorter than a bucket: at most one a bucket.
    if (to - from < bucket && from < until) continue
    until = from + bucket
    list.push(from, Math.max(to, from + bucket), slice, row, 1, entryColour[row]!, 255)
  }
}
