/**
 * Training: one iteration as executed events.
 */
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
