/**
 * What summaries of runs are made of: labelled rows, measurements beside predictions, and the lines of trust.
 */
import { basisText, rangeText, type IntervalBasis, type Ranged } from "../intervals/index.ts"
import type { Evidence } from "../training/index.ts"
import { formatCount, formatFigures, formatPercent, formatQuantity3 } from "../units/index.ts"
import { columns, paragraph } from "./wrapping.ts"

export const dollars = (amount: number): string => `$${amount < 1e6 ? formatFigures(amount) : formatCount(amount)}`

/** Grams of CO2 and what warms like it; a kilogram and a tonne have names of their own. */
export const carbon = (grams: number): string =>
  grams < 1e6 ? `${formatQuantity3(grams, "g")} CO2e` : `${formatCount(grams / 1e6)} tonnes CO2e`

/** Column at which values start. */
export const indent = 15

/** A label with its value, or with the parts of it that have to stand on lines of their own. */
export const row = (label: string, value: string | readonly string[]): string => {
  const [first = "", ...others] = typeof value === "string" ? [value] : value
  return [`  ${label}`.padEnd(indent) + first, ...others.map((part) => " ".repeat(indent) + part)].join("\n")
}

/** A measured value and how far the prediction is from it, on a line of its own below the prediction. */
export const beside = (
  predicted: number,
  measured: number | undefined,
  unchanged: number | undefined,
  format: (value: number) => string
): readonly string[] => {
  if (measured === undefined || measured <= 0)
    return unchanged === undefined ? [] : [row("", `${format(unchanged)} was measured for the unchanged scenario`)]
  const error = predicted / measured - 1
  if (!Number.isFinite(error)) return [row("", `measured ${format(measured)}`)]
  return [row("", `measured ${format(measured)} (${error > 0 ? "+" : ""}${formatPercent(error)})`)]
}

/** Between what the measured value lies, on a line of its own below the prediction. */
export const rangeRows = (ranged: Ranged | undefined, format: (value: number) => string): readonly string[] => {
  const text = rangeText(ranged, format)
  return text === undefined ? [] : paragraph(text, columns - indent).map((line) => row("", line))
}

const origins = ["calibrated", "measured", "fitted", "published", "data-sheet", "assumed"] as const

/** How many of the constants that mattered came from where, and which of them nobody measured. */
export const trustLines = (evidence: readonly Evidence[], basis?: IntervalBasis): readonly string[] => {
  const counts = origins
    .map((origin) => ({ origin, count: evidence.filter(({ constant }) => constant.origin === origin).length }))
    .filter(({ count }) => count > 0)
    .map(({ origin, count }) => `${count} ${origin === "calibrated" ? "calibrated here" : origin}`)
  const assumed = evidence.filter(({ constant }) => constant.origin === "assumed").map(({ name }) => name)
  return [
    ...paragraph(basisText(basis), columns - 8),
    counts.length === 0
      ? "no constant of this result has a recorded origin"
      : `constants that mattered: ${counts.join(", ")}`,
    ...(assumed.length === 0 ? [] : [listed("assumed: ", assumed)])
  ]
}

/** As many names as a line takes, and how many there are besides. */
const listed = (start: string, names: readonly string[]): string => {
  const room = columns - 8
  const whole = start + names.join(", ")
  if (whole.length <= room) return whole
  const ends = names.map(
    (_, index) => `${start}${names.slice(0, index + 1).join(", ")} and ${names.length - index - 1} more`
  )
  return ends.findLast((text) => text.length <= room) ?? `${start}${names.length} constants`
}

export const labelled = (label: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? label : "").padEnd(8)}${line}`)
