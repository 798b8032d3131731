/**
 * The server of a serving scenario: software, layout, batching, cache and queue.
 */
import * as Schema from "effect/Schema"
import { modelEntry, servingStackEntry } from "../entries.ts"
import { clusterSchema } from "./cluster.ts"
import { expertRoutingSchema } from "./expert-routing.ts"
import { handoverSchema } from "./handover.ts"
import { measuredStepsSchema } from "./measured-steps.ts"
import { tierFields } from "./tiers.ts"
import { routers, routingSchema } from "./routing.ts"
import { scalingFields } from "./scaling.ts"
import { speculationSchema } from "./speculation.ts"
import { choice, count, flag, quantity, text } from "../quantity.ts"
import { mostTokens } from "./distribution.ts"

const optional = Schema.optionalKey

const size = (meaning: string, example: number) => optional(count(1e6, meaning, example))

const parallelism = Schema.Struct({
  tensor: size("Tensor-parallel size: accelerators that share every layer; default 1", 4),
  pipeline: size("Pipeline stages: accelerators that hold different layers; default 1", 2),
  expert: size("Ranks that share the experts of a mixture; default 1: experts are split as the rest is", 8),
  dataAttention: size("Groups of ranks that each attend to their own requests and keep their own KV; default 1", 1),
  feedForward: optional(
    Schema.Struct({
      ranks: count(1e5, "Accelerators that hold the feed-forward blocks and experts", 16),
      microBatches: optional(
        count(16, "Parts of a step that go to and fro between both kinds of accelerators; default 3", 3)
      )
    }).annotate({
      expected: "a map with ranks and, if you like, microBatches",
      description:
        "Feed-forward blocks on accelerators of their own, beside the tensor x dataAttention ranks of attention; default: together"
    })
  )
}).annotate({ description: "How one replica is split over accelerators" })

/** Batching policies that have a name. */
export const policies = [
  "none",
  "static",
  "dynamic",
  "continuous",
  "continuous-chunked",
  "sarathi",
  "orca",
  "in-flight",
  "mixed"
] as const

const batching = Schema.Struct({
  policy: optional(
    choice(
      policies,
      "How requests are put together into steps; default the stack's; a function in a TypeScript scenario"
    )
  ),
  maxBatchSize: optional(count(1e6, "Sequences in a step, at most; default the stack's", 256)),
  maxBatchTokens: optional(count(mostTokens, "Tokens in a step, at most; default the stack's", 8192)),
  timeout: optional(
    quantity("time", 0, 1e6, "dynamic: a batch starts when its oldest request has waited so long", "50 ms")
  ),
  chunkTokens: optional(
    count(
      mostTokens,
      "sarathi: tokens of a step; continuous-chunked: most tokens of one prompt in a step, 0 = all",
      512,
      0
    )
  ),
  chunkedPrefill: optional(flag("in-flight: prompts may be split over steps; default the stack's")),
  promptWait: optional(
    Schema.Struct({
      steps: count(1e6, "Steps that go by without new prompts, at most", 20, 0),
      tokens: quantity("fraction", 0, 1, "Share of a step's tokens at which they wait no longer", 0.9)
    }).annotate({
      description:
        "in-flight: while answers are generated, new prompts wait for one another (batch_wait_timeout_iters and batch_wait_max_tokens_ratio of TensorRT-LLM); default: they start at once"
    })
  ),
  pauses: optional(
    count(1e6, "mixed: times that an answer sits out a step for prompts before it goes first; default 4", 4, 0)
  ),
  order: optional(
    choice(
      ["arrival", "priority", "fair"],
      "Who is served first: the oldest, the class with the lowest priority, or the class that has had the least of its share; default arrival"
    )
  ),
  batchesInFlight: optional(
    count(
      1000,
      "Batches that may be in a pipeline at once; 1 = a batch passes all stages before the next starts; default the stack's",
      4
    )
  )
}).annotate({ description: "How requests share steps of the model" })

/** Number formats of keys and values. */
export const keyValuePrecisions = ["bf16", "fp16", "fp8", "int8"] as const

const kvCache = Schema.Struct({
  blockTokens: optional(count(1e6, "Tokens of a block; default the stack's", 16)),
  precision: optional(
    choice(keyValuePrecisions, "Number format of keys and values; default 16 bits, as the activations")
  ),
  memoryUtilisation: optional(
    quantity("fraction", 0.01, 1, "Share of the accelerator's memory that the server uses; default the stack's", 0.9)
  ),
  blocks: optional(count(1e9, "Blocks of a replica, as the server logs them; default: what memory leaves", 2588)),
  prefixCaching: optional(flag("Keep blocks of finished prompts for those that begin alike; default the stack's")),
  preemption: optional(
    choice(
      ["recompute", "swap"],
      "What becomes of a request whose blocks are taken: computed again, or moved to the host; default the stack's"
    )
  ),
  watermark: optional(
    quantity("fraction", 0, 0.99, "Share of the blocks that admission leaves free; default the policy's", 0.01)
  ),
  swapSpace: optional(
    quantity(
      "bytes",
      0,
      1e15,
      "Host memory for the blocks of preempted requests, per accelerator; default 4 GB",
      "4 GB"
    )
  ),
  ...tierFields
}).annotate({ description: "Keys and values of the tokens so far, kept in blocks" })

const offload = Schema.Struct({
  share: optional(
    quantity("fraction", 0, 1, "Share of each layer's weights that is not kept on the accelerator; default 1", 1)
  ),
  from: optional(choice(["cpu", "nvme"], "Where those weights are read from in every step; default cpu")),
  storageRate: optional(
    quantity("bytesPerSecond", 1e3, 1e15, "Rate of the storage, with from: nvme; default 3 GB/s", "3 GB/s")
  )
}).annotate({ description: "Weights that live outside of device memory" })

const queue = Schema.Struct({
  limit: optional(
    count(1e9, "Waiting requests of a replica beyond which it turns requests away; default: none", 1000, 0)
  ),
  timeout: optional(quantity("time", 1e-6, 1e9, "A waiting request is dropped after so long; default never", "30 s")),
  retries: optional(count(1000, "Times a client tries again after it was turned away; default 0", 3, 0)),
  retryAfter: optional(
    quantity("time", 1e-6, 1e9, "First wait before another try, doubled each time; default 1 s", "1 s")
  )
}).annotate({ description: "Who may wait, and for how long" })

const adapters = Schema.Struct({
  count: count(1e5, "LoRA adapters that requests ask for", 100),
  exponent: optional(
    quantity("count", 0, 20, "How unevenly requests choose among them (Zipf); default 1, 0 is evenly", 1)
  ),
  share: optional(quantity("fraction", 0, 1, "Share of the requests that ask for an adapter; default 1", 0.8)),
  rank: optional(count(4096, "Rank of an adapter; default 16", 16)),
  modules: optional(
    choice(["attention", "all"], "Layers that they change: those of attention, or all linear ones; default attention")
  ),
  resident: optional(
    count(1e5, "Adapters that a replica holds at once, and a step may mix (vLLM's max_loras); default 8", 8)
  )
}).annotate({ description: "LoRA adapters beside the model, loaded from the host when they are asked for" })

const expertExchange = Schema.Struct({
  by: choice(
    ["gather", "all-to-all"],
    "gather: all tokens on all ranks, then the sums scattered; all-to-all: each token to the ranks of its experts alone"
  ),
  dispatch: optional(
    choice(
      ["bf16", "fp8"],
      "Number format of tokens on the way to their experts, which answer in 16 bits; default bf16"
    )
  ),
  nodeLimit: optional(count(1e4, "Nodes over which the experts of a token lie at most; default: no limit", 4))
}).annotate({
  expected: "a map with by, and with all-to-all, if you like, dispatch and nodeLimit",
  description:
    "How tokens get to the experts of other ranks; default: gathered inside a scale-up domain, across domains the cheaper way"
})

/** What every replica of a pool is made of; a field here is one of `serving` and of each of its pools. */
const serverFields = {
  stack: optional(servingStackEntry),
  version: optional(
    Schema.String.annotate({
      expected: 'a version in quotes, such as "0.19"',
      description: "Version of the stack's software, in quotes, where its behaviour changed; default the newest known",
      examples: ["0.19"]
    }).check(Schema.isMaxLength(40))
  ),
  parallelism: optional(parallelism),
  replicas: optional(count(1e6, "Copies of the model behind a router; default: what the accelerators leave", 2)),
  precision: optional(
    text(
      "Number format of the weights and multiplications, such as bf16, fp8, int8, int4-awq or q4_k_m; default bf16, fp16 where the hardware has no bf16",
      "fp8"
    )
  ),
  batching: optional(batching),
  kvCache: optional(kvCache),
  ...scalingFields,
  maxSequence: optional(
    count(mostTokens, "Tokens that a sequence may have, prompt and answer; default the model's longest", 32768)
  ),
  offload: optional(offload),
  expertImbalance: optional(quantity("count", 1, 1000, "Busiest expert's load over the mean load; default 1", 1.2)),
  speculation: optional(speculationSchema),
  expertRouting: optional(expertRoutingSchema),
  twoBatchOverlap: optional(
    flag(
      "A step runs as two halves in turns: one computes while the tokens of the other travel between experts; default no"
    )
  ),
  expertExchange: optional(expertExchange),
  redundantExperts: optional(
    count(1e5, "Copies of busy experts beyond one of each, over all expert ranks; default 0", 32, 0)
  ),
  kernels: optional(
    Schema.Array(text("A folder with a profile's files, or what their paths begin with", "profiles/rtx4090_tp1"))
      .check(Schema.isMaxLength(100))
      .annotate({
        expected: "a list of paths",
        description: "Measured kernel profiles (CSV files as LLMServingSim has them), relative to the scenario file"
      })
  ),
  measuredSteps: optional(measuredStepsSchema)
}

const pool = Schema.Struct({
  name: text("Name of the pool", "prefill"),
  role: optional(
    choice(
      ["both", "prefill", "decode"],
      "What it does with requests: all, their prompts only (a decode pool goes on), or their answers only; default both"
    )
  ),
  model: optional(modelEntry),
  cluster: optional(clusterSchema),
  weight: optional(
    quantity(
      "count",
      1e-6,
      1e6,
      "Requests of one of its replicas for one request of a replica of weight 1; default 1",
      2
    )
  ),
  perAcceleratorHour: optional(
    quantity("count", 0, 1e6, "Dollars for an hour of one of its accelerators; default price.perAcceleratorHour", 1.5)
  ),
  adapters: optional(
    flag("Whether it serves the server's adapters; no: its requests go to the model alone; default yes")
  ),
  measured: optional(
    Schema.Struct({
      promptTokensPerNode: optional(
        quantity("count", 0, 1e9, "Prompt tokens/s of a node, those found in a prefix cache included", 73_700)
      ),
      decodedTokensPerNode: optional(quantity("count", 0, 1e9, "Tokens/s of a node that decodes", 14_800))
    }).annotate({ description: "What was measured of the pool, shown beside the prediction" })
  ),
  ...serverFields
}).annotate({
  expected: "a map with name, role and the fields in which the pool differs from the server",
  description:
    "Equal replicas under a name. Every field of the server may be set; what is left out is as in serving. Without a cluster of its own the pool takes machines of the scenario's; a cluster is laid over the scenario's"
})

export const servingSchema = Schema.Struct({
  ...serverFields,
  router: optional(choice(routers, "How requests are divided over the replicas; default round-robin")),
  routing: optional(routingSchema),
  queue: optional(queue),
  pools: optional(
    Schema.Array(pool).check(Schema.isMinLength(1), Schema.isMaxLength(100)).annotate({
      expected: "a list of pools, each with a name",
      description: "A fleet of several kinds of replicas behind one door"
    })
  ),
  handover: optional(handoverSchema),
  adapters: optional(adapters),
  poolWeights: optional(
    choice(
      ["given", "speed"],
      "What the router divides loads by: the pools' weights, or how fast a replica of each serves the mean request; default given"
    )
  )
}).annotate({
  expected: "a map with fields such as stack, parallelism and batching; {} for a server with every default",
  description: "The server: software, layout, batching, cache and queue"
})
