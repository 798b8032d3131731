/** How far off predictions like this one have been: residuals of measured cases, and the intervals that they give. */
export { anchoredInterval, type Anchor } from "./anchored.ts"
export { coverageOfIntervals, type CoverageGroup, type Covered, type IntervalCoverage } from "./cross-validation.ts"
export { distance } from "./distance.ts"
export {
  levels,
  predictionInterval,
  reach,
  type Band,
  type IntervalBasis,
  type Level,
  type PredictionInterval
} from "./interval.ts"
export { coverageOfPairs, repeatNoise, type OrderGroup, type PairCoverage, type SpreadGroup } from "./pair-coverage.ts"
export { differing, dimensions, type Dimension, type Half } from "./pair-difference.ts"
export { measuredPairs, pairSpread, pairsOf, type MeasuredPairs, type PairBasis, type PairSpread } from "./pairs.ts"
export { nearestCases } from "./nearest.ts"
export {
  loads,
  quantities,
  type AcceleratorKind,
  type Likeness,
  type Load,
  type Quantity,
  type Residual,
  type Setup
} from "./residual.ts"
export { readResiduals, shippedResiduals, writeResiduals, type ResidualFile } from "./residual-file.ts"
export {
  latencyRanges,
  rangeAt,
  rangesDocument,
  rangesOf,
  type Range,
  type Ranged,
  type ServingIntervals
} from "./ranges.ts"
export { basisText, rangeText } from "./words.ts"
