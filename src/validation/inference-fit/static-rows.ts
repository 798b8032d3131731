/**
 * Static batches as a fit sees them.
 */
import { currentServingStack } from "../../catalog/index.ts"
import { makeStepModel, type InferenceTarget } from "../../inference/index.ts"
import type { InferenceEntry } from "../inference/point.ts"
import { staticCasesOf, staticSeconds } from "../inference/static-cases.ts"
import type { FitRow } from "./row.ts"

/** The target under the constants of this moment; what a scenario changed of the stack's properties stays. */
const current = (target: InferenceTarget): InferenceTarget => {
  const { stack } = target
  const constants = currentServingStack(stack.name, stack.version)?.constants
  return constants === undefined ? target : { ...target, stack: { ...stack, constants } }
}

export const staticRows = (measurements: readonly InferenceEntry[]): readonly FitRow[] =>
  staticCasesOf(measurements).map((measured): FitRow => {
    const target = measured.target()
    return {
      id: measured.id,
      group: measured.group,
      evidence: makeStepModel(target).evidence.map(({ name }) => name),
      stack: target.stack,
      logError: () => Math.log(staticSeconds(measured, current(target)) / measured.seconds)
    }
  })
