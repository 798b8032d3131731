/**
 * What a scheduler is made of: the requests that wait and run, their KV cache, the decode sets of its batches. A replica has
 * one, or one for each data-attention group.
 */
import type { AdapterCache } from "../adapters/adapter-cache.ts"
import type { AdapterCost } from "../adapters/adapter-cost.ts"
import type { BlockCache } from "../cache/block-cache.ts"
import { type Fetcher, type SchedulerTiers, waitingForBlocks } from "../cache/tiers/scheduler-tiers.ts"
import type { Acceptance } from "../batch/acceptance.ts"
import type { DecodeSet } from "../batch/decode-set.ts"
import type { GrowingRequestLog } from "../live/request-log.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import type { SlotLine } from "../live/slot-line.ts"
import type { WaitingLine } from "../live/waiting-line.ts"
import type { Totals } from "../replica/totals.ts"
import type { Rules } from "./rules.ts"

/** Where preempted requests' keys and values may go. */
export interface SwapSpace {
  readonly secondsPerToken: number
  /** Blocks left in host memory; 0 where preemption recomputes. */
  freeBlocks: number
  /** Requests that wait with their blocks in host memory. */
  requests: number
}

export interface Scheduler {
  readonly live: LiveRequests
  readonly log: GrowingRequestLog
  readonly cache: BlockCache
  readonly rules: Rules
  /** In the order of admission. */
  readonly running: SlotLine
  readonly waiting: WaitingLine
  /** Running requests with prompt left to schedule, in the order of admission. */
  readonly partials: number[]
  /** Running requests that were ready to decode and were left out of the step before. */
  readonly suspended: number[]
  /** Nothing comes from or goes to other replicas or tiers: none of the lines below but `waiting` and `running` is used. */
  readonly isAlone: boolean
  /** Requests that are prefilled here and whose keys and values have not left: they hold blocks. */
  readonly handing: WaitingLine
  /** Requests that were prefilled elsewhere: in line for blocks, with blocks that are being filled, ready to decode. */
  readonly incoming: WaitingLine
  readonly promised: number[]
  readonly arrived: number[]
  /** Those with blocks that will not come after all: the blocks are free when the step under way has ended. */
  readonly dropped: number[]
  /** The decode sets of all batches; those of batches in flight may not be touched. */
  readonly parts: Part[]
  readonly order: "arrival" | "priority" | "fair"
  readonly swap: SwapSpace
  /** Longest sequence that the server accepts, tokens. */
  readonly maximumSequence: number
  readonly totals: Totals
  /** null where the model is served alone. */
  readonly adapters: { readonly cache: AdapterCache; readonly cost: AdapterCost } | null
  /** Tiers of the cache beyond device memory, and who fetches from them; null = there are none. */
  readonly tiers: SchedulerTiers | null
  readonly fetcher: Fetcher | null
  /** What becomes of tokens that were guessed ahead; null = one token a step. */
  readonly acceptance: Acceptance | null
  /** Steps for which new prompts have been held back (`promptWait` of the rules). */
  promptsHeld: number
  /** Nothing can arrive any more unless something that waits here is served. */
  isLastCall: boolean
  /** With nothing to do now, when to ask again at the latest. */
  wakeAt: number
  /** A request leaves the waiting line for its first step. */
  readonly onFirstStep: (slot: number) => void
  /** A request is worked on again that was preempted at `since`. */
  readonly onResume: (slot: number, since: number, now: number) => void
  /** A request is preempted. */
  readonly onPreempt: (slot: number, now: number) => void
}

/**
 * A batching policy: what the next step of a batch works on, and what becomes of requests whose tokens left.
 */
export interface Policy {
  /** Fills the part; nothing in it means that there is nothing to do now. */
  readonly plan: (scheduler: Scheduler, part: Part, now: number) => void
  /** While a batch only decodes, `plan` would decide the same way until somebody ends, arrives or lacks a block. */
  readonly mayLeap: boolean
  /** A batch stays together until its last request has ended; who leaves early stays in it. */
  readonly isFixed: boolean
}

/** What a policy does with those whose token left. */
export interface Outcomes {
  /** A decoding request's last token left. */
  readonly onLastToken: (scheduler: Scheduler, part: Part, slot: number, now: number) => void
  /** A prompt is computed and its next token left. */
  readonly onPromptDone: (scheduler: Scheduler, part: Part, slot: number, now: number) => void
  /** All tokens of the step have left. */
  readonly onSettled: (scheduler: Scheduler, part: Part, now: number) => void
}

/** A scheduler's share of one batch: who decodes, and which prompts are worked on. */
export interface Part {
  readonly decodes: DecodeSet
  isInFlight: boolean
  /** The decode set takes part in the step. */
  isDecoding: boolean
  chunks: number
  readonly chunkSlots: number[]
  readonly chunkTokens: number[]
  prefillTokens: number
  prefillPairs: number
  prefillContext: number
  /** Prompts whose last token is in the step. */
  completing: number
  /** Tokens of those who have sat out often enough and go before any prompt. */
  ahead: number
  /** Seconds for moving swapped keys and values. */
  swapSeconds: number
  /** Somebody was preempted, and so nobody admitted. */
  hasPreempted: boolean
  /** Somebody waits who may start after so many steps, although nothing else happens (`promptWait` of the rules). */
  countsSteps: boolean
}

export const makePart = (decodes: DecodeSet): Part => ({
  decodes,
  isInFlight: false,
  isDecoding: false,
  chunks: 0,
  chunkSlots: [],
  chunkTokens: [],
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  completing: 0,
  ahead: 0,
  swapSeconds: 0,
  hasPreempted: false,
  countsSteps: false
})

export const clearPart = (part: Part): void => {
  part.isDecoding = false
  part.chunks = 0
  part.prefillTokens = 0
  part.prefillPairs = 0
  part.prefillContext = 0
  part.completing = 0
  part.ahead = 0
  part.swapSeconds = 0
  part.hasPreempted = false
  part.countsSteps = false
}

/** There is something to do in the step. */
export const hasWork = (part: Part): boolean => part.chunks > 0 || (part.isDecoding && part.decodes.count > 0)

/** Sequences of the batch, in the step or not. */
export const sequencesIn = (part: Part): number => part.chunks + part.decodes.count

/** Tokens that a request has to compute before it can emit its next one. */
export const tokensToCompute = (live: LiveRequests, slot: number): number => live.prompt[slot]! + live.generated[slot]!

/** Puts a chunk of a prompt into the step; computed counters advance at once, as vLLM's do. */
export const addChunk = ({ live, cache }: Scheduler, part: Part, slot: number, tokens: number): void => {
  const before = live.computed[slot]!
  const after = before + tokens
  part.chunkSlots[part.chunks] = slot
  part.chunkTokens[part.chunks] = tokens
  part.chunks++
  part.prefillTokens += tokens
  part.prefillPairs += tokens * (before + (tokens + 1) / 2)
  part.prefillContext += after
  if (after === tokensToCompute(live, slot)) part.completing++
  live.computed[slot] = after
  live.inFlight[slot] = live.inFlight[slot]! + 1
  cache.keepShared(slot, after)
}

/** Most tokens that are kept of a sequence; Infinity without a sliding window in every layer. */
export const keptTokens = ({ parts }: Scheduler): number => {
  const { keepsWindow, window } = parts[0]!.decodes.rules
  return keepsWindow ? window - 1 : Infinity
}

/** Requests that wait here for anything: their first step, blocks, keys and values, or a place in the batch. */
export const waitingHere = (scheduler: Scheduler): number =>
  scheduler.isAlone
    ? scheduler.waiting.count()
    : scheduler.waiting.count() +
      scheduler.incoming.count() +
      scheduler.promised.length +
      scheduler.arrived.length +
      waitingForBlocks(scheduler.tiers)

/** Requests that hold blocks and are worked on, or are done here but for what has to leave. */
export const runningHere = (scheduler: Scheduler): number =>
  scheduler.isAlone ? scheduler.running.count : scheduler.running.count + scheduler.handing.count()

/** Blocks that a running request holds; its progress must be up to date. */
export const heldBlocks = ({ live, cache }: Scheduler, slot: number, computed: number): number =>
  live.reserved[slot]! > 0 ? live.reserved[slot]! : cache.blocksFor(computed)

/** Blocks that a request lacks for its next `tokens` tokens. */
export const lackingBlocks = (scheduler: Scheduler, slot: number, computed: number, tokens: number): number =>
  Math.max(0, scheduler.cache.blocksFor(computed + tokens) - heldBlocks(scheduler, slot, computed))
