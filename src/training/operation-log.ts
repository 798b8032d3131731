/**
 * When operations started and inputs arrived in an execution: what the fold (`fold.ts`) reads to see whether the
 * iteration has reached its steady state.
 */
import type { Schedule } from "../parallel/index.ts"

export interface OperationLog {
  /** Per actor, seconds at which the operation at each index of its stage's list started. */
  readonly starts: readonly Float64Array[]
  /**
   * Seconds at which activation (even) and gradient (odd) of a (actor, chunk, micro-batch) arrived from elsewhere, at
   * 2 * ((actor * chunks + chunk) * microBatches + microBatch) and the place after; NaN where none came.
   */
  readonly arrivals: Float64Array
}

/** An empty log of actors on the given stages. */
export const makeOperationLog = (schedule: Schedule, stages: readonly number[]): OperationLog => ({
  starts: stages.map((stage) => new Float64Array(schedule.operations[stage]?.length ?? 0)),
  arrivals: new Float64Array(2 * stages.length * schedule.chunks * schedule.microBatches).fill(Number.NaN)
})
