/**
 * The simulations behind a report, in rounds: what a round asks for depends on the outcomes of the one before. Whoever
 * drives the generator runs each round's points in whatever order, on whatever threads, and hands back their outcomes in
 * the order asked.
 */
import type { Changes, ResolvedServing, ResolvedTraining } from "../scenario/index.ts"
import type { ServingResult } from "../serving/index.ts"
import type { TrainingResult } from "../training/index.ts"
import type { Candidate } from "./candidate.ts"
import {
  batchLevels,
  batchOf,
  between,
  highestTimes,
  levelsUpTo,
  loadKnob,
  loadLevels,
  type LoadKnob
} from "./load-levels.ts"
import {
  servingPoint,
  trainingPoint,
  type Point,
  type PointRequest,
  type ServingPoint,
  type TrainingPoint
} from "./point.ts"
import { servingChanges } from "./serving-changes.ts"
import { servingSizes, trainingSizes } from "./sizes.ts"
import { trainingChanges } from "./training-changes.ts"

/** A change that was simulated. */
export interface Tried<P> {
  readonly candidate: Candidate
  readonly point: P
}

export interface TrainingStudy {
  readonly kind: "training"
  /** Ascending, the scenario's own size among them; sizes that cannot run are left out. */
  readonly sizes: readonly TrainingPoint[]
  readonly tried: readonly Tried<TrainingPoint>[]
  /** Changes that cannot run or do not fit. */
  readonly impossible: readonly Candidate[]
}

export interface ServingStudy {
  readonly kind: "serving"
  readonly knob: LoadKnob | undefined
  /** Ascending by load, the scenario's own among them; empty where there is no load to turn. */
  readonly loads: readonly LoadedPoint[]
  /** Higher loads would be too many requests to simulate for a report, and so would other sizes under them. */
  readonly isCut: boolean
  /** Where all requests come at once: so many at once, ascending, the scenario's own number among them. */
  readonly batches: readonly BatchedPoint[]
  /** Greatest load found at which 99 of 100 requests meet every objective; null where there is none, or no objective. */
  readonly best: LoadedPoint | null
  readonly sizes: readonly ServingPoint[]
  readonly tried: readonly Tried<ServingPoint>[]
  readonly impossible: readonly Candidate[]
}

export interface LoadedPoint {
  /** Multiple of the scenario's load. */
  readonly times: number
  /** In the knob's unit. */
  readonly load: number
  readonly point: ServingPoint
}

export interface BatchedPoint {
  readonly requests: number
  readonly point: ServingPoint
}

export type Study<S> = Generator<readonly PointRequest[], S, readonly Point[]>

/** Share of requests that have to meet every objective. */
export const wellServed = 0.99

export function* studyTraining(resolved: ResolvedTraining, result: TrainingResult): Study<TrainingStudy> {
  const { scenario, job, accelerators } = resolved
  // Ranks that do the same need not be simulated one by one, whatever the scenario says.
  const request = (changes: Changes): PointRequest => ({
    scenario,
    changes: { ...changes, symmetry: "on" },
    seed: job.seed
  })
  const sizes = trainingSizes(resolved)
  const candidates = trainingChanges(resolved)
  const points = yield [...sizes, ...candidates].map(({ changes }) => request(changes))
  const training = points.map((point) => (point.kind === "training" && point.fits ? point : undefined))
  const tried = candidates.map((candidate, index) => ({ candidate, point: training[sizes.length + index] }))
  return {
    kind: "training",
    sizes: [
      trainingPoint(result, accelerators),
      ...training.slice(0, sizes.length).filter((point) => point !== undefined)
    ].sort((one, other) => one.accelerators - other.accelerators),
    tried: tried.flatMap(({ candidate, point }) => (point === undefined ? [] : [{ candidate, point }])),
    impossible: tried.flatMap(({ candidate, point }) => (point === undefined ? [candidate] : []))
  }
}

/**
 * @param isCompared it is one of several that are laid side by side: its load alone is turned; other sizes and changes that may help are left
 *   to a report of its own
 */
export function* studyServing(
  resolved: ResolvedServing,
  result: ServingResult,
  isCompared = false
): Study<ServingStudy> {
  const { scenario, job } = resolved
  const request = (changes: Changes): PointRequest => ({ scenario, changes, seed: job.seed })
  const own = servingPoint(result)
  const knob = loadKnob(scenario)
  const full = own.capacityPerSecond / own.offeredPerSecond
  const highest = highestTimes(job.workload.seconds < Infinity ? result.requests.arrived : 0)
  const every = knob === undefined ? [] : loadLevels(knob, own.offeredPerSecond, own.capacityPerSecond, isCompared)
  const levels = levelsUpTo(every, highest)
  const isCut = every.some((times) => times > highest)
  const batches = isBatched(job) ? batchLevels(job.workload.requests) : []
  const sizes = isCompared || isCut ? [] : servingSizes(resolved, knob, Number.isFinite(full) ? full : 1)
  // A change that lets a server do more shows only when it has more to do than it could.
  const candidates = isCompared ? [] : servingChanges(resolved)
  const asked = [
    ...levels.map((times) => request(knob?.at(times) ?? {})),
    ...sizes.map(({ changes }) => request(changes)),
    ...candidates.map(({ changes }) => request(changes)),
    ...batches.map((size) => request(batchOf(size, job.batching.maximumSequences)))
  ]
  const points = (yield asked).map((point) => (point.kind === "serving" ? point : undefined))
  const loadOf = (times: number, point: ServingPoint): number =>
    knob?.users === undefined ? point.offeredPerSecond : Math.max(1, Math.round(knob.users * times))
  const loaded = (times: number, point: ServingPoint | undefined): readonly LoadedPoint[] =>
    point === undefined ? [] : [{ times, load: loadOf(times, point), point }]
  let loads =
    knob === undefined
      ? []
      : ascending([...loaded(1, own), ...levels.flatMap((times, index) => loaded(times, points[index]))])
  if (knob !== undefined && own.attained !== null) {
    for (let round = 0; round < 2; round++) {
      const bracket = bracketOf(loads)
      if (bracket === undefined) break
      const finer = between(...bracket)
      const more: readonly Point[] = yield finer.map((times) => request(knob.at(times)))
      loads = ascending([
        ...loads,
        ...finer.flatMap((times, index) => {
          const point = more[index]
          return loaded(times, point?.kind === "serving" ? point : undefined)
        })
      ])
    }
  }
  const tried = candidates.map((candidate, index) => ({
    candidate,
    point: points[levels.length + sizes.length + index]
  }))
  return {
    kind: "serving",
    knob,
    loads,
    isCut,
    batches:
      batches.length === 0
        ? []
        : [
            { requests: job.workload.requests, point: own },
            ...batches.flatMap((size, index): readonly BatchedPoint[] => {
              const point = points[levels.length + sizes.length + candidates.length + index]
              return point === undefined ? [] : [{ requests: size, point }]
            })
          ].toSorted((one, other) => one.requests - other.requests),
    best: bestOf(loads),
    sizes: points.slice(levels.length, levels.length + sizes.length).filter((point) => point !== undefined),
    tried: tried.flatMap(({ candidate, point }) => (point === undefined ? [] : [{ candidate, point }])),
    impossible: tried.flatMap(({ candidate, point }) => (point === undefined ? [candidate] : []))
  }
}

/** All requests come at once, and may run together. */
const isBatched = ({ workload: { arrivals }, batching: { policy } }: ResolvedServing["job"]): boolean =>
  arrivals.kind === "batch" && policy !== "none"

const ascending = (points: readonly LoadedPoint[]): readonly LoadedPoint[] =>
  [...points].sort((one, other) => one.load - other.load || one.times - other.times)

const isGood = ({ point }: LoadedPoint): boolean =>
  point.attained !== null && point.attained >= wellServed && point.verdict !== "overloaded"

/** The last load below which all are well served. */
const bestOf = (loads: readonly LoadedPoint[]): LoadedPoint | null => {
  const end = loads.findIndex((one) => !isGood(one))
  return loads[(end < 0 ? loads.length : end) - 1] ?? null
}

/** Multiples between which the objective stops being met. */
const bracketOf = (loads: readonly LoadedPoint[]): readonly [number, number] | undefined => {
  const end = loads.findIndex((one) => !isGood(one))
  const [low, high] = [loads[end - 1], loads[end]]
  if (high === undefined) return undefined
  return [low?.times ?? 0.02 * high.times, high.times]
}
