/**
 * A catalogue entry as lines of field, value and source.
 */
import { formatBytes, formatCount, formatFlops, formatQuantity3, formatSeconds } from "../units/index.ts"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The unit of a number follows from its field's name. */
const shown = (path: readonly string[], value: unknown): string => {
  if (value === null) return "none"
  if (Array.isArray(value)) return value.join(", ")
  if (typeof value !== "number") return typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  const field = path.at(-1) ?? ""
  if (path.at(-2) === "peakFlops") return formatFlops(value)
  if (/bytesPerSecond$/i.test(field)) return formatQuantity3(value, "B/s")
  if (/(?:^b|B)ytes$/.test(field) && value >= 1000) return formatBytes(value)
  if (/seconds/i.test(field)) return formatSeconds(value)
  if (/watts$/i.test(field)) return formatQuantity3(value, "W")
  return field === "year" ? String(value) : formatCount(value)
}

const sourceOf = (sources: Fields, path: readonly string[]): string => {
  for (let length = path.length; length > 0; length--) {
    const found = sources[path.slice(0, length).join(".")]
    if (typeof found === "string") return found
  }
  return ""
}

/** Field, value and the source of the field where it has one of its own; at the end the source of all others. */
export const fieldLines = (entry: object): readonly string[] => {
  const fields: Fields = { ...entry }
  const sources = isFields(fields["sources"]) ? fields["sources"] : {}
  const rows = Object.entries(fields)
    .filter(([field]) => !["title", "sources", "notes"].includes(field))
    .flatMap(([field, value]) => rowsOf([field], value))
  const width = Math.max(...rows.map(({ path }) => path.join(".").length)) + 2
  const notes = Array.isArray(fields["notes"]) ? fields["notes"].map((note) => `note  ${String(note)}`) : []
  return [
    ...rows.map(({ path, value, origin }) => {
      const source = origin ?? sourceOf(sources, path)
      return `${path.join(".").padEnd(width)}${value.padEnd(16)}${source === "" ? "" : ` ${source}`}`.trimEnd()
    }),
    "",
    ...notes,
    `source  ${typeof sources["default"] === "string" ? sources["default"] : "none"}`
  ]
}

interface Row {
  readonly path: readonly string[]
  readonly value: string
  /** Source that the value carries itself, as fitted constants do. */
  readonly origin?: string
}

const rowsOf = (path: readonly string[], value: unknown): readonly Row[] => {
  if (!isFields(value)) return [{ path, value: shown(path, value) }]
  if ("origin" in value && "source" in value)
    return [
      { path, value: shown(path, value["value"]), origin: `${String(value["origin"])}: ${String(value["source"])}` }
    ]
  return Object.entries(value).flatMap(([field, inner]) => rowsOf([...path, field], inner))
}
