/** A leap in the middle: what a replica's blocks are while the leap has not told yet. */
import { blocksNeeded } from "../batch/decode-set.ts"
import { stepsToReach } from "./leap.ts"
import { type Replica, usedBlocks } from "./replica.ts"
import { roundingAt } from "./same-moment.ts"

/** Steps of a replica's leap that have begun by now; 1 where it does not leap. */
export const begunSteps = (replica: Replica, now: number): number => {
  const { isInFlight, steps, start, first, increment } = replica.batches[0]!
  if (!isInFlight || steps === 1) return 1
  return stepsToReach(now - start + leadOf(replica, now), first, increment, steps)
}

/**
 * A step that ends at this moment is over already, up to rounding, where it belongs to a replica before the one that acts, and
 * is not yet where it belongs to one after it (`same-moment.ts`). Seconds to look ahead, or back.
 */
const leadOf = ({ index, pool }: Replica, now: number): number => {
  const acting = pool.moment?.acting ?? -1
  return acting < 0 || index === acting ? 0 : index < acting ? roundingAt(now) : -roundingAt(now)
}

/** Free blocks of a group at this moment: a leap takes those of its later steps when it ends. */
export const freeBlocksNow = (replica: Replica, group: number, now: number): number => {
  const { free } = replica.schedulers[group]!.cache.queue
  const begun = begunSteps(replica, now)
  if (begun === 1) return free
  const { decodes } = replica.batches[0]!.parts[group]!
  return free - (blocksNeeded(decodes, begun) - blocksNeeded(decodes, 1))
}

/** Counts the blocks that were used when the latest step of a leap ended, before some of them are given back. */
export const notePeakOfLeap = (replica: Replica, now: number): void => {
  const begun = begunSteps(replica, now)
  if (begun === 1) return
  let used = usedBlocks(replica)
  for (const { decodes } of replica.batches[0]!.parts)
    used += blocksNeeded(decodes, begun - 1) - blocksNeeded(decodes, 1)
  replica.totals.peakBlocks = Math.max(replica.totals.peakBlocks, used)
}
