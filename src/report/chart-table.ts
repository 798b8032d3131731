/**
 * The numbers of a chart as a table of the report.
 */
import type { Picture } from "../charts/index.ts"
import { formatBytes, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import type { Column, Table } from "./document.ts"

const shows: readonly (readonly [RegExp, string, (value: number) => string])[] = [
  [/, s$/, "s", formatSeconds],
  [/, bytes$/, "bytes", formatBytes],
  [/^share\b|, share$/, "share", formatPercent]
]

/** A chart's columns end in their unit: "time to first token, s". */
const columnOf = (written: string): Column => {
  const [, unit, show] = shows.find(([pattern]) => pattern.test(written)) ?? [undefined, "", formatFigures]
  return { name: written.replace(/, (?:s|bytes|share)$/, ""), unit, show }
}

export const chartTable = ({ title, table }: Picture): Table => ({
  name: title,
  columns: table.columns.map(columnOf),
  rows: table.rows
})
