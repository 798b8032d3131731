/** The end of a step or leap: tokens leave, prompts are done, and what was spent is counted. */
import { emitAccepted } from "../batch/accepted.ts"
import { advanceSet, blocksNeeded } from "../batch/decode-set.ts"
import type { GapLog } from "../batch/gap-log.ts"
import type { Outcomes, Part, Scheduler } from "../policy/scheduler.ts"
import { tokensToCompute } from "../policy/scheduler.ts"
import { leapSeconds, secondsHeld } from "./leap.ts"
import { accrue, type Batch, type Replica, usedBlocks } from "./replica.ts"

/**
 * Ends a batch's step or leap.
 *
 * @param steps  steps that were done; of a leap that was cut fewer than planned
 */
export const settleStep = (
  replica: Replica,
  batch: Batch,
  steps: number,
  now: number,
  gaps: GapLog,
  outcomes: Outcomes
): void => {
  accrue(replica, now)
  batch.isInFlight = false
  if (--replica.inFlight === 0) replica.totals.busySeconds += now - replica.busySince
  countWork(replica, batch, steps)
  for (let group = 0; group < batch.parts.length; group++) {
    const part = batch.parts[group]!
    const scheduler = replica.schedulers[group]!
    part.isInFlight = false
    if (part.isDecoding && part.decodes.count > 0) {
      if (steps > 1) takeBlocks(replica, scheduler, part, batch, steps)
      replica.totals.decodeTokens += steps * part.decodes.emitting
      advanceSet(part.decodes, batch, steps, now, gaps)
      if (scheduler.acceptance !== null) addAccepted(replica, scheduler, part, gaps)
    }
  }
  replica.totals.peakBlocks = Math.max(replica.totals.peakBlocks, usedBlocks(replica))
  for (const { tiers } of replica.schedulers) tiers?.flush()
  for (let group = 0; group < batch.parts.length; group++)
    endTokens(replica.schedulers[group]!, batch.parts[group]!, now, outcomes)
}

/** Tokens of one step leave together: there is no time between them. */
const addAccepted = ({ totals }: Replica, scheduler: Scheduler, part: Part, gaps: GapLog): void => {
  const acceptance = scheduler.acceptance!
  totals.verifications += part.decodes.emitting
  totals.draftedTokens += part.decodes.emitting * acceptance.tokens
  const accepted = emitAccepted(scheduler, part, acceptance)
  totals.acceptedTokens += accepted
  totals.decodeTokens += accepted
  gaps.add(0, 0, 1, accepted)
}

const endTokens = (scheduler: Scheduler, part: Part, now: number, outcomes: Outcomes): void => {
  const { live } = scheduler
  const { ends } = part.decodes
  while (ends.firstKey() <= part.decodes.steps) outcomes.onLastToken(scheduler, part, ends.first(), now)
  for (let chunk = 0; chunk < part.chunks; chunk++) {
    const slot = part.chunkSlots[chunk]!
    live.inFlight[slot] = live.inFlight[slot]! - 1
    // Later chunks of the same prompt may still be in flight.
    if (live.inFlight[slot] === 0 && live.computed[slot] === tokensToCompute(live, slot))
      outcomes.onPromptDone(scheduler, part, slot, now)
  }
  outcomes.onSettled(scheduler, part, now)
}

/** Takes the blocks of a leap's later steps, and counts how long they were held. */
const takeBlocks = (replica: Replica, { cache }: Scheduler, { decodes }: Part, batch: Batch, steps: number): void => {
  if (!decodes.rules.grows) return
  const { blockTokens } = decodes.rules
  const { first, increment } = batch
  cache.queue.take(blocksNeeded(decodes, steps) - blocksNeeded(decodes, 1))
  let held = 0
  for (let offset = 0; offset < Math.min(steps, blockTokens); offset++) {
    const sequences = decodes.residues[(decodes.steps + offset) % blockTokens]!
    if (sequences === 0) continue
    // What the first step took is in the count of used blocks all along.
    held += sequences * secondsHeld(first, increment, steps, offset === 0 ? blockTokens : offset, blockTokens)
  }
  replica.totals.usedBlockIntegral += held
}

const countWork = (replica: Replica, batch: Batch, steps: number): void => {
  const { totals, done } = replica
  const { work, increment, stageSeconds, hostSeconds } = batch
  totals.steps += steps
  totals.stageSeconds += steps === 1 ? stageSeconds : leapSeconds(stageSeconds, increment, steps)
  if (work.prefills > 0) {
    totals.prefillSteps++
    totals.prefillStageSeconds += stageSeconds
  }
  totals.hostSeconds += steps * hostSeconds
  totals.prefillTokens += work.prefillTokens
  // Linear in the context: the mean step stands for all.
  if (steps > 1) {
    const later = (steps - 1) / 2
    for (const { decodes } of batch.parts) {
      work.decodeContext += decodes.count * later
      work.decodeWindow += (decodes.rules.window === Infinity ? decodes.count : decodes.growing) * later
    }
  }
  done.flops = 0
  done.bytes = 0
  done.communicationSeconds = 0
  replica.steps.addWork(work, done)
  totals.flops += steps * done.flops
  totals.bytes += steps * done.bytes
  totals.communicationSeconds += steps * done.communicationSeconds
}
