/** How requests end, and what they give back. */
import { giveAdapter } from "../adapters/running-adapters.ts"
import { leaveSet } from "../batch/decode-set.ts"
import { giveSlotBack, phase } from "../live/live-requests.ts"
import { stateNumber } from "../live/request-log.ts"
import { leaveLine } from "../live/slot-line.ts"
import { removeFrom } from "../policy/preemption.ts"
import type { Life } from "../fleet/scaling/life-view.ts"
import { heldBlocks, type Part, type Scheduler } from "../policy/scheduler.ts"
import type { RequestState } from "../types.ts"
import { leaveReplica } from "./leave-replica.ts"
import type { Run } from "./run.ts"

/** A request counts as ended, for its client and in the log; its slot and blocks are given back apart. */
export const endRequest = (
  run: Run,
  slot: number,
  state: Exclude<RequestState, "waiting" | "running">,
  now: number
): void => {
  const { live, log, simulation, replicas } = run
  const request = live.request[slot]!
  log.state[request] = stateNumber[state]
  if (log.fates !== null) log.fates.left[request] = now
  // What the API server adds to the first token it adds to all that follow.
  const left = state === "finished" ? now + replicas[log.replica[request]!]!.steps.firstTokenSeconds : now
  if (state === "finished") log.finished[request] = left
  if (live.patienceEvent[slot]! >= 0) simulation.cancel(live.patienceEvent[slot]!)
  if (live.timeoutEvent[slot]! >= 0) simulation.cancel(live.timeoutEvent[slot]!)
  live.patienceEvent[slot] = -1
  live.timeoutEvent[slot] = -1
  if (state === "finished" && run.life !== null) tellLife(run, run.life, slot, left)
  leaveReplica(run, slot)
  run.ended++
  run.source.ended(request, live.classIndex[slot]!, left)
}

/** Takes a running request that has no step in flight out of its scheduler. */
export const leaveRunning = (run: Run, scheduler: Scheduler, part: Part | undefined, slot: number): void => {
  const { live, log } = run
  if (live.phase[slot] === phase.decoding) leaveSet(live, part!.decodes, slot)
  else if (live.phase[slot] === phase.prefilling) removeFrom(scheduler.partials, slot)
  else if (live.phase[slot] === phase.suspended) removeFrom(scheduler.suspended, slot)
  const computed = live.computed[slot]!
  scheduler.cache.release(slot, heldBlocks(scheduler, slot, computed), computed, false)
  leaveLine(live, scheduler.running, slot)
  giveAdapter(scheduler, slot)
  if (live.isLeaving[slot] === 1) removeFrom(run.replicas[live.replica[slot]!]!.leaving, slot)
  log.generated[live.request[slot]!] = live.generated[slot]!
  run.narrator.requestEnds(slot, run.simulation.now)
  giveSlotBack(live, slot)
}

/** Takes a waiting request out of its scheduler. */
export const leaveWaiting = (run: Run, scheduler: Scheduler, slot: number): void => {
  const { live, log } = run
  const { swap, waiting, cache } = scheduler
  waiting.leave(slot)
  cache.forget(slot)
  if (live.swapped[slot]! > 0) {
    swap.freeBlocks += live.swapped[slot]!
    swap.requests--
  }
  log.generated[live.request[slot]!] = live.generated[slot]!
  run.narrator.requestEnds(slot, run.simulation.now)
  giveSlotBack(live, slot)
}

/** What an autoscaler that watches the pace of answers is told. */
const tellLife = ({ live, log, replicas, simulation }: Run, life: Life, slot: number, left: number): void => {
  const request = live.request[slot]!
  const later = live.target[slot]! - 1
  if (later > 0)
    life.finished(replicas[live.replica[slot]!]!, simulation.now, (left - log.firstToken[request]!) / later)
}
