/**
 * What one training iteration is simulated from, and what comes out of it. Names are resolved before this point: a
 * `TrainingJob` holds entries, not names. Seconds, bytes, FLOP/s throughout.
 */
import type { Accelerator, Constant, Datatype, Model, Stack } from "../catalog/index.ts"
import type { Fabric } from "../cluster/index.ts"
import type { ExpertCapacity, KernelTable } from "../kernels/index.ts"
import type { Layout } from "../parallel/index.ts"
import type { Trace } from "../trace/index.ts"
import type { Irregularities, Stragglers } from "./irregular/types.ts"
import type { MachineGroup } from "./machines/types.ts"
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
  /**
   * Activations that a stage may hold under the automatic schedule: a share of what 1F1B holds on its first stage (the
   * micro-batches are as many as the stages), or bytes. Absent = as much as 1F1B.
   */
  readonly scheduleMemory?: { readonly share: number } | { readonly bytes: number }
  readonly microBatch: number
  readonly globalBatch: number
  readonly sequenceLength: number
  /** Number format of the layers' matrix multiplications; the rest runs in 16 bits. */
  readonly precision: Datatype
  readonly sharding: Sharding
  readonly recompute: Recompute
  readonly offload: { readonly activations: boolean; readonly optimizer: boolean }
  /** Transformer layers of each model part, or such that the slowest part is fastest; absent = by the rule of `splitLayers`. */
  readonly layerSplit?: readonly number[] | "balanced"
  /** Machines of several kinds, in the order of the ranks; `accelerator` and `fabric` are then the first's. */
  readonly machines?: readonly MachineGroup[]
  /** Micro-batches of a replica on each group of machines, or such that the slowest is done first; absent = equal. */
  readonly replicaMicroBatches?: readonly number[] | "balanced"
  /** Busiest expert's load over the mean load; 1 = forced balance. */
  readonly expertImbalance: number
  /** Places an expert has for token copies; absent = none is dropped. */
  readonly expertCapacity?: ExpertCapacity
  /** What makes ranks differ that would be alike; absent = nothing. */
  readonly irregularities?: Irregularities
  readonly collective?: { readonly algorithm?: string; readonly protocol?: string }
  readonly kernelTables: readonly KernelTable[]
  /** Off: every rank of every replica is simulated on its own. */
  readonly symmetry: "on" | "off"
  /** Off: every micro-batch is executed; absent = on, which folds the steady state of many micro-batches (`fold.ts`). */
  readonly leap?: "on" | "off"
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
  /** Of the smallest accelerator on the stage, where machines are of several kinds. */
  readonly capacityBytes?: number
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

/** A group of machines in an iteration. */
export interface GroupResult {
  readonly title: string
  readonly accelerator: string
  readonly accelerators: number
  /** Pipeline stages that it has ranks of. */
  readonly stages: readonly number[]
  /** Replicas that it has ranks of, and micro-batches that each of them runs. */
  readonly replicas: number
  readonly microBatches: number
  /** Of its mean rank. */
  readonly breakdown: Breakdown
  readonly capacityBytes: number
  readonly joulesPerIteration: number
  readonly averageWattsPerAccelerator: number
  readonly costPerIteration: number | null
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
  /** Layers of each model part, where the simulator chose them or machines are of several kinds. */
  readonly layers?: readonly number[]
  /** What each group of machines does, where they are of several kinds. */
  readonly groups?: readonly GroupResult[]
  /** What irregularities cost; absent where all ranks are alike. */
  readonly stragglers?: Stragglers
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
