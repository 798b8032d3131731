/**
 * A training iteration: layout, schedule, batch, precision, memory.
 */
import * as Schema from "effect/Schema"
import { stackEntry } from "../entries.ts"
import { choice, count, flag, quantity, text } from "../quantity.ts"
import { exactlyOne } from "./exactly-one.ts"
import { expertImbalanceSchema, jitterSchema, unevenDataSchema } from "./irregularity.ts"
import { trainingRunSchema } from "./training-run.ts"

const optional = Schema.optionalKey

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

const ownSchedule = exactlyOne(
  {
    operations: optional(
      Schema.Array(text("Operations of one stage", "F0 F1 B0 B1")).annotate({
        expected: "a list with the operations of every stage",
        description: "Per stage, in order: F0 a forward, B0 a backward of micro-batch 0, ..."
      })
    ),
    automatic: optional(
      Schema.Struct({
        memoryLimit: optional(
          quantity("count", 0.01, 1000, "Most activations on a stage, over 1F1B's on its first stage; default 1", 0.5)
        ),
        memoryBytes: optional(quantity("bytes", 1, 1e15, "The same limit in bytes, instead of memoryLimit", "40 GB"))
      }).annotate({
        description: "The best order that is found for the times of the passes under a limit of activations"
      })
    )
  },
  "A schedule written out, or looked for"
)

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

const expertCapacity = Schema.Struct({
  factor: quantity("count", 0.01, 1000, "Places of an expert over its mean load; what comes beyond is dropped", 1.25),
  padded: optional(flag("Compute and send empty places as well, as static shapes do; default false"))
}).annotate({ description: "Places that an expert has for tokens; default: as many as come" })

const collective = Schema.Struct({
  algorithm: optional(
    choice(["ring", "tree", "nvls", "sharp", "hierarchical"], "Algorithm of all-reduce; default: the fastest")
  ),
  protocol: optional(choice(["Simple", "LL", "LL128"], "NCCL protocol; default: the fastest"))
}).annotate({ description: "Pins the choice that NCCL makes by itself" })

const kernelTable = Schema.Union([
  text("Path of a table, relative to the scenario file", "kernels/a100.csv"),
  Schema.Struct({ table: Schema.String.annotate({ description: "The table itself" }) })
]).annotate({ expected: "the path of a CSV file, or { table: ... }" })

export const trainingSchema = Schema.Struct({
  parallelism: optional(parallelism),
  schedule: optional(
    Schema.Union([text("Name of a pipeline schedule", "1f1b"), ownSchedule]).annotate({
      expected: "the name of a schedule, { operations: [...] }, or { automatic: { memoryLimit: 1 } }",
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
    Schema.Union([
      choice(["balanced"], "The split whose slowest part is fastest"),
      Schema.Array(count(10_000, "Layers of one model part", 6, 0))
    ]).annotate({
      expected: "balanced, or a list of layer counts, one a model part",
      description:
        "Layers of each model part, first stage first, or balanced: such that the slowest part takes least; default: an even split"
    })
  ),
  replicaMicroBatches: optional(
    Schema.Union([
      choice(["balanced"], "The counts whose slowest replica is done first"),
      Schema.Array(count(1e6, "Micro-batches of each replica on one group of machines", 12)).check(
        Schema.isMinLength(1),
        Schema.isMaxLength(64)
      )
    ]).annotate({
      expected: "balanced, or a list of micro-batches, one a group of machines",
      description:
        "Micro-batches that each replica on a group of machines (cluster.groups) runs, or balanced: more on the faster ones; default: equal"
    })
  ),
  expertImbalance: optional(expertImbalanceSchema),
  jitter: optional(jitterSchema),
  unevenData: optional(unevenDataSchema),
  expertCapacity: optional(expertCapacity),
  collective: optional(collective),
  kernels: optional(
    Schema.Array(kernelTable).annotate({ expected: "a list of paths", description: "Measured kernel tables" })
  ),
  stack: optional(stackEntry),
  tokens: optional(count(1e18, "Tokens of the whole run, to predict its length and cost", "366B")),
  run: optional(trainingRunSchema)
}).annotate({ description: "One training iteration, and the length of the run" })
