/**
 * How the tokens of a served mixture choose among its experts.
 */
import * as Schema from "effect/Schema"
import { exactlyOne } from "./exactly-one.ts"
import { quantity } from "../quantity.ts"

/** Either a power law or the load of every expert. */
export const expertRoutingSchema = exactlyOne(
  {
    zipf: Schema.optionalKey(
      quantity(
        "count",
        0,
        4,
        "Exponent of a power law: the r-th busiest expert gets a share as r^-exponent; 0 is even",
        0.4
      )
    ),
    loads: Schema.optionalKey(
      Schema.Array(quantity("count", 0, 1e15, "Load of an expert, in any unit", 120))
        .check(Schema.isMinLength(1), Schema.isMaxLength(4096))
        .annotate({
          expected: "a list with one load for each expert",
          description: "Measured load of each expert in the order of their numbers; only the ratios count"
        })
    )
  },
  "Popularity of the experts; default: even, but for expertImbalance"
)
