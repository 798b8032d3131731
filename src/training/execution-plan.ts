/**
 * All that the executor needs, compiled: what every stage does, costs and holds.
 */
import type { Schedule } from "../parallel/index.ts"
import type { Cast } from "./actors.ts"
import type { Compiled } from "./compile.ts"
import type { PartBytes, ResidentBytes } from "./stage-memory.ts"
import type { StageSynchronisation } from "./synchronisation-plan.ts"
import type { TrainingJob } from "./types.ts"

/** What a stage holds for good, and what its chunks' operations hold. */
export interface StageBytes {
  readonly resident: ResidentBytes
  readonly chunks: readonly PartBytes[]
}

export interface ExecutionPlan {
  readonly job: TrainingJob
  readonly schedule: Schedule
  readonly compiled: Compiled
  readonly cast: Cast
  readonly synchronisation: readonly StageSynchronisation[]
  readonly memory: readonly StageBytes[]
}
