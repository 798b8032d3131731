/**
 * Orders planned for a few micro-batches and repeated for many, so that planning costs the same for any number of them.
 */
import { resized, steadyScheduleOf } from "./steady.ts"
import type { Schedule } from "./schedule.ts"

/** The same order for more micro-batches, its steady state repeated; undefined where it has none that divides them. */
const stretched = (schedule: Schedule, microBatches: number): Schedule | undefined => {
  const steady = steadyScheduleOf(schedule)
  if (steady === null) return undefined
  const periods = (microBatches - schedule.microBatches) / steady.microBatches
  return Number.isInteger(periods) ? resized(schedule, steady, periods) : undefined
}

/** Horizons a little further on are tried where a period of a few micro-batches does not divide what is to be added. */
const nearby = 8

/** Horizons of micro-batches up to which an order without a steady state is planned in full. */
const mostInFull = 4

/**
 * A schedule of any number of micro-batches from a planner: planned in full up to `horizon`, repeated from there on
 * where what was planned has a steady state. Undefined where the planner has no order, or one that never repeats for very
 * many micro-batches.
 */
export const planned = (
  microBatches: number,
  horizon: number,
  plan: (microBatches: number) => Schedule | undefined
): Schedule | undefined => {
  if (microBatches <= horizon) return plan(microBatches)
  const short = plan(horizon)
  if (short === undefined) return undefined
  const long = stretched(short, microBatches)
  if (long !== undefined) return long
  const near = plan(horizon + ((microBatches - horizon) % nearby))
  const further = near === undefined ? undefined : stretched(near, microBatches)
  return further ?? (microBatches <= mostInFull * horizon ? plan(microBatches) : undefined)
}
