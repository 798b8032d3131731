/**
 * Random numbers of tokens or seconds, as a scenario writes them.
 */
import * as Schema from "effect/Schema"
import { publishedLengths } from "../../serving/index.ts"
import { choice, quantity } from "../quantity.ts"
import { exactlyOne } from "./exactly-one.ts"

const optional = Schema.optionalKey

/** Most values or bins that a distribution may list. */
const longest = 1e6

interface Words {
  readonly description: string
  /** Examples in the unit of the quantity, a small one first. */
  readonly examples: readonly [number | string, number | string]
}

type Leaf = ReturnType<typeof quantity>

/** The kinds of distribution; `leaf` makes a quantity of the distribution's own unit. */
const kinds = (leaf: (description: string, example: number | string) => Leaf, { examples: [low, high] }: Words) => ({
  constant: optional(leaf("Always this value", high)),
  uniform: optional(
    Schema.Tuple([leaf("Smallest value", low), leaf("Largest value", high)]).annotate({
      expected: `a list of two values, the smallest and the largest, such as [${String(low)}, ${String(high)}]`,
      description: "Every value from the first to the second, each as likely"
    })
  ),
  exponential: optional(
    Schema.Struct({ mean: leaf("Mean", high) }).annotate({ description: "Exponential with a mean" })
  ),
  lognormal: optional(
    Schema.Struct({
      mean: leaf("Mean of the values (not of their logarithms)", high),
      deviation: leaf("Standard deviation of the values", high),
      max: optional(leaf("Values are cut here; default: never", high))
    }).annotate({ description: "Lognormal: most values small, some very large" })
  ),
  zipf: optional(
    Schema.Struct({
      exponent: quantity(
        "count",
        0,
        20,
        "Steepness: the k-th value has a probability proportional to k^-exponent",
        1.2
      ),
      min: leaf("Smallest and most frequent value", low),
      max: leaf("Largest and rarest value", high)
    }).annotate({ description: "Zipf's law over the whole numbers from min to max" })
  ),
  histogram: optional(
    Schema.Struct({
      min: leaf("Lower edge of the first bin", low),
      edges: Schema.Array(leaf("Upper edge of a bin", high))
        .check(Schema.isMinLength(1), Schema.isMaxLength(longest))
        .annotate({ expected: "a list of upper edges, ascending", description: "Upper edge of each bin, ascending" }),
      weights: Schema.Array(quantity("count", 0, 1e15, "Share of a bin, relative to the others", 3))
        .check(Schema.isMinLength(1), Schema.isMaxLength(longest))
        .annotate({
          expected: "a list of weights, one a bin",
          description: "Share of each bin, relative to the others"
        })
    }).annotate({ description: "Bins with weights; inside of a bin each value is as likely" })
  ),
  values: optional(
    Schema.Array(leaf("One of the values", high))
      .check(Schema.isMinLength(1), Schema.isMaxLength(longest))
      .annotate({ expected: "a list of values", description: "One of these values, each as likely" })
  )
})

/** Workloads whose lengths were published. */
const published = optional(
  choice(
    Object.keys(publishedLengths),
    "Lengths as in a published workload, as a histogram; of the prompts or of the answers"
  )
)

const distribution = (leaf: (description: string, example: number | string) => Leaf, words: Words) => {
  const plain = leaf(words.description, words.examples[1])
  return Schema.Union([plain, exactlyOne(kinds(leaf, words), words.description)]).annotate({
    expected: forms(words.examples),
    description: words.description
  })
}

const forms = ([low, high]: Words["examples"]): string =>
  `a number from 0 such as ${String(high)}, or one of { constant: ... }, { uniform: [${String(low)}, ${String(high)}] }, { exponential: ... }, { lognormal: ... }, { zipf: ... }, { histogram: ... }, { values: [...] }`

/** Longest prompt or answer, tokens. */
export const mostTokens = 1e8

const tokens = (description: string, example: number | string) => quantity("count", 0, mostTokens, description, example)

/** How many tokens of a prompt or an answer; rounded to whole numbers of at least 1. */
export const tokenDistribution = (description: string, examples: readonly [number, number]) =>
  Schema.Union([
    tokens(description, examples[1]),
    exactlyOne({ ...kinds(tokens, { description, examples }), published }, description)
  ]).annotate({
    expected: `${forms(examples)}, { published: ... }`,
    description
  })

const seconds = (description: string, example: number | string) => quantity("time", 0, 1e9, description, example)

/** How long. */
export const timeDistribution = (description: string, examples: readonly [string, string]) =>
  distribution(seconds, { description, examples })

/** How many turns of a conversation and the like. */
export const countDistribution = (description: string, examples: readonly [number, number]) =>
  distribution((text, example) => quantity("count", 0, 1e6, text, example), { description, examples })

/** A distribution as it is read. */
export type WrittenDistribution = ReturnType<typeof tokenDistribution>["Type"]
