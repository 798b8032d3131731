/**
 * From a scenario to its report: simulated, studied, and laid beside the nearest measurements.
 */
import * as Effect from "effect/Effect"
import {
  servingPoint,
  servingReport,
  sortedLatencies,
  studyServing,
  studyTraining,
  trainingPoint,
  trainingReport,
  unfitReport,
  type Contender,
  type PointRequest,
  type Provenance
} from "../report/index.ts"
import {
  changesThatFit,
  servingChangesThatFit,
  type Alternative,
  type ResolvedServing,
  type ResolvedTraining
} from "../scenario/index.ts"
import { summariseServing, type ServingLog } from "../serving/index.ts"
import type { TrainingResult, WholeRun } from "../training/index.ts"
import { nearestServingCases, nearestTrainingCases } from "./nearest-cases.ts"
import { servingIntervals, trainingInterval } from "./prediction-intervals.ts"
import { driven, pointPool, type PointPool } from "./point-pool.ts"
import { progressOf } from "./progress.ts"
import { sensitivityFindings } from "./sensitivity-findings.ts"
import { portableServing } from "./serving-document.ts"
import { version } from "./version.ts"

export interface ReportOptions {
  /** Threads; 1 = all here. */
  readonly threads: number
  /** The command that runs the scenario again. */
  readonly command: string
  readonly remarks: readonly string[]
  /** It is one of several, which share these threads; what else a report may ask is left to one of its own. */
  readonly together?: RunPoints
}

const provenanceOf = (
  { hash, scenario, job }: ResolvedTraining | ResolvedServing,
  data: unknown,
  { command, remarks }: ReportOptions
): Provenance => ({
  version,
  hash,
  seed: job.seed,
  command,
  scenario: data,
  remarks:
    data === undefined
      ? [...remarks, `the batching policy of ${scenario.name ?? "the scenario"} is a function: run its script again`]
      : remarks
})

/** Simulates points on whatever threads, and says how far it is; several studies may ask at once. */
export type RunPoints = (requests: readonly PointRequest[]) => ReturnType<PointPool["run"]>

const runIn = (pool: PointPool): RunPoints => {
  const progress = progressOf(0, process.stderr, undefined, "simulations")
  return async (requests) => {
    progress.more(requests.length)
    try {
      return await pool.run(requests, progress.step)
    } finally {
      progress.end()
    }
  }
}

/** Threads for as long as something takes that asks for simulations. */
export const pooled = <A, E, R>(threads: number, use: (run: RunPoints) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => pointPool(threads)),
    (pool) => use(runIn(pool)),
    (pool) => Effect.promise(() => pool.end())
  )

/** Threads for as long as a study takes. */
export const withPool = <S>(threads: number, use: (run: RunPoints) => Promise<S>) =>
  pooled(threads, (run) => Effect.promise(() => use(run)))

const onThreads = <S>({ threads, together }: ReportOptions, use: (run: RunPoints) => Promise<S>) =>
  together === undefined ? withPool(threads, use) : Effect.promise(() => use(together))

/** A training that was simulated. */
export interface Trained {
  readonly resolved: ResolvedTraining
  readonly result: TrainingResult
  readonly wholeRun: WholeRun | undefined
  /** Where it does not fit and they are known: the smallest changes that fit. */
  readonly alternatives?: readonly Alternative[]
}

export const trainingContender = Effect.fn("trainingContender")(function* (
  { resolved, result, wholeRun, alternatives: known }: Trained,
  options: ReportOptions
) {
  const { study, sensitivity } = yield* onThreads(options, async (run) => ({
    study: await driven(studyTraining(resolved, result), run),
    sensitivity: options.together === undefined ? await sensitivityFindings(resolved, run) : undefined
  }))
  const [interval, nearest] = yield* Effect.promise(() =>
    Promise.all([trainingInterval(resolved), nearestTrainingCases(resolved)])
  )
  const alternatives = known ?? (result.memory.fits ? [] : changesThatFit(resolved))
  const provenance = provenanceOf(resolved, resolved.scenario, options)
  const contender: Contender = {
    report: trainingReport({
      resolved,
      result,
      wholeRun,
      study,
      interval,
      nearest,
      alternatives,
      sensitivity,
      provenance
    }),
    point: trainingPoint(result, resolved.accelerators),
    wholeRun
  }
  return contender
})

export const servingContender = Effect.fn("servingContender")(function* (
  resolved: ResolvedServing,
  log: ServingLog,
  options: ReportOptions
) {
  const result = summariseServing(resolved.job, log)
  const { study, sensitivity } = yield* onThreads(options, async (run) => ({
    study: await driven(studyServing(resolved, result, options.together !== undefined), run),
    sensitivity: options.together === undefined ? await sensitivityFindings(resolved, run) : undefined
  }))
  const [intervals, nearest] = yield* Effect.promise(() =>
    Promise.all([servingIntervals(resolved), nearestServingCases(resolved)])
  )
  const provenance = provenanceOf(resolved, portableServing(resolved.scenario), options)
  const latencies = sortedLatencies(log.requests, result.window.fromSeconds)
  const contender: Contender = {
    report: servingReport({ resolved, result, latencies, study, intervals, nearest, sensitivity, provenance }),
    point: servingPoint(result)
  }
  return contender
})

/** Of a server that the model does not fit on. */
export const unfitContender = (resolved: ResolvedServing, options: ReportOptions): Contender => ({
  report: unfitReport({
    resolved,
    alternatives: servingChangesThatFit(resolved),
    provenance: provenanceOf(resolved, portableServing(resolved.scenario), options)
  }),
  point: undefined
})
