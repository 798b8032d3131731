/**
 * The columns of a sweep's rows as people know them: name, unit, how a number is shown, and which way is better.
 */
import { countAxis, timeAxis, type Axis, type Measure } from "../../charts/index.ts"
import { extent } from "../../statistics/index.ts"
import { formatBytes, formatCount, formatFigures, formatPercent, formatSeconds } from "../../units/index.ts"
import type { Column } from "../document.ts"
import { dollars } from "../show.ts"

export interface Metric extends Column {
  readonly column: string
  /** As it stands in a sentence: "the cost of a million tokens". */
  readonly phrase: string
  readonly better: "less" | "more"
}

type Kind = "seconds" | "bytes" | "dollars" | "share" | "count" | "tokens/s" | "requests/s" | "J"

const units: Readonly<Record<Kind, Pick<Column, "unit" | "show">>> = {
  seconds: { unit: "s", show: formatSeconds },
  bytes: { unit: "bytes", show: formatBytes },
  dollars: { unit: "$", show: dollars },
  share: { unit: "share", show: formatPercent },
  count: { unit: "", show: formatCount },
  "tokens/s": { unit: "tokens/s", show: formatFigures },
  "requests/s": { unit: "requests/s", show: formatFigures },
  J: { unit: "J", show: formatFigures }
}

const known: Readonly<Record<string, readonly [name: string, kind: Kind, better: "less" | "more", phrase?: string]>> = {
  accelerators: ["accelerators", "count", "less", "the number of accelerators"],
  iterationSeconds: ["iteration", "seconds", "less", "the time of an iteration"],
  tokensPerSecond: ["throughput", "tokens/s", "more"],
  tokensPerSecondPerAccelerator: ["throughput per accelerator", "tokens/s", "more"],
  modelFlopsUtilisation: ["MFU", "share", "more", "MFU"],
  memoryBytes: ["memory of the fullest", "bytes", "less", "the memory of the fullest accelerator"],
  dollarsPerMillionTokens: ["cost of a million tokens", "dollars", "less"],
  joulesPerToken: ["energy of a token", "J", "less"],
  offeredPerSecond: ["requests that come", "requests/s", "more", "the rate of requests that come"],
  requestsPerSecond: ["requests finished", "requests/s", "more", "the rate of finished requests"],
  capacityPerSecond: ["requests that could be served", "requests/s", "more", "the rate that could be served"],
  outputTokensPerSecond: ["output", "tokens/s", "more", "the rate of output tokens"],
  ttftMean: ["mean time to first token", "seconds", "less"],
  ttftP99: ["p99 time to first token", "seconds", "less"],
  tpotMean: ["mean time per token", "seconds", "less"],
  tpotP99: ["p99 time per token", "seconds", "less"],
  e2eMean: ["mean time to last token", "seconds", "less"],
  e2eP99: ["p99 time to last token", "seconds", "less"],
  attained: ["share within the goals", "share", "more", "the share of requests within the goals"],
  busy: ["share of time busy", "share", "more"],
  dollarsPerMillionOutputTokens: ["cost of a million output tokens", "dollars", "less"],
  joulesPerOutputToken: ["energy of an output token", "J", "less"]
}

/** Of a column that is not known by name, its name says what it is. */
const guessed = (column: string): readonly [name: string, kind: Kind, better: "less" | "more"] => {
  const name = column.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim()
  if (/seconds$/i.test(column) && !/per/i.test(column)) return [name, "seconds", "less"]
  if (/bytes$/i.test(column)) return [name, "bytes", "less"]
  if (/^dollars/i.test(column)) return [name, "dollars", "less"]
  if (/^joules/i.test(column)) return [name, "J", "less"]
  return [name, "count", "more"]
}

export const metricOf = (column: string): Metric => {
  const [name, kind, better, phrase = `the ${name}`] = known[column] ?? guessed(column)
  return { column, name, ...units[kind], better, phrase }
}

/** A number of it with its unit. */
export const told = ({ unit, show = formatFigures }: Pick<Column, "unit" | "show">, value: number): string =>
  ["tokens/s", "requests/s", "J"].includes(unit) ? `${show(value)} ${unit}` : show(value)

/** "highest" or "lowest". */
export const superlative = ({ better }: Pick<Metric, "better">): string => (better === "more" ? "highest" : "lowest")

/** Name with the unit that its numbers do not say themselves. */
export const labelOf = ({ name, unit }: Metric): string =>
  ["tokens/s", "requests/s", "J"].includes(unit) ? `${name}, ${unit}` : name

export const measureOf = (metric: Metric): Measure => ({
  label: labelOf(metric),
  better: metric.better,
  show: metric.show ?? formatFigures
})

/** As the heading of a column of a chart's numbers, whose ending says its unit. */
export const headingOf = ({ name, unit }: Metric, prefix = name): string =>
  unit === "" ? prefix : `${prefix}, ${unit}`

/** An axis from nothing on; numbers that lie close together have one that begins near the least, so that they are told apart. */
export const axisOf = (metric: Metric, values: readonly number[]): Axis => {
  const [low, greatest] = extent(values)
  const high = Math.max(0, greatest)
  const isWide = low > 0 && high / low > 50
  const from = isWide ? low : low < high * 0.6 ? Math.min(0, low) : low - (high - low) * 0.1
  const scale = isWide ? "log" : "linear"
  const to = high > from ? high : from + 1
  if (metric.unit === "s") return timeAxis(metric.name, from, to, scale)
  const [label, unit] =
    metric.unit === "bytes"
      ? [`${metric.name}, GB`, 1e9]
      : metric.unit === "share"
        ? [metric.name === "MFU" ? "MFU, %" : metric.name.replace("share", "share, %,"), 0.01]
        : [metric.unit === "" ? metric.name : `${metric.name}, ${metric.unit}`, 1]
  return { ...countAxis(label, from, to), unit, scale }
}
