/**
 * A validation report as text of 80 columns and as Markdown.
 */
import leftOut from "./data/left-out.json" with { type: "json" }
import type { Coverage, ErrorRow, ErrorSummary, ValidationSummary } from "./errors.ts"
import type { ValidationReport } from "./run.ts"
import { median, quantile } from "../statistics/index.ts"

const percent = (share: number): string => (Number.isNaN(share) ? "-" : (100 * share).toFixed(1))
const signed = (share: number): string =>
  Number.isNaN(share) ? "-" : `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`

const headings = ["n", "median %", "mean %", "p90 %", "bias %"] as const

const cells = (summary: ErrorSummary): readonly string[] => [
  String(summary.points),
  percent(summary.median),
  percent(summary.mean),
  percent(summary.p90),
  signed(summary.bias)
]

const sections = [
  ["family", "source"],
  ["accelerator", "accelerator"],
  ["stack", "software stack"],
  ["kind", "model"],
  ["trust", "trust in the measurement"]
] as const satisfies readonly (readonly [keyof ValidationSummary["by"], string])[]

const coverageLine = (coverage: Coverage): string =>
  `${coverage.covered} of ${coverage.points} points (${percent(coverage.covered / coverage.points)} %)`

/** Reasons for missing predictions, most frequent first. */
const reasonsOf = (coverage: Coverage): readonly (readonly [string, number])[] =>
  Object.entries(coverage.reasons).sort(([, a], [, b]) => b - a)

/** The largest errors of trusted speeds, worst first. */
export const worstRows = (rows: readonly ErrorRow[], count: number): readonly ErrorRow[] =>
  rows
    .filter((row) => row.timeError !== null && row.trust <= 2)
    .toSorted((a, b) => Math.abs(b.error ?? 0) - Math.abs(a.error ?? 0))
    .slice(0, count)

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}~`)

const textTable = (title: string, groups: Readonly<Record<string, ErrorSummary>>): readonly string[] => {
  const line = (name: string, values: readonly string[]): string =>
    `  ${clip(name, 28).padEnd(28)}${values.map((value) => value.padStart(10)).join("")}`.trimEnd()
  return [line(title, headings), ...Object.entries(groups).map(([name, summary]) => line(name, cells(summary)))]
}

/** Summary for a terminal of 80 columns. */
export const reportText = ({ points, summary }: ValidationReport): string => {
  const lines = [
    "error of predicted speed; bias of time: above 0 the prediction is too slow",
    "",
    ...textTable("all, trust 1 and 2", { speed: summary.speed }),
    ...textTable("peak memory", { memory: summary.memory })
  ]
  const { outOfMemory, bloomRankCorrelation, bloomRankCorrelationOfAll } = summary
  if (outOfMemory.points > 0)
    lines.push(`  out of memory foreseen      ${String(outOfMemory.predicted).padStart(10)} of ${outOfMemory.points}`)
  if (bloomRankCorrelation !== null)
    lines.push(
      `  rank correlation, BLOOM 384 ${bloomRankCorrelation.toFixed(2).padStart(10)}  (with the declared outlier ${bloomRankCorrelationOfAll?.toFixed(2)})`
    )
  for (const [key, title] of sections) lines.push("", ...textTable(title, summary.by[key]))
  lines.push("", `  compared: ${coverageLine(summary.trusted)} of trust 1 and 2`)
  for (const [reason, count] of reasonsOf(summary.trusted))
    lines.push(`  ${String(count).padStart(5)}  ${clip(reason, 70)}`)
  lines.push("", "  largest errors")
  for (const row of worstRows(points, 10))
    lines.push(`  ${signed(row.error ?? NaN).padStart(7)} %  ${clip(row.id, 66)}`)
  return `${lines.join("\n")}\n`
}

const markdownTable = (title: string, groups: Readonly<Record<string, ErrorSummary>>): readonly string[] => [
  `| ${title} | ${headings.join(" | ")} |`,
  `| --- | ${headings.map(() => "---:").join(" | ")} |`,
  ...Object.entries(groups).map(([name, summary]) => `| ${name} | ${cells(summary).join(" | ")} |`)
]

/** The page `docs/accuracy.md`. */
export const reportMarkdown = ({ points, summary }: ValidationReport): string => {
  const lines = [
    "# Accuracy",
    "",
    "Every published measurement that Windtunnel knows, beside its prediction. Regenerate with `windtunnel validate`.",
    "",
    "An error is |predicted / measured - 1| of the speed that the source states. Bias is the median signed error of",
    "time: above 0 the prediction is too slow. Trust 1 and 2 only, unless a table says otherwise.",
    "",
    ...markdownTable("what", { speed: summary.speed, "peak memory": summary.memory })
  ]
  if (summary.outOfMemory.points > 0) {
    lines.push("", `Out of memory foreseen: ${summary.outOfMemory.predicted} of ${summary.outOfMemory.points} runs.`)
  }
  if (summary.bloomRankCorrelation !== null) {
    lines.push(
      "",
      `Rank correlation of TFLOP/s among BLOOM's candidates on 384 A100: ${summary.bloomRankCorrelation.toFixed(3)}; with the`,
      `run that its own source calls an outlier ${summary.bloomRankCorrelationOfAll?.toFixed(3)}.`
    )
  }
  for (const [key, title] of sections) lines.push("", `## By ${title}`, "", ...markdownTable(title, summary.by[key]))
  lines.push(
    ...usedByTheFit(points),
    ...leftOutTable(),
    "",
    "## Coverage",
    "",
    `Compared: ${coverageLine(summary.trusted)} of trust 1 and 2.`
  )
  const reasons = reasonsOf(summary.trusted)
  if (reasons.length > 0) {
    lines.push(
      "",
      "| points | why not |",
      "| ---: | --- |",
      ...reasons.map(([reason, count]) => `| ${count} | ${reason} |`)
    )
  }
  lines.push("", "## Largest errors", "", "| error % | point | stack |", "| ---: | --- | --- |")
  for (const row of worstRows(points, 20)) lines.push(`| ${signed(row.error ?? NaN)} | ${row.id} | ${row.stack} |`)
  return `${lines.join("\n")}\n`
}

/** Speeds that the fit used (trust 1 and 2), and those that it did not (trust 3), apart. */
const usedByTheFit = (rows: readonly ErrorRow[]): readonly string[] => {
  const speeds = rows.filter((row) => row.timeError !== null)
  const line = (name: string, chosen: readonly ErrorRow[]): string => {
    const errors = chosen.map((row) => Math.abs(row.error ?? Number.NaN))
    return `| ${name} | ${errors.length} | ${percent(median(errors))} | ${percent(quantile(errors, 0.9))} |`
  }
  return [
    "",
    "## Used by the fit, and not",
    "",
    "| speeds | n | median % | p90 % |",
    "| --- | ---: | ---: | ---: |",
    line(
      "used by the fit (trust 1 and 2)",
      speeds.filter((row) => row.trust <= 2)
    ),
    line(
      "not used (trust 3)",
      speeds.filter((row) => row.trust > 2)
    )
  ]
}

interface LeftOut {
  readonly source: string
  readonly points: number
  readonly median: number
  readonly p90: number
}

/** What each source's error becomes when the constants are fitted to all the others. */
const leftOutTable = (): readonly string[] => {
  const rows: readonly LeftOut[] = leftOut
  return [
    "",
    "## Predicted without the source",
    "",
    "The constants refitted to every other source, then this one predicted (`windtunnel calibrate` prints it). A",
    "stack that only this source measures falls back to the centres of its priors.",
    "",
    "| source | n | median % | p90 % |",
    "| --- | ---: | ---: | ---: |",
    ...rows.map(({ source, points, median, p90 }) => `| ${source} | ${points} | ${percent(median)} | ${percent(p90)} |`)
  ]
}
