/**
 * Latency between tokens, from the progressions that the engine logs instead of every gap: exact, without expanding
 * them.
 */
import {
  progressionMoments,
  progressionQuantiles,
  progressionSum,
  sectioningHalfWidth,
  type Progressions
} from "../../statistics/index.ts"
import type { TokenGaps } from "../types.ts"
import { quantileNames, quantileShares, type QuantileName } from "./latency-summary.ts"
import type { LatencySummary } from "./types.ts"

const batches = 20
const leastRows = 200

/**
 * Half width of the mean's interval: batches of consecutive rows that hold about as many gaps each. Quantiles have none,
 * since a batch of rows cannot be sorted without expanding it.
 */
const meanHalfWidth = (rows: Progressions, count: number, mean: number): number | null => {
  if (rows.count < leastRows) return null
  const means: number[] = []
  let [from, gaps] = [0, 0]
  for (let row = 0; row < rows.count; row++) {
    gaps += rows.steps[row]! * rows.weights[row]!
    if (gaps < ((means.length + 1) * count) / batches && row < rows.count - 1) continue
    const of = progressionSum(rows, from, row + 1)
    if (of.count > 0) means.push(of.sum / of.count)
    from = row + 1
  }
  // A row that holds many batches' share leaves too few.
  return means.length < batches / 2 ? null : sectioningHalfWidth(means, mean)
}

export const summariseGaps = ({ count, first, increment, steps, sequences }: TokenGaps): LatencySummary => {
  const rows: Progressions = { count, first, increment, steps, weights: sequences }
  const { count: gaps, mean, deviation } = progressionMoments(rows)
  const [least, greatest, ...quantiles] = progressionQuantiles(rows, [0, 1, ...quantileShares])
  const named = Object.fromEntries(quantileNames.map((name, index) => [name, quantiles[index]])) as Record<
    QuantileName,
    number
  >
  return {
    count: gaps,
    mean,
    deviation,
    least: least ?? NaN,
    ...named,
    greatest: greatest ?? NaN,
    halfWidths: {
      mean: meanHalfWidth(rows, gaps, mean),
      p50: null,
      p90: null,
      p95: null,
      p99: null,
      p999: null
    }
  }
}
