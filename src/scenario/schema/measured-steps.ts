/** Steps of a server whose seconds were measured. */
import * as Schema from "effect/Schema"
import { choice, count, quantity } from "../quantity.ts"

const optional = Schema.optionalKey

const points = (of: string, example: string) =>
  Schema.Array(
    Schema.Tuple([count(1e9, of, 512), quantity("time", 1e-9, 1e6, "Seconds of the step", "174 ms")]).annotate({
      expected: `${of.toLowerCase()} and a time, such as [512, 174 ms]`
    })
  )
    .check(Schema.isMinLength(2), Schema.isMaxLength(10_000))
    .annotate({
      expected: `a list of at least two measurements, such as ${example}`,
      description: `${of} against seconds, in ascending order; on straight lines in between and beyond`
    })

export const measuredStepsSchema = Schema.Struct({
  prompt: points("Prompt tokens of a step", "[[512, 174 ms], [2048, 536 ms]]"),
  decode: points("Sequences or tokens of a step that only decodes", "[[1, 49 ms], [64, 97 ms]]"),
  decodeBy: optional(
    choice(
      ["sequences", "context"],
      "What the first numbers of decode are: sequences in the step, or tokens that they attend to; default context"
    )
  ),
  mixed: optional(
    quantity(
      "count",
      0.01,
      100,
      "What a step of prompts with sequences that decode takes, over one of as many prompt tokens; default 1",
      1.1
    )
  )
}).annotate({
  expected: "a map with prompt and decode, each a list of [number, time]",
  description: "Measured seconds of steps, in place of the laws; host included"
})
