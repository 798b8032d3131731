/**
 * The library: simulate from a script.
 *
 *   import { isRefused, simulate } from "windtunnel-sim"
 *
 *   const outcome = simulate({ cluster: { system: "dgx-h100" }, model: "llama-3-8b", training: { globalBatch: 64 } })
 *   if (!isRefused(outcome)) console.log(outcome.iterationSeconds)
 */
import {
  impossibleIssue,
  resolveScenario,
  scenarioFromData,
  type Refused,
  type ResolveOptions,
  type ScenarioInput
} from "./scenario/index.ts"
import { isImpossible, simulateTraining, type TrainingResult } from "./training/index.ts"

/**
 * Simulates a scenario given as a value. Nothing is read from files: kernel tables are given inline.
 *
 * @returns the result, or the issues that prevent one
 */
export const simulate = (
  scenario: ScenarioInput,
  options: Pick<ResolveOptions, "seed" | "trace"> = {}
): TrainingResult | Refused => {
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: scenario })
  if (loaded._tag === "Refused") return loaded
  const resolved = resolveScenario(loaded, options)
  if (resolved._tag === "Refused") return resolved
  const outcome = simulateTraining(resolved.job)
  return isImpossible(outcome) ? { _tag: "Refused", issues: [impossibleIssue(outcome, loaded)] } : outcome
}

/** Tells a refusal from a result. */
export const isRefused = (outcome: TrainingResult | Refused): outcome is Refused => "_tag" in outcome

export {
  formatIssue,
  loadScenario,
  resolveScenario,
  Scenario,
  scenarioFromData,
  scenarioJsonSchema,
  type LoadedScenario,
  type ReadText,
  type Refused,
  type ResolvedScenario,
  type ScenarioInput,
  type ScenarioIssue,
  type ScheduleFunction,
  type ScheduleRequest
} from "./scenario/index.ts"
export {
  isImpossible,
  simulateTraining,
  type Breakdown,
  type Evidence,
  type ImpossibleLayout,
  type StageMemory,
  type TrainingJob,
  type TrainingResult
} from "./training/index.ts"
export {
  accelerators,
  find,
  isUnknownName,
  links,
  models,
  stacks,
  systems,
  type Accelerator,
  type Constant,
  type Link,
  type Model,
  type Stack,
  type System,
  type UnknownName
} from "./catalog/index.ts"
export { chromeTraceJson, decodeTrace, encodeTrace, type Trace, type TraceError } from "./trace/index.ts"
