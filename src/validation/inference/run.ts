/**
 * Every measurement of inference simulated and compared.
 */
import { shippedInferencePoints } from "../data/inference/index.ts"
import type { ReadText } from "../../scenario/index.ts"
import { compareLog } from "./log-mapping.ts"
import { decodeInferencePoints, type InferenceEntry } from "./point.ts"
import type { PredictServing } from "./predict.ts"
import { compareInference, type InferenceRow } from "./rows.ts"
import { shippedKernelProfile, shippedRequestLog } from "./shipped-log.ts"
import { summariseServingErrors, type ServingSummary } from "./summary.ts"

export interface ServingReport {
  readonly points: readonly InferenceRow[]
  readonly summary: ServingSummary
}

/** The measurements of inference that ship with the product. */
export const shippedInference = async (): Promise<readonly InferenceEntry[]> =>
  decodeInferencePoints(await shippedInferencePoints())

export interface ServingValidationOptions {
  /** Told after each point. */
  readonly onPoint?: () => void
  /** Rows of replayed logs. */
  readonly logRows?: readonly InferenceRow[]
}

/**
 * @param entries points to compare, those that could not be read among them
 */
export const runServingValidation = (
  entries: readonly InferenceEntry[],
  predict: PredictServing,
  { onPoint, logRows = [] }: ServingValidationOptions = {}
): ServingReport => {
  const points = entries.flatMap((entry) => {
    const rows = compareInference(entry, predict)
    onPoint?.()
    return rows
  })
  const all = [...points, ...logRows]
  return { points: all, summary: summariseServingErrors(all) }
}

/** The shipped log of a real server, replayed with analytic kernels and with the measured ones of its machine. */
export const shippedLogRows = async (predict: PredictServing): Promise<readonly InferenceRow[]> => {
  const log = await shippedRequestLog()
  const { prefix, files } = await shippedKernelProfile()
  const readText: ReadText = (path) => {
    const file = files.find(({ name }) => name === path)
    return file === undefined ? { failure: "no such file" } : { text: file.text }
  }
  return compareLog(log, predict, { prefix, readText })
}
