/**
 * A map with exactly one of several fields, such as the kinds of arrivals: `{ poisson: ... }` or `{ batch: {} }`.
 */
import * as Schema from "effect/Schema"

/** A map that has exactly one of the fields, each of which is optional by itself. */
export const exactlyOne = <Fields extends Schema.Struct.Fields>(fields: Fields, description: string) => {
  const expected = `a map with exactly one of ${Object.keys(fields).join(", ")}`
  return Schema.Struct(fields)
    .annotate({ expected, description })
    .check(Schema.isBetweenProperties(1, 1, { expected }))
}
