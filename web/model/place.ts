/** Where a slice stands: its lane and position, its time, its neighbours. */
import type { Hit } from "./hit.ts"
import { gallop } from "./longest.ts"
import type { Streams } from "./streams.ts"
import type { Timeline } from "./timeline.ts"

/** Lane and position of a slice, or undefined where its kind is hidden. */
export const positionOf = (
  timeline: Timeline,
  slice: number
): { readonly lane: number; readonly depth: number; readonly at: number } | undefined => {
  const { trace, start, order, lanes, lanesOfTrack } = timeline
  const from = trace.slices.start[slice]
  if (from === undefined) return undefined
  const own = lanesOfTrack[trace.slices.track[slice]!] ?? []
  for (const [depth, lane] of own.entries()) {
    const { first, count } = lanes[lane]!
    for (let at = gallop(start, first, first + count, from); at < first + count && start[at] === from; at++)
      if (order[at] === slice) return { lane, depth, at }
  }
  return undefined
}

/** The track on which a slice, or a kernel inside of one, is drawn. */
export const trackOfHit = (timeline: Timeline, streams: Streams, { slice, entry }: Hit): number => {
  const { slices, templateEntries } = timeline.trace
  const own = slices.track[slice] ?? -1
  if (entry < 0) return own
  const template = slices.template[slice]!
  for (const stream of streams.byTrack.values())
    if (stream.sources.includes(own) && stream.parts.get(template)?.rows.includes(entry) === true) return stream.track
  return templateEntries.name.length > entry ? own : -1
}

export interface Stretch {
  readonly start: number
  readonly end: number
}

/** From when to when a slice, or a kernel of it, runs. */
export const stretchOf = ({ trace }: Timeline, { slice, entry }: Hit): Stretch => {
  const { slices, templateEntries } = trace
  const start = slices.start[slice]! + (entry < 0 ? 0 : templateEntries.offset[entry]!)
  return { start, end: start + (entry < 0 ? slices.duration[slice]! : templateEntries.duration[entry]!) }
}

/** Whether a hit, from an address perhaps, is one of this trace. */
export const isHit = ({ trace }: Timeline, { slice, entry }: Hit): boolean => {
  if (!(slice >= 0 && slice < trace.slices.track.length)) return false
  if (entry < 0) return entry === -1
  const template = trace.slices.template[slice]!
  const first = trace.templates.first[template] ?? 0
  return template >= 0 && entry >= first && entry < first + trace.templates.count[template]!
}

/** The next (1) or previous (-1) slice on the same lane, or kernel on the same stream. */
export const neighbour = (timeline: Timeline, streams: Streams, hit: Hit, step: 1 | -1): Hit | undefined => {
  const { slices } = timeline.trace
  if (hit.entry >= 0) {
    const track = trackOfHit(timeline, streams, hit)
    const stream = streams.byTrack.get(track)
    const rows = stream?.parts.get(slices.template[hit.slice]!)?.rows
    const next = rows === undefined ? undefined : rows[rows.indexOf(hit.entry) + step]
    if (next !== undefined) return { slice: hit.slice, entry: next }
    const outer = neighbour(timeline, streams, { slice: hit.slice, entry: -1 }, step)
    const others = outer === undefined ? undefined : stream?.parts.get(slices.template[outer.slice]!)?.rows
    const entry = step === 1 ? others?.[0] : others?.at(-1)
    return outer === undefined || entry === undefined ? undefined : { slice: outer.slice, entry }
  }
  const place = positionOf(timeline, hit.slice)
  if (place === undefined) return undefined
  const { first, count } = timeline.lanes[place.lane]!
  const at = place.at + step
  return at < first || at >= first + count ? undefined : { slice: timeline.order[at]!, entry: -1 }
}
