/**
 * A benchmark's result beside a prediction: what `vllm bench serve --save-result` writes, and benchmark_serving.py before it.
 *
 * Both have the same names for the same quantities (serving/result/benchmark-names.ts), in milliseconds and per second.
 */
import { formatFigures, formatPercent } from "../units/index.ts"

/** Numbers of a benchmark by name. */
export type BenchmarkNumbers = Readonly<Record<string, number | null>>

/** Names that tell a benchmark's result from anything else. */
const marks = ["request_throughput", "output_throughput", "mean_ttft_ms"] as const

/** The numbers of a benchmark's result; undefined where the value is none. */
export const benchmarkNumbers = (value: unknown): BenchmarkNumbers | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  const fields = Object.entries(value)
  const numbers = Object.fromEntries(
    fields.flatMap(([name, field]) =>
      // Older releases wrote "request_goodput:".
      typeof field === "number" && Number.isFinite(field) ? [[name.replace(/:$/, ""), field]] : []
    )
  )
  return marks.every((name) => name in numbers) ? numbers : undefined
}

export interface BesideBenchmark {
  readonly kind: "benchmark"
  readonly prediction: { readonly label: string; readonly name: string; readonly hash: string }
  readonly measured: { readonly label: string }
  /** Names that both have, in the prediction's order; error = predicted / measured - 1. */
  readonly metrics: readonly {
    readonly name: string
    readonly predicted: number
    readonly measured: number
    readonly error: number | null
  }[]
  /** Where the benchmark was of another load than the scenario's. */
  readonly remarks: readonly string[]
}

/** Names of what was asked for rather than of what came out: they should agree. */
const asked: Readonly<Record<string, string>> = {
  num_prompts: "requests",
  total_input_tokens: "prompt tokens in all",
  total_output_tokens: "output tokens in all"
}

/** Asked for amounts that differ by more are another load. */
const sameLoad = 0.05

export const besideBenchmark = (
  prediction: BesideBenchmark["prediction"],
  predicted: BenchmarkNumbers,
  measuredLabel: string,
  measured: BenchmarkNumbers
): BesideBenchmark => {
  const metrics = Object.entries(predicted).flatMap(([name, value]) => {
    const seen = measured[name]
    if (value === null || seen === null || seen === undefined) return []
    return [{ name, predicted: value, measured: seen, error: seen === 0 ? null : value / seen - 1 }]
  })
  return {
    kind: "benchmark",
    prediction,
    measured: { label: measuredLabel },
    metrics,
    remarks: metrics.flatMap(({ name, predicted: own, measured: seen, error }) =>
      asked[name] !== undefined && (error === null || Math.abs(error) > sameLoad)
        ? [`${asked[name]}: ${formatFigures(own)} predicted, ${formatFigures(seen)} measured: the loads differ`]
        : []
    )
  }
}

const line = (name: string, predicted: string, measured: string, error: string): string =>
  `  ${name.padEnd(26)}${predicted.padStart(15)}${measured.padStart(15)}${error.padStart(14)}`.trimEnd()

export const besideBenchmarkText = ({ prediction, measured, metrics, remarks }: BesideBenchmark): string =>
  [
    `predicted  ${prediction.name} (${prediction.label})`,
    `measured   ${measured.label}`,
    "",
    line("", "predicted", "measured", "error"),
    ...metrics.map(({ name, predicted, measured: seen, error }) =>
      line(
        name,
        formatFigures(predicted),
        formatFigures(seen),
        error === null ? "" : `${error > 0 ? "+" : ""}${formatPercent(error)}`
      )
    ),
    ...(remarks.length === 0 ? [] : ["", ...remarks])
  ].join("\n")
