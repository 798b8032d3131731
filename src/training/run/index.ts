/** The whole run: steps, failures, checkpoints and restarts until the last token. */
export { checkpointBytes, copySeconds } from "./checkpoint-cost.ts"
export { componentNames, nodesLostTo, switchCount, unitsOf, type ComponentName } from "./components.ts"
export type { Doing, RunCourse } from "./course.ts"
export { rampBatches } from "./segments.ts"
export { stageJob } from "./step-times.ts"
export type {
  BatchRamp,
  CheckpointSettings,
  ElasticSettings,
  FailureLaw,
  PlannedStop,
  RestartSettings,
  RunSettings,
  RunStage,
  SlowNodeSettings,
  SpareSettings,
  WholeRun
} from "./types.ts"
export { dalyInterval, dalyRunSeconds, youngInterval } from "./young-daly.ts"
export { simulateWholeRun } from "./whole-run.ts"
