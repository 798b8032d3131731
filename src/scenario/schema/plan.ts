/**
 * What `windtunnel plan` looks for: an objective, constraints, and a space of layouts.
 */
import * as Schema from "effect/Schema"
import { choice, count, quantity, text } from "../quantity.ts"

const optional = Schema.optionalKey

export const planObjectives = ["time", "throughput", "goodput", "cost", "gpus", "days", "energy"] as const

const constraints = Schema.Struct({
  memoryHeadroom: optional(
    quantity("fraction", 0, 0.99, "Share of every accelerator's memory that must stay free; default 0", "5 %")
  ),
  deadline: optional(quantity("time", 1e-3, 1e12, "Longest time for training.tokens", "30 days")),
  budget: optional(quantity("money", 0, 1e15, "Most dollars for training.tokens", "2.5M")),
  power: optional(quantity("power", 1, 1e12, "Most mean power of all machines of an iteration", "300 kW")),
  accelerators: optional(count(1e7, "Most accelerators", 1024))
}).annotate({ description: "What a layout must keep within" })

/** One value or a list of them. */
const values = <Item extends Schema.Top>(item: Item, meaning: string, example: string) =>
  optional(
    Schema.Union([item, Schema.Array(item).check(Schema.isMinLength(1), Schema.isMaxLength(1000))]).annotate({
      expected: `one value, or a list of them such as ${example}`,
      description: meaning
    })
  )

const sizes = (meaning: string, example: string, minimum = 1) =>
  values(count(1e6, "A size", 2, minimum), meaning, example)

const recompute = Schema.Union([
  Schema.Literals(["none", "selective", "full"]),
  Schema.Struct({ blocks: count(10_000, "Layers of each stage that are recomputed in full", 3) })
]).annotate({ expected: "one of none, selective, full, or a map such as { blocks: 3 }" })

const space = Schema.Struct({
  tensor: sizes("Tensor-parallel sizes; default: all divisors inside of a scale-up domain", "[1, 2, 4, 8]"),
  pipeline: sizes("Pipeline stages; default: all divisors up to the layers", "[1, 2, 4]"),
  data: sizes("Data-parallel sizes; default: what the other sizes leave", "[8, 16]"),
  context: sizes("Context-parallel sizes; default: powers of two from 16,384 tokens a sequence on", "[1, 2]"),
  expert: sizes("Expert-parallel sizes; default: all divisors of the experts", "[1, 8]"),
  virtualPipeline: sizes("Model parts a stage; default: those that divide the layers, up to 8", "[1, 2]"),
  microBatch: sizes("Sequences in a micro-batch; default: all divisors of the batch up to 16", "[1, 2, 4]"),
  zeroStage: values(count(3, "A stage", 1, 0), "ZeRO stages; default: those that the stack has", "[0, 1]"),
  shardGroup: sizes("Ranks that a shard is spread over, where a stack shards fully; default: all", "[8, 64]"),
  recompute: values(recompute, "Default: none, selective and full", "[none, full]"),
  schedule: values(text("A schedule's name", "1f1b"), "Default: 1f1b and interleaved-1f1b", "[1f1b, zb-h1]"),
  nodes: sizes("Numbers of nodes; default: the scenario's", "[16, 32, 64]"),
  system: values(text("A system's name", "jean-zay-a100"), "Systems; default: the scenario's", "[dgx-a100, dgx-h100]")
}).annotate({ description: "Values of each size that the plan may choose from" })

export const planSchema = Schema.Struct({
  objective: optional(
    choice(
      planObjectives,
      "What is best: least time of an iteration, most tokens a second, most tokens a second of the whole run (training.run), least dollars a token, fewest accelerators, fewest days, least energy a token; default time"
    )
  ),
  constraints: optional(constraints),
  space: optional(space),
  top: optional(count(1000, "Layouts to list; default 5", 5))
}).annotate({ description: "Training: what `windtunnel plan` looks for" })
