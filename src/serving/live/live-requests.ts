/**
 * The requests that are in the system now, in columns by slot. A slot is taken at arrival and given back at the end, so the
 * columns stay as small as the largest number of requests at once and the scheduler's data in the processor's cache.
 *
 * While a request decodes, its progress is not written here: it follows from the step counter of its decode set
 * (`batch/decode-set.ts`), and `generated` and `computed` hold what they were when it joined.
 */
import type { PromptPiece } from "../types.ts"
import { grownBytes, grownFloats, grownIntegers } from "./columns.ts"

/** Where a request is. */
export const phase = {
  free: 0,
  /** With its client: turned away, trying again later. */
  away: 1,
  waiting: 2,
  /** Running, with prompt (or, after preemption, prompt and generated tokens) to compute, or all of it in flight. */
  prefilling: 3,
  /** In a decode set. */
  decoding: 4,
  /** Running and ready to decode, but left out of the current step. */
  suspended: 5,
  /** In a fixed batch that has not ended, with all its own tokens out. */
  idle: 6,
  /** Its prompt is computed and it waits for its keys and values to be with the replica that goes on with it. */
  handing: 7,
  /** The same on that replica: in line for blocks, or with blocks that are being filled. */
  incoming: 8,
  /** Its keys and values are here, and it waits for a place in the batch. */
  arrived: 9,
  /** Out of the waiting line with blocks for its prompt, which tiers of the cache fill or have filled. */
  fetching: 10
} as const

const integerColumns = [
  /** Row in the request log. */
  "request",
  "prompt",
  /** Tokens it will generate. */
  "target",
  "generated",
  /** Tokens whose keys and values are cached, or will be at the end of the steps in flight. */
  "computed",
  /** Blocks reserved at admission; 0 where blocks are taken as the sequence grows. */
  "reserved",
  /** Tokens planned for the step that is being scheduled. */
  "planned",
  /** Steps in flight that work on its prompt. */
  "inFlight",
  /** Neighbours in the waiting or running line. */
  "next",
  "previous",
  /** Places in heaps, -1 outside. */
  "endPlace",
  "crossingPlace",
  "waitingPlace",
  /** Index of its decode set; meaningful while it decodes. */
  "set",
  /** Free-queue entry of what is still cached of it after preemption; -1 = nothing. */
  "keptRun",
  /** Head of its list of shared blocks, and their number. */
  "sharedList",
  "sharedBlocks",
  /** Blocks that it has in host memory. */
  "swapped",
  /** Tokens that preemption threw away, until they are admitted again. */
  "lost",
  "classIndex",
  "replica",
  "group",
  "tries",
  /** Number of its move to another replica, -1 = none. */
  "move",
  /** Its adapter, -1 = none. */
  "adapter",
  /** 1: it waits until all of its prompt has room, because its beginning is in a tier of the cache. */
  "wantsRoom",
  /** Tokens of its prompt that count as queued at its replica, until its next token there. */
  "queuedTokens",
  /** Times that it sat out a step for the prompts of others. */
  "pauses",
  /** 1: it is work of the other side for its replica, a prompt for one that decodes or an answer for one that prefills. */
  "isForeign",
  /** 1: with its prompt computed it decodes where it is, in pools that stand in for one another. */
  "stays"
] as const

const floatColumns = [
  "priority",
  /** Steps of its decode set when it joined. */
  "joinedSteps",
  /** When its latest token left; while it decodes, when the token before it joined left. */
  "lastToken",
  /** When it joined the waiting line of its replica. */
  "queuedAt",
  /** When it was preempted; NaN = it was not. */
  "preemptedAt",
  /** Pending events, -1 = none. */
  "patienceEvent",
  "timeoutEvent"
] as const

export type IntegerColumn = (typeof integerColumns)[number]
type FloatColumn = (typeof floatColumns)[number]

/** What a request's tokens are, where others may share them. */
export interface Content {
  readonly pieces: readonly PromptPiece[]
  readonly outputPiece: number
  /** Tokens from the start that the pieces describe, the generated ones included where they have a piece. */
  readonly tokens: number
  /** Two 32-bit halves of the key of each full block, computed when first looked up. */
  keys: Int32Array | null
}

export interface LiveRequests extends Record<IntegerColumn, Int32Array>, Record<FloatColumn, Float64Array> {
  count: number
  capacity: number
  phase: Uint8Array
  /** Its client has gone and it counts as ended; it gives its blocks back at the end of the step. */
  isLeaving: Uint8Array
  readonly content: (Content | null)[]
  readonly freeSlots: number[]
}

const firstCapacity = 256

export const makeLiveRequests = (): LiveRequests => {
  const columns = {
    ...Object.fromEntries(integerColumns.map((name) => [name, new Int32Array(firstCapacity)])),
    ...Object.fromEntries(floatColumns.map((name) => [name, new Float64Array(firstCapacity)]))
  } as Record<IntegerColumn, Int32Array> & Record<FloatColumn, Float64Array>
  const live: LiveRequests = {
    count: 0,
    capacity: firstCapacity,
    phase: new Uint8Array(firstCapacity),
    isLeaving: new Uint8Array(firstCapacity),
    content: Array.from({ length: firstCapacity }, () => null),
    freeSlots: [],
    ...columns
  }
  for (let slot = firstCapacity - 1; slot >= 0; slot--) live.freeSlots.push(slot)
  return live
}

/** A slot with nothing in it. */
export const takeSlot = (live: LiveRequests): number => {
  if (live.freeSlots.length === 0) grow(live)
  const slot = live.freeSlots.pop()!
  live.count++
  live.phase[slot] = phase.away
  live.isLeaving[slot] = 0
  live.generated[slot] = 0
  live.computed[slot] = 0
  live.reserved[slot] = 0
  live.planned[slot] = 0
  live.inFlight[slot] = 0
  live.endPlace[slot] = -1
  live.crossingPlace[slot] = -1
  live.waitingPlace[slot] = -1
  live.keptRun[slot] = -1
  live.sharedList[slot] = -1
  live.sharedBlocks[slot] = 0
  live.swapped[slot] = 0
  live.lost[slot] = 0
  live.replica[slot] = -1
  live.group[slot] = 0
  live.tries[slot] = 0
  live.move[slot] = -1
  live.adapter[slot] = -1
  live.wantsRoom[slot] = 0
  live.queuedTokens[slot] = 0
  live.pauses[slot] = 0
  live.isForeign[slot] = 0
  live.stays[slot] = 0
  live.lastToken[slot] = NaN
  live.preemptedAt[slot] = NaN
  live.patienceEvent[slot] = -1
  live.timeoutEvent[slot] = -1
  return slot
}

export const giveSlotBack = (live: LiveRequests, slot: number): void => {
  live.phase[slot] = phase.free
  live.content[slot] = null
  live.count--
  live.freeSlots.push(slot)
}

const grow = (live: LiveRequests): void => {
  const { capacity } = live
  const larger = capacity * 2
  for (const name of integerColumns) live[name] = grownIntegers(live[name], larger)
  for (const name of floatColumns) live[name] = grownFloats(live[name], larger)
  live.phase = grownBytes(live.phase, larger)
  live.isLeaving = grownBytes(live.isLeaving, larger)
  for (let slot = larger - 1; slot >= capacity; slot--) {
    live.content[slot] = null
    live.freeSlots.push(slot)
  }
  live.capacity = larger
}
