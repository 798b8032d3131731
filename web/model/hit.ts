/** Which slice is at a time: by binary search, never by pixels. */
import { gallop, longestIn } from "./longest.ts"
import type { Streams } from "./streams.ts"
import type { Timeline } from "./timeline.ts"

export interface Hit {
  readonly slice: number
  /** Row of the template entries, or -1 for the slice itself. */
  readonly entry: number
}

/** The slice of a lane at a time, or the longest within `reach` seconds of it. */
export const hitLane = (timeline: Timeline, lane: number, seconds: number, reach: number): number => {
  const { start, end, order, longest } = timeline
  const { first, count } = timeline.lanes[lane]!
  const after = first + count
  const from = gallop(end, first, after, seconds - reach)
  const to = gallop(start, from, after, seconds + reach)
  if (from >= to) return -1
  const inside = gallop(end, from, to, seconds)
  if (inside < to && start[inside]! <= seconds && end[inside]! - start[inside]! >= reach) return order[inside]!
  return order[longestIn(longest, start, end, first, count, from, to)]!
}

/** The kernel of a stream at a time; the whole operation where there is none within reach. */
export const hitStream = (
  timeline: Timeline,
  streams: Streams,
  track: number,
  seconds: number,
  reach: number
): Hit | undefined => {
  const stream = streams.byTrack.get(track)
  if (stream === undefined) return undefined
  const { slices, templateEntries: entries } = timeline.trace
  for (const source of stream.sources)
    for (const lane of timeline.lanesOfTrack[source] ?? []) {
      const slice = hitLane(timeline, lane, seconds, reach)
      const part = slice < 0 ? undefined : stream.parts.get(slices.template[slice]!)
      if (part === undefined) continue
      const offset = seconds - slices.start[slice]!
      let best = -1
      let nearest = reach
      for (const row of part.rows) {
        const from = entries.offset[row]!
        const distance = Math.max(from - offset, offset - from - entries.duration[row]!, 0)
        if (distance < nearest || (distance === 0 && best < 0)) [best, nearest] = [row, distance]
      }
      if (best >= 0) return { slice, entry: best }
    }
  return undefined
}
