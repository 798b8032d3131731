/**
 * Zero-bubble schedules (Qi et al., 2401.10241): the backward is split in input gradient (Bi), which the previous stage
 * waits for, and weight gradient (W), which nobody does and which therefore can fill idle time. The orders are found
 * by a greedy list scheduler under the times given (default F = Bi = W, no communication). Steady state: one micro-batch.
 */
import { bestOf } from "./choice.ts"
import { greedyOperations } from "./list-scheduler.ts"
import { equalTimes, planTimes } from "./schedule.ts"
import type { Schedule, ScheduleError, ScheduleOptions } from "./schedule.ts"
import { checkOptions } from "./validation.ts"

/** Plain stages: `limit` micro-batches in flight, `ahead(stage)` forwards before the first backward. */
const plain = (
  name: string,
  options: ScheduleOptions,
  limit: number,
  ahead: (stage: number) => number
): Schedule | ScheduleError => {
  const refused = checkOptions(options, [1])
  if (refused !== undefined) return refused
  const { stages, microBatches, times = equalTimes, maximumInFlight = limit } = options
  const policy = { limit: Math.floor(maximumInFlight), reserve: "always", warmUp: ahead } as const
  const candidates = planTimes(times).flatMap((plan) =>
    (["alternate", "gradient"] as const).map((turn) => ({
      horizon: 6 * stages + 16,
      plan: (size: number): Schedule => {
        const shape = { name, stages, microBatches: size, chunks: 1, layout: "loop" } as const
        return { ...shape, operations: greedyOperations(shape, plan, { ...policy, turn }) }
      }
    }))
  )
  return bestOf(candidates, microBatches, () => times) as Schedule
}

/** ZB-H1: the memory of 1F1B (p in flight, on every stage), bubble (p - 1)(F + Bi - W). */
export const zeroBubbleH1 = (options: ScheduleOptions): Schedule | ScheduleError =>
  plain("zb-h1", options, options.stages, (stage) => options.stages - stage)

/** ZB-H2: at most 2p - 1 in flight, bubble (p - 1)(F + Bi - 2W) of each stage's own span; none if F = Bi = W. */
export const zeroBubbleH2 = (options: ScheduleOptions): Schedule | ScheduleError =>
  plain("zb-h2", options, 2 * options.stages - 1, (stage) => 2 * (options.stages - stage) - 1)
