/**
 * How far apart two predictions may be off: errors that two cases of one machine room, software and accelerator share
 * cancel in their ratio.
 *
 * The score of a pair of measured cases is |log(measured ratio / predicted ratio)|, each predicted by constants that their
 * source had no part in. Pairs are of one source, one software and one kind of load; they count by how near their cases are to
 * the two that are asked about (`distance.ts`) and by how alike both pairs differ (`pair-difference.ts`): exp(-(distance +
 * unlikeness / 2)). Sources are capped, and quantiles taken, as for the interval of one prediction (`weighing.ts`).
 *
 * A pair can be read either way round, so errors are symmetric. Of two cases predicted to differ by the ratio r > 1, the
 * one predicted better is better with the chance 1/2 + share(score < log r) / 2.
 */
import { median } from "../statistics/index.ts"
import { distance, imagined } from "./distance.ts"
import { levels, type Band, type Level } from "./interval.ts"
import { differencesOf, dimensions, unlikeness, type Half } from "./pair-difference.ts"
import type { Quantity, Residual } from "./residual.ts"
import { capSources, heaviest, numbered, scoreAt, shareBelow, weightAt } from "./weighing.ts"

/** A residual that says how the case was laid out. */
export type Placed = Residual & Half

/** Pairs of cases in columns, by their scores. */
export interface MeasuredPairs {
  readonly cases: readonly Placed[]
  /** Places of both among the cases. */
  readonly one: Int32Array
  readonly other: Int32Array
  /** Of every pair a number for each of `dimensions`. */
  readonly differences: Float64Array
  /** |log(measured ratio / predicted ratio)|, of times. */
  readonly scores: Float64Array
  /** Of every pair, by number. */
  readonly sources: Int32Array
}

/** What half a difference counts, in steps of distance. */
const ofDifference = 0.5

/** No source of the pairs is further than this from all others. */
export const pairReach = 2
/** By how much of itself a spread grows a step beyond: as intervals do. */
const growth = 0.25

/** Of servers: under one workload, of one model, as the fleets of a plan are. Trainings of several models say more than they cost. */
const groupOf = ({ source, stack, quantity, load, model, setup }: Placed): string =>
  [
    source,
    stack,
    load,
    ...(quantity === "iteration" ? [] : [model, setup["sequences"], setup["prompt"], setup["output"]])
  ].join("|")

/** All pairs of cases of a quantity that share source, software and kind of load. */
export const measuredPairs = (residuals: readonly Residual[], quantity: Quantity): MeasuredPairs => {
  const cases = residuals
    .filter((one) => one.quantity === quantity && one.load !== "open")
    .filter((one): one is Placed => one.setup !== undefined)
  const groups = Map.groupBy(cases.keys(), (place) => groupOf(cases[place]!))
  const pairs = [...groups.values()]
    .flatMap((group) =>
      group.flatMap((one, index) =>
        group
          .slice(index + 1)
          .map((other) => ({ one, other, score: Math.abs(cases[one]!.leftOut - cases[other]!.leftOut) }))
      )
    )
    .toSorted((a, b) => a.score - b.score)
  const differences = new Float64Array(pairs.length * dimensions.length)
  pairs.forEach(({ one, other }, index) =>
    differences.set(differencesOf(cases[one]!, cases[other]!), index * dimensions.length)
  )
  const sources = numbered(cases.map(({ source }) => source))
  return {
    cases,
    one: Int32Array.from(pairs, ({ one }) => one),
    other: Int32Array.from(pairs, ({ other }) => other),
    differences,
    scores: Float64Array.from(pairs, ({ score }) => score),
    sources: Int32Array.from(pairs, ({ one }) => sources[one]!)
  }
}

/** Those of some pairs, by a test of the case's source: the others' evidence, where a source is judged by it. */
export const pairsOf = (
  { cases, one, other, differences, scores, sources }: MeasuredPairs,
  isWanted: (place: number) => boolean
): MeasuredPairs => {
  const kept = Array.from(scores.keys()).filter(isWanted)
  const of = (column: Int32Array): Int32Array => Int32Array.from(kept, (place) => column[place]!)
  const some = new Float64Array(kept.length * dimensions.length)
  kept.forEach((place, index) =>
    some.set(
      differences.subarray(place * dimensions.length, (place + 1) * dimensions.length),
      index * dimensions.length
    )
  )
  return {
    cases,
    one: of(one),
    other: of(other),
    differences: some,
    scores: Float64Array.from(kept, (place) => scores[place]!),
    sources: of(sources)
  }
}

export interface PairBasis {
  /** The nearest pairs that together have half of the weight, and their sources. */
  readonly pairs: number
  readonly sources: number
  /** Median of |measured ratio / predicted ratio - 1| over these. */
  readonly medianError: number
  readonly isFar: boolean
}

export interface PairSpread {
  /** The measured ratio lies between predicted / factor and predicted * factor. */
  readonly bands: readonly Band[]
  readonly basis: PairBasis
  /** Chance that the case predicted better by this ratio of times is better. */
  readonly chance: (ratio: number) => number
  /**
   * The same where errors that both share don't cancel, as in whole replicas: what a function of both errors is on average over
   * the pairs, either way round. Errors are log(measured / predicted seconds); the function's value is 1 where the first is better.
   */
  readonly chanceWhere: (isFirstBetter: (one: number, other: number) => number) => number
}

/** Of every pair, to two cases, whichever is which. */
const distancesTo = (one: Half, other: Half, pairs: MeasuredPairs): Float64Array => {
  const toOne = Float64Array.from(pairs.cases, (measured) => distance(one, measured))
  const toOther = Float64Array.from(pairs.cases, (measured) => distance(other, measured))
  const own = differencesOf(one, other)
  const far = new Float64Array(pairs.scores.length)
  for (let at = 0; at < far.length; at++) {
    const [first, second] = [pairs.one[at]!, pairs.other[at]!]
    const cases = Math.min(toOne[first]! + toOther[second]!, toOne[second]! + toOther[first]!) / 2
    far[at] = cases + ofDifference * unlikeness(own, pairs.differences, at)
  }
  return far
}

/** Of both orders of each pair; the unknown case says nothing, one half. */
const meanOver = (
  { cases, one, other }: MeasuredPairs,
  weights: Float64Array,
  of: (one: number, other: number) => number
): number => {
  let [sum, all, unknown] = [0, 0, 0]
  for (let at = 0; at < weights.length; at++) {
    const [weight, a, b] = [weights[at]!, cases[one[at]!]!.leftOut, cases[other[at]!]!.leftOut]
    sum += (weight * (of(a, b) + of(b, a))) / 2
    all += weight
    unknown = Math.max(unknown, weight)
  }
  return (sum + unknown / 2) / (all + unknown)
}

/** Scores by which one is off where the other is off by `shift`, either way; ascending, each with its weight. */
const shifted = (scores: Float64Array, weights: Float64Array, shift: number): readonly [Float64Array, Float64Array] => {
  const all = [...scores].flatMap((score, at) => [
    { score: Math.abs(score + shift), weight: weights[at]! },
    { score: Math.abs(score - shift), weight: weights[at]! }
  ])
  all.sort((a, b) => a.score - b.score)
  return [Float64Array.from(all, ({ score }) => score), Float64Array.from(all, ({ weight }) => weight)]
}

/**
 * Undefined where no pair was measured.
 *
 * @param pairs  of the quantity of both
 * @param shift  by which the first is known to be off: the bands are then of the other itself
 */
export const pairSpread = (
  one: Half,
  other: Half,
  pairs: MeasuredPairs,
  wanted: readonly Level[] = levels,
  shift = 0
): PairSpread | undefined => {
  const { scores, sources } = pairs
  if (scores.length === 0) return undefined
  const far = distancesTo(one, other, pairs)
  const nearest = far.reduce((least, each) => Math.min(least, each), Infinity)
  if (!Number.isFinite(nearest)) return undefined
  const weights = far.map(weightAt)
  capSources(weights, sources)
  const unseen = Math.max(imagined(one), imagined(other))
  const wider = 1 + growth * (Math.max(0, nearest - pairReach) + unseen)
  let widest = 0
  const [of, by] = shift === 0 ? [scores, weights] : shifted(scores, weights, shift)
  const bands = wanted.flatMap((level): readonly Band[] => {
    const score = scoreAt(of, by, level, shift === 0 ? 1 : 2)
    if (score === undefined) return []
    widest = Math.max(widest, score)
    return [{ level, factor: Math.exp(wider * widest) }]
  })
  const chosen = heaviest(weights)
  return {
    bands,
    basis: {
      pairs: chosen.length,
      sources: new Set(chosen.map((place) => sources[place])).size,
      medianError: median(chosen.map((place) => Math.expm1(scores[place]!))),
      isFar: nearest > pairReach || unseen > 0
    },
    chance: (ratio) => 0.5 + 0.5 * shareBelow(scores, weights, Math.abs(Math.log(ratio)) / wider),
    chanceWhere: (isFirstBetter) => meanOver(pairs, weights, (a, b) => isFirstBetter(wider * a, wider * b))
  }
}
