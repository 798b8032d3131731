/**
 * Rows of a sweep as a store has them: what was varied, the seed, `status` with its reason, and flat numbers in SI units.
 */

import { clipped } from "../../charts/index.ts"

export type SweepValue = number | string | boolean | null

export type StoredRow = Readonly<Record<string, SweepValue>>

/** What was varied stands before the status, whatever its path looks like. */
export const variedColumns = (rows: readonly StoredRow[]): readonly string[] => [
  ...new Set(
    rows.flatMap((row) => {
      const columns = Object.keys(row)
      return columns.slice(0, Math.max(0, columns.indexOf("status"))).filter((column) => column !== "seed")
    })
  )
]

/** Values may be whole models: what is longer says no more. */
const mostCharacters = 120

/** A value as a reader has it: maps and lists, which rows hold as JSON, in words. */
export const valueText = (value: SweepValue): string => {
  if (value === null) return "not set"
  if (typeof value !== "string") return String(value)
  return clipped(/^[{[]/.test(value) ? readText(value) : value, mostCharacters)
}

const readText = (value: string): string => {
  try {
    return worded(JSON.parse(value))
  } catch {
    return value
  }
}

const worded = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(worded).join(" ")
  if (typeof value !== "object" || value === null) return String(value)
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${worded(inner)}`)
    .join(", ")
}

/** A varied field with the values that it has in the rows. */
export interface Field {
  readonly path: string
  /** The last step of its path, or all of it where two end alike. */
  readonly name: string
  /** Numbers in ascending order, others as they were given. */
  readonly values: readonly SweepValue[]
  readonly isNumeric: boolean
  /** How an axis names the field, with its unit, and its values: "parallelism: tensor · pipeline" and "4 · 2" where all are maps alike. */
  readonly label: string
  readonly texts: readonly string[]
}

export const fieldsOf = (rows: readonly StoredRow[]): readonly Field[] => {
  const paths = variedColumns(rows)
  return paths.map((path) => {
    const values = [...new Set(rows.map((row) => row[path] ?? null))]
    const numbers = values.filter((value) => typeof value === "number")
    const isNumeric = numbers.length === values.length
    const sorted = isNumeric ? numbers.toSorted((a, b) => a - b) : values
    const name = nameOf(path, paths)
    const keys = keysOfMaps(sorted)
    const unit = isNumeric ? unitOf(path) : undefined
    return {
      path,
      name,
      values: sorted,
      isNumeric,
      label: keys !== undefined ? `${name}: ${keys.join(" · ")}` : unit === undefined ? name : `${name}, ${unit}`,
      texts: sorted.map((value) =>
        keys === undefined
          ? valueText(value)
          : Object.values(mapOf(value) ?? {})
              .map(worded)
              .join(" · ")
      )
    }
  })
}

/** What fields of a scenario count that are written as bare numbers. */
const fieldUnits: Readonly<Record<string, string>> = {
  rate: "requests/s",
  concurrency: "requests at once",
  prompt: "tokens",
  output: "tokens",
  sequenceLength: "tokens",
  maxBatchTokens: "tokens",
  blockTokens: "tokens",
  microBatch: "sequences",
  globalBatch: "sequences",
  maxBatchSize: "sequences",
  perAcceleratorHour: "$"
}

const unitOf = (path: string): string | undefined => fieldUnits[path.split(".").at(-1) ?? ""]

const mapOf = (value: SweepValue): object | undefined => {
  if (typeof value !== "string" || !value.startsWith("{")) return undefined
  try {
    const read: unknown = JSON.parse(value)
    return typeof read === "object" && read !== null ? read : undefined
  } catch {
    return undefined
  }
}

/** The keys of maps that all have the same, in the same order. */
const keysOfMaps = (values: readonly SweepValue[]): readonly string[] | undefined => {
  const keys = values.map((value) => {
    const map = mapOf(value)
    return map === undefined ? undefined : Object.keys(map)
  })
  const [first] = keys
  return first !== undefined && keys.every((own) => own?.join(" ") === first.join(" ")) ? first : undefined
}

const nameOf = (path: string, paths: readonly string[]): string => {
  const last = path.split(".").at(-1) ?? path
  return paths.filter((other) => other.split(".").at(-1) === last).length > 1 ? path : last
}

/** "microBatch 2". */
export const settingText = ({ name }: Field, value: SweepValue): string => {
  const text = valueText(value)
  // "parallelism tensor 2, pipeline 2" says no more than its map.
  return typeof value === "string" && value.startsWith("{") ? text : `${name} ${text}`
}
