/**
 * Every number of the report in one CSV (RFC 4180), a number a row: section, table, row, column, value, unit. SI units.
 */
import { clipped } from "../charts/index.ts"
import { chartTable } from "./chart-table.ts"
import type { Report, Table } from "./document.ts"

export const reportCsv = (report: Report): string => {
  const { figures, picture, sections, provenance } = report
  const lines = [
    ["section", "table", "row", "column", "value", "unit"],
    ["report", "", "", "title", report.title, ""],
    ["report", "", "", "answer", report.answer, ""],
    ...provenance.flatMap(({ hash, seed, version, command }) => [
      ["report", "", "", "command", command, ""],
      ["report", "", "", "scenario hash", hash, ""],
      ["report", "", "", "seed", seed, ""],
      ["report", "", "", "windtunnel", version, ""]
    ]),
    ...figures.flatMap(({ name, value, unit, ranges = [] }) => [
      ["key figures", "", "", name, value, unit],
      ...ranges.flatMap(({ level, low, high }) => [
        ["key figures", "", "", `${name}, ${Math.round(100 * level)} % interval from`, low, unit],
        ["key figures", "", "", `${name}, ${Math.round(100 * level)} % interval to`, high, unit]
      ])
    ]),
    ...(picture === null ? [] : rowsOf("front page", chartTable(picture))),
    ...sections.flatMap(({ title, blocks }) =>
      blocks.flatMap((block) => {
        if (block.kind === "table") return rowsOf(title, block.table)
        return block.kind === "picture" ? rowsOf(title, chartTable(block.picture)) : []
      })
    )
  ]
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("")
}

type Value = string | number | null

/** A row is named by its first cell. */
const rowsOf = (section: string, { name, columns, rows }: Table): readonly (readonly Value[])[] =>
  rows.flatMap((row) =>
    columns
      .slice(1)
      .map(({ name: column, unit }, index) => [section, name, row[0] ?? "", column, row[index + 1] ?? null, unit])
  )

/** A text that a spreadsheet would take for a formula gets an apostrophe, as spreadsheets do themselves. */
const field = (value: Value): string => {
  if (value === null) return ""
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : ""
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${clipped(value)}` : clipped(value)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
