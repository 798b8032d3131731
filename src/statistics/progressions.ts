/**
 * Statistics of a sample that is written as arithmetic progressions: row i stands for the values first, first +
 * increment ... (steps of them), each `weight` times over. Nothing is expanded, so a row costs the same whether it
 * stands for one value or a million.
 */
import { selectFromProgressions, type Progressions } from "./progression-selection.ts"

/** How many values rows from ... to - 1 stand for, and their sum, in closed form. */
export const progressionSum = (
  { first, increment, steps, weights }: Progressions,
  from: number,
  to: number
): { readonly count: number; readonly sum: number } => {
  let [count, sum] = [0, 0]
  for (let row = from; row < to; row++) {
    const values = steps[row]! * weights[row]!
    count += values
    sum += values * (first[row]! + (increment[row]! * (steps[row]! - 1)) / 2)
  }
  return { count, sum }
}

/** Number, mean and deviation (divisor n) of all values, in closed form; NaN where there are none. */
export const progressionMoments = (
  rows: Progressions
): { readonly count: number; readonly mean: number; readonly deviation: number } => {
  const { first, increment, steps, weights } = rows
  const { count, sum } = progressionSum(rows, 0, rows.count)
  const mean = sum / count
  let squares = 0
  for (let row = 0; row < rows.count; row++) {
    const n = steps[row]!
    const [offset, slope] = [first[row]! - mean, increment[row]!]
    // Sums over j = 0 ... n - 1 of (offset + slope j)^2.
    const sumOfSquares = n * (offset * offset + slope * (n - 1) * (offset + (slope * (2 * n - 1)) / 6))
    squares += weights[row]! * sumOfSquares
  }
  return { count, mean, deviation: Math.sqrt(squares / count) }
}

/**
 * Quantiles as `quantileOfSorted` takes them, exact: the values that the expanded and sorted sample would give.
 *
 * @param shares  of the sample, each 0 ... 1
 */
export const progressionQuantiles = (rows: Progressions, shares: readonly number[]): readonly number[] => {
  let count = 0
  for (let row = 0; row < rows.count; row++) count += rows.steps[row]! * rows.weights[row]!
  if (count === 0) return shares.map(() => NaN)
  const places = shares.map((share) => (count - 1) * share)
  const ranks = [...new Set(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]))].sort((a, b) => a - b)
  const values = selectFromProgressions(rows, ranks)
  const at = new Map(ranks.map((rank, index) => [rank, values[index]!]))
  return places.map((place) => {
    const low = at.get(Math.floor(place))!
    const high = at.get(Math.ceil(place))!
    return low === high ? low : low + (place - Math.floor(place)) * (high - low)
  })
}
