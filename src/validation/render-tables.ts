/**
 * Numbers and tables that the reports of training and of serving share, as text of 80 columns and as Markdown.
 */
import { median, quantile } from "../statistics/index.ts"
import type { Coverage, ErrorSummary, LeftOut } from "./errors.ts"

/** In %; a share that is no number is a dash. */
export const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : "-")
export const signed = (share: number): string => (share > 0 ? `+${percent(share)}` : percent(share))

export type Column = readonly [heading: string, cell: (summary: ErrorSummary) => string]

export const columns = {
  count: ["n", ({ points }) => String(points)],
  median: ["median %", (summary) => percent(summary.median)],
  mean: ["mean %", ({ mean }) => percent(mean)],
  p90: ["p90 %", ({ p90 }) => percent(p90)],
  bias: ["bias %", ({ bias }) => signed(bias)]
} as const satisfies Readonly<Record<string, Column>>

export const headingsOf = (shown: readonly Column[]): readonly string[] => shown.map(([heading]) => heading)

export const cellsOf = (shown: readonly Column[], summary: ErrorSummary): readonly string[] =>
  shown.map(([, cell]) => cell(summary))

export const clip = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}~`

/** A name and its numbers: 78 columns, indented by two. */
export const textRow = (name: string, values: readonly string[]): string => {
  const width = 78 - 10 * values.length
  return `  ${clip(name, width).padEnd(width)}${values.map((value) => value.padStart(10)).join("")}`.trimEnd()
}

export const textTable = (
  shown: readonly Column[],
  title: string,
  groups: Readonly<Record<string, ErrorSummary>>
): readonly string[] => [
  textRow(title, headingsOf(shown)),
  ...Object.entries(groups).map(([name, summary]) => textRow(name, cellsOf(shown, summary)))
]

export const markdownTable = (
  shown: readonly Column[],
  title: string,
  groups: Readonly<Record<string, ErrorSummary>>
): readonly string[] => [
  `| ${title} | ${headingsOf(shown).join(" | ")} |`,
  `| --- | ${shown.map(() => "---:").join(" | ")} |`,
  ...Object.entries(groups).map(([name, summary]) => `| ${name} | ${cellsOf(shown, summary).join(" | ")} |`)
]

export const coverageLine = (coverage: Coverage): string =>
  `${coverage.covered} of ${coverage.points} points (${percent(coverage.covered / coverage.points)} %)`

/** Reasons for missing predictions, most frequent first. */
const reasonsOf = (coverage: Coverage): readonly (readonly [string, number])[] =>
  Object.entries(coverage.reasons).toSorted(([, a], [, b]) => b - a)

export const reasonsText = (coverage: Coverage): readonly string[] =>
  reasonsOf(coverage).map(([reason, count]) => `  ${String(count).padStart(5)}  ${clip(reason, 70)}`)

/** A table with the empty line before it; nothing where nothing is missing. */
export const reasonsMarkdown = (coverage: Coverage): readonly string[] => {
  const reasons = reasonsOf(coverage)
  if (reasons.length === 0) return []
  const rows = reasons.map(([reason, count]) => `| ${count} | ${reason.replaceAll("|", "/")} |`)
  return ["", "| points | why not |", "| ---: | --- |", ...rows]
}

/** Rows with the largest errors, worst first. */
export const largestErrors = <Row extends { readonly error: number | null }>(
  rows: readonly Row[],
  count: number
): readonly Row[] => rows.toSorted((a, b) => Math.abs(b.error ?? 0) - Math.abs(a.error ?? 0)).slice(0, count)

export const absoluteErrors = (rows: readonly { readonly error: number | null }[]): readonly number[] =>
  rows.map(({ error }) => Math.abs(error ?? Number.NaN))

/** Speeds that the fit may use or may not. */
export interface FitGroup {
  readonly name: string
  readonly errors: readonly number[]
}

export const fitGroupCells = ({ errors }: FitGroup): readonly [count: string, median: string, p90: string] => [
  String(errors.length),
  percent(median(errors)),
  percent(quantile(errors, 0.9))
]

export const fitGroupsMarkdown = (groups: readonly FitGroup[]): readonly string[] => [
  "| speeds | n | median % | p90 % |",
  "| --- | ---: | ---: | ---: |",
  ...groups.map((group) => `| ${group.name} | ${fitGroupCells(group).join(" | ")} |`)
]

export const leftOutMarkdown = (rows: readonly LeftOut[]): readonly string[] => [
  "| source | n | median % | p90 % |",
  "| --- | ---: | ---: | ---: |",
  ...rows.map(
    ({ source, points, median: middle, p90 }) => `| ${source} | ${points} | ${percent(middle)} | ${percent(p90)} |`
  )
]
