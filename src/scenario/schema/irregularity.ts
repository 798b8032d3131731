/**
 * What breaks the symmetry of a cluster and of its work: nodes that are not as the others, and load that is uneven.
 */
import * as Schema from "effect/Schema"
import { count, quantity } from "../quantity.ts"
import { exactlyOne } from "./exactly-one.ts"

const optional = Schema.optionalKey

const share = (description: string, example: number | string) =>
  optional(quantity("fraction", 0.01, 1, description, example))

const fault = Schema.Struct({
  node: count(1e6, "Node of the job, from 0", 17, 0),
  accelerator: optional(count(1023, "Accelerator of the node, from 0; default all of them", 3, 0)),
  speed: share("Share of the usual speed at which its kernels run", 0.93),
  scaleUp: share("Share of the usual rate of its ports inside of the scale-up domain", "50 %"),
  network: share("Share of the usual rate of the node's network cards", "50 %"),
  missingNics: optional(count(1023, "Network cards of the node that are gone; the others take their traffic", 1))
}).annotate({ description: "A node, or one of its accelerators, that is slower than the others" })

export const irregularitiesSchema = Schema.Array(fault).check(Schema.isMaxLength(100_000)).annotate({
  expected: "a list of nodes with what is wrong with them, such as [{ node: 17, speed: 0.93 }]",
  description: "Training: nodes that are slower than the others, or have slower or fewer wires"
})

export const jitterSchema = quantity(
  "fraction",
  0,
  1,
  "Standard deviation of the logarithm of the time of an operation's kernels, drawn for each rank and operation (lognormal with a mean of 1); default 0",
  "2 %"
)

export const unevenDataSchema = exactlyOne(
  {
    deviation: optional(
      quantity(
        "fraction",
        0,
        2,
        "Standard deviation of the tokens of a micro-batch over their mean, drawn for each replica and micro-batch (lognormal)",
        "20 %"
      )
    ),
    replicas: optional(
      Schema.Array(quantity("count", 0.01, 100, "Tokens of a replica, relative to the others", 1.1))
        .check(Schema.isMinLength(1), Schema.isMaxLength(1_000_000))
        .annotate({
          expected: "a list of numbers, one a replica",
          description: "Tokens of each replica's micro-batches, relative to one another"
        })
    )
  },
  "Micro-batches of unequal length; together they have the batch's tokens"
)

const imbalance = quantity("count", 1, 1000, "Busiest expert's load over the mean load; default 1", 1.2)

export const expertImbalanceSchema = Schema.Union([
  imbalance,
  Schema.Array(quantity("count", 0, 1000, "Tokens that come to an expert-parallel rank, relative to the others", 1.2))
    .check(Schema.isMinLength(1), Schema.isMaxLength(10_000))
    .annotate({
      expected: "a list of loads, one an expert-parallel rank",
      description: "Load of each expert-parallel rank, relative to the others"
    }),
  Schema.Struct({
    zipf: quantity("count", 0, 20, "Steepness: the k-th expert gets tokens in proportion to k^-zipf", 0.3)
  }).annotate({ description: "Experts as popular as Zipf's law has it, in blocks over the expert-parallel ranks" })
]).annotate({
  expected: "a number of at least 1 such as 1.2, a list of loads such as [1.2, 0.8], or { zipf: 0.3 }",
  description: "How unevenly experts are loaded: the busiest over the mean, or rank by rank; default 1"
})
