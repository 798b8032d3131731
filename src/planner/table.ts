/**
 * Rows of a sweep as a table: columns, a condition, an order.
 */
import { sweepProblem, type SweepProblem } from "./axis.ts"
import { parseExpression, type Value } from "./expression.ts"
import { columnOf, unknownColumn } from "./grid.ts"

/** A point with what came of it, flat. */
export type SweepRow = Readonly<Record<string, Value>>

export interface TableRequest {
  /** Columns to show; absent = all. */
  readonly columns?: readonly string[]
  readonly where?: string
  /** Columns to sort by, `:desc` behind for the largest first. */
  readonly sort?: readonly string[]
}

export interface SweepTable {
  readonly columns: readonly string[]
  readonly rows: readonly SweepRow[]
}

/** Every column of some rows, in the order in which they first occur. */
export const columnsOf = (rows: readonly SweepRow[]): readonly string[] => [...new Set(rows.flatMap(Object.keys))]

const byColumn =
  (keys: readonly { readonly column: string; readonly sign: number }[]) =>
  (a: SweepRow, b: SweepRow): number => {
    for (const { column, sign } of keys) {
      const [one, other] = [a[column] ?? null, b[column] ?? null]
      // What has no value comes last in either direction.
      if (one === null || other === null) {
        if (one !== other) return one === null ? 1 : -1
      } else if (one !== other) {
        const isLess = typeof one === "number" && typeof other === "number" ? one < other : String(one) < String(other)
        return isLess ? -sign : sign
      }
    }
    return 0
  }

/** Picks, filters and sorts. */
export const tableOf = (
  rows: readonly SweepRow[],
  { columns, where, sort }: TableRequest
): SweepTable | SweepProblem => {
  const all = columnsOf(rows)
  const known = (about: string, name: string): string | SweepProblem =>
    columnOf(all, name) ?? unknownColumn(about, name, all)
  const picked: string[] = []
  for (const name of columns ?? all) {
    const column = known("--columns", name)
    if (typeof column !== "string") return column
    picked.push(column)
  }
  const condition = where === undefined ? undefined : parseExpression(where, "--where")
  if (condition !== undefined && "_tag" in condition) return condition
  for (const name of condition?.names ?? []) {
    const column = known("--where", name)
    if (typeof column !== "string") return column
  }
  const keys: { readonly column: string; readonly sign: number }[] = []
  for (const written of sort ?? []) {
    const column = known("--sort", written.replace(/:desc$/, ""))
    if (typeof column !== "string") return column
    keys.push({ column, sign: written.endsWith(":desc") ? -1 : 1 })
  }
  const kept = rows.filter(
    (row) => condition === undefined || condition.holds((name) => row[columnOf(all, name) ?? name] ?? null)
  )
  const sorted = keys.length === 0 ? kept : kept.toSorted(byColumn(keys))
  if (all.length === 0) return sweepProblem("the store", "no rows", "a sweep that has begun")
  return { columns: picked, rows: sorted }
}

const cell = (value: Value | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Comma-separated values with a header (RFC 4180). */
export const csvOf = ({ columns, rows }: SweepTable): string =>
  [columns.map(cell).join(","), ...rows.map((row) => columns.map((column) => cell(row[column])).join(","))].join("\n")
