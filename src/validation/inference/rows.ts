/**
 * Predictions of one measurement of inference, a row a metric that it states.
 */
import { doubtOf } from "./distrust.ts"
import type { MappedInference, RunName } from "./mapped.ts"
import { toServingScenario } from "./mapping.ts"
import {
  comparisonsOf,
  fitsIn,
  memoryComparisonsOf,
  oddMetricsOf,
  type InferenceMetric,
  type MetricKind
} from "./metrics.ts"
import { isOdd, type InferenceEntry, type InferencePoint } from "./point.ts"
import type { PredictServing, ServingPrediction } from "./predict.ts"
import { isRefusal, type Refusal } from "./reading.ts"
import type { WorkloadKind } from "./workload.ts"
import type { ServingResult } from "../../serving/index.ts"

/** One compared metric, or a point that could not be compared; the fields of training's rows, and what serving adds. */
export interface InferenceRow {
  readonly id: string
  /** Name and unit as in the measurement file. */
  readonly metric: InferenceMetric | null
  readonly measured: number | null
  readonly predicted: number | null
  /** predicted / measured - 1; null where the metric says yes or no. */
  readonly error: number | null
  /** Predicted over measured seconds - 1: above 0 too slow, whatever the metric; null for memory, power and fits. */
  readonly timeError: number | null
  readonly trust: number
  /** Why the measurement is not to be believed; such rows are summed up apart. */
  readonly doubt?: string
  /** false where another row of the point tells the same, or where it is a detail such as a percentile. */
  readonly counts: boolean
  readonly measure: MetricKind | null
  readonly family: string
  readonly source: string
  readonly accelerator: string
  readonly accelerators: number
  readonly stack: string
  readonly version: string
  readonly kind: "dense" | "mixture"
  /** What kind of load the server got; null where that is not known. */
  readonly load: WorkloadKind | null
  readonly assumptions: readonly string[]
  /** Why there is no prediction. */
  readonly reason?: string
  /** Whether the point fits in memory as measured (a speed says that it does) and as predicted; null = not said. */
  readonly fit: { readonly measured: boolean; readonly predicted: boolean } | null
}

type About = Omit<
  InferenceRow,
  "metric" | "measured" | "predicted" | "error" | "timeError" | "doubt" | "counts" | "measure" | "reason" | "fit"
>

/** The measured release that a version belongs to; the version itself where nobody measured it. */
const releaseOf = ({ stack: { version, versions } }: MappedInference): string =>
  versions.find((release) => version === release || version.startsWith(`${release}.`)) ?? version

const about = (point: InferencePoint, mapped?: MappedInference): About => ({
  id: point.id,
  trust: point.trust,
  family: point.group,
  source: point.source,
  accelerator: mapped?.accelerator.name ?? point.cluster.gpu ?? "",
  accelerators: mapped?.accelerators ?? 0,
  stack: mapped?.stack.name ?? "",
  version: mapped === undefined ? "" : releaseOf(mapped),
  kind: mapped === undefined || mapped.model.experts === null ? "dense" : "mixture",
  load: mapped?.workload.kind ?? null,
  assumptions: mapped?.assumptions ?? []
})

const uncompared = {
  metric: null,
  measured: null,
  predicted: null,
  error: null,
  timeError: null,
  counts: false,
  measure: null,
  fit: null
} as const

/** A row for what has no prediction. */
export const refusedRow = (entry: InferenceEntry, reason: string, mapped?: MappedInference): InferenceRow => {
  if (!isOdd(entry)) return { ...about(entry, mapped), ...uncompared, reason }
  const { id, group, trust } = entry
  const nowhere = {
    accelerator: "",
    accelerators: 0,
    stack: "",
    version: "",
    kind: "dense",
    load: null,
    assumptions: []
  } as const
  return { id, trust, family: group, source: group, ...nowhere, ...uncompared, reason }
}

interface Compared {
  readonly metric: InferenceMetric
  readonly kind: MetricKind
  readonly measured: number
}

const compared = (
  mapped: MappedInference,
  { metric, kind, measured }: Compared,
  predicted: number,
  counts: boolean,
  fit: InferenceRow["fit"]
): InferenceRow => {
  const doubt = doubtOf(mapped.point, metric)
  const base = {
    ...about(mapped.point, mapped),
    ...(doubt === undefined ? {} : { doubt }),
    metric,
    measured,
    measure: kind,
    fit
  }
  if (!Number.isFinite(predicted)) {
    return {
      ...base,
      predicted: null,
      error: null,
      timeError: null,
      counts: false,
      reason: "no request tells this metric"
    }
  }
  const timeError = kind === "time" ? predicted / measured - 1 : kind === "rate" ? measured / predicted - 1 : null
  return { ...base, predicted, error: kind === "fit" ? null : predicted / measured - 1, timeError, counts }
}

/** Metrics that repeat the distribution of another, or that are no speed. */
const isDetail = (metric: InferenceMetric): boolean => /_p\d+_|^gpu_mem|power|^load/.test(metric)

/** A memory that does not fit, in words. */
const tooLarge = ({ memory }: ServingPrediction, mapped: MappedInference): string =>
  memory.fits
    ? `does not fit: keys and values of ${mapped.heldTokens} tokens, room for ${Math.floor(memory.keyValueTokens)}`
    : "does not fit: the weights leave no room"

/** Rows of one entry of a measurement file. */
export const compareInference = (entry: InferenceEntry, predict: PredictServing): readonly InferenceRow[] => {
  if (isOdd(entry)) return [refusedRow(entry, entry.reason)]
  const mapped = toServingScenario(entry)
  return isRefusal(mapped) ? [refusedRow(entry, mapped.reason)] : compareMapped(mapped, predict)
}

/** Rows of one measurement whose scenarios are known. */
export const compareMapped = (mapped: MappedInference, predict: PredictServing): readonly InferenceRow[] => {
  const { point: entry } = mapped
  const odd = oddMetricsOf(entry).map((metric): InferenceRow => ({
    ...refusedRow(entry, `measured.${metric} is not a positive number`, mapped),
    metric
  }))
  const speeds = comparisonsOf(mapped)
  const memories = memoryComparisonsOf(mapped)
  if (speeds.length + memories.length === 0)
    return odd.length > 0 ? odd : [refusedRow(entry, "no metric is stated that is modelled", mapped)]

  const predictions = new Map<RunName, ServingPrediction | Refusal>()
  for (const { name, scenario } of mapped.runs) predictions.set(name, predict(scenario))
  const [first] = predictions.values()
  if (first === undefined) return [refusedRow(entry, "nothing to simulate", mapped)]
  if (isRefusal(first)) return [refusedRow(entry, first.reason, mapped)]
  const predictedFit = fitsIn(first.memory, mapped)
  const isSpeed = speeds.some(({ kind }) => kind === "time" || kind === "rate")
  const stated = memories.find(({ kind }) => kind === "fit")
  const measuredFit =
    stated === undefined ? isSpeed : stated.metric === "fits" ? stated.measured === 1 : stated.measured === 0
  const fit =
    mapped.workload.kind === "static" && (stated !== undefined || isSpeed)
      ? { measured: measuredFit, predicted: predictedFit }
      : null

  const rows: InferenceRow[] = memories.map((one) =>
    compared(mapped, one, one.predict(first.memory, mapped), false, fit)
  )
  if (speeds.length > 0 && !predictedFit)
    return [...rows, { ...refusedRow(entry, tooLarge(first, mapped), mapped), fit }, ...odd]
  const results = new Map<RunName, ServingResult | Refusal>()
  const clocks = new Set<string>()
  for (const comparison of speeds) {
    const { run, clock, metric } = comparison
    const prediction = predictions.get(run) ?? first
    let result = results.get(run)
    if (result === undefined) {
      result = isRefusal(prediction) ? prediction : prediction.result()
      results.set(run, result)
    }
    if (isRefusal(result)) {
      rows.push({ ...refusedRow(entry, result.reason, mapped), metric, measured: comparison.measured, fit })
      continue
    }
    const counts = !clocks.has(clock) && !isDetail(metric)
    clocks.add(clock)
    rows.push(compared(mapped, comparison, comparison.predict(result, mapped), counts, fit))
  }
  return [...rows, ...odd]
}
