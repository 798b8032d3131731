/** The best of several orders of the same work. */
import { executeSchedule } from "./execution.ts"
import type { OperationTimes, Schedule } from "./schedule.ts"
import { planned } from "./steady-state.ts"

export interface Candidate {
  /** Micro-batches up to which it is planned in full; beyond, its steady state repeats. Infinity: the plan does that. */
  readonly horizon: number
  /** The order of so many micro-batches; undefined where it cannot be made. */
  readonly plan: (microBatches: number) => Schedule | undefined
}

/**
 * What is to be short: the longest span of a stage from its first to its last operation, where the stages' optimizer
 * steps do not wait for one another (2401.10241, section 4), or the time until the last stage has finished.
 */
export type Objective = "span" | "makespan"

/** Seconds of an order in the sense of the objective, the times being those of one chunk. */
const secondsOf = (schedule: Schedule, times: OperationTimes, objective: Objective): number => {
  const { startSeconds, endSeconds } = executeSchedule(schedule, times, { communication: times.communication })
  return Math.max(...endSeconds.map((end, stage) => end - (objective === "span" ? (startSeconds[stage] ?? 0) : 0)))
}

/** How many horizons of micro-batches are compared: enough for what a steady state loses to outweigh its beginning. */
const comparedHorizons = 2

/**
 * The candidate of the least time for so many micro-batches, the earlier one where they are alike. The choice is the
 * same for all numbers of micro-batches above a few horizons, so that the steady state of what is chosen is too.
 */
export const bestOf = (
  candidates: readonly Candidate[],
  microBatches: number,
  timesOf: (schedule: Schedule) => OperationTimes,
  objective: Objective = "span"
): Schedule | undefined => {
  const horizon = Math.max(1, ...candidates.map((one) => one.horizon).filter((one) => one < Infinity))
  const compared = Math.min(microBatches, comparedHorizons * horizon)
  const tried = candidates.flatMap((candidate) => {
    const schedule = planned(compared, candidate.horizon, candidate.plan)
    if (schedule === undefined) return []
    return [{ candidate, schedule, seconds: secondsOf(schedule, timesOf(schedule), objective) }]
  })
  while (tried.length > 0) {
    // Sums of the same durations in another order differ in the last bits: only a real gain counts.
    const best = tried.reduce((least, other) => (other.seconds < least.seconds * (1 - 1e-9) ? other : least))
    if (compared === microBatches) return best.schedule
    const made = planned(microBatches, best.candidate.horizon, best.candidate.plan)
    if (made !== undefined) return made
    tried.splice(tried.indexOf(best), 1)
  }
  return undefined
}
