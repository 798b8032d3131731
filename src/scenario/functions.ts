/**
 * Fields of a scenario script that may be a function: the Schema knows data only, so functions go around it.
 */
import { assign, type Assignment } from "./assignment.ts"
import { valueAt } from "./findings.ts"
import type { Path } from "./issue.ts"

interface Place {
  readonly path: Path
  /** A value that the Schema takes in place of the function. */
  readonly standIn: string
}

const places: readonly Place[] = [
  { path: ["training", "schedule"], standIn: "1f1b" },
  { path: ["serving", "batching", "policy"], standIn: "continuous" }
]

/** The functions of a scenario with their paths. */
export const functionsOf = (data: unknown): readonly Assignment[] =>
  places.flatMap(({ path }) => {
    const value = valueAt(data, path)
    return typeof value === "function" ? [{ path, value }] : []
  })

/** A scenario with a name in place of each function. */
export const withoutFunctions = (data: unknown): unknown =>
  places.reduce(
    (whole, { path, standIn }) =>
      typeof valueAt(data, path) === "function" ? assign(whole, { path, value: standIn }) : whole,
    data
  )
