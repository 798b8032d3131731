/**
 * The running requests' share of a step.
 *
 * When everything fits, budget and blocks, the order in which running requests are served makes no difference and the step is
 * planned from sums. When it does not, they are walked through in order, exactly as vLLM does, at a cost of O(batch).
 */
import { blocksNeeded, leaveSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import { preempt, victimOf } from "./preemption.ts"
import { addChunk, lackingBlocks, type Part, type Scheduler, tokensToCompute } from "./scheduler.ts"

/** What the running requests left of a step. */
export interface Remainder {
  budget: number
  /** Somebody was preempted, so nobody is admitted in this step. */
  hasPreempted: boolean
}

/** Plans the running requests into the step. */
export const planRunning = (scheduler: Scheduler, part: Part, now: number, into: Remainder): void => {
  into.hasPreempted = false
  part.isDecoding = part.decodes.count > 0
  if (!planSums(scheduler, part, into)) walk(scheduler, part, now, into)
  dropFinishedPartials(scheduler)
}

/** Plans the step if everybody gets what they want; else changes nothing and answers false. */
const planSums = (scheduler: Scheduler, part: Part, into: Remainder): boolean => {
  const { live, cache, rules, partials } = scheduler
  let budget = stepBudget(scheduler) - part.decodes.count * queriesOf(scheduler)
  if (budget < 0 || part.decodes.count > rules.maximumInBatch) return false
  let blocks = blocksNeeded(part.decodes, 1)
  if (partials.length > 0) {
    const areDecodesFirst = rules.decodesFirst || arePartialsLast(scheduler)
    for (const slot of partials) {
      const wanted = wantedTokens(scheduler, slot)
      const tokens = Math.min(wanted, budget)
      if (tokens < wanted && !areDecodesFirst) return undoPlan(scheduler)
      live.planned[slot] = tokens
      budget -= tokens
      blocks += lackingBlocks(scheduler, slot, live.computed[slot]!, tokens)
    }
  }
  if (blocks > cache.queue.free) return undoPlan(scheduler)
  cache.queue.take(blocks)
  addPlanned(scheduler, part)
  into.budget = budget
  return true
}

/** vLLM v0's budget is for prompts; its decodes have none. Where prompts lead, who finds no room sits out already. */
const stepBudget = ({ rules }: Scheduler): number => (rules.promptsFirst || rules.promptsLead ? Infinity : rules.budget)

/** Rows of a step that a decoding request takes: one, and its guessed tokens. */
export const queriesOf = ({ acceptance }: Scheduler): number => 1 + (acceptance?.tokens ?? 0)

/** Tokens of a running request's prompt that it would have in a step. */
const wantedTokens = ({ live, rules }: Scheduler, slot: number): number =>
  !rules.chunksOverlap && live.inFlight[slot]! > 0
    ? 0
    : Math.min(tokensToCompute(live, slot) - live.computed[slot]!, rules.chunkCap)

/** Every request with prompt left was admitted after all that decode. */
const arePartialsLast = ({ live, running, partials }: Scheduler): boolean => {
  let slot = running.last
  for (let left = partials.length; left > 0; left--) {
    if (slot !== partials[left - 1]) return false
    slot = live.previous[slot]!
  }
  return true
}

const undoPlan = ({ live, partials }: Scheduler): false => {
  for (const slot of partials) live.planned[slot] = 0
  return false
}

const addPlanned = (scheduler: Scheduler, part: Part): void => {
  const { live, partials } = scheduler
  for (const slot of partials) {
    const tokens = live.planned[slot]!
    if (tokens > 0) addChunk(scheduler, part, slot, tokens)
    live.planned[slot] = 0
  }
}

/** Prompts that are computed, or will be at the end of the step, are partial no more. */
export const dropFinishedPartials = ({ live, partials }: Scheduler): void => {
  let kept = 0
  for (const slot of partials) if (live.computed[slot]! < tokensToCompute(live, slot)) partials[kept++] = slot
  partials.length = kept
}

/** Plans the step request by request. */
const walk = (scheduler: Scheduler, part: Part, now: number, into: Remainder): void => {
  const { live, cache, rules } = scheduler
  const order = serviceOrder(scheduler, part)
  into.budget = stepBudget(scheduler)
  let sequences = 0
  for (const slot of order) {
    if (into.budget === 0 || sequences === rules.maximumInBatch) break
    // Preempted by one before it.
    if (live.phase[slot] === phase.waiting) continue
    const isDecode = live.phase[slot] === phase.decoding
    const tokens = Math.min(isDecode ? 1 : wantedTokens(scheduler, slot), into.budget)
    if (tokens === 0) continue
    const computed = live.computed[slot]! + (isDecode ? part.decodes.steps - live.joinedSteps[slot]! : 0)
    const blocks = lackingBlocks(scheduler, slot, computed, tokens)
    const room = makeRoom(scheduler, part, slot, blocks, now, into)
    if (room === "gone") break
    if (room === "none") continue
    cache.queue.take(blocks)
    live.planned[slot] = tokens
    into.budget -= isDecode ? Math.min(into.budget, queriesOf(scheduler)) : tokens
    sequences++
  }
  suspendUnplanned(scheduler, part, order)
  addPlanned(scheduler, part)
}

/** Preempts until so many blocks are free; "gone" when that took the request itself, "none" when nobody is left to preempt. */
const makeRoom = (
  scheduler: Scheduler,
  part: Part,
  slot: number,
  blocks: number,
  now: number,
  into: Remainder
): "made" | "gone" | "none" => {
  const { live, cache } = scheduler
  while (blocks > cache.queue.free) {
    const victim = victimOf(scheduler, part)
    if (victim < 0) return "none"
    into.budget += live.planned[victim]! * (live.phase[victim] === phase.decoding ? queriesOf(scheduler) : 1)
    into.hasPreempted = true
    preempt(scheduler, part, victim, now)
    if (victim === slot) return "gone"
  }
  return "made"
}

/** Running requests that may be in the step, in the order in which they are served. */
const serviceOrder = ({ live, running, rules }: Scheduler, part: Part): readonly number[] => {
  const decoding: number[] = []
  const prefilling: number[] = []
  for (let slot = running.first; slot >= 0; slot = live.next[slot]!) {
    if (live.phase[slot] === phase.decoding) {
      if (live.set[slot] === part.decodes.index) decoding.push(slot)
    } else if (live.phase[slot] === phase.prefilling) (rules.decodesFirst ? prefilling : decoding).push(slot)
  }
  return [...decoding, ...prefilling]
}

/** Decodes that the budget or the blocks left out sit out this step. */
const suspendUnplanned = (scheduler: Scheduler, part: Part, order: readonly number[]): void => {
  const { live, suspended } = scheduler
  for (const slot of order) {
    if (live.phase[slot] !== phase.decoding) continue
    if (live.planned[slot] === 0) {
      leaveSet(live, part.decodes, slot)
      live.phase[slot] = phase.suspended
      suspended.push(slot)
    }
    live.planned[slot] = 0
  }
}
