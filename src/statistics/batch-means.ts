/**
 * Confidence intervals of a steady-state mean from one run whose values are correlated, by batch means: the run is cut
 * into a few long batches whose means are nearly independent (Schmeiser 1982: 10 to 30 batches suffice; Law, Simulation
 * Modeling and Analysis, section 9.5.3).
 */
import { mean } from "./summary.ts"
import { studentFactor } from "./student.ts"

/** Where each of `batches` batches of nearly equal size begins in a run of `count` values; the last entry is `count`. */
export const batchBounds = (count: number, batches: number): Float64Array =>
  Float64Array.from({ length: batches + 1 }, (_, index) => Math.floor((index * count) / batches))

/**
 * Half the width of the confidence interval of a statistic from its values on batches.
 *
 * Deviations are taken from the statistic of the whole run ("sectioning", Asmussen & Glynn 2007, III.5a), which for
 * quantiles is less biased than the mean over batches, and for means the same.
 *
 * @param ofBatches  the statistic on each batch, at least 2; NaN otherwise
 * @param ofWhole    the statistic on the whole run
 * @param level      probability that the interval holds the true value
 */
export const sectioningHalfWidth = (ofBatches: ArrayLike<number>, ofWhole: number, level = 0.95): number => {
  const batches = ofBatches.length
  let squares = 0
  for (let index = 0; index < batches; index++) squares += (ofBatches[index]! - ofWhole) ** 2
  return studentFactor(level, batches - 1) * Math.sqrt(squares / (batches - 1) / batches)
}

/**
 * Mean of a run with the half width of its confidence interval; NaN below two values a batch.
 *
 * @param values   the run in order of time
 * @param batches  at least 2
 */
export const batchMeans = (
  values: Float64Array,
  batches = 20,
  level = 0.95
): { readonly mean: number; readonly halfWidth: number } => {
  const whole = mean(values)
  if (values.length < 2 * batches) return { mean: whole, halfWidth: NaN }
  const bounds = batchBounds(values.length, batches)
  const means = Float64Array.from({ length: batches }, (_, index) =>
    mean(values.subarray(bounds[index], bounds[index + 1]))
  )
  return { mean: whole, halfWidth: sectioningHalfWidth(means, whole, level) }
}
