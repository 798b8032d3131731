/**
 * Serving results side by side: two with the difference explained, more in a table.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatFigures, formatPercent, formatQuantity3, formatSeconds } from "../units/index.ts"
import type { ComparedMetric } from "./comparison.ts"
import { servingShares } from "./serving-shares.ts"

/** JSON has no NaN: what a run cannot answer is null there. */
const Answer = Schema.NullOr(Schema.Finite)
const Latency = Schema.Struct({ mean: Answer, p50: Answer, p90: Answer, p99: Answer })
const Shares = Schema.Record(Schema.String, Schema.Finite)

/** What `compare` reads of a result document of serving. */
const ComparedServing = Schema.Struct({
  version: Schema.Literal(1),
  kind: Schema.Literal("serving"),
  scenario: Schema.Struct({
    name: Schema.optionalKey(Schema.String),
    measured: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
  }),
  hash: Schema.String,
  result: Schema.Struct({
    throughput: Schema.Struct({
      requestsPerSecond: Answer,
      outputTokensPerSecond: Answer,
      tokensPerSecond: Answer,
      outputTokensPerSecondPerAccelerator: Answer,
      goodRequestsPerSecond: Answer
    }),
    latency: Schema.Struct({ ttft: Latency, tpot: Latency, e2e: Latency }),
    verdict: Schema.Struct({ kind: Schema.String, estimatedCapacityRequestsPerSecond: Answer }),
    breakdown: Schema.Struct({
      request: Schema.Struct({ queue: Answer, prefill: Answer, decode: Answer, preempted: Answer }),
      replica: Schema.Struct({
        prefill: Shares,
        decode: Shares,
        communication: Schema.Finite,
        host: Schema.Finite,
        bubble: Schema.Finite,
        idle: Schema.Finite
      })
    }),
    energy: Schema.Struct({ averageWattsPerAccelerator: Answer, joulesPerOutputToken: Answer }),
    cost: Schema.Struct({ perMillionOutputTokens: Answer })
  })
})
export type ComparedServing = typeof ComparedServing.Type

const decode = Schema.decodeUnknownResult(ComparedServing)

/** A result document of serving, or why a value is none. */
export const readServingDocument = (value: unknown): ComparedServing | string => {
  const decoded = decode(value)
  return Result.isSuccess(decoded) ? decoded.success : decoded.failure.message.replaceAll(/\s*\n\s*/g, " ")
}

/** A value as a document of it would be read. */
export const asRead = (document: unknown): unknown => JSON.parse(JSON.stringify(document))

export interface ServingSide {
  readonly label: string
  readonly document: ComparedServing
}

type Result = ComparedServing["result"]

interface Metric {
  readonly name: string
  readonly label: string
  readonly of: (result: Result) => number | null
  readonly format: (value: number) => string
}

const metrics: readonly Metric[] = [
  { name: "requestsPerSecond", label: "requests/s", of: (r) => r.throughput.requestsPerSecond, format: formatFigures },
  {
    name: "goodRequestsPerSecond",
    label: "requests/s that met goals",
    of: (r) => r.throughput.goodRequestsPerSecond,
    format: formatFigures
  },
  {
    name: "estimatedCapacityRequestsPerSecond",
    label: "requests/s it could serve",
    // Users who wait for their answers, and batches, come as fast as they are served: no more could come.
    of: (r) => (r.verdict.kind === "closed" ? null : r.verdict.estimatedCapacityRequestsPerSecond),
    format: formatFigures
  },
  {
    name: "outputTokensPerSecond",
    label: "output tokens/s",
    of: (r) => r.throughput.outputTokensPerSecond,
    format: formatFigures
  },
  {
    name: "outputTokensPerSecondPerAccelerator",
    label: "output tokens/s/GPU",
    of: (r) => r.throughput.outputTokensPerSecondPerAccelerator,
    format: formatFigures
  },
  { name: "meanTtftSeconds", label: "first token, mean", of: (r) => r.latency.ttft.mean, format: formatSeconds },
  { name: "p99TtftSeconds", label: "first token, p99", of: (r) => r.latency.ttft.p99, format: formatSeconds },
  { name: "meanTpotSeconds", label: "per token, mean", of: (r) => r.latency.tpot.mean, format: formatSeconds },
  { name: "p99TpotSeconds", label: "per token, p99", of: (r) => r.latency.tpot.p99, format: formatSeconds },
  { name: "meanE2eSeconds", label: "end to end, mean", of: (r) => r.latency.e2e.mean, format: formatSeconds },
  { name: "p99E2eSeconds", label: "end to end, p99", of: (r) => r.latency.e2e.p99, format: formatSeconds },
  {
    name: "joulesPerOutputToken",
    label: "energy an output token",
    of: (r) => r.energy.joulesPerOutputToken,
    format: (joules) => formatQuantity3(joules, "J")
  },
  {
    name: "costPerMillionOutputTokens",
    label: "cost a million of them",
    of: (r) => r.cost.perMillionOutputTokens,
    format: (amount) => `$${formatFigures(amount)}`
  }
]

export interface ServingComparison {
  readonly kind: "serving"
  readonly a: { readonly label: string; readonly name: string; readonly hash: string; readonly verdict: string }
  readonly b: ServingComparison["a"]
  readonly metrics: readonly ComparedMetric[]
  /** Mean seconds of a request, which add up to the mean end-to-end latency. */
  readonly request: readonly (ComparedMetric & { readonly difference: number })[]
  /** Shares of a replica's time, which add up to 1; the largest difference first. */
  readonly replica: readonly (ComparedMetric & { readonly difference: number })[]
}

const compared = (name: string, a: number, b: number): ComparedMetric => ({
  name,
  a,
  b,
  change: a === 0 ? null : b / a - 1
})

const differing = (name: string, a: number, b: number) => Object.assign(compared(name, a, b), { difference: b - a })

export const servingComparisonOf = (first: ServingSide, second: ServingSide): ServingComparison => {
  const [a, b] = [first.document.result, second.document.result]
  const [before, after] = [servingShares(a.breakdown.replica), servingShares(b.breakdown.replica)]
  const parts = ["queue", "prefill", "decode", "preempted"] as const
  return {
    kind: "serving",
    a: about(first),
    b: about(second),
    metrics: metrics.flatMap(({ name, of }) => {
      const [one, other] = [of(a), of(b)]
      return one === null || other === null ? [] : [compared(name, one, other)]
    }),
    request: parts.flatMap((part) => {
      const [one, other] = [a.breakdown.request[part], b.breakdown.request[part]]
      return (one ?? 0) === 0 && (other ?? 0) === 0 ? [] : [differing(part, one ?? 0, other ?? 0)]
    }),
    replica: before
      .map(({ name, share }) => differing(name, share, after.find((other) => other.name === name)?.share ?? 0))
      .filter((part) => part.a > 0 || part.b > 0)
      .sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference))
  }
}

const about = ({ label, document }: ServingSide): ServingComparison["a"] => ({
  label,
  name: document.scenario.name ?? label,
  hash: document.hash,
  verdict: document.result.verdict.kind
})

const line = (label: string, a: string, b: string, change: string): string =>
  `  ${label.padEnd(26)}${a.padStart(15)}${b.padStart(15)}${change.padStart(14)}`.trimEnd()

export const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text)

export const servingComparisonText = ({ a, b, metrics: shown, request, replica }: ServingComparison): string => {
  const verdict = (kind: string): string => (kind === "overloaded" || kind === "backlogged" ? `: ${kind}` : "")
  return [
    `A  ${a.name} (${a.label})${verdict(a.verdict)}`,
    `B  ${b.name} (${b.label})${verdict(b.verdict)}`,
    "",
    line("", "A", "B", "change"),
    ...shown.map(({ name, a, b, change }) => {
      const { label, format } = metrics.find((metric) => metric.name === name) ?? { label: name, format: formatFigures }
      return line(label, format(a), format(b), change === null ? "" : signed(formatPercent(change), change))
    }),
    "",
    line("a mean request", "A", "B", "difference"),
    ...request.map(({ name, a, b, difference }) =>
      line(name, formatSeconds(a), formatSeconds(b), signed(formatSeconds(difference), difference))
    ),
    "",
    line("a replica's time", "A", "B", "points"),
    ...replica
      .filter((part) => part.a >= 0.005 || part.b >= 0.005)
      .map(({ name, a, b, difference }) =>
        line(name, formatPercent(a), formatPercent(b), signed((difference * 100).toFixed(1), difference))
      )
  ].join("\n")
}
