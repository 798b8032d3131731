/**
 * Sweeps over the fields of a scenario: axes, points, conditions, tables. Nothing here simulates or stores.
 */
export { axisOf, isSweepProblem, parseAxis, sweepProblem, type Axis, type SweepProblem } from "./axis.ts"
export { asValue, parseExpression, type Value } from "./expression.ts"
export { gridPoints, type SweepGrid, type SweepPoint } from "./grid.ts"
export { columnsOf, csvOf, tableOf, type SweepRow, type SweepTable, type TableRequest } from "./table.ts"
export type { Effect, Objective, Outcome, Response, Shape } from "./sensitivity/response.ts"
export { explainedShare, sensitivityOf, sidesOf, type Sensitivity } from "./sensitivity/sensitivity.ts"
export { servingVariations, trainingVariations, type Side, type Variation } from "./sensitivity/variation.ts"
export * from "./capacity/index.ts"
export type { Candidate } from "./plan/candidate.ts"
export type { NoPlan, Unmet } from "./plan/contradiction.ts"
export type { Loss, Spending } from "./plan/losses.ts"
export type { Constraints as PlanConstraints, Limit, Objective as PlanObjective } from "./plan/objective.ts"
export { planTraining, requestOf, type PlannedLayout, type PlanRequest, type TrainingPlan } from "./plan/plan.ts"
export type { Counts } from "./plan/search.ts"
export type { PlanSpace } from "./plan/space.ts"
