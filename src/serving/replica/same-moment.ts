/**
 * Steps that end at the same moment. Replicas that began together and whose steps take the same time end together step after
 * step, but for the rounding of the sums, which differs between steps and leaps. Where they share a door, wires or each other's
 * work, what one decides depends on whether the other's step is over: steps that end together end in the order of their
 * replicas' numbers, and before keys and values that arrive then.
 */
import { leapSeconds } from "./leap.ts"
import type { Batch, Replica } from "./replica.ts"

/** A replica's batch whose step or leap ends. */
export interface Ending {
  readonly replica: Replica
  readonly batch: Batch
}

/** Seconds by which sums of the same steps may differ at a time: the rounding of some thousands of additions. */
export const roundingAt = (seconds: number): number => 1e-12 * seconds

/** The first batch whose step ends at this moment, in the order of the replicas. */
export const firstEnding = (replicas: readonly Replica[], now: number): Ending | undefined => {
  const latest = now + roundingAt(now)
  for (const replica of replicas) {
    if (replica.inFlight === 0) continue
    for (const batch of replica.batches) if (endOf(batch) <= latest) return { replica, batch }
  }
  return undefined
}

/** When a batch's step or leap ends; Infinity where none is in flight. */
const endOf = ({ isInFlight, start, first, increment, steps }: Batch): number =>
  isInFlight ? start + leapSeconds(first, increment, steps) : Infinity
