/**
 * Points of a sweep: rows that differ in nothing but their seeds are one.
 */
import { extent, mean } from "../../statistics/index.ts"
import { wellServed } from "../study.ts"
import { settingText, type Field, type StoredRow } from "./row.ts"

/**
 * How a point stands: "ok", the status of its rows ("does not fit", "impossible", "error"), or of servers that ran
 * "overloaded" and "misses goals".
 */
export type Standing = string

export interface SweptPoint {
  /** Place among each field's values. */
  readonly levels: readonly number[]
  /** One a seed. */
  readonly rows: readonly StoredRow[]
  readonly standing: Standing
  /** Why it has no numbers. */
  readonly reason: string | null
}

export const pointsOf = (rows: readonly StoredRow[], fields: readonly Field[]): readonly SweptPoint[] => {
  const places = fields.map(({ values }) => new Map(values.map((value, index) => [value, index])))
  const groups = new Map<string, { readonly levels: readonly number[]; readonly rows: StoredRow[] }>()
  for (const row of rows) {
    const levels = fields.map(({ path }, index) => places[index]?.get(row[path] ?? null) ?? 0)
    const key = levels.join(" ")
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { levels, rows: [row] })
    else group.rows.push(row)
  }
  return [...groups.values()].map(({ levels, rows: own }) => {
    const stopped = own.find((row) => row["status"] !== "ok")
    return {
      levels,
      rows: own,
      standing: stopped === undefined ? servedStanding(own) : String(stopped["status"]),
      reason: stopped === undefined ? null : String(stopped["reason"] ?? "no reason was kept")
    }
  })
}

/** With several seeds the worst of them counts for the load, their mean for the goals. */
const servedStanding = (rows: readonly StoredRow[]): Standing => {
  if (rows.some((row) => row["verdict"] === "overloaded")) return "overloaded"
  const attained = numberOf({ rows }, "attained")
  return attained !== undefined && attained < wellServed ? "misses goals" : "ok"
}

const numbersOf = ({ rows }: Pick<SweptPoint, "rows">, column: string): readonly number[] | undefined => {
  const numbers = rows.map((row) => row[column])
  return numbers.every((value): value is number => typeof value === "number" && Number.isFinite(value))
    ? numbers
    : undefined
}

/** Mean over the seeds; undefined where one has no number. */
export const numberOf = (point: Pick<SweptPoint, "rows">, column: string): number | undefined => {
  const numbers = numbersOf(point, column)
  if (numbers === undefined) return undefined
  return numbers.length === 1 ? numbers[0] : mean(numbers)
}

/** The least and the greatest over the seeds. */
export const rangeOf = (point: Pick<SweptPoint, "rows">, column: string): readonly [number, number] | undefined => {
  const numbers = numbersOf(point, column)
  return numbers === undefined ? undefined : extent(numbers)
}

/** Of the point that has most. */
export const seedsOf = (points: readonly SweptPoint[]): number => extent(points.map(({ rows }) => rows.length))[1]

/** It was simulated to its end: its numbers say something, even where it misses its goals. */
export const hasRun = ({ standing }: SweptPoint): boolean => standing === "ok" || standing === "misses goals"

/** "tensor 4, pipeline 12, microBatch 2". */
export const pointText = ({ levels }: SweptPoint, fields: readonly Field[]): string =>
  fields.map((field, index) => settingText(field, field.values[levels[index] ?? 0] ?? null)).join(", ")
