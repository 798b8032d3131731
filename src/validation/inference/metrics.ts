/**
 * What a measurement of inference measured, in the names and units of its file, and the same quantity of a prediction.
 *
 * A static batch is one clock read in several ways: milliseconds a token are the wall time over all its tokens (BLOOM's
 * blogs print it so), tokens a second the reverse, prefill included. Elsewhere latencies are means over requests.
 */
import type { InferenceMemory } from "../../inference/index.ts"
import type { ServingResult } from "../../serving/index.ts"
import type { MappedInference, RunName } from "./mapped.ts"
import type { InferencePoint } from "./point.ts"
import { numberOf, truthOf } from "./reading.ts"

export const inferenceMetrics = [
  "ms_per_token",
  "step_ms",
  "e2e_ms",
  "e2e_p50_ms",
  "e2e_p90_ms",
  "e2e_p99_ms",
  "ttft_ms",
  "ttft_p50_ms",
  "ttft_p90_ms",
  "ttft_p99_ms",
  "tpot_ms",
  "tpot_p50_ms",
  "tpot_p90_ms",
  "tpot_p99_ms",
  "itl_ms",
  "tokens_per_s",
  "tokens_per_s_per_gpu",
  "total_tokens_per_s",
  "req_per_s",
  "decode_tokens_per_s",
  "prefill_tokens_per_s",
  "load_s",
  "gpu_mem_gb",
  "avg_power_norm",
  "fits",
  "oom"
] as const

export type InferenceMetric = (typeof inferenceMetrics)[number]

/** time: seconds of some kind; rate: its inverse; memory and power: neither; fit: 1 or 0. */
export type MetricKind = "time" | "rate" | "memory" | "power" | "fit"

export interface InferenceComparison {
  readonly metric: InferenceMetric
  readonly kind: MetricKind
  readonly run: RunName
  /** Comparisons of one point with the same clock tell the same error; the first stands for all. */
  readonly clock: string
  readonly measured: number
  /** Of a run with a result. */
  readonly predict: (result: ServingResult, mapped: MappedInference) => number
}

interface Definition {
  readonly kind: MetricKind
  readonly run: RunName
  readonly clock: (mapped: MappedInference) => string
  readonly predict: InferenceComparison["predict"]
}

const milli = 1000

const isStatic = (mapped: MappedInference): boolean => mapped.workload.kind === "static"

/** Seconds from the start of a static batch to its last token. */
const wall = (result: ServingResult): number => result.latency.e2e.greatest

const outputTokens = (mapped: MappedInference): number => mapped.requests * mapped.workload.meanOutput

const whole = (mapped: MappedInference): string => (isStatic(mapped) ? "wall" : "throughput")
const own = (clock: string) => (): string => clock

const latency =
  (name: "ttft" | "tpot" | "e2e", statistic: "mean" | "p50" | "p90" | "p99") =>
  (result: ServingResult, mapped: MappedInference): number => {
    const summary = result.latency[name]
    // All requests of a static batch end together, with the longest.
    return milli * (isStatic(mapped) && name !== "tpot" ? summary.greatest : summary[statistic])
  }

const timed = (name: "ttft" | "tpot" | "e2e", statistic: "mean" | "p50" | "p90" | "p99"): Definition => ({
  kind: "time",
  run: "serve",
  clock:
    name === "e2e"
      ? (mapped) => (isStatic(mapped) ? "wall" : statisticClock("e2e", statistic))
      : own(statisticClock(name, statistic)),
  predict: latency(name, statistic)
})

const statisticClock = (name: string, statistic: string): string =>
  statistic === "mean" ? name : `${name} ${statistic}`

const tokensPerSecond = (result: ServingResult, mapped: MappedInference): number =>
  ((isStatic(mapped) ? outputTokens(mapped) / wall(result) : result.throughput.outputTokensPerSecond) * mapped.copies) /
  mapped.workload.beams

/** Metrics of which a clock reading follows from those of the point's whole run. */
const definitions: Readonly<Record<Exclude<InferenceMetric, "fits" | "oom" | "load_s" | "gpu_mem_gb">, Definition>> = {
  ms_per_token: {
    kind: "time",
    run: "serve",
    clock: (mapped) => (isStatic(mapped) ? "wall" : "per token"),
    predict: (result, mapped) =>
      milli * (isStatic(mapped) ? wall(result) / outputTokens(mapped) : result.latency.perToken.mean)
  },
  step_ms: {
    kind: "time",
    run: "serve",
    clock: (mapped) => (isStatic(mapped) ? "wall" : "tpot"),
    predict: (result, mapped) =>
      milli * (isStatic(mapped) ? wall(result) / mapped.workload.meanOutput : result.latency.tpot.mean)
  },
  e2e_ms: timed("e2e", "mean"),
  e2e_p50_ms: timed("e2e", "p50"),
  e2e_p90_ms: timed("e2e", "p90"),
  e2e_p99_ms: timed("e2e", "p99"),
  ttft_ms: timed("ttft", "mean"),
  ttft_p50_ms: timed("ttft", "p50"),
  ttft_p90_ms: timed("ttft", "p90"),
  ttft_p99_ms: timed("ttft", "p99"),
  tpot_ms: timed("tpot", "mean"),
  tpot_p50_ms: timed("tpot", "p50"),
  tpot_p90_ms: timed("tpot", "p90"),
  tpot_p99_ms: timed("tpot", "p99"),
  itl_ms: {
    kind: "time",
    run: "serve",
    clock: own("tpot"),
    predict: (result) => milli * result.interTokenLatency.mean
  },
  tokens_per_s: { kind: "rate", run: "serve", clock: whole, predict: tokensPerSecond },
  tokens_per_s_per_gpu: {
    kind: "rate",
    run: "serve",
    clock: whole,
    predict: (result, mapped) => tokensPerSecond(result, mapped) / mapped.accelerators
  },
  total_tokens_per_s: {
    kind: "rate",
    run: "serve",
    clock: whole,
    predict: (result, mapped) =>
      isStatic(mapped)
        ? (mapped.requests * (mapped.workload.meanPrompt + mapped.workload.meanOutput)) / wall(result)
        : result.throughput.tokensPerSecond * mapped.copies
  },
  req_per_s: {
    kind: "rate",
    run: "serve",
    clock: whole,
    predict: (result, mapped) =>
      ((isStatic(mapped) ? mapped.requests / wall(result) : result.throughput.requestsPerSecond) * mapped.copies) /
      mapped.workload.beams
  },
  decode_tokens_per_s: {
    kind: "rate",
    run: "decode",
    clock: own("decode"),
    predict: (result, mapped) => mapped.requests / result.latency.tpot.mean
  },
  prefill_tokens_per_s: {
    kind: "rate",
    run: "prefill",
    clock: own("prefill"),
    predict: (result, mapped) => (mapped.requests * mapped.prefillTokens) / result.latency.ttft.greatest
  },
  avg_power_norm: {
    kind: "power",
    run: "serve",
    clock: own("power"),
    predict: (result, mapped) => result.energy.averageWattsPerAccelerator / mapped.accelerator.powerWatts
  }
}

const isDefined = (metric: InferenceMetric): metric is keyof typeof definitions => metric in definitions

/** What a point states, of what this file can predict. */
export const comparisonsOf = (mapped: MappedInference): readonly InferenceComparison[] => {
  const said: Readonly<Record<string, string | number | boolean | null | undefined>> = mapped.point.measured
  const comparisons: InferenceComparison[] = []
  for (const metric of inferenceMetrics) {
    if (!isDefined(metric)) continue
    const value = said[metric]
    const measured = typeof value === "boolean" ? undefined : numberOf(value)
    if (measured === undefined || !(measured > 0)) continue
    const { kind, run, clock, predict } = definitions[metric]
    // Latencies are of a request by itself where the load of the throughput is not that of the latencies.
    comparisons.push(
      metric === "req_per_s" && mapped.workload.loadTest !== null
        ? {
            metric,
            kind,
            run: "load",
            clock: "load",
            measured,
            predict: (result) => result.throughput.requestsPerSecond
          }
        : { metric, kind, run, clock: clock(mapped), measured, predict }
    )
  }
  return comparisons
}

/** Fields that are stated but hold no number above 0: listed, not dropped. */
export const oddMetricsOf = (point: InferencePoint): readonly InferenceMetric[] =>
  inferenceMetrics.filter((metric) => {
    const value = (point.measured as Readonly<Record<string, string | number | boolean | null | undefined>>)[metric]
    if (value === null || value === undefined || value === "") return false
    if (metric === "fits" || metric === "oom") return truthOf(value) === undefined
    const number = typeof value === "boolean" ? undefined : numberOf(value)
    return number === undefined || !(number > 0)
  })

// ------------------------------------------------------------------------------------------------------------- memory

export interface MemoryComparison {
  readonly metric: "load_s" | "gpu_mem_gb" | "fits" | "oom"
  readonly kind: MetricKind
  readonly measured: number
  readonly predict: (memory: InferenceMemory, mapped: MappedInference) => number
}

/** Whether the weights and the keys and values of the longest batch fit. */
export const fitsIn = (memory: InferenceMemory, mapped: MappedInference): boolean =>
  memory.fits && memory.keyValueTokens >= mapped.heldTokens

const gigabyte = 1e9

const usedBytes = (memory: InferenceMemory, mapped: MappedInference): number =>
  memory.weights +
  memory.activations +
  memory.overhead +
  (mapped.heldTokens / mapped.dataAttention) * memory.keyValueBytesPerToken

/** What a point states of memory and loading. */
export const memoryComparisonsOf = (mapped: MappedInference): readonly MemoryComparison[] => {
  const said = mapped.point.measured
  const comparisons: MemoryComparison[] = []
  const load = numberOf(said.load_s)
  if (load !== undefined && load > 0)
    comparisons.push({ metric: "load_s", kind: "time", measured: load, predict: (memory) => memory.loadSeconds })
  const bytes = numberOf(said.gpu_mem_gb)
  if (bytes !== undefined && bytes > 0)
    comparisons.push({
      metric: "gpu_mem_gb",
      kind: "memory",
      measured: bytes,
      predict: (memory) => usedBytes(memory, mapped) / gigabyte
    })
  const fits = truthOf(said.fits)
  if (fits !== undefined)
    comparisons.push({
      metric: "fits",
      kind: "fit",
      measured: fits ? 1 : 0,
      predict: (memory) => (fitsIn(memory, mapped) ? 1 : 0)
    })
  const oom = truthOf(said.oom)
  if (oom !== undefined)
    comparisons.push({
      metric: "oom",
      kind: "fit",
      measured: oom ? 1 : 0,
      predict: (memory) => (fitsIn(memory, mapped) ? 0 : 1)
    })
  return comparisons
}
