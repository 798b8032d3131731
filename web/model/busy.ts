/** How busy tracks are over time: the share of each interval of the trace in which a slice runs, averaged over tracks. */
import type { Timeline } from "./timeline.ts"

export const intervals = 1024

/** Means over tracks of the share that each of `intervals` equal stretches of the trace is covered by slices. */
export const busyShares = (timeline: Timeline, tracks: readonly number[]): Float32Array => {
  const { bounds, start, end } = timeline
  const shares = new Float32Array(intervals)
  const width = (bounds.end - bounds.start) / intervals
  let counted = 0
  for (const track of tracks) {
    const lane = timeline.lanes[timeline.lanesOfTrack[track]?.[0] ?? -1]
    if (lane === undefined) continue
    counted++
    for (let at = lane.first; at < lane.first + lane.count; at++) {
      const [from, to] = [(start[at]! - bounds.start) / width, (end[at]! - bounds.start) / width]
      const [first, last] = [Math.max(0, Math.floor(from)), Math.min(intervals - 1, Math.floor(to))]
      if (first === last) shares[first]! += to - from
      else {
        shares[first]! += first + 1 - from
        for (let interval = first + 1; interval < last; interval++) shares[interval]!++
        shares[last]! += to - last
      }
    }
  }
  if (counted > 0) for (let interval = 0; interval < intervals; interval++) shares[interval]! /= counted
  return shares
}
