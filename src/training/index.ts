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
  type Doing,
  type ElasticSettings,
  type FailureLaw,
  type PlannedStop,
  type RestartSettings,
  type RunCourse,
  type RunSettings,
  type RunStage,
  type SlowNodeSettings,
  type SpareSettings,
  type WholeRun
} from "./run/index.ts"
export type { Cause, HardwareFault, Irregularities, SlowestRank, Stragglers, UnevenData } from "./irregular/types.ts"
export { aliveAfter, memorySnapshot, type Allocation, type MemoryKind, type MemorySnapshot } from "./memory-snapshot.ts"
export type { MachineGroup } from "./machines/types.ts"
export { categoryIndex, type Category, type Composition } from "./category.ts"
export { partCompiler, partShapes, rankShapeOf, type PartCompiler, type PartCost, type PartShape } from "./compile.ts"
export { communicators, type Communicators } from "./groups.ts"
export { rankLayerParameters, rankTableParameters, type RankParameters } from "./parameters.ts"
export { partBytes, residentBytes, type PartBytes, type ResidentBytes } from "./stage-memory.ts"
export { planStage, type StageSynchronisation, type SynchronisationSite } from "./synchronisation-plan.ts"
export { fabricCosts, type FabricCosts } from "./fabric-costs.ts"
export { isImpossible, microBatchesOf, simulateTraining } from "./simulate.ts"
export type {
  Breakdown,
  Evidence,
  GroupResult,
  ImpossibleLayout,
  Recompute,
  Sharding,
  StageMemory,
  TrainingJob,
  TrainingResult
} from "./types.ts"
