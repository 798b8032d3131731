/**
 * The critical path: back from the slice that ends last, each time to what it waited for.
 *
 * A slice begins when the last of those that it waits for has ended: the sources of its arrows, and the slices before it
 * on the streams of its own rank. The one that ended last is the next on the path; time between the two is waiting.
 */
import type { Trace } from "../../src/trace/index.ts"
import type { FlowIndex } from "./flows.ts"
import { gallop } from "./longest.ts"
import { kindOfColour, type Kind } from "./kinds.ts"
import type { Streams } from "./streams.ts"
import type { Timeline } from "./timeline.ts"

export interface CriticalPath {
  /** In order of time. */
  readonly slices: readonly number[]
  /** Seconds of the path by kind of work; with `waiting` they add up to `seconds`. */
  readonly composition: Readonly<Partial<Record<Kind, number>>>
  readonly waiting: number
  readonly seconds: number
}

const rankKey = (path: readonly string[]): string => JSON.stringify(path.slice(0, -1))

export const criticalPath = (timeline: Timeline, streams: Streams, flows: FlowIndex): CriticalPath => {
  const { trace, start, end, order, lanes } = timeline
  const { slices, tracks } = trace
  const lanesOfRank = Map.groupBy(
    lanes.map((_, lane) => lane),
    (lane) => rankKey(tracks[lanes[lane]!.track]!)
  )
  const endOf = (slice: number): number => slices.start[slice]! + slices.duration[slice]!
  let last = -1
  for (const slice of order) if (last < 0 || endOf(slice) > endOf(last)) last = slice
  if (last < 0) return { slices: [], composition: {}, waiting: 0, seconds: 0 }

  const path: number[] = []
  const composition: Partial<Record<Kind, number>> = {}
  const seen = new Set<number>()
  let waiting = 0
  const finish = endOf(last)
  for (let slice = last; slice >= 0 && !seen.has(slice);) {
    seen.add(slice)
    path.push(slice)
    addComposition(composition, timeline, streams, slice)
    const begin = slices.start[slice]!
    const slack = 1e-9 + Math.abs(begin) * 1e-9
    let before = -1
    const offer = (candidate: number): void => {
      if (seen.has(candidate) || endOf(candidate) > begin + slack) return
      if (before < 0 || endOf(candidate) > endOf(before)) before = candidate
    }
    for (const source of flows.into(slice)) offer(source)
    for (const lane of lanesOfRank.get(rankKey(tracks[slices.track[slice]!]!)) ?? []) {
      const { first, count } = lanes[lane]!
      const at = gallop(end, first, first + count, begin + slack) - 1
      if (at >= first && start[at]! <= begin) offer(order[at]!)
    }
    if (before >= 0) waiting += Math.max(0, begin - endOf(before))
    else waiting += Math.max(0, begin - timeline.bounds.start)
    slice = before
  }
  return { slices: path.reverse(), composition, waiting, seconds: finish - timeline.bounds.start }
}

/** The time of a slice by kind; that of an operation with a template as the streams share it, compute first. */
const addComposition = (
  into: Partial<Record<Kind, number>>,
  timeline: Timeline,
  streams: Streams,
  slice: number
): void => {
  const { slices } = timeline.trace
  const duration = slices.duration[slice]!
  const add = (kind: Kind, seconds: number): void => {
    into[kind] = (into[kind] ?? 0) + seconds
  }
  const template = slices.template[slice]!
  if (template < 0) return add(kindOfColour(timeline.colour[slice]!), duration)
  let left = duration
  for (const [kind, seconds] of templateKinds(timeline.trace, streams, template)) {
    const taken = Math.min(left, seconds)
    add(kind, taken)
    left -= taken
  }
  add(kindOfColour(timeline.colour[slice]!), left)
}

/** Seconds of a template by kind, the compute stream before what it may hide. */
const templateKinds = (
  { templates, templateEntries: entries }: Trace,
  { entryColour }: Streams,
  template: number
): readonly (readonly [Kind, number])[] => {
  const first = templates.first[template]!
  const sums = new Map<Kind, number>()
  for (let row = first; row < first + templates.count[template]!; row++) {
    const kind = kindOfColour(entryColour[row]!)
    sums.set(kind, (sums.get(kind) ?? 0) + entries.duration[row]!)
  }
  return [...sums].sort(([a], [b]) => Number(b === "compute") - Number(a === "compute"))
}
