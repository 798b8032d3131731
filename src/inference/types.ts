/**
 * One forward step of a model on the accelerators of one replica: what a scheduler asks of it, and what it answers.
 *
 * The cost of a step depends on its batch through a few sums only, so a scheduler keeps the sums and a step costs O(1)
 * whatever the batch. Seconds, bytes, FLOPs, tokens.
 */
import type { Accelerator, Constant, Model, ServingStack } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import type { ExpertRouting } from "./expert-placement.ts"

/** What a step works on. One record is reused for every step: never keep a reference to it. */
export interface StepLoad {
  /** Sequences that decode: one token each, or with speculation the tokens that were guessed and one more. */
  decodes: number
  /** Sum over decoding sequences of the tokens that each attends to, its new token included. */
  decodeContext: number
  /** The same, each cut at the model's sliding window; equal to decodeContext where there is none. */
  decodeWindow: number
  /** Sequences that prefill (a part of) their prompt. */
  prefills: number
  /** Sum of prefilled tokens q. */
  prefillTokens: number
  /** Sum of q (c + (q + 1) / 2): query-key pairs under the causal mask, with c tokens cached before. */
  prefillPairs: number
  /** Sum of c + q: keys and values that prefill attention reads. */
  prefillContext: number
  /** Sequences that emit a token at the end of the step: decodes, and prefills that are complete. */
  sampled: number
  /**
   * Of the fullest data-attention group, which the others wait for in every layer: the most decodes, decodes and prompt tokens, and
   * sequences that a group has. 0 or absent = the groups are alike.
   */
  fullestDecodes?: number
  fullestTokens?: number
  fullestSequences?: number
}

/** What a step does to the accelerators of a replica, all of them together. */
export interface StepWork {
  flops: number
  /** Bytes read and written in device memory. */
  bytes: number
  /** Seconds of communication that a stage waits for, inside the step. */
  communicationSeconds: number
}

/**
 * Seconds of a decode-only step of one stage as a line in the total context S of its batch, for a fixed number of
 * sequences: max(floor, base + slope S). What a scheduler needs to leap over many equal steps in closed form.
 */
export interface DecodeLine {
  readonly floor: number
  readonly base: number
  readonly slope: number
  /** Seconds per token of decodeWindow, on top; 0 where the model has no sliding window. */
  readonly windowSlope: number
}

export interface StepModel {
  /** Pipeline stages of a replica; a batch visits them in order. */
  readonly stages: number
  /** Seconds for which a step keeps a stage busy: kernels and the collectives inside, or the host where it is slower. */
  readonly stageSeconds: (stage: number, load: StepLoad) => number
  /** Seconds from the end of one stage to the start of the next, for the activations of the step. */
  readonly hopSeconds: (load: StepLoad) => number
  /** Seconds of the host before or after a step during which no stage works (scheduling, sampling, detokenising). */
  readonly hostSeconds: (load: StepLoad) => number
  /** Seconds added once to a request's first token, off the critical path of other requests (API server, tokeniser). */
  readonly firstTokenSeconds: number
  /**
   * Stage seconds of a decode-only step of `decodes` sequences, `fullest` of them in the fullest group (0 or absent = all groups are
   * alike), as a line in its context; undefined where they are not a line (measured attention tables), and then the scheduler steps.
   */
  readonly decodeLine: (stage: number, decodes: number, fullest?: number) => DecodeLine | undefined
  /** Adds a step's work to `into`. Linear in decodeContext for a fixed number of sequences. */
  readonly addWork: (load: StepLoad, into: StepWork) => void
  /** How a step's seconds divide: shares of a stage's time by kind, for timelines and breakdowns. Allocates. */
  readonly parts: (stage: number, load: StepLoad) => readonly StepPart[]
  /** Every constant that mattered. */
  readonly evidence: readonly { readonly name: string; readonly constant: Constant }[]
}

export interface StepPart {
  readonly name: string
  readonly kind: "gemm" | "attention" | "elementwise" | "head" | "experts" | "communication" | "transfer" | "host"
  readonly seconds: number
}

/** How a replica's weights are laid over accelerators. */
export interface InferenceLayout {
  readonly tensor: number
  readonly pipeline: number
  /** Ranks that share the experts; 1 = experts are split as the rest is. At most tensor x dataAttention. */
  readonly expert: number
  /** Data-parallel attention: groups of ranks that each attend to their own requests and keep their own KV. 1 = none. */
  readonly dataAttention: number
  /** Feed-forward blocks on ranks of their own, beside the tensor x dataAttention ranks of attention; absent = together. */
  readonly feedForward?: FeedForwardRanks
}

/** Attention and feed-forward blocks apart: micro-batches go to and fro between both kinds of ranks. */
export interface FeedForwardRanks {
  /** Ranks that share the experts. */
  readonly ranks: number
  /** Parts of a step that take turns. */
  readonly microBatches: number
}

/** How tokens get to the experts of other ranks, where a server says so. */
export interface ExpertExchange {
  /** Gather all tokens on all ranks and scatter the sums, or send each token to the ranks of its experts alone. */
  readonly by: "gather" | "all-to-all"
  /** Number format on the way to the experts; outputs come back in 16 bits. */
  readonly dispatch: "bf16" | "fp8"
  /** Scale-up domains over which the experts of a token lie at most; null = no limit. */
  readonly nodeLimit: number | null
}

/** Where weights live that do not stay in device memory. */
export interface WeightOffload {
  /** Share of each layer's weights that is read over the host link (cpu) or from storage (nvme) in every step. */
  readonly share: number
  readonly from: "cpu" | "nvme"
  /** Bytes/s of the storage; used with nvme. */
  readonly storageBytesPerSecond: number
}

/** How a server guesses ahead. */
export interface Speculation {
  /** Tokens that are proposed in a step, for each sequence. */
  readonly tokens: number
  /** Chance that a proposed token is accepted when those before it were. */
  readonly acceptance: number
  /** What the draft runs on beside the model; null = it looks the tokens up in what was written so far (n-grams). */
  readonly draft: InferenceTarget | null
  /** The draft uses the model's own embedding and LM head (EAGLE, multi-token prediction). */
  readonly sharesEnds: boolean
}

/** Everything that the price of a step and the memory of a replica depend on. */
export interface InferenceTarget {
  readonly accelerator: Accelerator
  readonly fabric: Fabric
  readonly model: Model
  readonly stack: ServingStack
  /** Version of the stack's software; the stack's default when the scenario is silent. */
  readonly version: string
  readonly layout: InferenceLayout
  /** Name of a quantisation of the catalogue: bf16, fp16, fp8, int8, int4-awq, q4_k_m, nvfp4 ... */
  readonly precision: string
  readonly keyValuePrecision: "bf16" | "fp16" | "fp8" | "int8"
  /** Longest sequence that the server accepts, tokens. */
  readonly maximumSequence: number
  /** Most sequences in a step, and most tokens in a step: they size activations and captured graphs. */
  readonly maximumSequences: number
  readonly maximumStepTokens: number
  readonly offload: WeightOffload | null
  /** Busiest expert's (or expert rank's) load over the mean; 1 = balanced. */
  readonly expertImbalance: number
  /** How tokens choose among the experts, and copies of busy ones; absent = evenly but for `expertImbalance`, no copies. */
  readonly expertRouting?: ExpertRouting
  /** A step runs as two halves in turns, one computing while the tokens of the other travel between experts; absent = no. */
  readonly overlapsExchange?: boolean
  /** How tokens get to their experts; absent = gathered inside a scale-up domain, across domains the cheaper way. */
  readonly expertExchange?: ExpertExchange
  /** Tokens guessed ahead and verified together; absent = one token a step. */
  readonly speculation?: Speculation
  /** Measured kernel profiles, read by `parseKernelProfile`; they replace the analytic laws where they reach. */
  readonly profiles: readonly KernelProfile[]
}

/**
 * A measured kernel profile of one model on one accelerator: seconds of the operators of a layer by tokens, of the ends of the model by
 * sequences, and of attention by (prefill chunk, prefilled context, decodes, decode context).
 */
export interface KernelProfile {
  readonly name: string
  readonly tensor: number
  /** Operators inside a layer, seconds by tokens, ascending. */
  readonly dense: readonly ProfileCurve[]
  /** Operators that run once a step (head, sampler), seconds by sequences, ascending. */
  readonly perSequence: readonly ProfileCurve[]
  readonly attention: {
    readonly prefillChunk: Float64Array
    readonly prefillContext: Float64Array
    readonly decodes: Float64Array
    readonly decodeContext: Float64Array
    readonly seconds: Float64Array
  } | null
  /** Routed experts of a layer, all together: seconds by tokens and by the number of experts that they reach. */
  readonly experts?: { readonly tokens: Float64Array; readonly reached: Float64Array; readonly seconds: Float64Array }
}

export interface ProfileCurve {
  readonly operator: string
  readonly at: Float64Array
  readonly seconds: Float64Array
}

/** Bytes on the fullest accelerator of a replica, by kind. */
export interface InferenceMemory {
  readonly capacityBytes: number
  /** What the engine lets itself use of it. */
  readonly usableBytes: number
  readonly weights: number
  readonly activations: number
  /** Context, communicators, captured graphs, workspace. */
  readonly overhead: number
  /** Bytes that one cached token takes on the fullest accelerator, the stack's waste included. */
  readonly keyValueBytesPerToken: number
  /** Tokens whose keys and values fit in what is left, over the whole replica (summed over its data-attention groups). */
  readonly keyValueTokens: number
  /** The weights and one sequence of one token at least fit. */
  readonly fits: boolean
  /** Weights of an accelerator with feed-forward blocks, where these stand apart from attention; absent = together. */
  readonly feedForwardWeights?: number
  /** Seconds to load the weights before the first request, from storage at the system's or the stack's rate. */
  readonly loadSeconds: number
}
