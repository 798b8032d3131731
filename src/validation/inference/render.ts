/**
 * A report of serving as text of 80 columns and as Markdown.
 */
import leftOut from "../data/inference/left-out.json" with { type: "json" }
import type { LeftOut } from "../errors.ts"
import {
  absoluteErrors,
  cellsOf,
  clip,
  columns,
  coverageLine,
  fitGroupCells,
  fitGroupsMarkdown,
  headingsOf,
  largestErrors,
  leftOutMarkdown,
  markdownTable,
  percent,
  reasonsMarkdown,
  reasonsText,
  signed,
  textRow,
  textTable,
  type FitGroup
} from "../render-tables.ts"
import { believedSpeeds, type ServingSummary } from "./summary.ts"
import type { InferenceRow } from "./rows.ts"
import type { ServingReport } from "./run.ts"

const shown = [columns.count, columns.median, columns.p90, columns.bias]

const sections = [
  ["metric", "source and metric"],
  ["accelerator", "accelerator"],
  ["stack", "serving stack and version"],
  ["kind", "model"],
  ["trust", "trust in the measurement"]
] as const satisfies readonly (readonly [keyof ServingSummary["by"], string])[]

const fitsLine = ({ points, right, outOfMemory, foreseen }: ServingSummary["fits"]): string =>
  `${right} of ${points} static batches fit or not as predicted (${percent(right / points)} %); out of memory foreseen: ${foreseen} of ${outOfMemory}`

/** The largest errors that are believed, worst first. */
const worst = (rows: readonly InferenceRow[], count: number): readonly InferenceRow[] =>
  largestErrors(believedSpeeds(rows), count)

/** Speeds that the fit may use (believed, trust 1 and 2), and those that it may not. */
const usedByTheFit = (rows: readonly InferenceRow[]): readonly FitGroup[] => {
  const speeds = rows.filter((row) => row.counts && row.timeError !== null)
  const used = new Set(believedSpeeds(rows))
  return [
    {
      name: "open to the fit (believed, trust 1 and 2)",
      errors: absoluteErrors(speeds.filter((row) => used.has(row)))
    },
    { name: "not used (in doubt, or trust 3)", errors: absoluteErrors(speeds.filter((row) => !used.has(row))) }
  ]
}

/** Summary for a terminal of 80 columns. */
export const servingReportText = ({ points, summary }: ServingReport): string => {
  const lines = [
    "serving: error of predicted speed; bias of time: above 0 is too slow",
    "",
    ...textTable(shown, "all, trust 1 and 2", { speed: summary.speed })
  ]
  if (summary.memory.points > 0) lines.push(...textTable(shown, "memory", { "memory in use": summary.memory }))
  if (summary.fits.points > 0) lines.push(...wrapped(fitsLine(summary.fits)))
  for (const [key, title] of sections)
    if (Object.keys(summary.by[key]).length > 0) lines.push("", ...textTable(shown, title, summary.by[key]))
  lines.push("", ...textTable(shown, "used by the fit, and not", {}))
  for (const group of usedByTheFit(points)) {
    const [count, ...shares] = fitGroupCells(group)
    const numbers = [count.padStart(6), ...shares.map((share) => share.padStart(10))]
    lines.push(`  ${clip(group.name, 48).padEnd(48)}${numbers.join("")}`)
  }
  if (summary.doubted.length > 0) {
    lines.push("", "  in doubt, left out above")
    for (const { family, reason, ...errors } of summary.doubted)
      lines.push(textRow(family, cellsOf(shown, errors)), ...wrapped(reason).map((line) => `  ${line}`))
  }
  lines.push("", `  compared: ${coverageLine(summary.all)}`)
  lines.push(...reasonsText(summary.all))
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
    ...markdownTable(shown, "what", {
      speed: summary.speed,
      "memory in use": summary.memory,
      "mean power": summary.power
    }),
    "",
    `${fitsLine(summary.fits)}.`
  ]
  for (const [key, title] of sections)
    lines.push("", `## Serving by ${title}`, "", ...markdownTable(shown, title, summary.by[key]))
  lines.push("", "## Serving: used by the fit, and not", "", ...fitGroupsMarkdown(usedByTheFit(points)))
  lines.push(...leftOutTable())
  if (summary.doubted.length > 0)
    lines.push(
      "",
      "## Serving: measurements in doubt",
      "",
      `| source | why | ${headingsOf(shown).join(" | ")} |`,
      `| --- | --- | ${shown.map(() => "---:").join(" | ")} |`,
      ...summary.doubted.map(
        ({ family, reason, ...errors }) => `| ${family} | ${reason} | ${cellsOf(shown, errors).join(" | ")} |`
      )
    )
  lines.push("", "## Serving: coverage", "", `Compared: ${coverageLine(summary.all)}.`, ...reasonsMarkdown(summary.all))
  lines.push("", "## Serving: largest errors", "", "| error % | point | metric | stack |", "| ---: | --- | --- | --- |")
  for (const row of worst(points, 20))
    lines.push(`| ${signed(row.error ?? Number.NaN)} | ${row.id} | ${row.metric ?? ""} | ${row.stack} ${row.version} |`)
  return `${lines.join("\n")}\n`
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
    ...leftOutMarkdown(rows)
  ]
}
