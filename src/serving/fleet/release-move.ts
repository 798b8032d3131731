/** How requests that are handed over give back what they hold, on either side. */
import type { LiveRequests } from "../live/live-requests.ts"
import { giveSlotBack } from "../live/live-requests.ts"
import { removeFrom } from "../policy/preemption.ts"
import { heldBlocks, type Scheduler } from "../policy/scheduler.ts"
import { notePeakOfLeap } from "../replica/begun-steps.ts"
import { accrue, noteSeries, type Replica } from "../replica/replica.ts"
import { leaveReplica } from "../server/leave-replica.ts"
import type { Run } from "../server/run.ts"
import { disturb, touch } from "../server/touch.ts"
import { forget, moveOf, schedulerOf } from "./move-slots.ts"

/** Gives back what a request holds whose keys and values were, or need not be, moved. */
export const releaseHanding = (run: Run, slot: number): void => {
  const { live, replicas, simulation } = run
  const scheduler = schedulerOf(run, slot)
  notePeakOfLeap(replicas[live.replica[slot]!]!, simulation.now)
  const computed = live.computed[slot]!
  scheduler.handing.leave(slot)
  scheduler.cache.release(slot, heldBlocks(scheduler, slot, computed), computed, false)
  giveSlotBack(live, slot)
}

/** A request that has arrived will not join a batch. */
export const dropArrived = (run: Run, slot: number): void => {
  const scheduler = schedulerOf(run, slot)
  removeFrom(scheduler.arrived, slot)
  drop(run.live, scheduler, slot, run.live.computed[slot]!)
}

/** The blocks of a request that will not come are free after the step under way; `computed` tokens of them are filled. */
const drop = (live: LiveRequests, scheduler: Scheduler, slot: number, computed: number): void => {
  live.reserved[slot] = heldBlocks(scheduler, slot, live.prompt[slot]!)
  live.computed[slot] = computed
  scheduler.dropped.push(slot)
}

/** The prefill side does not go on with a request now: the decode side's place and blocks are free for others. */
export const abandonMove = (run: Run, slot: number, now: number): void => {
  const move = moveOf(run, slot)
  if (move === undefined) return
  const { live, replicas, moves, log } = run
  const twin = move.to
  const replica = replicas[live.replica[twin]!]!
  accrue(replica, now)
  const scheduler = schedulerOf(run, twin)
  const wasFirst = scheduler.incoming.first() === twin
  if (move.isReserved) removeFrom(scheduler.promised, twin)
  else scheduler.incoming.leave(twin)
  if (move.flow >= 0) {
    moves!.bytes -= moves!.wires.network.remainingOf(move.flow)
    moves!.wires.network.cancel(move.flow)
  }
  moves!.abandonedSeconds += now - log.handovers!.asked[live.request[slot]!]!
  log.handovers!.replica[live.request[slot]!] = -1
  forget(run, move)
  leaveReplica(run, twin)
  if (move.isReserved) drop(live, scheduler, twin, move.hits)
  else giveSlotBack(live, twin)
  touch(run, replica)
  if (wasFirst || move.isReserved) disturb(run, replica, now)
  noteSeries(replica, now)
}

/** Frees the blocks of requests that will not come, between two steps. */
export const releaseDropped = ({ live }: Run, { schedulers }: Replica): void => {
  for (const scheduler of schedulers) {
    for (const twin of scheduler.dropped) {
      scheduler.cache.release(twin, live.reserved[twin]!, live.computed[twin]!, false)
      giveSlotBack(live, twin)
    }
    scheduler.dropped.length = 0
  }
}
