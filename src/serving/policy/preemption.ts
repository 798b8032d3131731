/** Preemption: a running request gives its blocks back and waits again, its tokens to be computed anew or swapped in. */
import { giveAdapter } from "../adapters/running-adapters.ts"
import { leaveSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import { leaveLine } from "../live/slot-line.ts"
import { heldBlocks, type Part, type Scheduler } from "./scheduler.ts"

/**
 * Who is preempted when blocks are short: the last that was admitted, or by priority the one with the highest (priority,
 * arrival). A request with a step in flight cannot be. -1 when there is nobody.
 */
export const victimOf = (scheduler: Scheduler, part: Part): number => {
  const { live, running, order } = scheduler
  const canGo = (slot: number): boolean =>
    live.inFlight[slot] === 0 && (live.phase[slot] !== phase.decoding || live.set[slot] === part.decodes.index)
  let victim = -1
  for (let slot = running.last; slot >= 0; slot = live.previous[slot]!) {
    if (!canGo(slot)) continue
    if (order !== "priority") return slot
    if (victim < 0 || isLess(scheduler, victim, slot)) victim = slot
  }
  return victim
}

const isLess = ({ live }: Scheduler, a: number, b: number): boolean => {
  const [first, second] = [live.priority[a]!, live.priority[b]!]
  return first < second || (first === second && live.request[a]! < live.request[b]!)
}

/** Preempts a request that has no step in flight. */
export const preempt = (scheduler: Scheduler, part: Part, slot: number, now: number): void => {
  const { live, log, cache, running, waiting, partials, totals, swap } = scheduler
  if (live.phase[slot] === phase.decoding) leaveSet(live, part.decodes, slot)
  else if (live.phase[slot] === phase.suspended) removeFrom(scheduler.suspended, slot)
  else removeFrom(partials, slot)
  const computed = live.computed[slot]!
  const held = heldBlocks(scheduler, slot, computed + live.planned[slot]!)
  const request = live.request[slot]!
  live.planned[slot] = 0
  live.reserved[slot] = 0
  live.preemptedAt[slot] = now
  log.preemptions[request] = log.preemptions[request]! + 1
  totals.preemptions++
  if (held <= swap.freeBlocks) {
    cache.release(slot, held, computed, false)
    swap.freeBlocks -= held
    swap.requests++
    live.swapped[slot] = held
    totals.swappedTokens += computed
    part.swapSeconds += computed * swap.secondsPerToken
  } else {
    cache.release(slot, held, computed, true)
    live.lost[slot] = computed
    live.computed[slot] = 0
  }
  leaveLine(live, running, slot)
  giveAdapter(scheduler, slot)
  scheduler.onPreempt(slot, now)
  live.phase[slot] = phase.waiting
  waiting.rejoin(slot)
}

/** Takes a slot out of a short list, keeping its order. */
export const removeFrom = (slots: number[], slot: number): void => {
  const place = slots.indexOf(slot)
  if (place >= 0) slots.splice(place, 1)
}
