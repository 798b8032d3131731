/**
 * The batching policies that decide anew for every step, as settings of one scheduler (`iteration.ts`).
 *
 * Sources: vLLM v0 and v1 (vllm/core/scheduler.py of 0.6, vllm/v1/core/sched/scheduler.py of 0.9), Sarathi-Serve
 * (arXiv 2403.02310 and its scheduler in Vidur), Orca (OSDI 2022), TensorRT-LLM's GUARANTEED_NO_EVICT, the machine-level
 * scheduler of Splitwise (ISCA 2024, section 4.2).
 */
import type { BatchPolicyName, Batching, KeyValueCache } from "../types.ts"

/** Blocks that a request takes when it is admitted: for its first chunk, its prompt, all its tokens, or the longest sequence. */
export type Reservation = "chunk" | "prompt" | "sequence" | "longest"

export interface Rules {
  /** A step takes whole prompts while there are any, and decodes only when there are none. */
  readonly promptsFirst: boolean
  /** Whole prompts come first, and decodes go beside them as far as the budget lasts (`mixed.ts`). */
  readonly promptsLead: boolean
  /** How often a request that decodes may sit out for prompts before it goes first; with `promptsLead`. */
  readonly mostPauses: number
  /** Running requests that decode come before those with prompt left, whatever their order. */
  readonly decodesFirst: boolean
  /** A prompt may be spread over steps. */
  readonly chunked: boolean
  /** A chunk may be scheduled while the one before it is in flight. */
  readonly chunksOverlap: boolean
  /** Most tokens of one prompt in a step. */
  readonly chunkCap: number
  /** Most tokens in a step. */
  readonly budget: number
  /** While somebody decodes, new prompts wait so many steps unless they and the decodes fill so many tokens; null = they do not. */
  readonly promptWait: { readonly steps: number; readonly tokens: number } | null
  readonly reserves: Reservation
  /** Blocks that an admission leaves free. */
  readonly watermark: number
  /** Running requests, and those in one batch. */
  readonly maximumSequences: number
  readonly maximumInBatch: number
}

/** max_preemptions of SplitwiseSim's instances (Mutinifni/splitwise-sim, configs/start_state/splitwise.yaml). */
export const usualPauses = 4

type IterationPolicy = Exclude<BatchPolicyName, "static" | "dynamic">

export const rulesOf = (policy: IterationPolicy, batching: Batching, cache: KeyValueCache): Rules => ({
  promptsFirst: false,
  promptsLead: false,
  mostPauses: Infinity,
  decodesFirst: false,
  chunked: false,
  chunksOverlap: false,
  chunkCap: Infinity,
  budget: Infinity,
  promptWait: null,
  reserves: "sequence",
  watermark: 0,
  maximumSequences: batching.maximumSequences,
  // Batches in flight share the sequences, as in Vidur's replica schedulers; vLLM v1 alone fills one batch if it can.
  maximumInBatch: Math.ceil(batching.maximumSequences / batching.batchesInFlight),
  ...differences[policy](batching, Math.ceil(cache.watermark * cache.blocks))
})

/** What a policy does otherwise, given the blocks of the watermark. */
const differences: Readonly<Record<IterationPolicy, (batching: Batching, watermark: number) => Partial<Rules>>> = {
  // One request a batch: with several in flight, as many requests as batches.
  none: ({ batchesInFlight }) => ({ maximumSequences: batchesInFlight, maximumInBatch: 1 }),
  continuous: ({ maximumStepTokens }, watermark) => ({
    promptsFirst: true,
    budget: maximumStepTokens,
    reserves: "chunk",
    watermark
  }),
  "continuous-chunked": ({ chunkTokens, maximumSequences, maximumStepTokens }, watermark) => ({
    chunked: true,
    chunksOverlap: true,
    chunkCap: chunkTokens > 0 ? chunkTokens : Infinity,
    budget: maximumStepTokens,
    reserves: "chunk",
    watermark,
    maximumInBatch: maximumSequences
  }),
  sarathi: ({ chunkTokens, maximumStepTokens }, watermark) => ({
    decodesFirst: true,
    chunked: true,
    budget: chunkTokens > 0 ? chunkTokens : maximumStepTokens,
    reserves: "prompt",
    watermark
  }),
  orca: () => ({ reserves: "longest" }),
  "in-flight": ({ chunkedPrefill, maximumStepTokens, promptWait }) => ({
    chunked: chunkedPrefill,
    budget: maximumStepTokens,
    promptWait:
      promptWait === undefined ? null : { steps: promptWait.steps, tokens: promptWait.tokensShare * maximumStepTokens }
  }),
  mixed: ({ maximumStepTokens, mostPauses = usualPauses }) => ({
    promptsLead: true,
    mostPauses,
    budget: maximumStepTokens
  })
}
