/**
 * A batching policy written by a user: a function from what the scheduler sees to what the next step works on. Its plans are
 * checked, and nothing impossible is done for it.
 */
import { blocksNeeded, generatedSoFar, leaveSet } from "../batch/decode-set.ts"
import { phase } from "../live/live-requests.ts"
import type { Batching, BatchPlan, BatchPolicyFunction, RequestView, SchedulerView } from "../types.ts"
import { admit } from "./admission.ts"
import { gatherReady } from "./iteration.ts"
import { preempt } from "./preemption.ts"
import type { Rules } from "./rules.ts"
import { dropFinishedPartials } from "./running.ts"
import {
  addChunk,
  clearPart,
  hasWork,
  lackingBlocks,
  type Part,
  type Policy,
  type Scheduler,
  tokensToCompute
} from "./scheduler.ts"

/** A policy planned what cannot be done. */
export class BadPlan extends Error {
  readonly _tag = "BadPlan"
  /** Simulated seconds at which it was asked. */
  readonly now: number
  readonly given: string
  readonly expected: string
  constructor(now: number, given: string, expected: string) {
    super(`the batching policy's plan at ${now} s has ${given}; expected ${expected}`)
    this.now = now
    this.given = given
    this.expected = expected
  }
}

/** Blocks grow with the sequences, and prompts may be split as the policy likes. */
export const customRules = ({ maximumSequences, maximumStepTokens }: Batching): Rules => ({
  promptsFirst: false,
  promptsLead: false,
  mostPauses: Infinity,
  decodesFirst: false,
  chunked: true,
  chunksOverlap: false,
  chunkCap: Infinity,
  budget: maximumStepTokens,
  promptWait: null,
  reserves: "chunk",
  watermark: 0,
  maximumSequences,
  maximumInBatch: maximumSequences
})

export const customPolicy = (decide: BatchPolicyFunction): Policy => ({
  // It may decide otherwise at any step.
  mayLeap: false,
  isFixed: false,
  plan: (scheduler, part, now) => {
    clearPart(part)
    gatherReady(scheduler, part)
    scheduler.wakeAt = Infinity
    if (scheduler.running.count === 0 && scheduler.waiting.count() === 0) return
    const running = readyRequests(scheduler, part)
    follow(scheduler, part, running, decide(viewOf(scheduler, part, running, now)), now)
  }
})

/** Running requests that have no step in flight, in the order of admission. */
const readyRequests = ({ live, running }: Scheduler, part: Part): readonly number[] => {
  const slots: number[] = []
  for (let slot = running.first; slot >= 0; slot = live.next[slot]!)
    if (live.inFlight[slot] === 0 && (live.phase[slot] !== phase.decoding || live.set[slot] === part.decodes.index))
      slots.push(slot)
  return slots
}

const viewOf = (scheduler: Scheduler, part: Part, running: readonly number[], now: number): SchedulerView => {
  const { live, log, cache, waiting, rules } = scheduler
  const requestView = (slot: number): RequestView => {
    const isDecoding = live.phase[slot] === phase.decoding
    const generated = isDecoding ? generatedSoFar(live, part.decodes, slot) : live.generated[slot]!
    return {
      id: live.request[slot]!,
      arrivalSeconds: log.arrival[live.request[slot]!]!,
      promptTokens: live.prompt[slot]!,
      prefillLeft: isDecoding ? 0 : tokensToCompute(live, slot) - live.computed[slot]!,
      generated,
      outputTokens: live.target[slot]!,
      priority: live.priority[slot]!,
      classIndex: live.classIndex[slot]!
    }
  }
  // Made when looked at: a long line costs nothing to a policy that does not read it.
  let waitingViews: readonly RequestView[] | undefined
  return {
    now,
    get waiting() {
      return (waitingViews ??= waiting.all().map(requestView))
    },
    running: running.map(requestView),
    freeBlocks: cache.queue.free,
    blockTokens: cache.blockTokens,
    maximumSequences: rules.maximumSequences,
    maximumStepTokens: rules.budget
  }
}

const follow = (scheduler: Scheduler, part: Part, running: readonly number[], plan: BatchPlan, now: number): void => {
  const { live } = scheduler
  for (const id of plan.preempt ?? []) {
    const slot = running.find((candidate) => live.request[candidate] === id)
    if (slot === undefined || live.phase[slot] === phase.waiting)
      throw new BadPlan(now, `preempt of request ${id}`, "the id of a running request, once")
    preempt(scheduler, part, slot, now)
  }
  planDecodes(scheduler, part, running, plan, now)
  for (const { id, tokens } of plan.prefill ?? []) planPrompt(scheduler, part, running, id, tokens, now)
  dropFinishedPartials(scheduler)
  const total = part.prefillTokens + (part.isDecoding ? part.decodes.count : 0)
  if (total > scheduler.rules.budget)
    throw new BadPlan(now, `${total} tokens`, `at most maximumStepTokens = ${scheduler.rules.budget}`)
  if (hasWork(part)) return
  const { waitUntil } = plan
  if (waitUntil === undefined) return
  if (!(waitUntil > now)) throw new BadPlan(now, `no work and waitUntil ${waitUntil}`, "a time after now")
  scheduler.wakeAt = waitUntil
}

const planDecodes = (
  scheduler: Scheduler,
  part: Part,
  running: readonly number[],
  { decode }: BatchPlan,
  now: number
): void => {
  const { live, cache, suspended } = scheduler
  const { decodes } = part
  if (decode !== undefined) {
    const chosen = new Set<number>()
    for (const index of decode) {
      const slot = running[index]
      if (slot === undefined || live.phase[slot] !== phase.decoding || chosen.has(slot))
        throw new BadPlan(now, `decode of index ${index}`, "indices of running requests with prefillLeft 0, each once")
      chosen.add(slot)
    }
    for (const slot of running) {
      if (live.phase[slot] !== phase.decoding || chosen.has(slot)) continue
      leaveSet(live, decodes, slot)
      live.phase[slot] = phase.suspended
      suspended.push(slot)
    }
  }
  part.isDecoding = decodes.count > 0
  const blocks = blocksNeeded(decodes, 1)
  if (blocks > cache.queue.free)
    throw new BadPlan(
      now,
      `decodes that need ${blocks} blocks`,
      `at most the ${cache.queue.free} free ones; preempt somebody`
    )
  cache.queue.take(blocks)
}

const planPrompt = (
  scheduler: Scheduler,
  part: Part,
  running: readonly number[],
  id: number,
  tokens: number,
  now: number
): void => {
  const { live, cache, rules } = scheduler
  if (isPlanned(scheduler, part, id)) throw new BadPlan(now, `two prefills of request ${id}`, "each request once")
  const slot = running.find((candidate) => live.request[candidate] === id) ?? waitingSlot(scheduler, id)
  if (slot === undefined)
    throw new BadPlan(
      now,
      `prefill of request ${id}`,
      "the id of a waiting request, or of a running one with prompt left"
    )
  const left = live.phase[slot] === phase.decoding ? 0 : tokensToCompute(live, slot) - live.computed[slot]!
  if (!Number.isInteger(tokens) || tokens < 1 || tokens > left)
    throw new BadPlan(now, `${tokens} prompt tokens of request ${id}`, `a whole number from 1 to the ${left} left`)
  const free = cache.queue.free
  if (live.phase[slot] === phase.waiting) {
    if (scheduler.running.count >= rules.maximumSequences)
      throw new BadPlan(
        now,
        `an admission of request ${id}`,
        `at most maximumSequences = ${rules.maximumSequences} running`
      )
    if (admit(scheduler, part, slot, tokens, now) > 0) return
  } else {
    const blocks = lackingBlocks(scheduler, slot, live.computed[slot]!, tokens)
    if (blocks <= free) {
      cache.queue.take(blocks)
      addChunk(scheduler, part, slot, tokens)
      return
    }
  }
  throw new BadPlan(now, `${tokens} prompt tokens of request ${id}`, `no more than the ${free} free blocks hold`)
}

const isPlanned = ({ live }: Scheduler, part: Part, id: number): boolean => {
  for (let chunk = 0; chunk < part.chunks; chunk++) if (live.request[part.chunkSlots[chunk]!] === id) return true
  return false
}

const waitingSlot = ({ live, waiting }: Scheduler, id: number): number | undefined => {
  const first = waiting.first()
  if (first < 0 || live.request[first] === id) return first < 0 ? undefined : first
  return waiting.all().find((slot) => live.request[slot] === id)
}
