/**
 * The shapes of catalogue entries: what the simulator must know of an accelerator, a link, a system, a model and a
 * software stack. Inside: bytes, seconds, FLOP/s, watts; one direction of a link.
 */

/** Number formats a matrix multiplication can run in. */
export type Datatype = "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "mxfp8" | "nvfp4" | "int8"

/** Where a fact was read: field name (or "default") to a citation. */
export type Sources = Readonly<Record<string, string>>

export interface Accelerator {
  readonly name: string
  readonly title: string
  /** Other spellings that find the entry: data-sheet names, Hugging Face ids. */
  readonly aliases?: readonly string[]
  readonly vendor: string
  /** Key of the family whose efficiency constants it shares: volta, ampere, ada, hopper, blackwell, cdna3, apple ... */
  readonly generation: string
  /** Key of the fitted efficiency constants; several accelerators share one (h100, h200 and gh200 are "h100"). */
  readonly efficiencyClass: string
  /** Key of the constants of served inference where it is not what `efficiencyClass` and `generation` say. */
  readonly inferenceClass?: string
  /** false: cards on PCIe reach each other through the host's memory only (GeForce drivers offer no peer-to-peer). */
  readonly peerToPeer?: boolean
  readonly year: number
  /** Streaming multiprocessors, compute units or cores; null where the vendor gives none. */
  readonly multiprocessors: number | null
  /** Dense peak FLOP/s by number format; a missing format is not supported by the hardware. */
  readonly peakFlops: { readonly [datatype in Datatype]?: number }
  readonly memory: { readonly bytes: number; readonly bytesPerSecond: number; readonly type: string }
  readonly powerWatts: number
  /** Name of the link inside a node (nvlink3, pcie4x16 ...). */
  readonly scaleUp: string
  /** Name of the link to the host. */
  readonly host: string
  readonly pricePerHour?: { readonly low: number; readonly high: number }
  readonly purchasePrice?: number
  readonly notes: readonly string[]
  readonly sources: Sources
}

export interface Link {
  readonly name: string
  readonly title: string
  /** Other spellings that find the entry: data-sheet names, Hugging Face ids. */
  readonly aliases?: readonly string[]
  readonly kind: "scale-up" | "host" | "network"
  /** Nominal bytes/s in one direction: of one accelerator (scale-up, host) or of one NIC (network). */
  readonly bytesPerSecond: number
  readonly latencySeconds: number
  /** Share of the nominal rate that a large collective reaches on each wire. */
  readonly collectiveShare: number
  /** Share of the nominal rate that a large point-to-point transfer reaches. */
  readonly pointToPointShare: number
  /** A host link over which processor and accelerator share memory; launches over it show no host time. */
  readonly isCoherent?: boolean
  /** True where the switch reduces in the network (NVLink SHARP). */
  readonly inNetworkReduction: boolean
  readonly sources: Sources
}

export interface System {
  readonly name: string
  readonly title: string
  /** Other spellings that find the entry: data-sheet names, Hugging Face ids. */
  readonly aliases?: readonly string[]
  readonly accelerator: string
  readonly acceleratorsPerNode: number
  /** Nodes that exist; null where the product is sold by the node. */
  readonly nodes: number | null
  readonly scaleUp: {
    readonly link: string
    /** accelerators that one scale-up switch joins */ readonly domain: number
    readonly topology: "switch" | "mesh" | "pcie"
    /** Whether cards on PCIe reach each other without the host's memory; absent = yes, but on GeForce cards. */
    readonly peerToPeer?: boolean
  }
  readonly network: {
    readonly link: string
    readonly nicsPerNode: number
    /** 1 = full bisection */ readonly oversubscription: number
    /** Whether the switches sum all-reduces (SHARP switched on); absent = no, as NCCL leaves it. */
    readonly sumsInNetwork?: boolean
  } | null
  /** Power of a node besides its accelerators, watts. */
  readonly nodeWatts: number
  readonly hostMemoryBytes: number | null
  readonly notes: readonly string[]
  readonly sources: Sources
}

/** Mixture of experts in place of a layer's feed-forward block. */
export interface Experts {
  readonly count: number
  /** Experts a token is routed to. */
  readonly active: number
  readonly feedForward: number
  /** Width of the experts that every token passes through, all together; 0 = none. */
  readonly sharedFeedForward: number
  /** Layers that keep a dense feed-forward block; the others are mixtures. */
  readonly denseLayers: number
}

/** Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1). */
export interface LatentAttention {
  /** Rank of the query compression; null = queries are not compressed. */
  readonly queryRank: number | null
  readonly keyValueRank: number
  readonly ropeDimension: number
  readonly keyDimension: number
  readonly valueDimension: number
}

export interface Model {
  readonly name: string
  readonly title: string
  /** Other spellings that find the entry: data-sheet names, Hugging Face ids. */
  readonly aliases?: readonly string[]
  readonly family: string
  readonly layers: number
  readonly hidden: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headDimension: number
  /** Width of a dense feed-forward block (also of the dense layers of a mixture); 0 where there is none. */
  readonly feedForward: number
  readonly gated: boolean
  readonly vocabulary: number
  readonly maximumSequence: number
  readonly position: "alibi" | "rope" | "learned" | "none"
  readonly tiedEmbeddings: boolean
  readonly bias: boolean
  readonly queryKeyValueBias: boolean
  readonly normalization: "layernorm" | "rmsnorm"
  readonly normalizationBias: boolean
  readonly queryKeyNormalization: boolean
  readonly embeddingNormalization: boolean
  /** Attention and feed-forward read the same normalised input (Falcon, GPT-J). */
  readonly parallelAttention: boolean
  /** Normalisation follows each block instead of preceding it; there is then none after the last layer (OPT-350m). */
  readonly postNormalization: boolean
  /** Normalisations in a layer where they are not two: one in Falcon-7B and Phi-2, four in Gemma 2 and 3. */
  readonly normalizationsPerLayer?: number
  /** Width of the embedding where it differs from hidden (OPT-350m); null = hidden. */
  readonly embeddingDimension: number | null
  readonly experts: Experts | null
  readonly latentAttention: LatentAttention | null
  /** Local attention: the window in tokens and the number of layers that use it. */
  readonly slidingWindow: { readonly tokens: number; readonly layers: number } | null
  readonly publishedParameters: number | null
  readonly publishedActiveParameters: number | null
  readonly notes: readonly string[]
  readonly sources: Sources
}

/** A number with its origin. */
export interface Constant {
  readonly value: number
  readonly origin: "measured" | "fitted" | "published" | "data-sheet" | "assumed"
  readonly source: string
  /** 80 % interval of a fit. */
  readonly interval?: readonly [number, number]
  /** Measurements that the fit used, and their median absolute relative error. */
  readonly points?: number
  readonly residual?: number
}

/**
 * A software stack: what a training or serving framework fuses, overlaps and wastes. The `constants` are fitted or
 * published (see `Constant`); everything else is a documented property of the software.
 */
export interface Stack {
  readonly name: string
  readonly title: string
  /** Years of use, for the reader and for the rule that picks a stack for a measurement. */
  readonly era: string
  /** "fused" = FlashAttention-like; "unfused" = score matrix in memory. */
  readonly attention: "unfused" | "fused"
  readonly attentionDropout: boolean
  /**
   * What `recompute: selective` drops: the attention core (Korthikanti et al. 2205.05198, section 5), or every second
   * matrix multiplication and all elementwise results (torchtitan's operator policy).
   */
  readonly selectiveRecompute: "core" | "operators"
  /** Norms and dropout are split over the tensor-parallel ranks unless the scenario says otherwise. */
  readonly sequenceParallelByDefault: boolean
  /** Pipeline tensors are split over the tensor-parallel ranks before they are sent (scatter/gather of SC'21). */
  readonly scatterGather: boolean
  /**
   * How layers that the stages do not divide are laid out: one more on the first stages, or as many as the largest needs
   * on all but the last (DeepSpeed's `partition_balanced`: 78 layers on 12 stages are 7, ..., 7, 1).
   */
  readonly layerFilling: "even" | "greedy"
  /** Bytes read and written per parameter and micro-batch to accumulate gradients. */
  readonly gradientAccumulationBytes: { readonly bf16: number; readonly fp16: number }
  /** Bytes per parameter of a gradient on the wire when data-parallel ranks reduce it. */
  readonly gradientReduceBytes: { readonly bf16: number; readonly fp16: number }
  readonly optimizer: {
    readonly name: string
    /** Bytes moved per parameter held by the rank's optimizer shard. */
    readonly bytesPerParameter: number
    readonly fixedSeconds: number
  }
  readonly memory: {
    /** Bytes per parameter of the working weights and of the gradients, by number format. */
    readonly weightBytes: { readonly bf16: number; readonly fp16: number }
    readonly gradientBytes: { readonly bf16: number; readonly fp16: number }
    /** Master weights and moments per parameter, sharded by the ZeRO stage. */
    readonly optimizerBytes: { readonly bf16: number; readonly fp16: number }
    /** Layers' worth of working memory alive while a recomputed layer runs backward. */
    readonly workingLayers: { readonly bf16: number; readonly fp16: number }
    /** CUDA context, communicator buffers, workspace: bytes that do not scale. */
    readonly fixedBytes: number
    /** Allocator loss as a share of activations. */
    readonly fragmentation: number
  }
  /** How host time meets device time: blocking launches add up, asynchronous ones hide behind the longer. */
  readonly host: { readonly mode: "blocking" | "asynchronous" }
  /** Fully sharded data parallel: parameters are gathered a layer ahead. */
  readonly fullySharded: boolean
  /** The optimizer step of a stage does not wait for the others: it is validated afterwards (zero bubble, section 4). */
  readonly postValidation: boolean
  /** Which formula the stack's logs use for TFLOP/s (see docs/methods.md). */
  readonly flopCounting: "hardware-megatron-2021" | "model-full-attention" | "model-causal-attention" | "estimate-8nt"
  readonly constants: StackConstants
  readonly notes: readonly string[]
  readonly sources: Sources
}

export interface StackConstants {
  /** Factor on the accelerator's sustained matrix-multiplication efficiency. */
  readonly gemmFactor: Constant
  /** Factor on the fused attention rate. */
  readonly attentionFactor: Constant
  /** Factor on the bytes of unfused softmax, mask and dropout passes. */
  readonly softmaxFactor: Constant
  /** Factor on the bytes of elementwise operators (1 = fused as Megatron). */
  readonly elementwiseFactor: Constant
  /** Share of tensor-parallel communication hidden behind compute. */
  readonly tensorOverlap: Constant
  /**
   * Share of an idle all-reduce's rate that tensor-parallel collectives reach inside a step. Benchmarks send one collective
   * behind the other; ranks that block on every launch come to each at another time.
   */
  readonly tensorRateShare: Constant
  /** Share of the fabric's rate between nodes that data-parallel collectives reach. */
  readonly dataNetworkShare: Constant
  /** Share of data-parallel communication that the stack launches behind compute. */
  readonly dataOverlap: Constant
  /** Share of a pipeline transfer during which the sender waits. */
  readonly pipelineExposure: Constant
  /** Host seconds per layer and micro-batch of a forward and backward pass without recompute. */
  readonly hostSecondsPerLayer: Constant
  /** Host seconds per mixture-of-experts layer and micro-batch. */
  readonly hostSecondsPerExpertLayer: Constant
  /** Bytes per parameter and micro-batch of flat-parameter copies and casts of a fully sharded stack. */
  readonly shardCopyBytes: Constant
  /** Share of expert all-to-all hidden behind compute. */
  readonly expertOverlap: Constant
  /** Factor on the bytes of expert permutation and activation. */
  readonly expertBytesFactor: Constant
  /** Factor on the seconds of every operation: a cluster-wide handicap of an era (1 = none). */
  readonly pace: Constant
}
