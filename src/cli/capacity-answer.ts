/**
 * The answer of a plan of capacity, gathered: the fleet, its redundancy, its day, its ways to be paid, and how sure it is.
 */
import type { ServingIntervals } from "../intervals/index.ts"
import {
  dayOf,
  highestLoad,
  hourlyPrice,
  outOfReach,
  paretoFront,
  resolvedFleet,
  searchCapacity,
  searchHighest,
  waysOf,
  type CapacityPlan,
  type CapacityRequest,
  type CostWays,
  type Day,
  type FrontPoint,
  type HighestLoad,
  type HighestPlan,
  type LoadedFleet,
  type OutOfReach,
  type Redundancy,
  type SizedFleet,
  type Survived
} from "../planner/index.ts"
import { servingLaunch, type LaunchFile } from "../report/index.ts"
import { resolveServing, scenarioWith, type ResolvedServing } from "../scenario/index.ts"
import { searched, type CapacityPool } from "./capacity-pool.ts"
import { sparesOf } from "./capacity-spares.ts"
import { capacitySure, type CapacitySure } from "./capacity-sure.ts"
import { plannedAccelerators, plannedDollars, plannedOf } from "./fleet-size.ts"
import type { CapacityAsked, CapacityTask } from "./capacity-request.ts"
import { servingIntervals } from "./prediction-intervals.ts"
import { traceRateOf } from "./capacity-trace.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

export interface FleetAnswer {
  readonly kind: "fleet"
  readonly task: CapacityTask
  readonly request: CapacityRequest
  readonly plan: CapacityPlan
  readonly best: SizedFleet
  readonly redundancy: Redundancy
  /** With the spares failing under the busiest load; null without spares. */
  readonly through: Survived | null
  readonly day: Day | null
  readonly ways: CostWays
  readonly front: readonly FrontPoint[]
  readonly intervals: ServingIntervals
  readonly sure: CapacitySure
  readonly resolved: ResolvedServing
  readonly launch: readonly LaunchFile[]
}

export interface NoAnswer {
  readonly kind: "none"
  readonly task: CapacityTask
  readonly request: CapacityRequest
  readonly plan: CapacityPlan
  readonly reach: OutOfReach | undefined
}

export interface LoadAnswer {
  readonly kind: "load"
  readonly task: CapacityTask
  readonly found: HighestLoad
  readonly accelerators: number
  readonly intervals: ServingIntervals
  readonly resolved: ResolvedServing
}

export interface HighestAnswer {
  readonly kind: "highest"
  readonly task: CapacityTask
  readonly plan: HighestPlan
  /** The first of the fleets, where one keeps the goals at all. */
  readonly best: LoadedFleet | undefined
  readonly intervals: ServingIntervals | undefined
  readonly resolved: ResolvedServing | undefined
  readonly launch: readonly LaunchFile[]
}

export type CapacityAnswer = FleetAnswer | NoAnswer | LoadAnswer | HighestAnswer

/** @throws Refusal of the scenario as it stands, where its own machines are asked about */
export const answered = async (
  task: CapacityTask,
  asked: CapacityAsked,
  pool: CapacityPool
): Promise<CapacityAnswer | { readonly kind: "refused"; readonly reason: string }> => {
  const { request, highest } = task
  if (highest !== undefined) return highestAnswer(task, highest, pool)
  if (request === undefined) return loadAnswer(task, asked, pool)
  const plan = await searched(searchCapacity(request, { readText, readChunks }), pool)
  const [best] = plan.sized
  if (best === undefined)
    return { kind: "none", task, request, plan, reach: await searched(outOfReach(request, plan), pool) }
  const { accelerator } = best.rated
  const { redundancy, through } = await sparesOf(request, best, asked.failures, pool)
  const day =
    task.night === undefined
      ? null
      : await searched(dayOf(request, { peak: request.rate, trough: task.night }, best), pool)
  const whole = plannedOf(best, redundancy)
  const fleet = resolvedFleet(
    {
      scenario: task.scenario,
      ...whole,
      rate: request.rate,
      requests: request.requests,
      seed: request.seed,
      ...(request.traceRate === undefined ? {} : { traceRate: request.traceRate })
    },
    { readText, readChunks }
  )
  if ("kind" in fleet) return { kind: "refused", reason: fleet.reason }
  // Of two kinds of machines a mean of what an hour costs; what they are bought for is not the plan's to mix.
  const isMixed = best.prefill !== undefined && best.prefill.rated.accelerator.name !== accelerator.name
  const perHourInAll = plannedDollars(best, redundancy)
  const perAccelerator = perHourInAll === undefined ? undefined : perHourInAll / plannedAccelerators(whole)
  const ways = waysOf(
    {
      accelerators: plannedAccelerators(whole),
      perHour: isMixed ? perAccelerator : hourlyPrice(accelerator, request.prices, request.priceAt),
      purchase: isMixed ? undefined : accelerator.purchasePrice,
      watts: wattsWith(best, redundancy),
      promptTokensPerSecond: best.point.promptTokensPerSecond,
      outputTokensPerSecond: best.point.outputTokensPerSecond
    },
    { ...asked.prices, meanLoad: day?.meanLoad ?? 1 }
  )
  return {
    kind: "fleet",
    task,
    request,
    plan,
    best,
    redundancy,
    through,
    day,
    ways,
    front: paretoFront(plan, request.goals),
    intervals: await servingIntervals(fleet.resolved),
    sure: await capacitySure(request, plan, pool),
    resolved: fleet.resolved,
    launch: servingLaunch(fleet.resolved)
  }
}

/** Of the fleet with its spares. */
const wattsWith = (best: SizedFleet, redundancy: Redundancy): number => {
  const { point, replicas, prefill } = best
  if (prefill === undefined) return (point.watts * redundancy.replicas) / replicas
  return (point.watts * plannedAccelerators(plannedOf(best, redundancy))) / plannedAccelerators(plannedOf(best))
}

const highestAnswer = async (
  task: CapacityTask,
  request: CapacityRequest,
  pool: CapacityPool
): Promise<HighestAnswer> => {
  const plan = await searched(searchHighest(request, { readText, readChunks }), pool)
  const best = plan.fleets.find(({ found }) => found.point !== null)
  const { scenario, requests, seed, traceRate } = request
  const fleet =
    best === undefined
      ? undefined
      : resolvedFleet(
          {
            ...{
              scenario,
              ...loadedFleet(best),
              rate: best.found.rate,
              requests,
              seed
            },
            ...(traceRate === undefined ? {} : { traceRate })
          },
          { readText, readChunks }
        )
  const resolved = fleet === undefined || "kind" in fleet ? undefined : fleet.resolved
  return {
    kind: "highest",
    task,
    plan,
    best,
    intervals: resolved === undefined ? undefined : await servingIntervals(resolved),
    resolved,
    launch: resolved === undefined ? [] : servingLaunch(resolved)
  }
}

/** A fleet of the highest load, as it is simulated. */
export const loadedFleet = ({ rated, replicas, prefill }: LoadedFleet) => ({
  candidate: rated.candidate,
  replicas,
  ...(prefill === undefined ? {} : { prefill: { candidate: prefill.rated.candidate, replicas: prefill.replicas } })
})

const loadAnswer = async (
  task: CapacityTask,
  { seed }: CapacityAsked,
  pool: CapacityPool
): Promise<LoadAnswer | { readonly kind: "refused"; readonly reason: string }> => {
  const { scenario, goals } = task
  const loaded = scenarioWith({ scenario }, { seed })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded, { readText, readChunks })
  if (resolved._tag === "Refused")
    return { kind: "refused", reason: resolved.issues.map(({ path, problem }) => `${path}: ${problem}`).join("; ") }
  const traceRate = traceRateOf(resolved.job)
  const requests = requestsOfOwn(resolved)
  const found = await searched(
    highestLoad(
      {
        scenario,
        candidate: null,
        replicas: resolved.job.replicas,
        requests,
        seed,
        ...(traceRate === undefined ? {} : { traceRate })
      },
      goals,
      startOf(resolved)
    ),
    pool
  )
  return {
    kind: "load",
    task,
    found,
    accelerators: resolved.accelerators,
    intervals: await servingIntervals(resolved),
    resolved
  }
}

/** Of a long recording its beginning. */
const requestsOfTrace = 20_000

/** Requests of a simulation of the scenario's own machines under some load. */
export const requestsOfOwn = ({ scenario, job }: ResolvedServing): number =>
  scenario.workload.requests ??
  (traceRateOf(job) === undefined ? 4000 : Math.min(requestsOfTrace, job.workload.requests))

/** A rate to begin with: where the first guess lies matters to nothing but the number of steps. */
export const startOf = ({ job, accelerators }: ResolvedServing): number => {
  const { arrivals } = job.workload
  const recorded = traceRateOf(job)
  if (recorded !== undefined) return recorded
  if (arrivals.kind === "gamma" || arrivals.kind === "deterministic") return arrivals.rate
  if (arrivals.kind === "poisson" && arrivals.rate.kind === "constant") return arrivals.rate.rate
  return accelerators
}
