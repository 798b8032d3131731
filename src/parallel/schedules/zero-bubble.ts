/**
 * Zero-bubble schedules (Qi et al., 2401.10241): the backward is split in input gradient (Bi), which the previous stage
 * waits for, and weight gradient (W), which nobody does and which therefore can fill idle time. The orders are found
 * by a greedy list scheduler under the times given (default F = Bi = W, no communication).
 */
import { bubbleSeconds } from "./execution.ts"
import { greedyOperations } from "./list-scheduler.ts"
import type { GreedyPolicy } from "./list-scheduler.ts"
import type { OperationTimes, Schedule, ScheduleError, ScheduleOptions } from "./schedule.ts"
import { checkOptions } from "./validation.ts"

const equalTimes: OperationTimes = { forward: 1, backwardInput: 1, backwardWeight: 1, communication: 0 }

/**
 * The order of least bubble under the times among those that the policies make, under these times, without
 * communication, and under equal times: a greedy order that chases small differences can be worse than a plain one.
 */
const best = (
  shape: Omit<Schedule, "operations">,
  times: OperationTimes,
  policies: readonly GreedyPolicy[]
): Schedule => {
  const isCommunicating = times.communication > 0
  const isUnequal = times.forward !== times.backwardInput || times.forward !== times.backwardWeight
  const planned = [
    times,
    ...(isCommunicating ? [{ ...times, communication: 0 }] : []),
    ...(isUnequal ? [equalTimes] : [])
  ]
  const tried = planned.flatMap((plan) =>
    policies.map((policy) => {
      const schedule = { ...shape, operations: greedyOperations(shape, plan, policy) }
      return { schedule, bubble: bubbleSeconds(schedule, times, times) }
    })
  )
  // Sums of the same durations in another order differ in the last bits: only a real gain counts.
  return tried.reduce((least, other) => (other.bubble < least.bubble - 1e-9 ? other : least)).schedule
}

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
  return best({ name, stages, microBatches, chunks: 1, layout: "loop" }, times, [
    { ...policy, turn: "alternate" },
    { ...policy, turn: "gradient" }
  ])
}

/** ZB-H1: the memory of 1F1B (p in flight, on every stage), bubble (p - 1)(F + Bi - W). */
export const zeroBubbleH1 = (options: ScheduleOptions): Schedule | ScheduleError =>
  plain("zb-h1", options, options.stages, (stage) => options.stages - stage)

/** ZB-H2: at most 2p - 1 in flight, bubble (p - 1)(F + Bi - 2W) of each stage's own span; none if F = Bi = W. */
export const zeroBubbleH2 = (options: ScheduleOptions): Schedule | ScheduleError =>
  plain("zb-h2", options, 2 * options.stages - 1, (stage) => 2 * (options.stages - stage) - 1)

/**
 * ZB-V (2401.10241, section 6): two chunks a stage in a V, so that the first and last part share stage 0 and a gradient
 * starts back where it is needed; p micro-batches in flight (2p chunks). The paper's optimum for F = Bi = W and m >= 2p
 * has no bubble. This greedy order leaves 1 chunk operation up to p = 8 and 5 at p = 16, where 1F1B idles 6(p - 1) =
 * 90; with F 1, Bi 1.3, W 0.8 it leaves 20 at p = 16.
 */
export const zeroBubbleV = (options: ScheduleOptions): Schedule | ScheduleError => {
  const refused = checkOptions(options, [1, 2])
  if (refused !== undefined) return refused
  const { stages, microBatches, times = equalTimes, maximumInFlight = stages } = options
  const policy = { limit: Math.floor(2 * maximumInFlight), turn: "alternate" } as const
  return best({ name: "zb-v", stages, microBatches, chunks: 2, layout: "mirror" }, times, [
    { ...policy, reserve: "first" },
    { ...policy, reserve: "always" }
  ])
}
