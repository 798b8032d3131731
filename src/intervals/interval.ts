/**
 * Prediction intervals by conformal prediction, weighted by likeness.
 *
 * The score of a measured case is |log(measured / predicted)| with constants that its source had no part in. Cases count
 * by likeness, exp(-distance), and a source never more than `mostOfASource` cases that are alike, as its cases share their
 * errors. The half-width at a level is the smallest score that the level's share of all weight lies below, where the
 * scenario itself counts as one more case with a score of infinity: the finite-sample correction of split conformal
 * prediction (Vovk, Gammerman and Shafer 2005; with weights: Tibshirani, Barber, Candès and Ramdas, NeurIPS 2019). Where
 * the nearest cases are too few for a level, weight moves to all cases of the quantity.
 *
 * No case says what happens far from all of them, on accelerators that nobody measured, or on machines whose rates were changed:
 * beyond `reach` the half-width grows with the distance. That growth is declared, not measured.
 */
import { median } from "../statistics/index.ts"
import { distance, imagined } from "./distance.ts"
import type { Likeness, Quantity, Residual } from "./residual.ts"
import { capSources, heaviest, numbered, scoreAt, weightAt } from "./weighing.ts"

export const levels = [0.5, 0.8, 0.9] as const
export type Level = (typeof levels)[number]

/** No source of the measurements is further than this from all others: what lies beyond was never tried. */
export const reach: Readonly<Record<Quantity, number>> = { iteration: 2, throughput: 2, token: 4, first: 4 }
/** By how much of itself a half-width grows a step beyond. */
const growth = 0.25
/** Steps that an accelerator is further whose efficiencies are borrowed, as nobody measured its class. */
const unmeasured = 1

export interface Band {
  readonly level: Level
  /** The measured time lies between predicted / factor and predicted * factor, in so many cases of all. */
  readonly factor: number
}

export interface IntervalBasis {
  /** The nearest cases that together have half of the weight, and their sources. */
  readonly cases: number
  readonly sources: number
  /** Median of |measured / predicted - 1| over these, each predicted without its source. */
  readonly medianError: number
  /** Distance to the nearest case; infinite where there is none. */
  readonly nearest: number
  /** Further from all cases than these are from each other: the band is wider for it. */
  readonly isFar: boolean
  /** Rates of the machine were changed: nobody measured one like it, and the band is wider for it. */
  readonly isImagined?: true
  /** What was measured on the machine itself that the interval hangs on; `cases` are then pairs that differ like it and this. */
  readonly anchor?: string
}

export interface PredictionInterval {
  readonly bands: readonly Band[]
  readonly basis: IntervalBasis
}

interface Weighed {
  readonly residual: Residual
  readonly far: number
  readonly weight: number
}

/** Undefined where no case measures the quantity, or too few for the lowest level. */
export const predictionInterval = (
  to: Likeness,
  residuals: readonly Residual[],
  wanted: readonly Level[] = levels
): PredictionInterval | undefined => {
  const cases = weighed(to, residuals)
  if (cases.length === 0) return undefined
  const nearest = cases.reduce((least, { far }) => Math.min(least, far), Infinity)
  const isMeasured = cases.some(
    ({ residual }) => residual.accelerator.efficiencyClass === to.accelerator.efficiencyClass
  )
  const beyond = Math.max(0, nearest - reach[to.quantity]) + (isMeasured ? 0 : unmeasured) + imagined(to)
  const wider = 1 + growth * beyond
  const sorted = cases.toSorted((one, other) => scoreOf(one) - scoreOf(other))
  const scores = Float64Array.from(sorted, scoreOf)
  const weights = Float64Array.from(sorted, ({ weight }) => weight)
  let widest = 0
  const bands = wanted.flatMap((level): readonly Band[] => {
    const score = scoreAt(scores, weights, level)
    if (score === undefined) return []
    widest = Math.max(widest, score)
    return [{ level, factor: Math.exp(wider * widest) }]
  })
  if (bands.length === 0) return undefined
  return {
    bands,
    basis: { ...basisOf(cases, nearest, beyond > 0), ...(imagined(to) > 0 ? { isImagined: true as const } : {}) }
  }
}

const scoreOf = ({ residual }: Weighed): number => Math.abs(residual.leftOut)

const weighed = (to: Likeness, residuals: readonly Residual[]): readonly Weighed[] => {
  const cases = residuals.flatMap((residual) => {
    // Servers near their limit tell more of the load than of the machine.
    if (residual.load === "open") return []
    const far = distance(to, residual)
    return Number.isFinite(far) ? [{ residual, far }] : []
  })
  const weights = Float64Array.from(cases, ({ far }) => weightAt(far))
  capSources(weights, numbered(cases.map(({ residual: { source } }) => source)))
  return cases.map((one, index) => ({ ...one, weight: weights[index]! }))
}

const basisOf = (cases: readonly Weighed[], nearest: number, isFar: boolean): IntervalBasis => {
  const chosen = heaviest(Float64Array.from(cases, ({ weight }) => weight)).map((place) => cases[place]!.residual)
  return {
    cases: chosen.length,
    sources: new Set(chosen.map(({ source }) => source)).size,
    medianError: median(chosen.map(({ leftOut }) => Math.abs(Math.expm1(leftOut)))),
    nearest,
    isFar
  }
}
