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
import {
  drivenHere,
  planTraining,
  requestOf,
  searchCapacity,
  usualSpace,
  type CapacityPlan,
  type CapacityRequest,
  type NoPlan,
  type PlannedLayout,
  type PlanProgress,
  type TrainingPlan
} from "./planner/index.ts"
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

/**
 * The best layouts of a training, by what its `plan` block asks for: an objective, constraints, a space.
 *
 *   const made = plan({ ..., training: { globalBatch: 512 }, plan: { objective: "cost", space: { nodes: [4, 8] } } })
 *   if (made._tag === "TrainingPlan") console.log(made.layouts[0].changes, made.layouts[0].result.iterationSeconds)
 *
 * @param onProgress  told of every layout that is bounded, then of every one that is settled
 * @returns the plan with its layouts, the best first; `NoPlan` where sizes don't divide or constraints cannot be met; or the issues
 *   of the scenario. `comparisonsOf` says how sure the order is, `experimentOf` which measurement would settle it
 */
export const plan = (
  scenario: TrainingInput,
  onProgress?: (progress: PlanProgress) => void
): TrainingPlan | NoPlan<PlannedLayout> | Refused => {
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: scenario })
  if (loaded._tag === "Refused") return loaded
  return planTraining(loaded, requestOf(loaded.scenario.plan ?? {}), withoutFiles, onProgress)
}

const withoutFiles = () => ({ failure: "a scenario given as a value reads no files" })

/** A load, what must hold under it, and whatever else of a `CapacityRequest` is not the default. */
export type FleetRequestInput = Pick<CapacityRequest, "rate" | "goals"> & Partial<Omit<CapacityRequest, "scenario">>

/**
 * The cheapest fleet of servers for a load within goals, and what the others lose to it.
 *
 *   const made = planFleet(
 *     { cluster: { system: "dgx-h100" }, model: "llama-3-8b", serving: {}, workload: { arrivals: { poisson: { rate: 1 } } } },
 *     { rate: 40, goals: [{ metric: "ttft", statistic: "p99", seconds: 1 }] }
 *   )
 *   if (!("_tag" in made)) console.log(made.sized[0]?.replicas, made.sized[0]?.rated.candidate)
 *
 * @returns fleets, the cheapest first, none where no fleet keeps the goals; or the issues of the scenario
 */
export const planFleet = (scenario: ServingInput, request: FleetRequestInput): CapacityPlan | Refused => {
  const loaded = scenarioFromData({ name: scenario.name ?? "scenario", data: scenario })
  if (loaded._tag === "Refused") return loaded
  if (!isServing(loaded.scenario))
    return { _tag: "Refused", issues: [impossibleIssue({ _tag: "ImpossibleLayout", ...noServer }, loaded)] }
  const usual: Omit<CapacityRequest, "scenario" | "rate" | "goals"> = {
    objective: "cost",
    space: usualSpace,
    prices: {},
    priceAt: "middle",
    available: 1024,
    requests: 3000,
    seed: 1,
    confirmations: 2
  }
  return drivenHere(searchCapacity({ ...usual, ...request, scenario: loaded.scenario }))
}

const noServer = { path: "serving", given: "nothing", expected: "a server, such as {}" }

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
  comparisonsOf,
  drivenHere,
  experimentOf,
  fleetExperiment,
  highestLoad,
  isExperiment,
  planTraining,
  requestOf,
  searchCapacity,
  searchHighest,
  simulateFleet,
  type CapacityPlan,
  type CapacityRequest,
  type Comparison,
  type Experiment,
  type LatencyGoal,
  type NoPlan,
  type PlannedLayout,
  type PlanProgress,
  type PlanRequest,
  type TrainingPlan
} from "./planner/index.ts"
export {
  measuredPairs,
  nearestCases,
  pairSpread,
  predictionInterval,
  repeatNoise,
  rangesOf,
  shippedResiduals,
  type Likeness,
  type PredictionInterval,
  type Residual
} from "./intervals/index.ts"
export { servingLikeness, trainingLikeness } from "./scenario/index.ts"
export { chromeTraceJson, decodeTrace, encodeTrace, type Trace, type TraceError } from "./trace/index.ts"
