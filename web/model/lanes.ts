/**
 * Slices of a track that overlap go into lanes, one below the other: nested ones below what encloses them.
 */

/** Lanes beyond which slices share the last one. */
export const mostLanes = 128

/** Two times that rounding may have moved apart. */
const slack = (seconds: number): number => 1e-12 + Math.abs(seconds) * 4e-16

/**
 * The lane of each slice, first fit.
 *
 * @param start  in ascending order, the longest first among equals
 * @returns null when no two overlap, which needs one lane
 */
export const lanesOf = (start: Float64Array, end: Float64Array, first: number, count: number): Uint8Array | null => {
  let isFlat = true
  for (let at = first + 1; at < first + count && isFlat; at++) isFlat = start[at]! >= end[at - 1]! - slack(end[at - 1]!)
  if (isFlat) return null
  const lanes = new Uint8Array(count)
  const ends = new Float64Array(mostLanes).fill(-Infinity)
  for (let index = 0; index < count; index++) {
    const at = first + index
    let lane = 0
    while (lane < mostLanes - 1 && start[at]! < ends[lane]! - slack(ends[lane]!)) lane++
    lanes[index] = lane
    ends[lane] = Math.max(ends[lane]!, end[at]!)
  }
  return lanes
}
