/**
 * Rows of a sweep as a table of at most 80 columns.
 */
import type { SweepTable, Value } from "../planner/index.ts"
import { formatBytes, formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { columns as width } from "./wrapping.ts"

const shares = new Set(["modelFlopsUtilisation", "attained", "busy"])

const isTime = (column: string): boolean => /^(iterationSeconds|ttft|tpot|e2e)/.test(column)

const cell = (column: string, value: Value | undefined): string => {
  if (value === null || value === undefined) return "-"
  if (typeof value !== "number") return String(value)
  if (isTime(column)) return formatSeconds(value)
  if (column.endsWith("Bytes")) return formatBytes(value)
  if (shares.has(column)) return formatPercent(value)
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : formatFigures(value)
}

const short: Readonly<Record<string, string>> = {
  iterationSeconds: "iteration",
  tokensPerSecond: "tokens/s",
  tokensPerSecondPerAccelerator: "tokens/s/GPU",
  modelFlopsUtilisation: "MFU",
  memoryBytes: "memory",
  dollarsPerMillionTokens: "$/M tokens",
  joulesPerToken: "J/token",
  offeredPerSecond: "offered/s",
  requestsPerSecond: "requests/s",
  capacityPerSecond: "capacity/s",
  outputTokensPerSecond: "tokens/s",
  dollarsPerMillionOutputTokens: "$/M tokens",
  joulesPerOutputToken: "J/token",
  ttftMean: "TTFT",
  ttftP99: "TTFT p99",
  tpotMean: "TPOT",
  tpotP99: "TPOT p99",
  e2eMean: "in all",
  e2eP99: "in all p99"
}

/** The heading of a column: the last step of a path. */
const heading = (column: string): string => short[column] ?? column.split(".").at(-1) ?? column

/** As many columns as fit, and a line on those that do not. */
export const sweepTableText = ({ columns, rows }: SweepTable): string => {
  const texts = columns.map((column) => [heading(column), ...rows.map((row) => cell(column, row[column]))])
  const isText = columns.map((column) => rows.some((row) => typeof row[column] === "string"))
  const widths = texts.map((cells) => cells.reduce((most, text) => Math.max(most, text.length), 0))
  let [used, shown] = [0, 0]
  for (const one of widths) {
    if (shown > 0 && used + one + 2 > width) break
    used += one + (shown === 0 ? 0 : 2)
    shown++
  }
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    texts
      .slice(0, shown)
      .map((cells, column) => {
        const text = cells[line] ?? ""
        return isText[column] === true ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)
      })
      .join("  ")
      .slice(0, width)
      .trimEnd()
  )
  const left = columns.slice(shown)
  return [...lines, ...(left.length === 0 ? [] : [`more columns: ${left.join(", ")}`])].join("\n")
}
