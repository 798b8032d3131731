/**
 * What one training iteration is simulated from, and what comes out of it. Names are resolved before this point: a
 * `TrainingJob` holds entries, not names. Seconds, bytes, FLOP/s throughout.
 */
import type { Accelerator, Constant, Datatype, Model, Stack } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import type { ExpertCapacity, KernelTable } from "../kernels/index.ts"
import type { Layout } from "../parallel/index.ts"
import type { Trace } from "../trace/index.ts"
import type { RunSettings } from "./run/types.ts"

/** none | selective (attention core) | full (whole layers) | the first `blocks` layers of each stage in full. */
export type Recompute = "none" | "selective" | "full" | { readonly blocks: number }

/** How parameters, gradients and optimizer states are split over the data-parallel ranks. */
export interface Sharding {
  /** 0 replicated, 1 optimizer states, 2 + gradients, 3 + parameters (FSDP full shard). */
  readonly zeroStage: 0 | 1 | 2 | 3
  /** Ranks over which a shard is spread; fewer than the data-parallel size is hybrid sharding (HSDP). */
  readonly group?: number
  /** Layers gathered ahead of use by a fully sharded stack. */
  readonly prefetch: number
}

export interface TrainingJob {
  readonly name: string
  readonly accelerator: Accelerator
  readonly fabric: Fabric
  readonly model: Model
  readonly stack: Stack
  readonly layout: Layout
  /** Model parts (chunks) per pipeline stage; 1 = not interleaved. */
  readonly virtualPipeline: number
  readonly sequenceParallel: boolean
  /** A schedule's name, or per stage a list such as "F0 F1 B0 B1". */
  readonly schedule: string | readonly string[]
  readonly microBatch: number
  readonly globalBatch: number
  readonly sequenceLength: number
  /** Number format of the layers' matrix multiplications; the rest runs in 16 bits. */
  readonly precision: Datatype
  readonly sharding: Sharding
  readonly recompute: Recompute
  readonly offload: { readonly activations: boolean; readonly optimizer: boolean }
  /** Transformer layers of each model part; absent = split evenly by the rule of `splitLayers`. */
  readonly layerSplit?: readonly number[]
  /** Busiest expert's load over the mean load; 1 = forced balance. */
  readonly expertImbalance: number
  /** Places an expert has for token copies; absent = none is dropped. */
  readonly expertCapacity?: ExpertCapacity
  readonly collective?: { readonly algorithm?: string; readonly protocol?: string }
  readonly kernelTables: readonly KernelTable[]
  /** Off: every rank of every replica is simulated on its own. */
  readonly symmetry: "on" | "off"
  readonly seed: number
  readonly trace: "off" | "full" | { readonly window: readonly [number, number] }
  /** Tokens of the whole run, and what else the scenario says of it (training.run). */
  readonly run?: { readonly tokens?: number; readonly settings?: RunSettings }
  readonly price?: {
    readonly perAcceleratorHour?: number
    readonly perKilowattHour?: number
    readonly powerUsageEffectiveness: number
    readonly gramsPerKilowattHour?: number
  }
  /** Power of a node besides its accelerators. */
  readonly nodeWatts: number
  readonly evidence: readonly Evidence[]
}

/** One constant that mattered, and where it came from. */
export interface Evidence {
  readonly name: string
  readonly constant: Constant
}

/** Seconds of an average stage; the parts add up to the iteration. */
export interface Breakdown {
  readonly compute: Readonly<
    Record<
      "gemm" | "attention" | "elementwise" | "head" | "experts" | "recompute" | "accumulation" | "shardCopies",
      number
    >
  >
  /** Communication that the compute stream waited for, by group. */
  readonly exposed: Readonly<Record<"tensor" | "pipeline" | "data" | "context" | "expert", number>>
  readonly bubble: number
  readonly host: number
  readonly optimizer: number
}

export interface StageMemory {
  readonly stage: number
  readonly peakBytes: number
  readonly atSeconds: number
  readonly during: string
  readonly kinds: Readonly<
    Record<
      "weights" | "gradients" | "optimizer" | "activations" | "logits" | "buffers" | "context" | "fragmentation",
      number
    >
  >
}

export interface TrainingResult {
  readonly kind: "training"
  readonly iterationSeconds: number
  readonly tokensPerSecond: number
  readonly tokensPerSecondPerAccelerator: number
  /** FLOP/s per accelerator in the stack's own counting, as its logs print it. */
  readonly loggedFlopsPerAccelerator: number
  readonly modelFlopsPerAccelerator: number
  readonly hardwareFlopsPerAccelerator: number
  readonly modelFlopsUtilisation: number
  readonly hardwareFlopsUtilisation: number
  readonly pipelineBubbleShare: number
  readonly breakdown: Breakdown
  readonly memory: {
    readonly capacityBytes: number
    readonly fits: boolean
    readonly fullest: StageMemory
    readonly stages: readonly StageMemory[]
  }
  readonly energy: { readonly joulesPerIteration: number; readonly averageWattsPerAccelerator: number }
  readonly cost: { readonly perIteration: number | null; readonly perMillionTokens: number | null }
  /** Share of the routed token copies that experts without a place left drop; null in a dense model. */
  readonly droppedShare: number | null
  readonly run: {
    readonly tokens: number
    readonly seconds: number
    readonly acceleratorHours: number
    readonly cost: number | null
    readonly kilowattHours: number
    readonly gramsCarbon: number | null
  } | null
  readonly evidence: readonly Evidence[]
  readonly events: number
  readonly trace: Trace | null
}

/** The layout cannot run at all: sizes that do not divide, a schedule that refuses. */
export interface ImpossibleLayout {
  readonly _tag: "ImpossibleLayout"
  /** Scenario path of the field at fault, e.g. training.parallelism.tensor. */
  readonly path: string
  readonly given: string
  readonly expected: string
}
