/**
 * What a measurement measured, in SI units, and the same quantity of a simulated run.
 *
 * A point is compared on one speed: the quantity nearest to a clock that it states. Where the batch had to be rounded
 * the prediction is scaled back to the measured number of sequences.
 */
import { currentStack } from "../catalog/index.ts"
import { modelFlopsPerToken, type FlopConvention } from "../transformer/index.ts"
import type { TrainingResult } from "../training/index.ts"
import type { MappedPoint } from "./mapping.ts"
import { numberOf } from "./reading.ts"

export type SpeedMetric =
  | "secondsPerIteration"
  | "tokensPerSecondPerAccelerator"
  | "tokensPerSecond"
  | "samplesPerSecond"
  | "samplesPerSecondPerAccelerator"
  | "flopsPerAccelerator"
  | "modelFlopsUtilisation"

export type Metric = SpeedMetric | "memoryBytes" | "outOfMemory"

/** One measured value and how a result predicts it. */
export interface Comparison<M extends Metric = Metric> {
  readonly metric: M
  /** SI units; 1 for a run that went out of memory. */
  readonly measured: number
  readonly predict: (result: TrainingResult) => number
}

const conventions: readonly { readonly match: RegExp; readonly convention: FlopConvention }[] = [
  { match: /8 ?\*|8nt/i, convention: "estimate-8nt" },
  { match: /^mfu/i, convention: "model-full-attention" },
  { match: /\b96 ?\*|eq\.? ?\(3\)|hardware|formula incl|hfu incl/i, convention: "hardware-megatron-2021" },
  { match: /not halved|\bfull\b|full-attention/i, convention: "model-full-attention" },
  { match: /halved|\bhalf\b|causal/i, convention: "model-causal-attention" }
]

/** How the point's TFLOP/s are counted: by its own words, else as the stack's logs count. */
export const conventionOf = (mapped: MappedPoint): FlopConvention => {
  const words = mapped.point.flops_counting ?? ""
  const found = conventions.find(({ match }) => match.test(words))
  if (found !== undefined) return found.convention
  const logged = currentStack(mapped.scenario.training.stack)?.flopCounting ?? "model-full-attention"
  // "Model FLOPs" alone leave attention open: as the stack's logs count it, unless these count hardware FLOPs.
  return /model/i.test(words) && !logged.startsWith("model") ? "model-full-attention" : logged
}

const mean = (...values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}

const sequenceOf = (mapped: MappedPoint): number => mapped.scenario.training.sequenceLength
const acceleratorsOf = (mapped: MappedPoint): number => mapped.scenario.cluster.accelerators

/** Seconds of the measured iteration as predicted. */
export const predictedSeconds = (mapped: MappedPoint, result: TrainingResult): number =>
  (result.iterationSeconds * mapped.measuredBatch) / mapped.scenario.training.globalBatch

/** Tokens/s as predicted. */
const predictedTokens = (mapped: MappedPoint, result: TrainingResult): number =>
  (mapped.measuredBatch * sequenceOf(mapped)) / predictedSeconds(mapped, result)

/** FLOP/s of an accelerator as the point's source counts them. */
const predictedFlops = (mapped: MappedPoint, result: TrainingResult, convention: FlopConvention): number =>
  (modelFlopsPerToken(mapped.model, sequenceOf(mapped), convention) * predictedTokens(mapped, result)) /
  acceleratorsOf(mapped)

/** A note by which the source prints seconds and TFLOP/s in each other's column. */
const exchanged = /seconds and TFLOP\/s.*exchanged/i

/** Seconds and TFLOP/s of an accelerator as the source means them. */
const timesOf = (mapped: MappedPoint): { readonly seconds: number | undefined; readonly flops: number | undefined } => {
  const said = mapped.point.measured ?? {}
  const seconds =
    numberOf(said.seconds_per_iteration) ??
    mean(numberOf(said.seconds_per_iteration_min), numberOf(said.seconds_per_iteration_max))
  const flops = numberOf(said.tflops_per_gpu)
  return exchanged.test(mapped.point.notes ?? "") ? { seconds: flops, flops: seconds } : { seconds, flops }
}

/** TFLOP/s of an accelerator as the source prints them, whatever the point's speed is compared on. */
export const printedFlopsOf = (mapped: MappedPoint): Comparison<"flopsPerAccelerator"> | undefined => {
  const { flops } = timesOf(mapped)
  if (flops === undefined || flops <= 0) return undefined
  return {
    metric: "flopsPerAccelerator",
    measured: flops * 1e12,
    predict: (result) => predictedFlops(mapped, result, conventionOf(mapped))
  }
}

/** The point's speed; undefined where it states none. */
export const speedOf = (mapped: MappedPoint): Comparison<SpeedMetric> | undefined => {
  const said = mapped.point.measured ?? {}
  const n = acceleratorsOf(mapped)
  const tokens = (result: TrainingResult) => predictedTokens(mapped, result)
  const { seconds, flops } = timesOf(mapped)
  const candidates: readonly {
    readonly metric: SpeedMetric
    readonly measured: number | undefined
    readonly predict: (result: TrainingResult) => number
  }[] = [
    { metric: "secondsPerIteration", measured: seconds, predict: (result) => predictedSeconds(mapped, result) },
    {
      metric: "tokensPerSecondPerAccelerator",
      measured: numberOf(said.tokens_per_second_per_gpu),
      predict: (result) => tokens(result) / n
    },
    { metric: "tokensPerSecond", measured: numberOf(said.tokens_per_second), predict: tokens },
    {
      metric: "samplesPerSecond",
      measured: numberOf(said.samples_per_second),
      predict: (result) => tokens(result) / sequenceOf(mapped)
    },
    {
      metric: "samplesPerSecondPerAccelerator",
      measured: numberOf(said.samples_per_gpu_per_second),
      predict: (result) => tokens(result) / sequenceOf(mapped) / n
    },
    {
      metric: "flopsPerAccelerator",
      measured: flops === undefined ? undefined : flops * 1e12,
      predict: (result) => predictedFlops(mapped, result, conventionOf(mapped))
    },
    {
      metric: "modelFlopsUtilisation",
      measured: numberOf(said.mfu),
      predict: (result) => predictedFlops(mapped, result, modelConvention(mapped)) / mapped.peakFlops
    }
  ]
  for (const { metric, measured, predict } of candidates)
    if (measured !== undefined && measured > 0) return { metric, measured, predict }
  return undefined
}

/** A utilisation of model FLOPs never counts recomputation. */
const modelConvention = (mapped: MappedPoint): FlopConvention =>
  conventionOf(mapped) === "model-causal-attention" ? "model-causal-attention" : "model-full-attention"

const gigabyte = 1e9
const gibibyte = 2 ** 30

/** The point's memory: the fullest rank, or of the first and last stage where the source looked at these. */
export const memoryOf = (mapped: MappedPoint): Comparison<"memoryBytes"> | undefined => {
  const said = mapped.point.measured ?? {}
  const ends = numberOf(said.memory_gb_first_last_stage)
  const bytes = numberOf(said.memory_gib) ?? numberOf(said.memory_gb)
  if (bytes !== undefined) {
    const unit = numberOf(said.memory_gib) === undefined ? gigabyte : gibibyte
    return { metric: "memoryBytes", measured: bytes * unit, predict: (result) => result.memory.fullest.peakBytes }
  }
  if (ends === undefined) return undefined
  return {
    metric: "memoryBytes",
    measured: ends * gigabyte,
    predict: ({ memory }) => Math.max(memory.stages[0]?.peakBytes ?? 0, memory.stages.at(-1)?.peakBytes ?? 0)
  }
}

/** Whether the run went out of memory, where the source says so. */
export const outOfMemoryOf = (mapped: MappedPoint): Comparison<"outOfMemory"> | undefined =>
  mapped.point.measured?.oom === true
    ? { metric: "outOfMemory", measured: 1, predict: (result) => (result.memory.fits ? 0 : 1) }
    : undefined

/** Rates grow where times shrink. */
export const isTime = (metric: Metric): boolean => metric === "secondsPerIteration"
