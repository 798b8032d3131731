/**
 * What `windtunnel plan` sizes a server for; other commands pay no heed to it.
 */
import * as Schema from "effect/Schema"
import { choice, count, quantity, text } from "../quantity.ts"

const optional = Schema.optionalKey

const load = (meaning: string) =>
  Schema.Union([quantity("count", 1e-6, 1e6, meaning, 200), Schema.String.check(Schema.isMaxLength(40))]).annotate({
    expected: "requests a second, such as 200 or 200 req/s",
    description: meaning
  })

const sizes = (meaning: string, example: readonly number[]) =>
  optional(
    Schema.Array(count(1e6, "A size", 4))
      .check(Schema.isMinLength(1), Schema.isMaxLength(64))
      .annotate({ expected: `a list such as [${example.join(", ")}]`, description: meaning })
  )

/** What a pool of a fleet that is apart chooses from; the same fields choose for replicas that do both. */
const kindFields = {
  systems: optional(
    Schema.Array(text("A system's name", "dgx-h100")).check(Schema.isMinLength(1), Schema.isMaxLength(64)).annotate({
      expected: "a list of systems such as [dgx-h100, dgx-a100]",
      description: "Machines to choose from; default: one of every usual kind that has a price"
    })
  ),
  tensor: sizes("Tensor-parallel sizes to choose from; default 1, 2, 4 and 8", [4, 8]),
  pipeline: sizes("Pipeline stages to choose from; default 1, 2 and 4", [1, 2]),
  expert: sizes("Ranks over which experts are spread, to choose from; default as serving.parallelism", [16, 32]),
  dataAttention: sizes(
    "Groups that attend to requests of their own, to choose from; default as many as fill the expert ranks",
    [1, 8]
  ),
  precisions: optional(
    Schema.Array(text("A number format", "fp8")).check(Schema.isMinLength(1), Schema.isMaxLength(16)).annotate({
      expected: "a list of number formats such as [bf16, fp8]",
      description: "Number formats of the weights to choose from; default bf16 and fp8"
    })
  ),
  maxBatchSize: sizes("Sequences in a step to choose from; default as serving.batching", [64, 256]),
  maxBatchTokens: sizes("Tokens in a step to choose from; default the stack's, 2,048 and 512", [512, 8192])
}

const side = (meaning: string) =>
  optional(
    Schema.Struct(kindFields).annotate({
      expected: "a map such as { expert: [32, 64] }",
      description: meaning
    })
  )

const money = (meaning: string, example: number) => optional(quantity("money", 0, 1e9, meaning, example))

const oneModel = Schema.Struct({
  model: text("Name of a model", "llama-3-8b"),
  load: load("Requests a second in its busiest hour")
}).annotate({ expected: "a map such as { model: llama-3-8b, load: 50 req/s }" })

export const capacitySchema = Schema.Struct({
  load: optional(
    load("Requests a second in the busiest hour; none: the highest load of the scenario's machines is sought")
  ),
  night: optional(
    load("Requests a second in the quietest hour, of a day that swings as a cosine; default: as the load")
  ),
  slo: optional(
    text(
      "Percentiles of latencies that must hold; default: workload.slo at the 99th",
      "ttft.p99 < 1 s, tpot.p99 < 50 ms"
    )
  ),
  objective: optional(
    choice(
      ["cost", "accelerators", "energy", "load"],
      "What is to be least; or load, the highest that `accelerators` accelerators serve within the goals; default cost"
    )
  ),
  ...kindFields,
  disaggregation: optional(
    Schema.Array(choice(["together", "apart"], "One of together, apart"))
      .check(Schema.isMinLength(1), Schema.isMaxLength(2))
      .annotate({
        expected: "a list such as [together, apart]",
        description:
          "Prompts and answers on the same replicas, or on pools of their own, each of its own kind and size; default together alone",
        examples: [["together", "apart"]]
      })
  ),
  prefill: side("What the pool that computes prompts chooses from, where it is apart and chooses from something else"),
  decode: side("What the pool that writes answers chooses from, where it is apart and chooses from something else"),
  front: optional(
    choice(
      ["found", "exact"],
      "The front of cost against time of an answer: of the fleets that the search came by, or of the smallest fleets of all kinds; default found"
    )
  ),
  accelerators: optional(count(1e6, "Accelerators that there are of each system; default 1,024", 64)),
  prices: optional(
    Schema.Record(Schema.String, quantity("money", 0, 1e6, "Dollars of an hour of one", 2.5)).annotate({
      expected: "a map from accelerators to dollars an hour, such as { h100-sxm: 2.5 }",
      description: "Prices of an hour of an accelerator; default the catalogue's"
    })
  ),
  priceAt: optional(
    choice(["low", "middle", "high"], "Which of the catalogue's prices counts, as they are ranges; default middle")
  ),
  spareNodes: optional(count(1000, "Nodes that may be down while the goals hold; default 0", 1, 0)),
  nodeHoursBetweenFailures: optional(
    quantity("count", 1, 1e9, "Hours between failures of a node; default 6,335", 6335)
  ),
  repairHours: optional(quantity("count", 1e-3, 1e6, "Hours until a failed node is back; default 24", 24)),
  models: optional(
    Schema.Array(oneModel).check(Schema.isMinLength(1), Schema.isMaxLength(50)).annotate({
      expected: "a list of models with their loads, such as [{ model: llama-3-8b, load: 50 req/s }]",
      description: "Further models that share the budget, each with a fleet of its own"
    })
  ),
  budget: money("Most dollars an hour for everything", 100),
  apiPrice: optional(
    Schema.Struct({
      prompt: quantity("money", 0, 1e6, "Dollars a million prompt tokens", 0.6),
      output: quantity("money", 0, 1e6, "Dollars a million output tokens", 0.8)
    }).annotate({
      expected: "a map such as { prompt: 0.6, output: 0.8 }",
      description: "Price of somebody's interface to compare with"
    })
  ),
  depreciationYears: optional(
    quantity("count", 0.1, 50, "Years over which bought machines are written off; default 4", 4)
  ),
  serverShare: optional(
    quantity("fraction", 0, 10, "What servers and network add to the price of their accelerators; default 0.5", 0.5)
  ),
  electricity: money("Dollars a kWh of bought machines; default 0.1", 0.1),
  powerUsageEffectiveness: optional(
    quantity("count", 1, 10, "Power of the building over that of the machines; default 1.3", 1.3)
  )
}).annotate({
  expected: "a map with fields such as load, slo and systems",
  description: "Serving: the load and the goals that `windtunnel plan` finds the cheapest fleet for"
})
