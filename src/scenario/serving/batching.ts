/**
 * Batching, cache, queue and price of a server with everything that a scenario leaves out.
 */
import { find, isUnknownName, type Accelerator, type ServingStack } from "../../catalog/index.ts"
import type { InferenceLayout, InferenceMemory } from "../../inference/index.ts"
import type { Batching, KeyValueCache, ServerQueue } from "../../serving/index.ts"
import type { ServingScenario } from "../schema.ts"
import { guarded } from "./policy.ts"

type Serving = ServingScenario["serving"]

const usualChunk = 512
const usualSwapBytes = 4e9
const usualTimeout = 0.05

/** Sequences and tokens of a step. */
interface StepSizes {
  readonly maximumSequences: number
  readonly maximumStepTokens: number
}

/** What a stack takes on an accelerator where nobody says how much. */
const usualSizes = ({ batching }: ServingStack, { memory, efficiencyClass }: Accelerator): StepSizes => {
  const smaller = batching.onSmaller
  return smaller !== null && (memory.bytes < smaller.belowBytes || smaller.classes.includes(efficiencyClass))
    ? smaller
    : batching
}

/** As written, else the stack's; a step has room for a token of each sequence. */
export const stepSizes = ({ batching = {} }: Serving, stack: ServingStack, accelerator: Accelerator): StepSizes => {
  const usual = usualSizes(stack, accelerator)
  const maximumSequences =
    batching.maxBatchSize ?? Math.min(usual.maximumSequences, batching.maxBatchTokens ?? usual.maximumSequences)
  return {
    maximumSequences,
    maximumStepTokens: batching.maxBatchTokens ?? Math.max(usual.maximumStepTokens, maximumSequences)
  }
}

export const batchingOf = (
  serving: Serving,
  stack: ServingStack,
  accelerator: Accelerator,
  stages: number
): Batching => {
  const { batching = {} } = serving
  const usual = stack.batching
  const policy = batching.policy ?? usual.policy
  return {
    policy: typeof policy === "function" ? guarded(policy) : policy,
    ...stepSizes(serving, stack, accelerator),
    timeoutSeconds: batching.timeout ?? (usual.timeoutSeconds > 0 ? usual.timeoutSeconds : usualTimeout),
    chunkTokens:
      batching.chunkTokens ?? (usual.chunkTokens > 0 ? usual.chunkTokens : policy === "sarathi" ? usualChunk : 0),
    chunkedPrefill: batching.chunkedPrefill ?? usual.chunkedPrefill,
    ...(batching.promptWait === undefined
      ? {}
      : { promptWait: { steps: batching.promptWait.steps, tokensShare: batching.promptWait.tokens } }),
    ...(batching.pauses === undefined ? {} : { mostPauses: batching.pauses }),
    order: batching.order ?? "arrival",
    batchesInFlight: batching.batchesInFlight ?? (usual.batchesInFlight === "stages" ? stages : usual.batchesInFlight)
  }
}

/** Policies that leave a share of the blocks free when they admit a request, where nobody says how much. */
const watermarks: Readonly<Record<string, number>> = { continuous: 0.01, sarathi: 0.01 }

export interface CacheRequest {
  readonly serving: Serving
  readonly stack: ServingStack
  readonly memory: InferenceMemory
  readonly layout: InferenceLayout
  readonly accelerator: Accelerator
  readonly policy: Batching["policy"]
}

export const cacheOf = ({ serving, stack, memory, layout, accelerator, policy }: CacheRequest): KeyValueCache => {
  const { kvCache = {} } = serving
  const usual = stack.batching
  const blockTokens = kvCache.blockTokens ?? usual.blockTokens
  const perToken = memory.keyValueBytesPerToken
  const own = usual.policy === policy ? usual.watermark : undefined
  return {
    blockTokens,
    blocks: kvCache.blocks ?? Math.max(0, Math.floor(memory.keyValueTokens / layout.dataAttention / blockTokens)),
    prefixCaching: kvCache.prefixCaching ?? usual.prefixCaching,
    preemption: kvCache.preemption ?? "recompute",
    swapSecondsPerToken: perToken / hostRate(accelerator),
    swapBlocks: Math.floor((kvCache.swapSpace ?? usualSwapBytes) / Math.max(1, perToken * blockTokens)),
    watermark: kvCache.watermark ?? own ?? (typeof policy === "string" ? (watermarks[policy] ?? 0) : 0)
  }
}

/** Bytes/s that an accelerator moves to or from its host in large pieces. */
export const hostRate = ({ host, attained }: Accelerator): number => {
  const link = find("links", host)
  return (isUnknownName(link) ? 20e9 : link.bytesPerSecond * link.pointToPointShare) * (attained?.hostRate ?? 1)
}

export const queueOf = ({ router, queue = {} }: Serving): ServerQueue => ({
  router: router ?? "round-robin",
  limit: queue.limit ?? Infinity,
  timeoutSeconds: queue.timeout ?? Infinity,
  retries: queue.retries ?? 0,
  retrySeconds: queue.retryAfter ?? 1
})
