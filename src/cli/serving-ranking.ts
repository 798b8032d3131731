/**
 * Any number of serving results in a table, the most tokens a second first, each with its errors against what was measured.
 */
import { median } from "../statistics/index.ts"
import { formatFigures, formatPercent, formatSeconds } from "../units/index.ts"
import { sharedFolder } from "./ranking.ts"
import { signed, type ComparedServing, type ServingSide } from "./serving-comparison.ts"
import { columns } from "./wrapping.ts"

type Result = ComparedServing["result"]

export interface RankedServing {
  readonly label: string
  readonly name: string
  readonly hash: string
  readonly verdict: string
  readonly requestsPerSecond: number | null
  readonly outputTokensPerSecond: number | null
  readonly meanTtftSeconds: number | null
  readonly meanTpotSeconds: number | null
  readonly p99E2eSeconds: number | null
  /** What the scenario says was measured of these, with predicted / measured - 1. */
  readonly errors: Readonly<Record<string, number>>
}

/** Measured fields, and what is predicted for them. */
const predictions: Readonly<Record<string, (result: Result) => number | null>> = {
  ttft: (r) => r.latency.ttft.mean,
  tpot: (r) => r.latency.tpot.mean,
  e2e: (r) => r.latency.e2e.mean,
  e2eP50: (r) => r.latency.e2e.p50,
  e2eP99: (r) => r.latency.e2e.p99,
  requestsPerSecond: (r) => r.throughput.requestsPerSecond,
  outputTokensPerSecond: (r) => r.throughput.outputTokensPerSecond,
  tokensPerSecond: (r) => r.throughput.tokensPerSecond
}

const errorsOf = ({ scenario: { measured = {} }, result }: ComparedServing): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(predictions).flatMap(([field, of]) => {
      const [value, predicted] = [measured[field], of(result)]
      return typeof value === "number" && value > 0 && predicted !== null ? [[field, predicted / value - 1]] : []
    })
  )

export const servingRankingOf = (sides: readonly ServingSide[]): readonly RankedServing[] =>
  sides
    .map(({ label, document }) => ({
      label,
      name: document.scenario.name ?? label,
      hash: document.hash,
      verdict: document.result.verdict.kind,
      requestsPerSecond: document.result.throughput.requestsPerSecond,
      outputTokensPerSecond: document.result.throughput.outputTokensPerSecond,
      meanTtftSeconds: document.result.latency.ttft.mean,
      meanTpotSeconds: document.result.latency.tpot.mean,
      p99E2eSeconds: document.result.latency.e2e.p99,
      errors: errorsOf(document)
    }))
    .sort((one, other) => (other.outputTokensPerSecond ?? 0) - (one.outputTokensPerSecond ?? 0))

const cells = [11, 10, 12, 12, 13] as const
const labelWidth = columns - cells.reduce((sum, width) => sum + width, 0)

const row = (label: string, ...values: readonly string[]): string =>
  (label.length < labelWidth ? label : `..${label.slice(label.length - labelWidth + 3)}`).padEnd(labelWidth) +
  values.map((value, index) => value.padStart(cells[index] ?? 0)).join("")

export const servingRankingText = (ranked: readonly RankedServing[]): string => {
  const rate = (value: number | null): string => (value === null ? "-" : formatFigures(value))
  const seconds = (value: number | null): string => (value === null ? "-" : formatSeconds(value))
  const errors = ranked.flatMap(({ errors: found }) => Object.values(found).map(Math.abs))
  const shared = sharedFolder(ranked.map(({ label }) => label))
  const isLost = ranked.some(({ verdict }) => verdict === "overloaded")
  return [
    row(shared === "" ? "scenario" : shared, "requests/s", "tokens/s", "first token", "per token", "p99 in all"),
    ...ranked.flatMap((one) => [
      row(
        `${one.verdict === "overloaded" ? "! " : ""}${one.label.slice(shared.length).replace(/(?:\/result)?\.(?:ya?ml|json|m?[jt]s)$/, "")}`,
        rate(one.requestsPerSecond),
        rate(one.outputTokensPerSecond),
        seconds(one.meanTtftSeconds),
        seconds(one.meanTpotSeconds),
        seconds(one.p99E2eSeconds)
      ),
      ...(Object.keys(one.errors).length === 0 ? [] : [`    ${errorsText(one.errors)}`])
    ]),
    ...(isLost ? ["", "! overloaded: more requests come than it can serve"] : []),
    ...(errors.length < 5 ? [] : ["", `${errors.length} measured: median error ${formatPercent(median(errors))}`])
  ].join("\n")
}

const errorsText = (errors: Readonly<Record<string, number>>): string =>
  `against measured: ${Object.entries(errors)
    .map(([field, error]) => `${field} ${signed(formatPercent(error), error)}`)
    .join(", ")}`
