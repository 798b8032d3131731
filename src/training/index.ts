/**
 * Training: one iteration as executed events, and the whole run with what goes wrong in it.
 */
export { acceleratorWatts, type PowerUse } from "./power.ts"
export {
  checkpointBytes,
  componentNames,
  copySeconds,
  dalyInterval,
  dalyRunSeconds,
  nodesLostTo,
  rampBatches,
  simulateWholeRun,
  stageJob,
  switchCount,
  unitsOf,
  youngInterval,
  type BatchRamp,
  type CheckpointSettings,
  type ComponentName,
  type ElasticSettings,
  type FailureLaw,
  type PlannedStop,
  type RestartSettings,
  type RunSettings,
  type RunStage,
  type SlowNodeSettings,
  type SpareSettings,
  type WholeRun
} from "./run/index.ts"
export { isImpossible, microBatchesOf, simulateTraining } from "./simulate.ts"
export type {
  Breakdown,
  Evidence,
  ImpossibleLayout,
  Recompute,
  Sharding,
  StageMemory,
  TrainingJob,
  TrainingResult
} from "./types.ts"
