/** What a sample is like: its middle, its quantiles and its spread. The statistics of an empty sample are NaN. */

/** Arithmetic mean. */
export const mean = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index]!
  return sum / values.length
}

/** The least and the greatest; infinite the wrong way round of none. */
export const extent = (values: ArrayLike<number>): readonly [least: number, greatest: number] => {
  let [least, greatest] = [Infinity, -Infinity]
  for (let index = 0; index < values.length; index++) {
    least = Math.min(least, values[index]!)
    greatest = Math.max(greatest, values[index]!)
  }
  return [least, greatest]
}

/** Quantile 0.5. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5)

/**
 * The value below which a share of the sample lies, interpolated linearly between neighbours: the quantile of rank
 * 1 + (n - 1) p, definition 7 of Hyndman & Fan 1996.
 *
 * @param values  the sample in any order; it is not changed
 * @param p       share of the sample, 0 (the least) to 1 (the greatest)
 */
export const quantile = (values: ArrayLike<number>, p: number): number =>
  quantileOfSorted(Float64Array.from(values).sort(), p)

/** The same quantile of a sample that is already in ascending order. */
export const quantileOfSorted = (sorted: ArrayLike<number>, p: number): number => {
  if (sorted.length === 0 || !(p >= 0 && p <= 1)) return NaN
  const place = (sorted.length - 1) * p
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.ceil(place)]!
  // Equal neighbours are told apart first so that two infinite ones do not make NaN.
  return low === high ? low : low + (place - below) * (high - low)
}

/** Standard deviation of the population that a sample came from (divisor n - 1); NaN below two values. */
export const standardDeviation = (values: ArrayLike<number>): number => {
  if (values.length < 2) return NaN
  const middle = mean(values)
  let squares = 0
  for (let index = 0; index < values.length; index++) squares += (values[index]! - middle) ** 2
  return Math.sqrt(squares / (values.length - 1))
}
