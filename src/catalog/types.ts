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
  /**
   * Factors on what its class attains of these rates, and on the fixed seconds of a kernel; a sensitivity and a profile of
   * one's own machine set them, the catalogue never does.
   */
  readonly attained?: {
    readonly compute?: number
    readonly memory?: number
    readonly launch?: number
    /** On the rate of the link to the host, and of a host that steps the optimizer. */
    readonly hostRate?: number
  }
  /** Measured kernels were measured on this one, whose rates a sensitivity has changed. */
  readonly measuredAs?: Accelerator
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

/** Which of several equal ways a flow takes: spread over all of them (adaptive routing), or one by a hash (ECMP). */
export type Spread = "balanced" | "hashed"

interface EqualWays {
  /** Default balanced. */
  readonly spread?: Spread
  /** Flows that two network cards open to each other, each hashed on its own; default 1. */
  readonly flowsPerConnection?: number
}

/** Leaf switches with all network cards of their nodes below, spines above; cores above these where there are pods. */
export interface FatTree extends EqualWays {
  readonly nodesPerLeaf: number
  /** Leaves that share spines; absent = all, two levels. */
  readonly leavesPerPod?: number
  /** Spines (of a pod); default one for every uplink of a leaf, as fast as a network card. */
  readonly spines?: number
  /** Rate below a leaf over the rate above it, and the same of a pod; one number is the leaf's. 1 = full bisection. */
  readonly oversubscription?: number | readonly [number, number]
}

/** Network card i of every node of a pod on leaf i of the pod, spines above. */
export interface RailOptimised extends EqualWays {
  readonly nodesPerPod: number
  readonly spines?: number
  readonly oversubscription?: number
}

/** Groups of routers, all joined to all inside a group, every two groups by a bundle of links (Kim et al., ISCA 2008). */
export interface Dragonfly extends EqualWays {
  readonly nodesPerRouter: number
  readonly routersPerGroup: number
  /** Default: as many as the nodes fill. */
  readonly groups?: number
  /** Links between two routers of a group, each as fast as a network card; default 1. */
  readonly localLinks?: number
  /** Links between two groups. */
  readonly globalLinks: number
  /** The shortest way (default), or through a third group or router (Valiant). */
  readonly routing?: "minimal" | "valiant"
}

/** Nodes as a grid whose rows close to rings; a node's network cards are shared out over its neighbours. */
export interface Torus {
  /** Nodes along x, y, z: node n is at n mod x and so on. */
  readonly dimensions: readonly number[]
}

/** How switches and cables join the nodes: exactly one of the kinds. */
export interface NetworkTopology {
  readonly fatTree?: FatTree
  readonly railOptimised?: RailOptimised
  readonly dragonfly?: Dragonfly
  readonly torus?: Torus
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
    /** How switches and cables join the nodes, where it was published; a scenario asks for it. */
    readonly topology?: NetworkTopology
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

/**
 * Layers that keep a state of fixed size instead of keys and values: Mamba-2 (Dao and Gu, arXiv:2405.21060), gated delta
 * networks (Yang et al., arXiv:2412.06464), lightning attention (MiniMax-01, arXiv:2501.08313). Keys, queries and values pass a
 * short convolution; a head's state is keyDimension x valueDimension.
 */
export interface LinearAttention {
  /** Layers that have it; the others attend. */
  readonly layers: number
  /** Heads of queries and keys (groups of B and C in Mamba-2), and their size (its state size). */
  readonly keyHeads: number
  readonly keyDimension: number
  readonly valueHeads: number
  readonly valueDimension: number
  /** Taps of the convolution; 0 = none. */
  readonly convolution: number
  /** Numbers a value head and token that steer decay and update: 1 in Mamba-2, 2 in gated delta networks. */
  readonly gates: number
  /** Bytes of an element of the state. */
  readonly stateBytes: number
}

/**
 * Attention to the tokens that a small indexer scores highest (DeepSeek-V3.2, arXiv:2512.02556): its heads share one key a
 * token, kept in 8 bits beside keys and values, and score every token before; attention reads the best `keys` alone.
 */
export interface SparseAttention {
  readonly keys: number
  readonly indexHeads: number
  readonly indexDimension: number
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
  /** Layers with a state in place of keys and values; absent = none. */
  readonly linearAttention?: LinearAttention
  /** Layers attend to the tokens that an indexer picks; absent = to all, or to a window. */
  readonly sparseAttention?: SparseAttention
  /** What attention gives is gated head by head before its output projection (Qwen3-Next). */
  readonly attentionGate?: boolean
  readonly publishedParameters: number | null
  readonly publishedActiveParameters: number | null
  readonly notes: readonly string[]
  readonly sources: Sources
}

/** A number with its origin. */
export interface Constant {
  readonly value: number
  readonly origin: "measured" | "fitted" | "calibrated" | "published" | "data-sheet" | "assumed"
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
  /**
   * Whether a mixture's experts in narrow formats apply bias and activation, and cast its result, inside the grouped
   * matrix multiplication (one CuTe DSL kernel a pass), not in kernels between the two.
   */
  readonly fusedExperts: boolean
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
