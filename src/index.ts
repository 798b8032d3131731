/**
 * The library: simulate from a script.
 *
 *   import { isRefused, simulate } from "windtunnel-sim"
 *
 *   const outcome = simulate({ cluster: { system: "dgx-h100" }, model: "llama-3-8b", training: { globalBatch: 64 } })
 *   if (!isRefused(outcome)) console.log(outcome.iterationSeconds)
 *
 *   const served = simulate({
 *     cluster: { system: "dgx-h100" },
 *     model: "llama-3-8b",
 *     serving: {},
 *     workload: { arrivals: { poisson: { rate: 5 } }, prompt: 512, output: 128 }
 *   })
 *   if (!isRefused(served)) console.log(served.latency.ttft.p99, served.verdict.kind)
 */
import {
  impossibleIssue,
  isServing,
  resolveServing,
  resolveTraining,
  scenarioFromData,
  servedOutcome,
  type LoadedScenario,
  type Refused,
  type ResolveOptions,
  type ScenarioInput,
  type ServingInput,
  type TrainingInput
} from "./scenario/index.ts"
import type { ServingResult } from "./serving/index.ts"
import {
  isImpossible,
  simulateTraining,
  simulateWholeRun,
  type TrainingResult,
  type WholeRun
} from "./training/index.ts"

/** Where random streams start, and what is recorded. */
export type SimulateOptions = Pick<ResolveOptions, "seed" | "trace">

interface Simulate {
  (scenario: TrainingInput, options?: SimulateOptions): TrainingResult | Refused
  (scenario: ServingInput, options?: SimulateOptions): ServingResult | Refused
  (scenario: ScenarioInput, options?: SimulateOptions): TrainingResult | ServingResult | Refused
}

/**
 * Simulates a scenario given as a value. Nothing is read from files: kernel tables are given inline, traces not at all.
 *
 * @returns the result of a training iteration or of a served workload, or the issues that prevent one (a model that is
 *   to be served and does not fit is one of them)
 */
export const simulate = ((scenario: ScenarioInput, options: SimulateOptions = {}) => {
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: scenario })
  if (loaded._tag === "Refused") return loaded
  return isServing(loaded.scenario) ? served(loaded, options) : trained(loaded, options)
}) as Simulate

/**
 * Simulates the whole run of a scenario that says what happens in it (`training.run`).
 *
 *   const run = simulateRun({ ..., training: { ..., run: { tokens: "1T", failures: { gpu: { mtbf: "5 years" } } } } })
 *   if (!isRefused(run)) console.log(run.seconds.p95 / 86_400, run.goodput.mean)
 */
export const simulateRun = (scenario: TrainingInput, options: SimulateOptions = {}): WholeRun | Refused => {
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: scenario })
  if (loaded._tag === "Refused") return loaded
  const resolved = resolveTraining(loaded, options)
  if (resolved._tag === "Refused") return resolved
  const settings = resolved.job.run?.settings
  if (settings === undefined)
    return { _tag: "Refused", issues: [impossibleIssue({ _tag: "ImpossibleLayout", ...noRun }, loaded)] }
  const iteration = simulateTraining(resolved.job)
  const outcome = isImpossible(iteration) ? iteration : simulateWholeRun(resolved.job, iteration, settings)
  return "_tag" in outcome ? { _tag: "Refused", issues: [impossibleIssue(outcome, loaded)] } : outcome
}

const noRun = { path: "training.run", given: "nothing", expected: "what happens in the run, such as { tokens: 1T }" }

const trained = (loaded: LoadedScenario, options: SimulateOptions): TrainingResult | Refused => {
  const resolved = resolveTraining(loaded, options)
  if (resolved._tag === "Refused") return resolved
  const outcome = simulateTraining(resolved.job)
  return isImpossible(outcome) ? { _tag: "Refused", issues: [impossibleIssue(outcome, loaded)] } : outcome
}

const served = (loaded: LoadedScenario, options: SimulateOptions): ServingResult | Refused => {
  const resolved = resolveServing(loaded, options)
  return resolved._tag === "Refused" ? resolved : servedOutcome(resolved, loaded)
}

/** Tells a refusal from a result. */
export const isRefused = (outcome: TrainingResult | ServingResult | WholeRun | Refused): outcome is Refused =>
  "_tag" in outcome

export {
  fitsOneRequest,
  formatIssue,
  isServing,
  loadScenario,
  resolveScenario,
  resolveServing,
  resolveTraining,
  Scenario,
  scenarioFromData,
  scenarioJsonSchema,
  type LoadedScenario,
  type ReadChunks,
  type ReadText,
  type Refused,
  type ResolvedScenario,
  type ResolvedServing,
  type ResolvedTraining,
  type ScenarioInput,
  type ScenarioIssue,
  type ScheduleFunction,
  type ScheduleRequest,
  type ServingInput,
  type TrainingInput
} from "./scenario/index.ts"
export {
  beginServing,
  benchmarkNames,
  makeTraceReader,
  requestTableCsv,
  simulateServing,
  summariseServing,
  type BatchPlan,
  type BatchPolicyFunction,
  type LatencySummary,
  type RequestView,
  type SchedulerView,
  type ServingJob,
  type ServingLog,
  type ServingResult,
  type Verdict
} from "./serving/index.ts"
export { planMemory, type InferenceMemory, type InferenceTarget } from "./inference/index.ts"
export {
  isImpossible,
  simulateTraining,
  simulateWholeRun,
  type Breakdown,
  type Evidence,
  type ImpossibleLayout,
  type StageMemory,
  type TrainingJob,
  type TrainingResult,
  type WholeRun
} from "./training/index.ts"
export {
  accelerators,
  find,
  isUnknownName,
  links,
  models,
  quantisations,
  servingStacks,
  stacks,
  systems,
  type Accelerator,
  type Constant,
  type Link,
  type Model,
  type Quantisation,
  type ServingStack,
  type Stack,
  type System,
  type UnknownName
} from "./catalog/index.ts"
export {
  nearestCases,
  predictionInterval,
  rangesOf,
  shippedResiduals,
  type Likeness,
  type PredictionInterval,
  type Residual
} from "./intervals/index.ts"
export { servingLikeness, trainingLikeness } from "./scenario/index.ts"
export { chromeTraceJson, decodeTrace, encodeTrace, type Trace, type TraceError } from "./trace/index.ts"
