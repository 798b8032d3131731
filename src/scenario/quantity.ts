/**
 * Leaves of the scenario's Schema: numbers with bounds that may be written with a unit, choices and texts. Each carries
 * the sentence that a refusal gives as `expected`.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { formatCount, formatQuantity3, formatSeconds, parseQuantity, type Dimension } from "../units/index.ts"

interface Bounds {
  readonly minimum: number
  readonly maximum: number
}

interface Words {
  readonly description: string
  readonly examples: readonly (number | string)[]
  /** What a refusal adds. */
  readonly hint?: string
}

const nouns: Readonly<Record<Dimension, string>> = {
  time: "a time",
  bytes: "a size in bytes",
  bytesPerSecond: "a rate in bytes/s",
  flops: "a rate in FLOP/s",
  power: "a power in watts",
  energy: "an energy in joules",
  frequency: "a frequency",
  count: "a number",
  money: "an amount of dollars",
  fraction: "a share"
}

const units: Partial<Readonly<Record<Dimension, string>>> = {
  bytes: "B",
  bytesPerSecond: "B/s",
  flops: "FLOP/s",
  power: "W",
  energy: "J",
  frequency: "Hz"
}

const showBound = (value: number, dimension: Dimension): string => {
  const unit = units[dimension]
  if (dimension === "time") return formatSeconds(value)
  if (unit !== undefined) return formatQuantity3(value, unit)
  return formatCount(value)
}

/** A number in SI units, or text with a unit; anything outside of the bounds is refused. */
const numeric = (dimension: Dimension, noun: string, whole: boolean, bounds: Bounds, words: Words) => {
  const example = words.examples[0]
  const range = `${noun} from ${showBound(bounds.minimum, dimension)} to ${showBound(bounds.maximum, dimension)}`
  const hint = words.hint === undefined ? "" : `; ${words.hint}`
  const expected = example === undefined ? range : `${range}, such as ${JSON.stringify(example)}${hint}`
  const valid = (value: number): boolean =>
    value >= bounds.minimum && value <= bounds.maximum && (!whole || Number.isInteger(value))
  return Schema.Union([Schema.Finite.check(Schema.isBetween(bounds)), Schema.String])
    .annotate({ expected, description: words.description, examples: words.examples })
    .pipe(
      Schema.decodeTo(
        Schema.Number,
        SchemaTransformation.transformEffect({
          decode: (written: number | string, options) => {
            const value = typeof written === "number" ? written : parseQuantity(written, dimension)
            return value !== undefined && valid(value)
              ? Effect.succeed(value)
              : Effect.fail(new SchemaIssue.InvalidValue({ expected }, written, options))
          },
          encode: (value: number) => Effect.succeed<number | string>(value)
        })
      ),
      // A field that is missing is described by what it decodes to.
      Schema.annotate({ expected })
    )
}

/** A quantity with a unit: "80 GB", "600 GB/s", "5 us", or the plain SI number. */
export const quantity = (
  dimension: Dimension,
  minimum: number,
  maximum: number,
  description: string,
  example: number | string,
  hint?: string
) =>
  numeric(
    dimension,
    nouns[dimension],
    false,
    { minimum, maximum },
    { description, examples: [example], ...(hint === undefined ? {} : { hint }) }
  )

/** How many: a whole number from `minimum` (1 unless told) to `maximum`; text such as "366B" or "4k" as well. */
export const count = (maximum: number, description: string, example: number | string, minimum = 1) =>
  numeric("count", "a whole number", true, { minimum, maximum }, { description, examples: [example] })

export const flag = (description: string) => Schema.Boolean.annotate({ expected: "true or false", description })

export const text = (description: string, example?: string) =>
  Schema.String.check(Schema.isMaxLength(2000)).annotate({
    expected: "text of at most 2,000 characters",
    description,
    ...(example === undefined ? {} : { examples: [example] })
  })

export const choice = <const Values extends readonly string[]>(values: Values, description: string) =>
  Schema.Literals(values).annotate({ expected: `one of ${values.join(", ")}`, description })
