/**
 * What serving stacks have in common, for their entries to start from.
 */
import type { BatchingDefaults, ServingStack } from "../serving-types.ts"

const contiguous = {
  timeoutSeconds: 0.05,
  chunkTokens: 0,
  chunkedPrefill: false,
  batchesInFlight: "stages",
  watermark: 0,
  prefixCaching: false,
  blockTokens: 1,
  onSmaller: null
} as const satisfies Partial<BatchingDefaults>

/** Whole batches, started together and ended with the longest. */
export const staticBatches: BatchingDefaults = {
  ...contiguous,
  policy: "static",
  maximumSequences: 32,
  maximumStepTokens: 65_536
}

/** Blocks of 16 tokens, prompts before decodes (vLLM v0). */
export const pagedBatches: BatchingDefaults = {
  ...contiguous,
  policy: "continuous",
  maximumSequences: 256,
  maximumStepTokens: 8192,
  watermark: 0.01,
  blockTokens: 16
}

/** Whole prompts beside decodes, prompt and output reserved (TensorRT-LLM). */
export const inFlightBatches: BatchingDefaults = {
  ...contiguous,
  policy: "in-flight",
  maximumSequences: 256,
  maximumStepTokens: 8192,
  blockTokens: 64
}

/** One token budget for prompts and decodes (vLLM v1). */
export const chunkedBatches: BatchingDefaults = {
  ...contiguous,
  policy: "continuous-chunked",
  maximumSequences: 1024,
  maximumStepTokens: 8192,
  chunkedPrefill: true,
  prefixCaching: true,
  blockTokens: 16,
  // vllm/engine/arg_utils.py: the API server takes less on cards below 70 GiB and on every A100.
  onSmaller: { belowBytes: 70e9, classes: ["a100"], maximumSequences: 256, maximumStepTokens: 2048 }
}

/**
 * Operators as chains of PyTorch kernels, over the 20 or so of a layer with fused LayerNorm and ALiBi: rotary positions are
 * about eleven, an RMSNorm five (modeling_llama.py and modeling_falcon.py of transformers 4.30).
 */
export const operatorChains = { rotary: 0.55, rootMeanSquare: 0.2, gate: 0.05, bias: 0 } as const

/** PyTorch launching kernel after kernel, one batch at a time. */
export const eager = {
  graphs: null,
  promptAttention: "unfused",
  sharesQueries: "always",
  mixesAttention: false,
  operatorLaunches: { rotary: 0, rootMeanSquare: 0, gate: 0, bias: 0 },
  allReduce: "nccl",
  promptPieceTokens: null,
  splitsByBytes: false,
  logitsOfEveryToken: false,
  gathersWeights: false,
  overlapsOffload: false,
  weightTraffic: {}
} as const satisfies Partial<ServingStack>

/** Memory of an engine that allocates as it goes. */
export const allocating = {
  utilisation: 0.99,
  fixedBytes: 2.2e9,
  reservesActivations: false,
  keyValueFactor: 1,
  loadBytesPerSecond: 3e9
} as const satisfies ServingStack["memory"]

/** Batch sizes from `from` to `to`, `step` apart. */
const every = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)

/** vLLM 0.2.6 to 0.8: 1, 2, 4, then multiples of 8 to 256. */
export const graphSizesTo256: readonly number[] = [1, 2, 4, ...every(8, 256, 8)]
/** vLLM 0.12 and later: to 512, the upper half 16 apart. */
export const graphSizesTo512: readonly number[] = [...graphSizesTo256, ...every(272, 512, 16)]
