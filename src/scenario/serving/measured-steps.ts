/** Measured steps as written, and what they cannot stand for. */
import { makeStepModel, type InferenceTarget, type StepModel } from "../../inference/index.ts"
import { type MeasuredSteps, withMeasuredSteps } from "../../serving/index.ts"
import { show, type Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"

type Written = ServingScenario["serving"]

/** The price of a server's steps: the scenario's table, else the laws. */
export const stepsOf = (
  { measuredSteps, kernels }: Written,
  target: InferenceTarget
): StepModel | readonly Finding[] => {
  if (measuredSteps === undefined) return makeStepModel(target)
  const { layout, speculation } = target
  const findings: Finding[] = []
  const cannot = (problem: string, expected: string): void => {
    findings.push({ path: ["serving", "measuredSteps"], at: "key", problem, given: "measuredSteps", expected })
  }
  if (layout.pipeline > 1) cannot(`a step passes ${layout.pipeline} stages`, "pipeline: 1, or no measured steps")
  if (layout.dataAttention > 1 || layout.feedForward !== undefined)
    cannot("attention is divided", "no parallelism.dataAttention or feedForward, or no measured steps")
  if (speculation !== undefined) cannot("a draft guesses ahead", "no speculation, or no measured steps")
  if (kernels !== undefined && kernels.length > 0) cannot("there are measured kernels", "one of the two")
  for (const name of ["prompt", "decode"] as const) {
    const points = measuredSteps[name]
    const wrong = points.findIndex(([at], index) => index > 0 && at <= points[index - 1]![0])
    if (wrong > 0)
      findings.push({
        path: ["serving", "measuredSteps", name, wrong],
        problem: `${show(points[wrong]![0])} comes after ${show(points[wrong - 1]![0])}`,
        given: show(points[wrong]![0]),
        expected: "each point beyond the one before"
      })
  }
  if (findings.length > 0) return findings
  const { prompt, decode, decodeBy = "context", mixed = 1 } = measuredSteps
  const table: MeasuredSteps = { prompt, decode, decodeBy, mixedFactor: mixed }
  return withMeasuredSteps(makeStepModel(target), table)
}
