/**
 * A validation report as text of 80 columns and as Markdown.
 */
import leftOut from "./data/left-out.json" with { type: "json" }
import type { ErrorRow, LeftOut, ValidationSummary } from "./errors.ts"
import {
  absoluteErrors,
  clip,
  columns,
  coverageLine,
  fitGroupsMarkdown,
  largestErrors,
  leftOutMarkdown,
  markdownTable,
  reasonsMarkdown,
  reasonsText,
  signed,
  textTable
} from "./render-tables.ts"
import type { ValidationReport } from "./run.ts"

const shown = [columns.count, columns.median, columns.mean, columns.p90, columns.bias]

const sections = [
  ["family", "source"],
  ["accelerator", "accelerator"],
  ["stack", "software stack"],
  ["kind", "model"],
  ["trust", "trust in the measurement"]
] as const satisfies readonly (readonly [keyof ValidationSummary["by"], string])[]

/** The largest errors of trusted speeds, worst first. */
export const worstRows = (rows: readonly ErrorRow[], count: number): readonly ErrorRow[] =>
  largestErrors(
    rows.filter((row) => row.timeError !== null && row.trust <= 2),
    count
  )

/** Summary for a terminal of 80 columns. */
export const reportText = ({ points, summary }: ValidationReport): string => {
  const lines = [
    "error of predicted speed; bias of time: above 0 the prediction is too slow",
    "",
    ...textTable(shown, "all, trust 1 and 2", { speed: summary.speed }),
    ...textTable(shown, "peak memory", { memory: summary.memory })
  ]
  const { outOfMemory, bloomRankCorrelation, bloomRankCorrelationOfAll } = summary
  if (outOfMemory.points > 0)
    lines.push(`  out of memory foreseen      ${String(outOfMemory.predicted).padStart(10)} of ${outOfMemory.points}`)
  if (bloomRankCorrelation !== null)
    lines.push(
      `  rank correlation, BLOOM 384 ${bloomRankCorrelation.toFixed(2).padStart(10)}  (with the declared outlier ${bloomRankCorrelationOfAll?.toFixed(2)})`
    )
  for (const [key, title] of sections) lines.push("", ...textTable(shown, title, summary.by[key]))
  lines.push("", `  compared: ${coverageLine(summary.trusted)} of trust 1 and 2`)
  lines.push(...reasonsText(summary.trusted))
  lines.push("", "  largest errors")
  for (const row of worstRows(points, 10))
    lines.push(`  ${signed(row.error ?? NaN).padStart(7)} %  ${clip(row.id, 66)}`)
  return `${lines.join("\n")}\n`
}

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
    ...markdownTable(shown, "what", { speed: summary.speed, "peak memory": summary.memory })
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
  for (const [key, title] of sections)
    lines.push("", `## By ${title}`, "", ...markdownTable(shown, title, summary.by[key]))
  lines.push(
    ...usedByTheFit(points),
    ...leftOutTable(),
    "",
    "## Coverage",
    "",
    `Compared: ${coverageLine(summary.trusted)} of trust 1 and 2.`,
    ...reasonsMarkdown(summary.trusted)
  )
  lines.push("", "## Largest errors", "", "| error % | point | stack |", "| ---: | --- | --- |")
  for (const row of worstRows(points, 20)) lines.push(`| ${signed(row.error ?? NaN)} | ${row.id} | ${row.stack} |`)
  return `${lines.join("\n")}\n`
}

/** Speeds that the fit used (trust 1 and 2), and those that it did not (trust 3), apart. */
const usedByTheFit = (rows: readonly ErrorRow[]): readonly string[] => {
  const speeds = rows.filter((row) => row.timeError !== null)
  const errors = (isUsed: boolean): readonly number[] =>
    absoluteErrors(speeds.filter((row) => row.trust <= 2 === isUsed))
  return [
    "",
    "## Used by the fit, and not",
    "",
    ...fitGroupsMarkdown([
      { name: "used by the fit (trust 1 and 2)", errors: errors(true) },
      { name: "not used (trust 3)", errors: errors(false) }
    ])
  ]
}

const leftOutTable = (): readonly string[] => {
  const rows: readonly LeftOut[] = leftOut
  return [
    "",
    "## Predicted without the source",
    "",
    "The constants refitted to every other source, then this one predicted (`windtunnel calibrate` prints it). A",
    "stack that only this source measures falls back to the centres of its priors.",
    "",
    ...leftOutMarkdown(rows)
  ]
}
