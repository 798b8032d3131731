/** An empty scheduler of a replica. */
import { attendedTokens } from "../../transformer/index.ts"
import { makeAdapterCache } from "../adapters/adapter-cache.ts"
import { type DecodeRules, makeDecodeSet } from "../batch/decode-set.ts"
import { makeBlockCache } from "../cache/block-cache.ts"
import { makeSlotLine } from "../live/slot-line.ts"
import { makeWaitingLine } from "../live/waiting-line.ts"
import type { Server } from "../types.ts"
import { makePart, type Scheduler } from "./scheduler.ts"

/** What a scheduler shares with the rest of the run. */
type Surroundings = Pick<
  Scheduler,
  | "live"
  | "log"
  | "isAlone"
  | "rules"
  | "totals"
  | "acceptance"
  | "tiers"
  | "fetcher"
  | "onFirstStep"
  | "onResume"
  | "onPreempt"
>

/** @param shares  of the classes of requests, for a fair order */
export const makeScheduler = (
  { cache, batching, target, adapters }: Server,
  shared: Surroundings,
  shares: readonly number[] = []
): Scheduler => {
  const { live, rules } = shared
  const { slidingWindow, layers } = target.model
  const decodeRules: DecodeRules = {
    grows: rules.reserves === "chunk" || rules.reserves === "prompt",
    blockTokens: cache.blockTokens,
    window: attendedTokens(target.model),
    keepsWindow: slidingWindow?.layers === layers
  }
  const waiting = makeWaitingLine(live, batching.order, shares)
  return {
    ...shared,
    onFirstStep: (slot) => {
      waiting.served(slot)
      shared.onFirstStep(slot)
    },
    cache: makeBlockCache(live, {
      blocks: cache.blocks,
      blockTokens: cache.blockTokens,
      prefixCaching: cache.prefixCaching,
      // A new token attends to itself and window - 1 before it.
      keptTokens: decodeRules.keepsWindow ? decodeRules.window - 1 : Infinity,
      tiers: shared.tiers
    }),
    running: makeSlotLine(),
    waiting,
    partials: [],
    suspended: [],
    handing: makeWaitingLine(live, "arrival"),
    // Who has been served its prompt has had its turn.
    incoming: makeWaitingLine(live, batching.order === "fair" ? "arrival" : batching.order),
    promised: [],
    arrived: [],
    dropped: [],
    parts: Array.from({ length: batching.batchesInFlight }, (_, index) =>
      makePart(makeDecodeSet(live, decodeRules, index))
    ),
    order: batching.order,
    swap: {
      secondsPerToken: cache.swapSecondsPerToken,
      freeBlocks: cache.preemption === "swap" ? cache.swapBlocks : 0,
      requests: 0
    },
    maximumSequence: target.maximumSequence,
    adapters: adapters === undefined ? null : { cache: makeAdapterCache(adapters.places), cost: adapters.cost },
    promptsHeld: 0,
    isLastCall: false,
    wakeAt: Infinity
  }
}
