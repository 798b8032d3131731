/**
 * The shapes of what serving adds to the catalogue: serving stacks and quantisations.
 */
import type { Constant, Datatype, Sources } from "./types.ts"

/** How a server forms batches; the scheduler's policies of the same names. */
export type BatchingName =
  | "none"
  | "static"
  | "dynamic"
  | "continuous"
  | "continuous-chunked"
  | "sarathi"
  | "orca"
  | "in-flight"

export interface BatchingDefaults {
  readonly policy: BatchingName
  /** Sequences in a step, and tokens in a step. */
  readonly maximumSequences: number
  readonly maximumStepTokens: number
  /** dynamic: longest wait of the oldest request. */
  readonly timeoutSeconds: number
  /** sarathi: the budget of a step; continuous-chunked: cap on one prompt's chunk, 0 = none. */
  readonly chunkTokens: number
  /** in-flight: prompts may be split over steps. */
  readonly chunkedPrefill: boolean
  /** Batches that travel through a pipelined replica: 1 = naive, "stages" = one a stage. */
  readonly batchesInFlight: 1 | "stages"
  /** Share of the KV blocks that admission leaves free. */
  readonly watermark: number
  readonly prefixCaching: boolean
  /** Tokens of a KV block; 1 where the cache is contiguous. */
  readonly blockTokens: number
  /** Sizes of a step on cards with less memory than `belowBytes`, and on those of a class; null = the same everywhere. */
  readonly onSmaller: {
    readonly belowBytes: number
    readonly classes: readonly string[]
    readonly maximumSequences: number
    readonly maximumStepTokens: number
  } | null
}

/** What a serving framework fuses, overlaps, reserves and wastes: documented properties, and constants with their origin. */
export interface ServingStack {
  readonly name: string
  readonly title: string
  readonly aliases?: readonly string[]
  /** The version whose properties and constants these are; digits and dots first ("0.12", "2022", "2024-05"). */
  readonly version: string
  /** Versions that have constants of their own; any other takes the stack's priors. */
  readonly versions: readonly string[]
  readonly era: string
  readonly batching: BatchingDefaults
  /** Quantisation that the stack is for, where a scenario names none; absent = 16 bits. */
  readonly precision?: string
  /**
   * CUDA graphs: the batch sizes that decode steps are padded to. Steps beyond the last size, and steps with prompts,
   * run unpadded. null = no graphs: every kernel is launched by the host.
   */
  readonly graphs: { readonly sizes: readonly number[] } | null
  /** "unfused" = scores pass through memory (`scoreFactor` 16-bit passes over the full square). */
  readonly promptAttention: "fused" | "unfused"
  /**
   * Whether the decode kernel reads a key once for all queries that share it: always; only up to 16 queries a key, heads of 128
   * and no sliding window; narrow: of those, only where keys and values are kept in 8 bits in HBM; never, and then each query reads them from the on-chip cache; or "expanded": keys and values are copied for
   * every query head first (repeat_kv of transformers).
   */
  readonly sharesQueries: "always" | "regular" | "narrow" | "never" | "expanded"
  /** One attention kernel takes prompts and decodes together, and then does not split a decode's keys over the device. */
  readonly mixesAttention: boolean
  /**
   * Each data-attention group has a host process of its own, which schedules and answers its own requests (SGLang's schedulers, vLLM's
   * engine cores); absent = one process takes in the answers of all groups after every step (TensorRT-LLM's PyExecutor gathers them on rank 0).
   */
  readonly groupsHaveHosts?: boolean
  /**
   * Launches of a layer's own operators, over those of a layer without the feature: what the host pays on top of
   * `hostSecondsPerLayer` for rotary positions, an RMSNorm, a gate, biases.
   */
  readonly operatorLaunches: {
    readonly rotary: number
    readonly rootMeanSquare: number
    readonly gate: number
    readonly bias: number
  }
  /** Who adds up tensor-parallel results: NCCL, or a one- or two-shot kernel inside the captured graph. */
  readonly allReduce: "nccl" | "in-graph"
  /** Prompts of a pipelined replica run in pieces of so many tokens that overlap over the stages; null = whole. */
  readonly promptPieceTokens: number | null
  /** Stages take equal bytes, embedding and head counted, instead of equal numbers of layers. */
  readonly splitsByBytes: boolean
  /** Logits are computed for every token of a prompt, not for its last alone. */
  readonly logitsOfEveryToken: boolean
  /** ZeRO-Inference: each layer's weights are gathered from all ranks, one layer ahead. */
  readonly gathersWeights: boolean
  /** Offloaded weights travel while the layer before computes. */
  readonly overlapsOffload: boolean
  /** Bytes read and written per parameter and step where a quantisation is not multiplied as it is stored. */
  readonly weightTraffic: Readonly<Record<string, number>>
  readonly memory: {
    /** Share of the visible memory that the engine lets itself use. */
    readonly utilisation: number
    /** Context, communicators, captured graphs, workspace: bytes that do not scale with the model. */
    readonly fixedBytes: number
    /** Activations of a full step are reserved before KV blocks are counted (vLLM, TensorRT-LLM). */
    readonly reservesActivations: boolean
    /** Bytes held over the bytes that a contiguous KV cache needs: copies, fragments, padding. */
    readonly keyValueFactor: number
    /** The embedding table stays in host memory. */
    readonly embeddingOnHost?: boolean
    /** Bytes/s at which weights come from storage into device memory. */
    readonly loadBytesPerSecond: number
  }
  readonly constants: ServingConstants
  readonly notes: readonly string[]
  readonly sources: Sources
}

export interface ServingConstants {
  /** Factor on the seconds of all kernels. */
  readonly kernelFactor: Constant
  /** Factor on the attainable compute share. */
  readonly computeFactor: Constant
  /** Factor on the fixed seconds of a kernel. */
  readonly launchFactor: Constant
  /** Kernel seconds per layer and sequence in the step, of work done a sequence at a time. */
  readonly sequenceSecondsPerLayer: Constant
  /** Factor on the bytes that decode attention reads: 1 = every key and value once. */
  readonly keyValueFactor: Constant
  /** 16-bit passes over the score matrix of unfused prompt attention. */
  readonly scoreFactor: Constant
  /** Host seconds per layer and step; they bind where the device is faster. */
  readonly hostSecondsPerLayer: Constant
  /** Host seconds between steps: scheduling, sampling, detokenising. */
  readonly hostSecondsPerStep: Constant
  /** The same per sequence in the step. */
  readonly hostSecondsPerSequence: Constant
  /** Seconds on top of each collective of a layer: launch, skew of the ranks. */
  readonly collectiveSeconds: Constant
  /** Seconds added once to a request's first token (API server, tokeniser). */
  readonly firstTokenSeconds: Constant
  /** Seconds of a step's way from one pipeline stage to the next, besides its bytes. */
  readonly hopSeconds: Constant
  /** Seconds on top of each linear layer of a quantised model (outlier search, dequantisation). */
  readonly linearSeconds: Constant
  /** Share of the on-chip cache's rate that decode attention reaches where queries do not share keys. */
  readonly ungroupedShare: Constant
  /** Share of the fabric's all-gather rate that gathering weights reaches. */
  readonly gatherShare: Constant
}

/** A number format of a model's weights, and what it makes of the kernels. */
export interface Quantisation {
  readonly name: string
  readonly title: string
  readonly aliases?: readonly string[]
  /** Bytes a parameter: matrices of the layers, LM head, embedding table; scales included. */
  readonly weightBytes: { readonly body: number; readonly head: number; readonly embedding: number }
  /** Format of the matrix products; "half" = the 16-bit format of the accelerator. */
  readonly compute: Datatype | "half"
  /** Bytes of an element of a product's input. */
  readonly activationBytes: number
  /** Family of kernels, under which an accelerator's inference constants are kept. */
  readonly kernels: KernelFamily
  /** Matrices are multiplied as the stack stores them (true), or its `linearSeconds` are paid on each. */
  readonly isFused: boolean
  readonly notes: readonly string[]
  readonly sources: Sources
}

/** Kernels whose efficiency is fitted together; "int4" and "int8" hold the weights only and multiply in 16 bits. */
export type KernelFamily = "bf16" | "fp8" | "nvfp4" | "int4" | "int8"
