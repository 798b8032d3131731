/** Cuts a leap short: it ends with the step during which something happened. */
import type { Simulation } from "../../engine/index.ts"
import { begunSteps } from "./begun-steps.ts"
import { leapSeconds } from "./leap.ts"
import type { Replica } from "./replica.ts"

/** @param handler  event handler of step ends */
export const cutLeap = (simulation: Simulation, handler: number, replica: Replica, now: number): void => {
  const batch = replica.batches[0]!
  if (!batch.isInFlight || batch.steps === 1) return
  const { start, first, increment } = batch
  const steps = begunSteps(replica, now)
  if (steps === batch.steps) return
  batch.steps = steps
  simulation.cancel(batch.event)
  // Rounding must not put the end before now.
  const end = Math.max(now, start + leapSeconds(first, increment, steps))
  batch.event = simulation.at(end, handler, replica.firstBatch + batch.index)
}
