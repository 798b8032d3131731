/**
 * Mean, spread, quantiles and their confidence intervals of a latency over many requests.
 *
 * The sample is sorted in 20 runs, which are the batches of batch means. Quantiles of larger batches, and of the whole,
 * are selected from several sorted runs, which are never merged.
 */
import { batchBounds, mean, quantileOfRuns, sectioningHalfWidth, sortNumbers } from "../../statistics/index.ts"
import type { LatencySummary } from "./types.ts"

const shares = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const
export type QuantileName = keyof typeof shares
export const quantileNames = Object.keys(shares) as readonly QuantileName[]
export const quantileShares = Object.values(shares) as readonly number[]

/** Batches tried for an interval, from the best; which are so many whole runs each. */
const batchCounts = [20, 10, 5] as const
const runs = 20

/** Values that a batch needs: ten, and for a quantile ten beyond it, for its own statistic to mean something. */
const leastBatch = (share: number | null): number => (share === null ? 10 : Math.ceil(10 / Math.min(share, 1 - share)))

/** Batches that an interval of the mean (null) or a quantile uses; undefined where the sample is too small for any. */
const batchesFor = (count: number, share: number | null): number | undefined =>
  batchCounts.find((batches) => Math.floor(count / batches) >= leastBatch(share))

/**
 * Summary of a sample without NaN.
 *
 * @param values  in order of arrival; the array is overwritten
 */
export const summariseLatency = (values: Float64Array): LatencySummary => {
  const count = values.length
  const middle = mean(values)
  let squares = 0
  for (let index = 0; index < count; index++) squares += (values[index]! - middle) ** 2

  const halfWidths: Record<"mean" | QuantileName, number | null> = {
    mean: null,
    p50: null,
    p90: null,
    p95: null,
    p99: null,
    p999: null
  }
  const meanBatches = batchesFor(count, null)
  if (meanBatches !== undefined) {
    const bounds = batchBounds(count, meanBatches)
    const means = Float64Array.from({ length: meanBatches }, (_, index) =>
      mean(values.subarray(bounds[index], bounds[index + 1]))
    )
    halfWidths.mean = sectioningHalfWidth(means, middle)
  }

  const bounds = batchBounds(count, runs)
  const spare = new Float64Array(Math.ceil(count / runs))
  let [least, greatest] = [Infinity, -Infinity]
  for (let run = 0; run < runs; run++) {
    const sorted = values.subarray(bounds[run], bounds[run + 1])
    sortNumbers(sorted, spare)
    least = Math.min(least, sorted[0] ?? Infinity)
    greatest = Math.max(greatest, sorted[sorted.length - 1] ?? -Infinity)
  }
  const quantiles = Object.fromEntries(
    quantileNames.map((name) => [name, quantileOfRuns(values, bounds, 0, runs, shares[name])])
  ) as Record<QuantileName, number>
  for (const name of quantileNames) {
    const batches = batchesFor(count, shares[name])
    if (batches === undefined) continue
    const size = runs / batches
    const ofBatches = Float64Array.from({ length: batches }, (_, batch) =>
      quantileOfRuns(values, bounds, batch * size, (batch + 1) * size, shares[name])
    )
    halfWidths[name] = sectioningHalfWidth(ofBatches, quantiles[name])
  }
  return {
    count,
    mean: middle,
    deviation: Math.sqrt(squares / count),
    least: count === 0 ? NaN : least,
    ...quantiles,
    greatest: count === 0 ? NaN : greatest,
    halfWidths
  }
}
