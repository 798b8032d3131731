/**
 * One step of mixed continuous batching, as Splitwise's machines run it (Patel et al., ISCA 2024, section 4.2; select_batch of
 * Mutinifni/splitwise-sim, instance.py).
 *
 * Whole prompts go first, in the order of the waiting line, as many as the token budget holds (one that is longer than the
 * budget goes alone). Running requests decode beside them with what is left of the budget. Who finds no place sits the step
 * out and keeps its blocks; who has sat out `mostPauses` steps goes before any prompt. Those who sat out come back first.
 */
import { leaveSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import { admitWaiting } from "./admission.ts"
import { gatherReady } from "./iteration.ts"
import { planRunning, queriesOf, type Remainder } from "./running.ts"
import { clearPart, type Part, type Policy, type Scheduler } from "./scheduler.ts"

const remainder: Remainder = { budget: 0, hasPreempted: false }
const nobody: readonly number[] = []

export const mixed: Policy = {
  mayLeap: true,
  isFixed: false,
  plan: (scheduler, part, now) => {
    clearPart(part)
    const { live, rules, suspended } = scheduler
    const back = suspended.length === 0 ? nobody : [...suspended]
    for (const slot of back) if (live.pauses[slot]! >= rules.mostPauses) part.ahead += queriesOf(scheduler)
    gatherReady(scheduler, part)
    admitWaiting(scheduler, part, rules.budget - part.ahead, now, "all")
    makePlace(scheduler, part, back)
    planRunning(scheduler, part, now, remainder)
    part.hasPreempted = remainder.hasPreempted
  }
}

/** Who finds no place beside the step's prompts sits it out. */
const makePlace = (scheduler: Scheduler, part: Part, back: readonly number[]): void => {
  const { live, rules, running, suspended } = scheduler
  const { decodes } = part
  const places = Math.max(0, Math.floor((rules.budget - part.prefillTokens) / queriesOf(scheduler)))
  if (decodes.count <= places) return
  // In the order of service: those who have waited often enough, those who sat out the step before, the others.
  const isFirst = (slot: number): boolean => live.pauses[slot]! >= rules.mostPauses
  const order = [...back.filter(isFirst), ...back.filter((slot) => !isFirst(slot))]
  const known = new Set(order)
  for (let slot = running.first; slot >= 0; slot = live.next[slot]!)
    if (live.phase[slot] === phase.decoding && live.set[slot] === decodes.index && !known.has(slot)) order.push(slot)
  for (const slot of order.slice(places)) {
    leaveSet(live, decodes, slot)
    live.phase[slot] = phase.suspended
    live.pauses[slot] = live.pauses[slot]! + 1
    suspended.push(slot)
  }
}
