/**
 * Every measurement beside its prediction, 80 columns wide.
 */
import type { ErrorRow, InferenceMetric, InferenceRow, Metric } from "../validation/index.ts"
import { formatBytes, formatFigures, formatFlops, formatPercent, formatSeconds } from "../units/index.ts"
import { columns, paragraph } from "./wrapping.ts"

const tokens = (value: number): string => `${formatFigures(value)} tok/s`
const samples = (value: number): string => `${formatFigures(value)} seq/s`

const milliseconds = (value: number): string => formatSeconds(value / 1000)

/** Metrics of inference have their unit in their name. */
const servingFormat = (metric: InferenceMetric): ((value: number) => string) => {
  if (metric === "fits") return (value) => (value === 1 ? "fits" : "too large")
  if (metric === "oom") return (value) => (value === 1 ? "too large" : "fits")
  if (metric.endsWith("_norm")) return formatPercent
  if (metric.endsWith("_ms") || metric === "ms_per_token") return milliseconds
  if (metric.endsWith("_gb")) return (value) => formatBytes(value * 1e9)
  if (metric === "load_s") return formatSeconds
  return metric === "req_per_s" ? (value) => `${formatFigures(value)} req/s` : tokens
}

const formats: Readonly<Record<Metric, (value: number) => string>> = {
  secondsPerIteration: formatSeconds,
  tokensPerSecond: tokens,
  tokensPerSecondPerAccelerator: tokens,
  samplesPerSecond: samples,
  samplesPerSecondPerAccelerator: samples,
  flopsPerAccelerator: formatFlops,
  modelFlopsUtilisation: formatPercent,
  memoryBytes: formatBytes,
  outOfMemory: (value) => (value === 1 ? "too large" : "fits")
}

const cells = [15, 15, 10] as const
const labelWidth = columns - cells.reduce((sum, width) => sum + width, 0)

/** Names are long and differ at their ends: where they do not fit they stand on a line of their own. */
const lines = (id: string, ...values: readonly string[]): readonly string[] => {
  const numbers = values.map((value, index) => value.padStart(cells[index] ?? 0)).join("")
  return id.length < labelWidth
    ? [id.padEnd(labelWidth) + numbers]
    : [id.length <= columns ? id : `${id.slice(0, columns - 3)}...`, " ".repeat(labelWidth) + numbers]
}

const isServing = (row: ErrorRow | InferenceRow): row is InferenceRow => "measure" in row

/** What a row is about; points of inference state several metrics. */
const labelOf = (row: ErrorRow | InferenceRow): string =>
  isServing(row) && row.metric !== null ? `${row.id} ${row.metric}` : row.id

const formatOf = (row: ErrorRow | InferenceRow): ((value: number) => string) | undefined => {
  if (row.metric === null) return undefined
  return isServing(row) ? servingFormat(row.metric) : formats[row.metric]
}

export const pointsText = (points: readonly (ErrorRow | InferenceRow)[]): string =>
  [
    ...lines("measurement", "measured", "predicted", "error"),
    ...points.flatMap((row) => {
      const { measured, predicted, error, reason = "no prediction" } = row
      const id = labelOf(row)
      const format = formatOf(row)
      if (format === undefined || measured === null || predicted === null)
        return [...lines(id, "", "", "-"), ...paragraph(reason, columns - 4).map((line) => `    ${line}`)]
      const shown = error === null ? "" : `${error > 0 ? "+" : ""}${formatPercent(error)}`
      return lines(id, format(measured), format(predicted), shown)
    })
  ]
    .map((line) => line.trimEnd())
    .join("\n")
