/**
 * The Schema of a scenario: every field with its meaning, its bounds and an example. `windtunnel schema` prints it.
 */
import * as Schema from "effect/Schema"
import { choice, count, flag, quantity, text } from "./quantity.ts"
import { acceleratorEntry, linkEntry, modelEntry, stackEntry, systemEntry } from "./entries.ts"

const optional = Schema.optionalKey

const scaleUp = Schema.Struct({
  link: optional(linkEntry("Link between the accelerators of a scale-up domain", "nvlink4")),
  domain: optional(count(1e6, "Accelerators that one scale-up switch joins; may span nodes", 8)),
  topology: optional(choice(["switch", "mesh", "pcie"], "How the links of a domain are laid out"))
}).annotate({ description: "Wires between the accelerators of a node or rack; overrides the system's" })

const network = Schema.Struct({
  link: optional(linkEntry("Link of one network card", "ib-ndr")),
  nicsPerNode: optional(count(1024, "Network cards of a node", 8)),
  oversubscription: optional(quantity("count", 1, 1000, "Leaf-to-spine contention; 1 is full bisection", 1))
}).annotate({ description: "Wires between nodes; overrides the system's" })

const cluster = Schema.Struct({
  system: optional(systemEntry),
  nodes: optional(count(1e6, "Nodes in use; give nodes or accelerators, not both (neither: 1 node)", 48)),
  accelerators: optional(count(1e6, "Accelerators in use; fills whole nodes first", 384)),
  accelerator: optional(acceleratorEntry),
  acceleratorsPerNode: optional(count(1024, "Accelerators in a node; default the system's, else 8", 8)),
  scaleUp: optional(scaleUp),
  network: optional(network)
}).annotate({ description: "The machines: a system, or an accelerator with its links" })

const size = (meaning: string, example: number) => optional(count(1e6, meaning, example))

const parallelism = Schema.Struct({
  tensor: size("Tensor-parallel size: ranks that share every matrix multiplication; default 1", 4),
  pipeline: size("Pipeline stages; default 1", 12),
  data: size("Data-parallel size; default: what the accelerators leave", 8),
  context: size("Context-parallel size: ranks that share a sequence; default 1", 1),
  expert: size("Expert-parallel size: ranks that share the experts; default 1", 8),
  expertTensor: size("Tensor-parallel size inside an expert; default tensor", 1),
  virtualPipeline: size("Model parts (chunks) per pipeline stage; default 1", 1),
  sequenceParallel: optional(flag("Split activations outside of matrix multiplications; default the stack's")),
  order: optional(
    Schema.String.check(Schema.isPattern(/^(?:tp|cp|ep|dp|pp)(?:-(?:tp|cp|ep|dp|pp)){2,4}$/)).annotate({
      expected: "tp, cp, ep, dp and pp in some order, joined by hyphens, such as tp-cp-ep-dp-pp",
      description: "Order in which ranks are numbered, innermost first",
      examples: ["tp-cp-ep-dp-pp"]
    })
  )
}).annotate({ description: "How the work is split over the accelerators" })

const operations = Schema.Struct({
  operations: Schema.Array(text("Operations of one stage", "F0 F1 B0 B1")).annotate({
    expected: "a list with the operations of every stage",
    description: "Per stage, in order: F0 a forward, B0 a backward of micro-batch 0, ..."
  })
})

const recompute = Schema.Union([
  Schema.Literals(["none", "selective", "full"]),
  Schema.Struct({ blocks: count(10_000, "Layers of each stage that are recomputed in full", 3) })
]).annotate({
  expected: "one of none, selective, full, or a map such as { blocks: 3 }",
  description: "Activations computed again in the backward pass instead of kept"
})

const sharding = Schema.Struct({
  group: optional(count(1e6, "Ranks over which a shard is spread; fewer than all is hybrid sharding", 64)),
  prefetch: optional(count(1000, "Layers gathered ahead of use; default 1", 1, 0))
}).annotate({ description: "Details of parameter sharding" })

const offload = Schema.Struct({
  activations: optional(flag("Keep activations in host memory")),
  optimizer: optional(flag("Keep optimizer states in host memory"))
}).annotate({ description: "What lives in host memory" })

const collective = Schema.Struct({
  algorithm: optional(choice(["ring", "tree", "nvls"], "Algorithm of all-reduce; default: the fastest")),
  protocol: optional(choice(["Simple", "LL", "LL128"], "NCCL protocol; default: the fastest"))
}).annotate({ description: "Pins the choice that NCCL makes by itself" })

const kernelTable = Schema.Union([
  text("Path of a table, relative to the scenario file", "kernels/a100.csv"),
  Schema.Struct({ table: Schema.String.annotate({ description: "The table itself" }) })
]).annotate({ expected: "the path of a CSV file, or { table: ... }" })

const training = Schema.Struct({
  parallelism: optional(parallelism),
  schedule: optional(
    Schema.Union([text("Name of a pipeline schedule", "1f1b"), operations]).annotate({
      expected: "the name of a schedule, or { operations: [...] }",
      description: "Pipeline schedule; default 1f1b, interleaved-1f1b when virtualPipeline > 1"
    })
  ),
  microBatch: optional(count(1e6, "Sequences in a micro-batch; default 1", 2)),
  globalBatch: count(1e9, "Sequences in an iteration, over all replicas", 2048),
  sequenceLength: optional(count(1e8, "Tokens in a sequence; default the model's longest", 2048)),
  precision: optional(
    choice(
      ["bf16", "fp16", "fp8", "mxfp8", "nvfp4", "fp32", "tf32"],
      "Number format of the matrix multiplications; default bf16, fp16 where the hardware has no bf16"
    )
  ),
  zeroStage: optional(
    count(3, "0 replicates, 1 shards optimizer states, 2 gradients too, 3 parameters too; default the stack's", 1, 0)
  ),
  sharding: optional(sharding),
  recompute: optional(recompute),
  offload: optional(offload),
  layerSplit: optional(
    Schema.Array(count(10_000, "Layers of one model part", 6, 0)).annotate({
      expected: "a list of layer counts, one a model part",
      description: "Layers of each model part, first stage first; default: an even split"
    })
  ),
  expertImbalance: optional(quantity("count", 1, 1000, "Busiest expert's load over the mean load; default 1", 1.2)),
  collective: optional(collective),
  kernels: optional(
    Schema.Array(kernelTable).annotate({ expected: "a list of paths", description: "Measured kernel tables" })
  ),
  stack: optional(stackEntry),
  tokens: optional(count(1e18, "Tokens of the whole run, to predict its length and cost", "366B"))
}).annotate({ description: "One training iteration, and the length of the run" })

const price = Schema.Struct({
  perAcceleratorHour: optional(quantity("money", 0, 1e6, "Dollars per accelerator and hour", 2)),
  perKilowattHour: optional(quantity("money", 0, 1e4, "Dollars per kWh", 0.1)),
  powerUsageEffectiveness: optional(
    quantity("count", 1, 10, "Power of the building over that of the machines; default 1", 1.2)
  ),
  gramsPerKilowattHour: optional(quantity("count", 0, 1e5, "Grams of CO2 per kWh", 57))
}).annotate({ description: "What time and energy cost" })

const measured = Schema.Struct({
  iterationSeconds: optional(quantity("time", 1e-9, 1e9, "Measured time of an iteration", "105 s")),
  tflopsPerAccelerator: optional(quantity("count", 0, 1e6, "TFLOP/s per accelerator as the stack logged it", 149)),
  memory: optional(quantity("bytes", 0, 1e15, "Measured peak memory of the fullest rank", "59 GB")),
  source: optional(text("Where the measurement was read"))
}).annotate({ description: "A measurement to show beside the prediction; never used to make it" })

/** A scenario as files write it (Encoded) and as it is read (Type: plain numbers in SI units). */
export const scenarioSchema = Schema.Struct({
  name: optional(text("Title; default: the model and the cluster", "BLOOM-176B pre-training on Jean Zay")),
  description: optional(text("What the scenario is about")),
  extends: optional(text("Path of a scenario that this one changes", "bloom-176b.yaml")),
  cluster,
  model: modelEntry,
  training,
  symmetry: optional(choice(["on", "off"], "off simulates every rank on its own; default on")),
  price: optional(price),
  measured: optional(measured),
  seed: optional(count(Number.MAX_SAFE_INTEGER, "Seed of every random stream; default 1", 1, 0))
}).annotate({
  identifier: "Scenario",
  title: "Windtunnel scenario",
  expected: "a map with the fields cluster, model and training",
  description: "A cluster, a model and how the work is split. Quantities are SI numbers or text with a unit."
})

/** What a schedule function is told. */
export interface ScheduleRequest {
  readonly stages: number
  readonly microBatches: number
  readonly chunks: number
}

/** A schedule as code: the operations of each stage, such as `["F0 F1 B0 B1", ...]`. */
export type ScheduleFunction = (request: ScheduleRequest) => readonly string[]

type Decoded = typeof scenarioSchema.Type

/** What files may contain. */
export type WrittenScenario = typeof scenarioSchema.Encoded

/** A decoded scenario: names still names, quantities in SI units. */
export type Scenario = Omit<Decoded, "training"> & {
  readonly training: Omit<Decoded["training"], "schedule"> & {
    readonly schedule?: Decoded["training"]["schedule"] | ScheduleFunction
  }
}
