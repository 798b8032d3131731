/**
 * Whether the first layout of a plan beats another beyond what the simulator is off by: errors that both share cancel.
 */
import {
  measuredPairs,
  pairSpread,
  type Half,
  type MeasuredPairs,
  type PairSpread,
  type Residual
} from "../../intervals/index.ts"
import { trainingHalf } from "../../scenario/index.ts"
import type { Objective } from "./objective.ts"
import type { PlannedLayout, TrainingPlan } from "./plan.ts"

/** `certain`: by accelerators alone, whatever errors there are; `equal`: within the spread of half of all pairs. */
export type Verdict = "certain" | "better" | "likely" | "equal"

/** How two of a plan's answers compare, the first being the better one by prediction. */
export interface Comparison {
  /** Of the objective: 1.041 where the other's is 4.1 % more. */
  readonly ratio: number
  /** Of ratios of pairs like these; undefined where none was measured. */
  readonly spread: PairSpread | undefined
  /** That the first is the better one; null where nothing was measured that tells. */
  readonly chance: number | null
  readonly verdict: Verdict
}

/** Chances from which on the first is called better, and likely better. */
const better = 0.9
const likely = 0.75

export const verdictOf = (chance: number | null): Verdict =>
  chance !== null && chance >= better ? "better" : chance !== null && chance >= likely ? "likely" : "equal"

/**
 * @param ratio  of the objective, which grows with the time that pairs are measured in
 * @param pairs  measured, of the quantity of both
 * @param isFirstBetter  1, 0 or between, by both errors: where the objective does not just grow with the time
 */
export const compared = (
  one: Half,
  other: Half,
  ratio: number,
  pairs: MeasuredPairs,
  isFirstBetter?: (one: number, other: number) => number
): Comparison => {
  const spread = pairSpread(one, other, pairs)
  const chance = (isFirstBetter === undefined ? spread?.chance(ratio) : spread?.chanceWhere(isFirstBetter)) ?? null
  return { ratio, spread, chance, verdict: verdictOf(chance) }
}

/** Of the objective; where that is accelerators and both take as many, of the time. */
const ratioOf = (first: PlannedLayout, other: PlannedLayout, objective: Objective): number =>
  objective === "gpus" ? other.result.iterationSeconds / first.result.iterationSeconds : other.value / first.value

/** Every listed layout against the first; the first against itself is left out. */
export const comparisonsOf = (
  { layouts, request: { objective } }: Pick<TrainingPlan, "layouts" | "request">,
  residuals: readonly Residual[]
): readonly Comparison[] => {
  const [first, ...others] = layouts
  if (first === undefined || others.length === 0) return []
  const pairs = measuredPairs(residuals, "iteration")
  return others.map((other): Comparison => {
    if (objective === "gpus" && other.accelerators !== first.accelerators)
      return { ratio: other.value / first.value, spread: undefined, chance: null, verdict: "certain" }
    return compared(trainingHalf(first), trainingHalf(other), ratioOf(first, other, objective), pairs)
  })
}
