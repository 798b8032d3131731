/**
 * One simulation of a study: a scenario with some fields set, and the few numbers of its outcome that a report compares.
 * Request and outcome are plain data, so that a worker thread can run them.
 */
import {
  fitsOneRequest,
  isServing,
  resolveServing,
  resolveTraining,
  scenarioWith,
  servedOutcome,
  type Changes,
  type DecodedScenario,
  type LoadedScenario,
  type ResolvedServing,
  type ResolveOptions,
  type ResourceFactors
} from "../scenario/index.ts"
import { Stalled, type LatencySummary, type ServingResult } from "../serving/index.ts"
import { isImpossible, simulateTraining, type TrainingResult } from "../training/index.ts"

export interface PointRequest {
  readonly scenario: DecodedScenario
  /** Paths of the scenario with their new values; null takes a field away. */
  readonly changes: Changes
  readonly seed: number
  /** Machines and requests other than the scenario's, by factors. */
  readonly factors?: ResourceFactors
}

/** The layout is impossible, or the work does not fit. */
export interface NoPoint {
  readonly kind: "none"
  readonly reason: string
}

export interface TrainingPoint {
  readonly kind: "training"
  readonly accelerators: number
  readonly iterationSeconds: number
  readonly tokensPerSecond: number
  readonly modelFlopsUtilisation: number
  readonly peakBytes: number
  readonly capacityBytes: number
  readonly fits: boolean
  readonly dollarsPerMillionTokens: number | null
  readonly joulesPerToken: number
}

type Seconds = Pick<LatencySummary, "mean" | "p50" | "p99">

export interface ServingPoint {
  readonly kind: "serving"
  readonly accelerators: number
  readonly verdict: ServingResult["verdict"]["kind"]
  readonly offeredPerSecond: number
  readonly capacityPerSecond: number
  readonly requestsPerSecond: number
  readonly outputTokensPerSecond: number
  readonly ttft: Seconds
  readonly tpot: Seconds
  readonly e2e: Seconds
  /** Share of the requests that met every objective; null where there is none. */
  readonly attained: number | null
  readonly busy: number
  readonly dollarsPerMillionOutputTokens: number | null
  readonly joulesPerOutputToken: number
}

export type Point = TrainingPoint | ServingPoint | NoPoint

const none = (reason: string): NoPoint => ({ kind: "none", reason })

/** Simulates a point; what it may read is the options' business. */
export const simulatePoint = (request: PointRequest, reading: ResolveOptions): Point => {
  const { scenario, changes, seed, factors } = request
  const options: ResolveOptions = factors === undefined ? reading : { ...reading, factors }
  const loaded = scenarioWith({ scenario }, { ...changes, seed })
  if (loaded._tag === "Refused") return none(reasonOf(loaded.issues))
  if (isServing(loaded.scenario)) {
    const resolved = resolveServing(loaded, options)
    if (resolved._tag === "Refused") return none(reasonOf(resolved.issues))
    return served(resolved, loaded)
  }
  const resolved = resolveTraining(loaded, options)
  if (resolved._tag === "Refused") return none(reasonOf(resolved.issues))
  const outcome = simulateTraining(resolved.job)
  return isImpossible(outcome)
    ? none(`${outcome.path}: ${outcome.expected}`)
    : trainingPoint(outcome, resolved.accelerators)
}

const served = (resolved: ResolvedServing, loaded: LoadedScenario): ServingPoint | NoPoint => {
  if (!fitsOneRequest(resolved.job)) return none("the model does not fit")
  try {
    const outcome = servedOutcome(resolved, loaded)
    return "_tag" in outcome ? none(reasonOf(outcome.issues)) : servingPoint(outcome)
  } catch (error) {
    if (error instanceof Stalled) return none(error.message)
    throw error
  }
}

const reasonOf = (issues: readonly { readonly path: string; readonly problem: string }[]): string =>
  issues.map(({ path, problem }) => `${path}: ${problem}`).join("; ")

export const trainingPoint = (result: TrainingResult, accelerators: number): TrainingPoint => {
  const { iterationSeconds, tokensPerSecond, memory, energy, cost } = result
  return {
    kind: "training",
    accelerators,
    iterationSeconds,
    tokensPerSecond,
    modelFlopsUtilisation: result.modelFlopsUtilisation,
    peakBytes: memory.fullest.peakBytes,
    capacityBytes: memory.capacityBytes,
    fits: memory.fits,
    dollarsPerMillionTokens: cost.perMillionTokens,
    joulesPerToken: energy.joulesPerIteration / (iterationSeconds * tokensPerSecond)
  }
}

export const servingPoint = (result: ServingResult): ServingPoint => {
  const { verdict, throughput, latency } = result
  const some = ({ mean, p50, p99 }: LatencySummary): Seconds => ({ mean, p50, p99 })
  return {
    kind: "serving",
    accelerators: result.accelerators,
    verdict: verdict.kind,
    offeredPerSecond: verdict.offeredRequestsPerSecond,
    capacityPerSecond: verdict.estimatedCapacityRequestsPerSecond,
    requestsPerSecond: throughput.requestsPerSecond,
    outputTokensPerSecond: throughput.outputTokensPerSecond,
    ttft: some(latency.ttft),
    tpot: some(latency.tpot),
    e2e: some(latency.e2e),
    attained: result.attainment.all,
    busy: result.utilisation.busy,
    dollarsPerMillionOutputTokens: result.cost.perMillionOutputTokens,
    joulesPerOutputToken: result.energy.joulesPerOutputToken
  }
}
