/**
 * A few fields of a scenario set anew, and how far that is from what was written.
 */
import { assign } from "../assignment.ts"
import { valueAt } from "../findings.ts"
import { show, splitPath } from "../issue.ts"

/** Paths of a scenario with their new values; null takes a field away. */
export type Changes = Readonly<Record<string, unknown>>

/** Changes in the words of a scenario: "pipeline: 24, data: 4". */
export const changeText = (changes: Changes): string =>
  Object.entries(changes)
    .map(([path, value]) => {
      const field = path.replace(/^(?:training|serving|cluster)\.(?:parallelism\.)?/, "")
      return value === null ? `no ${field}` : `${field}: ${typeof value === "string" ? value : show(value)}`
    })
    .join(", ")

/** Data with the changes made. */
export const changedData = (data: unknown, changes: Changes): unknown =>
  Object.entries(changes).reduce<unknown>(
    (before, [path, value]) => assign(before, { path: splitPath(path), value }),
    data
  )

/** What a field holds; undefined where it is not written. */
export const fieldOf = (data: unknown, path: string): unknown => valueAt(data, splitPath(path))

/**
 * One change counts a half (what follows from others), one, or two (hardware and the work itself), and doublings of its
 * number count one each: a step to a near value costs less than one to a far value, and one field less than two.
 */
export const distance = (changes: Changes, valueOf: (path: string) => unknown): number =>
  Object.entries(changes).reduce((sum, [path, value]) => {
    const before = valueOf(path)
    const isFar = path.startsWith("cluster.") || path === "training.sequenceLength"
    // Nodes that are not full are for those who count accelerators.
    const weight = path === "training.parallelism.data" ? 0.5 : path === "cluster.accelerators" ? 3 : isFar ? 2 : 1
    const doublings = typeof value === "number" && typeof before === "number" ? doublingsOf(before, value) : 0
    return sum + weight + doublings
  }, 0)

const doublingsOf = (before: number, after: number): number =>
  before > 0 && after > 0 ? Math.abs(Math.log2(after / before)) : 1
