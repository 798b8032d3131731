/** Order statistics of several sorted runs together, without merging them. */

/** Place of the first value in run [from, to) that is greater than `value` (or, with `orEqual`, not less). */
const firstBeyond = (values: Float64Array, from: number, to: number, value: number, orEqual: boolean): number => {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = values[middle]!
    if (orEqual ? at >= value : at > value) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * The value at a place of what the runs would be merged into.
 *
 * @param values  run i is values[bounds[i]] ... values[bounds[i + 1] - 1], ascending
 * @param first   first of the runs that count
 * @param last    last + 1 of them
 * @param rank    0 ... number of their values - 1
 */
const select = (values: Float64Array, bounds: Float64Array, first: number, last: number, rank: number): number => {
  const low = Float64Array.from(bounds.subarray(first, last))
  const high = Float64Array.from(bounds.subarray(first + 1, last + 1))
  let left = rank
  for (;;) {
    // The middle of the run with the most candidates left is out after the round, and with it half of its run.
    let widest = 0
    for (let run = 1; run < low.length; run++) if (high[run]! - low[run]! > high[widest]! - low[widest]!) widest = run
    const pivot = values[(low[widest]! + high[widest]!) >>> 1]!
    let [less, notGreater] = [0, 0]
    const starts = low.map((from, run) => {
      const start = firstBeyond(values, from, high[run]!, pivot, true)
      less += start - from
      return start
    })
    const ends = low.map((from, run) => {
      const end = firstBeyond(values, starts[run]!, high[run]!, pivot, false)
      notGreater += end - from
      return end
    })
    if (left < less) high.set(starts)
    else if (left < notGreater) return pivot
    else {
      left -= notGreater
      low.set(ends)
    }
  }
}

/** A quantile, as `quantileOfSorted` takes it, of the runs first ... last - 1 together. */
export const quantileOfRuns = (
  values: Float64Array,
  bounds: Float64Array,
  first: number,
  last: number,
  share: number
): number => {
  const count = bounds[last]! - bounds[first]!
  if (count === 0 || !(share >= 0 && share <= 1)) return NaN
  const place = (count - 1) * share
  const low = select(values, bounds, first, last, Math.floor(place))
  const high = select(values, bounds, first, last, Math.ceil(place))
  return low === high ? low : low + (place - Math.floor(place)) * (high - low)
}
