/**
 * A replica fails: the step under way is lost, its keys and values are lost, and its requests are nobody's.
 *
 * Tokens of steps that have ended were sent to the clients. What the failed step had begun counts in no sum but the busy time.
 */
import { giveAdapter } from "../../adapters/running-adapters.ts"
import { takeFetching } from "../../cache/tiers/fetching.ts"
import { blocksNeeded, clearSet, leaveSet } from "../../batch/decode-set.ts"
import { phase } from "../../live/live-requests.ts"
import { leaveLine } from "../../live/slot-line.ts"
import { removeFrom } from "../../policy/preemption.ts"
import { heldBlocks, type Scheduler } from "../../policy/scheduler.ts"
import { leapSeconds, stepsToReach } from "../../replica/leap.ts"
import { accrue, type Batch, noteSeries, type Replica, usedBlocks } from "../../replica/replica.ts"
import { settleStep } from "../../replica/settle-step.ts"
import type { Run } from "../../server/run.ts"
import { sourceOf } from "../moves.ts"
import { abandonMove, releaseDropped } from "../release-move.ts"

/** What was taken from a replica that failed. */
export interface Taken {
  /** Requests that it had, in order of their arrival; their slots are in no line any more. */
  readonly slots: readonly number[]
  /** Tokens of each that are computed and lost. */
  readonly computed: ReadonlyMap<number, number>
  /** Requests prefilled or being prefilled elsewhere that were to go on here (slots there). */
  readonly awaited: readonly number[]
}

/** Takes everything out of a replica that is closed already. */
export const emptyReplica = (run: Run, replica: Replica, now: number): Taken => {
  const { live } = run
  accrue(replica, now)
  /** Tokens of chunks that were under way: they were never computed. */
  const begun = new Map<number, number>()
  for (const batch of replica.batches) if (batch.isInFlight) endBatch(run, replica, batch, now, begun)
  replica.stageFree.fill(now)
  replica.hostFree = now
  const slots: number[] = []
  const awaited: number[] = []
  const computed = new Map<number, number>()
  const note = (slot: number): void => {
    slots.push(slot)
    computed.set(slot, live.computed[slot]! - (begun.get(slot) ?? 0))
  }
  for (const scheduler of replica.schedulers) {
    for (let slot = scheduler.running.first; slot >= 0;) {
      const following = live.next[slot]!
      if (live.move[slot]! >= 0) abandonMove(run, slot, now)
      takeRunning(run, scheduler, slot)
      note(slot)
      slot = following
    }
    for (const part of scheduler.parts) clearSet(part.decodes)
    for (const slot of scheduler.waiting.all()) {
      note(slot)
      takeWaiting(run, scheduler, slot)
    }
    for (const slot of [...(scheduler.tiers?.fetches.keys() ?? [])]) {
      takeFetching(run, scheduler, slot)
      release(run, scheduler, slot)
      // Nothing of it was computed here.
      live.computed[slot] = 0
      live.phase[slot] = phase.waiting
      note(slot)
    }
    for (const slot of scheduler.handing.all()) {
      if (live.move[slot]! >= 0) abandonMove(run, slot, now)
      scheduler.handing.leave(slot)
      release(run, scheduler, slot)
      note(slot)
    }
    for (const slot of [...scheduler.arrived]) {
      release(run, scheduler, slot)
      note(slot)
    }
    scheduler.arrived.length = 0
    for (const twin of [...scheduler.incoming.all(), ...scheduler.promised]) {
      const slot = sourceOf(run, twin)
      abandonMove(run, slot, now)
      awaited.push(slot)
    }
  }
  releaseDropped(run, replica)
  replica.leaving.length = 0
  noteSeries(replica, now)
  run.narrator.countersChange(replica, now)
  return { slots: slots.sort((a, b) => live.request[a]! - live.request[b]!), computed, awaited }
}

const takeRunning = (run: Run, scheduler: Scheduler, slot: number): void => {
  const { live } = run
  switch (live.phase[slot]) {
    case phase.decoding:
      leaveSet(live, scheduler.parts[live.set[slot]!]!.decodes, slot)
      break
    case phase.prefilling:
      removeFrom(scheduler.partials, slot)
      break
    case phase.suspended:
      removeFrom(scheduler.suspended, slot)
      break
    default:
      // All its tokens are out, in a batch that has not ended.
      scheduler.parts[live.set[slot]!]!.decodes.crossings.remove(slot)
  }
  leaveLine(live, scheduler.running, slot)
  giveAdapter(scheduler, slot)
  release(run, scheduler, slot)
}

const release = ({ live }: Run, scheduler: Scheduler, slot: number): void => {
  const computed = live.computed[slot]!
  scheduler.cache.release(slot, heldBlocks(scheduler, slot, computed), computed, false)
}

const takeWaiting = ({ live }: Run, { waiting, cache, swap }: Scheduler, slot: number): void => {
  waiting.leave(slot)
  cache.forget(slot)
  if (live.swapped[slot] === 0) return
  swap.freeBlocks += live.swapped[slot]!
  swap.requests--
}

/** Steps that are done count; the one under way is undone. */
const endBatch = (run: Run, replica: Replica, batch: Batch, now: number, begun: Map<number, number>): void => {
  const { live, simulation } = run
  simulation.cancel(batch.event)
  if (batch.steps > 1 && settleDone(run, replica, batch, now)) return
  batch.isInFlight = false
  if (--replica.inFlight === 0) replica.totals.busySeconds += now - replica.busySince
  for (const [group, part] of batch.parts.entries()) {
    part.isInFlight = false
    // What the step took for its tokens.
    if (part.isDecoding && part.decodes.count > 0)
      replica.schedulers[group]!.cache.queue.give(blocksNeeded(part.decodes, 1))
    for (let chunk = 0; chunk < part.chunks; chunk++) {
      const slot = part.chunkSlots[chunk]!
      live.inFlight[slot] = live.inFlight[slot]! - 1
      begun.set(slot, (begun.get(slot) ?? 0) + part.chunkTokens[chunk]!)
    }
  }
}

/** Ends a leap with its last whole step; false when there is none. */
const settleDone = (run: Run, replica: Replica, batch: Batch, now: number): boolean => {
  const { start, first, increment, steps } = batch
  const reached = stepsToReach(now - start, first, increment, steps)
  const done = leapSeconds(first, increment, reached) <= now - start ? reached : reached - 1
  if (done === 0) return false
  const end = Math.min(now, start + leapSeconds(first, increment, done))
  const before = usedBlocks(replica)
  run.narrator.stepEnds(replica, batch, done, end)
  settleStep(replica, batch, done, end, run.gaps, replica.pool.outcomes)
  // The next step had begun, and taken its blocks.
  replica.totals.busySeconds += now - end
  let blocks = usedBlocks(replica) - before
  for (const { decodes } of batch.parts) blocks += blocksNeeded(decodes, 1)
  replica.totals.usedBlockIntegral += (now - end) * blocks
  return true
}
