/**
 * Every measurement simulated and compared.
 */
import type { TrainingResult } from "../training/index.ts"
import { shippedFiles } from "./data/index.ts"
import { summariseErrors, type ErrorRow, type ValidationSummary } from "./errors.ts"
import { toScenario, type MappedPoint, type ScenarioInput } from "./mapping.ts"
import {
  areIssues,
  decodeMeasurements,
  decodePoints,
  formatMeasurementIssue,
  type Measurement,
  type MeasurementIssue
} from "./measurement.ts"
import { isTime, memoryOf, outOfMemoryOf, printedFlopsOf, speedOf, type Comparison } from "./metrics.ts"
import { isRefusal, numberOf, type Refusal } from "./reading.ts"

/** Simulates a scenario; a refusal says why it cannot run. */
export type SimulateScenario = (scenario: ScenarioInput) => TrainingResult | Refusal

export interface ValidationReport {
  readonly points: readonly ErrorRow[]
  readonly summary: ValidationSummary
}

/** A measurement file that could not be read. */
export interface UnreadableMeasurements {
  readonly _tag: "UnreadableMeasurements"
  readonly issues: readonly MeasurementIssue[]
}

/** The measurements that ship with the product. */
export const shippedMeasurements = async (): Promise<readonly Measurement[]> => {
  const files = await shippedFiles()
  return files.flatMap(({ name, data }) => {
    const decoded = decodePoints(data, `${name}.json`)
    // A test decodes every shipped file: this is a defect of the product, not of its input.
    if (areIssues(decoded)) throw new Error(decoded.map(formatMeasurementIssue).join("\n"))
    const spoilt = decoded.find((point) => point.unreadable !== undefined)
    if (spoilt !== undefined) throw new Error(`${name}.json, ${spoilt.id}: ${spoilt.unreadable}`)
    return decoded
  })
}

/** The points of measurement files, or what is wrong with any of them. */
export const readMeasurements = (
  texts: readonly { readonly name: string; readonly text: string }[]
): readonly Measurement[] | UnreadableMeasurements => {
  const issues: MeasurementIssue[] = []
  const points: Measurement[] = []
  for (const { name, text } of texts) {
    const decoded = decodeMeasurements(text, name)
    if (areIssues(decoded)) issues.push(...decoded)
    else points.push(...decoded)
  }
  return issues.length > 0 ? { _tag: "UnreadableMeasurements", issues } : points
}

/** Rows of one point: its speed, its memory, whether it fits; one row with the reason where there is no prediction. */
export const compare = (point: Measurement, simulate: SimulateScenario): readonly ErrorRow[] => {
  const mapped = toScenario(point)
  if (isRefusal(mapped)) return [refused(point, mapped.reason)]
  const comparisons = [speedOf(mapped), memoryOf(mapped), outOfMemoryOf(mapped)].filter((one) => one !== undefined)
  if (comparisons.length === 0) return [refused(point, "no speed or memory is stated", mapped)]
  const result = simulate(mapped.scenario)
  if (isRefusal(result)) return [refused(point, result.reason, mapped)]
  return comparisons.map((comparison) => row(mapped, comparison, result))
}

const row = (mapped: MappedPoint, { metric, measured, predict }: Comparison, result: TrainingResult): ErrorRow => {
  const predicted = predict(result)
  const error = metric === "outOfMemory" ? null : predicted / measured - 1
  const isSpeed = metric !== "outOfMemory" && metric !== "memoryBytes"
  const timeError = isSpeed ? (isTime(metric) ? predicted / measured : measured / predicted) - 1 : null
  const printed = isSpeed ? printedFlopsOf(mapped) : undefined
  const flops =
    printed === undefined ? {} : { flops: { measured: printed.measured, predicted: printed.predict(result) } }
  return { ...about(mapped.point, mapped), metric, measured, predicted, error, timeError, ...flops }
}

const about = (point: Measurement, mapped?: MappedPoint) => ({
  id: point.id,
  trust: numberOf(point.trust) ?? 2,
  family: mapped?.family ?? "",
  source: point.source ?? "",
  accelerator: mapped?.accelerator ?? point.cluster?.gpu ?? "",
  accelerators: mapped?.scenario.cluster.accelerators ?? 0,
  stack: mapped?.scenario.training.stack ?? "",
  kind: mapped?.model.experts === null || mapped === undefined ? ("dense" as const) : ("mixture" as const),
  ...(/\boutlier\b/i.test(point.notes ?? "") ? { isOutlier: true } : {}),
  assumptions: mapped?.assumptions ?? []
})

const refused = (point: Measurement, reason: string, mapped?: MappedPoint): ErrorRow => ({
  ...about(point, mapped),
  metric: null,
  measured: null,
  predicted: null,
  error: null,
  timeError: null,
  reason
})

/**
 * Compares measurements with predictions.
 *
 * @param measurements points to compare; `shippedMeasurements()` where the user brings none
 */
export const runValidation = (measurements: readonly Measurement[], simulate: SimulateScenario): ValidationReport => {
  const points = measurements.flatMap((point) => compare(point, simulate))
  const training = new Set(
    measurements.filter((point) => (point.kind ?? "pretrain") === "pretrain").map((point) => point.id)
  )
  return { points, summary: summariseErrors(points, (one) => training.has(one.id)) }
}
