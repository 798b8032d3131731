/**
 * Requests present over time, as exact means over equal intervals, from when each came and went.
 */

/**
 * Mean number present in each of `bins` equal intervals of [from, to].
 *
 * @param starts  when request i came, and `ends` when it went, at or after it came
 */
export const meanPresent = (
  starts: Float64Array,
  ends: Float64Array,
  from: number,
  to: number,
  bins: number
): Float64Array => {
  const width = (to - from) / bins
  // Request-seconds that begin (or end) inside a bin, and the change that all later bins see.
  const partial = new Float64Array(bins)
  const change = new Float64Array(bins + 1)
  const add = (time: number, sign: number): void => {
    if (time >= to) return
    if (time <= from) {
      change[0]! += sign
      return
    }
    const bin = Math.min(bins - 1, Math.floor((time - from) / width))
    partial[bin]! += sign * (from + (bin + 1) * width - time)
    change[bin + 1]! += sign
  }
  for (let index = 0; index < starts.length; index++) {
    const [start, end] = [starts[index]!, ends[index]!]
    if (!(end > start)) continue
    add(start, 1)
    add(end, -1)
  }
  let present = 0
  return partial.map((requestSeconds, bin) => {
    present += change[bin]!
    return present + requestSeconds / width
  })
}

/** How many times fall into each of `bins` equal intervals of [from, to]; NaN and times outside are left out. */
export const countPerBin = (times: Float64Array, from: number, to: number, bins: number): Float64Array => {
  const counts = new Float64Array(bins)
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!
    if (time >= from && time <= to) counts[Math.min(bins - 1, Math.floor(((time - from) / (to - from)) * bins))]! += 1
  }
  return counts
}

/** Mean of a piecewise-constant quantity in each of `bins` equal intervals of [0, to]; 0 before its first row. */
export const meanOfSteps = (times: Float64Array, values: Float64Array, to: number, bins: number): Float64Array => {
  const width = to / bins
  const means = new Float64Array(bins)
  for (let row = 0; row < times.length; row++) {
    const value = values[row]!
    if (value === 0) continue
    let start = times[row]!
    const end = Math.min(to, row + 1 < times.length ? times[row + 1]! : to)
    let bin = Math.min(bins - 1, Math.floor(start / width))
    while (start < end) {
      const edge = bin === bins - 1 ? to : (bin + 1) * width
      const stop = Math.min(end, edge)
      means[bin]! += (value * (stop - start)) / width
      start = stop
      bin++
      if (bin === bins) break
    }
  }
  return means
}

/** Sum of `amounts[i]` over the `times[i]` in each of `bins` equal intervals of [0, to]; NaN and times outside are left out. */
export const sumPerBin = (times: Float64Array, amounts: ArrayLike<number>, to: number, bins: number): Float64Array => {
  const sums = new Float64Array(bins)
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!
    if (time >= 0 && time <= to) sums[Math.min(bins - 1, Math.floor((time / to) * bins))]! += amounts[index]!
  }
  return sums
}

/**
 * By how much a count that only grows, noted from time to time, grew in each of `bins` equal intervals of [0, to].
 *
 * @param final  the count at the end; what grew after the last note is of the last interval
 */
export const growthPerBin = (
  times: Float64Array,
  counts: Float64Array,
  final: number,
  to: number,
  bins: number
): Float64Array => {
  const growth = new Float64Array(bins)
  let before = 0
  for (let row = 0; row < times.length; row++) {
    const bin = Math.min(bins - 1, Math.floor((times[row]! / to) * bins))
    growth[bin]! += counts[row]! - before
    before = counts[row]!
  }
  growth[bins - 1]! += final - before
  return growth
}
