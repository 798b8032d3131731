/**
 * Every measurement beside its prediction, 80 columns wide.
 */
import type { ErrorRow, Metric } from "../validation/index.ts"
import { formatBytes, formatFigures, formatFlops, formatPercent, formatSeconds } from "../units/index.ts"
import { columns, paragraph } from "./wrapping.ts"

const tokens = (value: number): string => `${formatFigures(value)} tok/s`
const samples = (value: number): string => `${formatFigures(value)} seq/s`

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

export const pointsText = (points: readonly ErrorRow[]): string =>
  [
    ...lines("measurement", "measured", "predicted", "error"),
    ...points.flatMap(({ id, metric, measured, predicted, error, reason = "no prediction" }) => {
      if (metric === null || measured === null || predicted === null)
        return [...lines(id, "", "", "-"), ...paragraph(reason, columns - 4).map((line) => `    ${line}`)]
      const format = formats[metric]
      const shown = error === null ? "" : `${error > 0 ? "+" : ""}${formatPercent(error)}`
      return lines(id, format(measured), format(predicted), shown)
    })
  ]
    .map((line) => line.trimEnd())
    .join("\n")
