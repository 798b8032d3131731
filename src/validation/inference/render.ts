/**
 * A report of serving as text of 80 columns and as Markdown.
 */
import leftOut from "../data/inference/left-out.json" with { type: "json" }
import type { Coverage, ErrorSummary } from "../errors.ts"
import { median, quantile } from "../../statistics/index.ts"
import { believedSpeeds, type ServingSummary } from "./summary.ts"
import type { InferenceRow } from "./rows.ts"
import type { ServingReport } from "./run.ts"

const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : "-")
const signed = (share: number): string => (share > 0 ? `+${percent(share)}` : percent(share))

const headings = ["n", "median %", "p90 %", "bias %"] as const

const cells = (summary: ErrorSummary): readonly string[] => [
  String(summary.points),
  percent(summary.median),
  percent(summary.p90),
  signed(summary.bias)
]

const sections = [
  ["metric", "source and metric"],
  ["accelerator", "accelerator"],
  ["stack", "serving stack and version"],
  ["kind", "model"],
  ["trust", "trust in the measurement"]
] as const satisfies readonly (readonly [keyof ServingSummary["by"], string])[]

const coverageLine = (coverage: Coverage): string =>
  `${coverage.covered} of ${coverage.points} points (${percent(coverage.covered / coverage.points)} %)`

const reasonsOf = (coverage: Coverage): readonly (readonly [string, number])[] =>
  Object.entries(coverage.reasons).toSorted(([, a], [, b]) => b - a)

const fitsLine = ({ points, right, outOfMemory, foreseen }: ServingSummary["fits"]): string =>
  `${right} of ${points} static batches fit or not as predicted (${percent(right / points)} %); out of memory foreseen: ${foreseen} of ${outOfMemory}`

/** The largest errors that are believed, worst first. */
const worst = (rows: readonly InferenceRow[], count: number): readonly InferenceRow[] =>
  believedSpeeds(rows)
    .toSorted((a, b) => Math.abs(b.error ?? 0) - Math.abs(a.error ?? 0))
    .slice(0, count)

interface Fitted {
  readonly name: string
  readonly errors: readonly number[]
}

/** Speeds that the fit may use (believed, trust 1 and 2), and those that it may not. */
const usedByTheFit = (rows: readonly InferenceRow[]): readonly Fitted[] => {
  const speeds = rows.filter((row) => row.counts && row.timeError !== null)
  const used = new Set(believedSpeeds(rows))
  const errors = (chosen: readonly InferenceRow[]): readonly number[] =>
    chosen.map((row) => Math.abs(row.error ?? Number.NaN))
  return [
    { name: "open to the fit (believed, trust 1 and 2)", errors: errors(speeds.filter((row) => used.has(row))) },
    { name: "not used (in doubt, or trust 3)", errors: errors(speeds.filter((row) => !used.has(row))) }
  ]
}

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}~`)

const textTable = (title: string, groups: Readonly<Record<string, ErrorSummary>>): readonly string[] => {
  const line = (name: string, values: readonly string[]): string =>
    `  ${clip(name, 38).padEnd(38)}${values.map((value) => value.padStart(10)).join("")}`.trimEnd()
  return [line(title, headings), ...Object.entries(groups).map(([name, summary]) => line(name, cells(summary)))]
}

/** Summary for a terminal of 80 columns. */
export const servingReportText = ({ points, summary }: ServingReport): string => {
  const lines = [
    "serving: error of predicted speed; bias of time: above 0 is too slow",
    "",
    ...textTable("all, trust 1 and 2", { speed: summary.speed })
  ]
  if (summary.memory.points > 0) lines.push(...textTable("memory", { "memory in use": summary.memory }))
  if (summary.fits.points > 0) lines.push(...wrapped(fitsLine(summary.fits)))
  for (const [key, title] of sections)
    if (Object.keys(summary.by[key]).length > 0) lines.push("", ...textTable(title, summary.by[key]))
  lines.push("", ...textTable("used by the fit, and not", {}))
  for (const { name, errors } of usedByTheFit(points))
    lines.push(
      `  ${clip(name, 48).padEnd(48)}${String(errors.length).padStart(6)}${percent(median(errors)).padStart(10)}${percent(quantile(errors, 0.9)).padStart(10)}`
    )
  if (summary.doubted.length > 0) {
    lines.push("", "  in doubt, left out above")
    for (const { family, reason, ...errors } of summary.doubted)
      lines.push(
        `  ${clip(family, 38).padEnd(38)}${cells(errors)
          .map((value) => value.padStart(10))
          .join("")}`,
        ...wrapped(reason).map((line) => `  ${line}`)
      )
  }
  lines.push("", `  compared: ${coverageLine(summary.all)}`)
  for (const [reason, count] of reasonsOf(summary.all))
    lines.push(`  ${String(count).padStart(5)}  ${clip(reason, 70)}`)
  const largest = worst(points, 10)
  if (largest.length > 0) lines.push("", "  largest errors")
  for (const row of largest)
    lines.push(`  ${signed(row.error ?? Number.NaN).padStart(8)} %  ${clip(`${row.id} ${row.metric ?? ""}`, 66)}`)
  return `${lines.join("\n")}\n`
}

/** Words in lines of at most 76 columns, indented by two. */
const wrapped = (text: string): readonly string[] => {
  const lines: string[] = []
  let line = " "
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > 76 && line.trim() !== "") {
      lines.push(line)
      line = " "
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

const markdownTable = (title: string, groups: Readonly<Record<string, ErrorSummary>>): readonly string[] => [
  `| ${title} | ${headings.join(" | ")} |`,
  `| --- | ${headings.map(() => "---:").join(" | ")} |`,
  ...Object.entries(groups).map(([name, summary]) => `| ${name} | ${cells(summary).join(" | ")} |`)
]

/** The serving part of `docs/accuracy.md`. */
export const servingReportMarkdown = ({ points, summary }: ServingReport): string => {
  const lines = [
    "# Accuracy of serving",
    "",
    "Every published measurement of inference that Windtunnel knows, beside its prediction. An error is |predicted /",
    "measured - 1| of the latency or throughput that the source states; where a source reads one clock in several ways",
    "only the first counts in the sums. Trust 1 and 2 only, unless a table says otherwise; measurements in doubt are",
    "summed up apart, with the reason.",
    "",
    ...markdownTable("what", { speed: summary.speed, "memory in use": summary.memory, "mean power": summary.power }),
    "",
    `${fitsLine(summary.fits)}.`
  ]
  for (const [key, title] of sections)
    lines.push("", `## Serving by ${title}`, "", ...markdownTable(title, summary.by[key]))
  lines.push(
    "",
    "## Serving: used by the fit, and not",
    "",
    "| speeds | n | median % | p90 % |",
    "| --- | ---: | ---: | ---: |",
    ...usedByTheFit(points).map(
      ({ name, errors }) =>
        `| ${name} | ${errors.length} | ${percent(median(errors))} | ${percent(quantile(errors, 0.9))} |`
    )
  )
  lines.push(...leftOutTable())
  if (summary.doubted.length > 0)
    lines.push(
      "",
      "## Serving: measurements in doubt",
      "",
      `| source | why | ${headings.join(" | ")} |`,
      `| --- | --- | ${headings.map(() => "---:").join(" | ")} |`,
      ...summary.doubted.map(
        ({ family, reason, ...errors }) => `| ${family} | ${reason} | ${cells(errors).join(" | ")} |`
      )
    )
  lines.push("", "## Serving: coverage", "", `Compared: ${coverageLine(summary.all)}.`)
  const reasons = reasonsOf(summary.all)
  if (reasons.length > 0)
    lines.push(
      "",
      "| points | why not |",
      "| ---: | --- |",
      ...reasons.map(([reason, count]) => `| ${count} | ${reason.replaceAll("|", "/")} |`)
    )
  lines.push("", "## Serving: largest errors", "", "| error % | point | metric | stack |", "| ---: | --- | --- | --- |")
  for (const row of worst(points, 20))
    lines.push(`| ${signed(row.error ?? Number.NaN)} | ${row.id} | ${row.metric ?? ""} | ${row.stack} ${row.version} |`)
  return `${lines.join("\n")}\n`
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
  if (rows.length === 0) return []
  return [
    "",
    "## Serving: predicted without the source",
    "",
    "The constants refitted to every other source, then this one predicted (`windtunnel calibrate` prints it). A stack",
    "that only this source measures falls back to its priors.",
    "",
    "| source | n | median % | p90 % |",
    "| --- | ---: | ---: | ---: |",
    ...rows.map(
      ({ source, points, median: middle, p90 }) => `| ${source} | ${points} | ${percent(middle)} | ${percent(p90)} |`
    )
  ]
}
