/** Rank correlation: whether two quantities order the same things alike. */
import { mean } from "./summary.ts"

/** Rank of each value from 1 (the least); equal values share the average of the ranks that they take up. */
export const ranks = (values: ArrayLike<number>): Float64Array => {
  const order = Uint32Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]!)
  const result = new Float64Array(order.length)
  for (let first = 0; first < order.length;) {
    let end = first + 1
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++
    for (let index = first; index < end; index++) result[order[index]!] = (first + 1 + end) / 2
    first = end
  }
  return result
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, -1 (opposite order) to 1 (same order).
 *
 * NaN when the lists differ in length, hold fewer than two values, or one of them is constant.
 */
export const spearman = (xs: ArrayLike<number>, ys: ArrayLike<number>): number => {
  if (xs.length !== ys.length || xs.length < 2) return NaN
  const xRanks = ranks(xs)
  const yRanks = ranks(ys)
  const middle = mean(xRanks)
  let products = 0
  let xSquares = 0
  let ySquares = 0
  for (let index = 0; index < xRanks.length; index++) {
    const x = xRanks[index]! - middle
    const y = yRanks[index]! - middle
    products += x * y
    xSquares += x * x
    ySquares += y * y
  }
  return products / Math.sqrt(xSquares * ySquares)
}
