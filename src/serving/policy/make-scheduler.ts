/** An empty scheduler for a job. */
import { type DecodeRules, makeDecodeSet } from "../batch/decode-set.ts"
import { makeBlockCache } from "../cache/block-cache.ts"
import { makeSlotLine } from "../live/slot-line.ts"
import { makeWaitingLine } from "../live/waiting-line.ts"
import type { ServingJob } from "../types.ts"
import { makePart, type Scheduler } from "./scheduler.ts"

/** What a scheduler shares with the rest of the run. */
type Surroundings = Pick<Scheduler, "live" | "log" | "rules" | "totals" | "onFirstStep" | "onResume">

export const makeScheduler = ({ cache, batching, target }: ServingJob, shared: Surroundings): Scheduler => {
  const { live, rules } = shared
  const { slidingWindow, layers } = target.model
  const decodeRules: DecodeRules = {
    grows: rules.reserves === "chunk" || rules.reserves === "prompt",
    blockTokens: cache.blockTokens,
    window: slidingWindow?.tokens ?? Infinity,
    keepsWindow: slidingWindow?.layers === layers
  }
  return {
    ...shared,
    cache: makeBlockCache(live, {
      blocks: cache.blocks,
      blockTokens: cache.blockTokens,
      prefixCaching: cache.prefixCaching,
      // A new token attends to itself and window - 1 before it.
      keptTokens: decodeRules.keepsWindow ? decodeRules.window - 1 : Infinity
    }),
    running: makeSlotLine(),
    waiting: makeWaitingLine(live, batching.order),
    partials: [],
    suspended: [],
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
    isLastCall: false,
    wakeAt: Infinity
  }
}
