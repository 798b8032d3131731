/**
 * A catalogue entry as lines of field, value and source.
 */
import { formatBytes, formatCount, formatFlops, formatQuantity3, formatSeconds } from "../units/index.ts"
import { hanging } from "./wrapping.ts"

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

/** Field, value and the number of its source where it has one of its own; below, the sources and what else is known. */
export const fieldLines = (entry: object): readonly string[] => {
  const fields: Fields = { ...entry }
  const sources = isFields(fields["sources"]) ? fields["sources"] : {}
  const rows = Object.entries(fields)
    .filter(([field]) => !["title", "sources", "notes"].includes(field))
    .flatMap(([field, value]) => rowsOf([field], value))
    .map((row) => Object.assign(row, { source: row.origin ?? sourceOf(sources, row.path) }))
  const width = Math.max(...rows.map(({ path }) => path.join(".").length)) + 2
  const cited = [...new Set(rows.map(({ source }) => source))].filter((source) => source !== "")
  const notes = Array.isArray(fields["notes"]) ? fields["notes"].map(String) : []
  const others = cited.length === 0 ? "source" : "others"
  return [
    ...rows.flatMap(({ path, value, source }) => {
      const number = source === "" ? "" : `  [${cited.indexOf(source) + 1}]`
      return hanging(path.join("."), `${value}${number}`, width)
    }),
    "",
    ...notes.flatMap((note) => hanging("note", note, 8)),
    ...cited.flatMap((source, index) => hanging(`[${index + 1}]`, source, 8)),
    ...hanging(others, typeof sources["default"] === "string" ? sources["default"] : "none", 8)
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
