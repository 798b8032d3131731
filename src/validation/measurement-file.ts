/**
 * Measurement files: lists of points of training, of inference, or of both.
 */
import { decodeInferencePoint, isInferencePoint, type InferenceEntry } from "./inference/point.ts"
import { areIssues, decodeMeasurements, decodePoints, type Measurement, type MeasurementIssue } from "./measurement.ts"
import type { UnreadableMeasurements } from "./run.ts"

export interface MeasurementSet {
  readonly training: readonly Measurement[]
  readonly inference: readonly InferenceEntry[]
}

const listOf = (text: string): readonly unknown[] | undefined => {
  try {
    const data: unknown = JSON.parse(text.replace(/^\uFEFF/, ""))
    return Array.isArray(data) ? data : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)

const readFile = (name: string, text: string): { readonly issues: readonly MeasurementIssue[] } | MeasurementSet => {
  const values = listOf(text)
  if (values === undefined) {
    const decoded = decodeMeasurements(text, name)
    return areIssues(decoded) ? { issues: decoded } : { training: decoded, inference: [] }
  }
  // What is no point at all goes with the points around it.
  const hasInference = values.some(isInferencePoint)
  const training: { readonly value: unknown; readonly index: number }[] = []
  const inference: InferenceEntry[] = []
  for (const [index, value] of values.entries()) {
    if (isInferencePoint(value) || (hasInference && !isRecord(value)))
      inference.push(decodeInferencePoint(value, index))
    else training.push({ value, index })
  }
  const decoded = decodePoints(
    training.map(({ value }) => value),
    name,
    training.map(({ index }) => index)
  )
  return areIssues(decoded) ? { issues: decoded } : { training: decoded, inference }
}

/** The points of measurement files, or what is wrong with any of them. */
export const readMeasurementFiles = (
  texts: readonly { readonly name: string; readonly text: string }[]
): MeasurementSet | UnreadableMeasurements => {
  const issues: MeasurementIssue[] = []
  const training: Measurement[] = []
  const inference: InferenceEntry[] = []
  for (const { name, text } of texts) {
    const read = readFile(name, text)
    if ("issues" in read) issues.push(...read.issues)
    else {
      training.push(...read.training)
      inference.push(...read.inference)
    }
  }
  return issues.length > 0 ? { _tag: "UnreadableMeasurements", issues } : { training, inference }
}
