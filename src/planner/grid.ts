/**
 * The points of a sweep: every combination of its axes' values that meets the condition, for every seed.
 */
import { nearestNames } from "../catalog/index.ts"
import { sweepProblem, type Axis, type SweepProblem } from "./axis.ts"
import { asValue, parseExpression } from "./expression.ts"

export interface SweepPoint {
  /** Place in the order of the axes, the last varying fastest, seeds innermost. */
  readonly ordinal: number
  /** Paths with their values. */
  readonly changes: Readonly<Record<string, unknown>>
  readonly seed: number
}

export interface SweepGrid {
  readonly axes: readonly Axis[]
  /** Seeds, ascending from the first. */
  readonly seeds: readonly number[]
  /** A condition on the varied fields; absent = all points. */
  readonly where?: string
}

export const mostPoints = 5_000_000

/** What a name in a condition stands for: a column, or the only one that ends so. */
export const columnOf = (columns: readonly string[], name: string): string | undefined => {
  if (columns.includes(name)) return name
  const ending = columns.filter((column) => column.endsWith(`.${name}`))
  return ending.length === 1 ? ending[0] : undefined
}

/** A name that is no column, with what is near. */
export const unknownColumn = (about: string, name: string, columns: readonly string[]): SweepProblem => {
  const short = columns.map((column) => column.split(".").at(-1) ?? column)
  const near = nearestNames(name, [...new Set([...short, ...columns])])
  return sweepProblem(
    about,
    name,
    `one of ${columns.slice(0, 12).join(", ")}${columns.length > 12 ? " ..." : ""}${near.length > 0 ? `; nearest: ${near.join(", ")}` : ""}`
  )
}

/** The points, or why there are none. */
export const gridPoints = ({ axes, seeds, where }: SweepGrid): readonly SweepPoint[] | SweepProblem => {
  const paths = axes.map(({ path }) => path)
  const twice = paths.find((path, index) => paths.indexOf(path) < index)
  if (twice !== undefined) return sweepProblem("--vary", twice, "each path once")
  const combinations = axes.reduce((product, { values }) => product * values.length, 1)
  const total = combinations * seeds.length
  if (total > mostPoints)
    return sweepProblem("the sweep", `${total} points`, `at most ${mostPoints}: fewer values, or several sweeps`)
  const condition = where === undefined ? undefined : parseExpression(where, "--where")
  if (condition !== undefined && "_tag" in condition) return condition
  for (const name of condition?.names ?? [])
    if (columnOf(paths, name) === undefined) return unknownColumn("--where", name, paths)
  const points: SweepPoint[] = []
  for (let combination = 0; combination < combinations; combination++) {
    const changes: Record<string, unknown> = {}
    let left = combination
    for (const { path, values } of axes.toReversed()) {
      changes[path] = values[left % values.length]
      left = Math.floor(left / values.length)
    }
    if (condition !== undefined && !condition.holds((name) => asValue(changes[columnOf(paths, name) ?? name]))) continue
    const ordered = Object.fromEntries(paths.map((path) => [path, changes[path]]))
    for (const seed of seeds) points.push({ ordinal: points.length, changes: ordered, seed })
  }
  return points.length > 0
    ? points
    : sweepProblem("--where", where ?? "", `a condition that one of the ${combinations} combinations meets`)
}
