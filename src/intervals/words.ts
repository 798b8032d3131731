/**
 * Intervals and what they rest on in words, the same in the summary of a run and in the report.
 */
import { formatCount, formatPercent } from "../units/index.ts"
import type { IntervalBasis } from "./interval.ts"
import { rangeAt, type Ranged } from "./ranges.ts"

/** "90 % interval 97.2 s to 113 s"; undefined where the cases are too few for the level. */
export const rangeText = (
  ranged: Ranged | undefined,
  format: (value: number) => string,
  level = 0.9
): string | undefined => {
  const range = ranged === undefined ? undefined : rangeAt(ranged, level)
  if (range === undefined || !Number.isFinite(range.low)) return undefined
  const name = `${Math.round(level * 100)} % interval`
  return range.high === null
    ? `${name} ${format(range.low)} and up: the load may be more than it can serve`
    : `${name} ${format(range.low)} to ${format(range.high)}`
}

/**
 * "nearest measured cases: 124 of 9 sources, median error 3.3 % unseen": each predicted by constants that its source had no
 * part in.
 */
export const basisText = (basis: IntervalBasis | undefined): string => {
  if (basis === undefined) return "no measured case is like this: nothing says how far it may be off"
  if (basis.anchor !== undefined && basis.nearest === 0 && basis.cases === 1)
    return `measured here: ${basis.anchor}, ${formatPercent(basis.medianError)} off as calibrated`
  const sources = basis.sources === 1 ? "1 source" : `${formatCount(basis.sources)} sources`
  if (basis.anchor !== undefined)
    return `calibrated by ${basis.anchor}; ${formatCount(basis.cases)} measured pairs that differ like it and this, of ${sources}, were ${formatPercent(basis.medianError)} off each other in the median`
  const error = `nearest measured cases: ${formatCount(basis.cases)} of ${sources}, median error ${formatPercent(basis.medianError)} unseen`
  if (basis.isImagined) return `${error}, none on a machine of such rates, so intervals are widened`
  return basis.isFar ? `${error}; far from all, so intervals are widened` : error
}
