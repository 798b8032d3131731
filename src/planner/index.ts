/**
 * Sweeps over the fields of a scenario: axes, points, conditions, tables. Nothing here simulates or stores.
 */
export { axisOf, isSweepProblem, parseAxis, sweepProblem, type Axis, type SweepProblem } from "./axis.ts"
export { asValue, parseExpression, type Value } from "./expression.ts"
export { columnOf, gridPoints, unknownColumn, type SweepGrid, type SweepPoint } from "./grid.ts"
export { columnsOf, csvOf, tableOf, type SweepRow, type SweepTable, type TableRequest } from "./table.ts"
export type { Effect, Objective, Outcome, Response, Shape } from "./sensitivity/response.ts"
export { explainedShare, sensitivityOf, sidesOf, type Sensitivity } from "./sensitivity/sensitivity.ts"
export { servingVariations, trainingVariations, type Side, type Variation } from "./sensitivity/variation.ts"
export {
  concludedSensitivity,
  sensitivityStudy,
  variationsOf,
  type NoSensitivity,
  type SensitivityOutcome,
  type SensitivityStudy,
  type SideRequest
} from "./sensitivity/study.ts"
export type { SidePoint } from "./sensitivity/objectives.ts"
export { remarksOf, sentenceOf } from "./sensitivity/words.ts"
export { loadObjective, loadSensitivity, searchesOf, type LoadOutcome, type LoadStudy } from "./sensitivity/load.ts"
export * from "./capacity/index.ts"
export type { Candidate } from "./plan/candidate.ts"
export { compared, comparisonsOf, verdictOf, type Comparison, type Verdict } from "./plan/comparison.ts"
export { experimentOf, isExperiment, type Experiment, type NoExperiment, type SmallRun } from "./plan/experiment.ts"
export type { NoPlan, Unmet } from "./plan/contradiction.ts"
export type { Loss, Spending } from "./plan/losses.ts"
export type { Constraints as PlanConstraints, Limit, Objective as PlanObjective } from "./plan/objective.ts"
export { planTraining, requestOf, type PlannedLayout, type PlanRequest, type TrainingPlan } from "./plan/plan.ts"
export type { Counts, Planned, PlanProgress } from "./plan/search.ts"
export type { PlanSpace } from "./plan/space.ts"
