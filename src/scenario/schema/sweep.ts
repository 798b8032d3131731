/**
 * What `windtunnel sweep` varies of a scenario; other commands pay no heed to it.
 */
import * as Schema from "effect/Schema"
import { count, text } from "../quantity.ts"

const optional = Schema.optionalKey

export const sweepSchema = Schema.Struct({
  vary: Schema.Record(
    Schema.String,
    Schema.Union([Schema.Array(Schema.Unknown), Schema.String, Schema.Finite]).annotate({
      expected: "a list of values, or text such as 1,2,4 or 1..64*2"
    })
  ).annotate({
    expected: "a map from paths to values, such as { training.microBatch: [1, 2, 4] }",
    description: "Fields by their paths with the values that they take: a list, or text such as 1..64*2"
  }),
  where: optional(text("Only points of which this holds", "tensor * pipeline <= 64")),
  seeds: optional(count(100_000, "Seeds to simulate each point with; default 1", 5))
}).annotate({
  expected: "a map with the field vary",
  description: "The points that `windtunnel sweep` simulates"
})
