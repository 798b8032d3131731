/**
 * The answer of a plan of capacity, gathered: the fleet, its redundancy, its day, its ways to be paid, and how sure it is.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import type { ServingIntervals } from "../intervals/index.ts"
import {
  acceleratorsOf,
  dayOf,
  highestLoad,
  hourlyPrice,
  outOfReach,
  paretoFront,
  redundancyOf,
  resolvedFleet,
  searchCapacity,
  survived,
  waysOf,
  type CapacityPlan,
  type CapacityRequest,
  type CostWays,
  type Day,
  type FrontPoint,
  type HighestLoad,
  type OutOfReach,
  type Redundancy,
  type SizedFleet,
  type Survived
} from "../planner/index.ts"
import { servingLaunch, type LaunchFile } from "../report/index.ts"
import { resolveServing, scenarioWith, type ResolvedServing } from "../scenario/index.ts"
import { searched, type CapacityPool } from "./capacity-pool.ts"
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

export type CapacityAnswer = FleetAnswer | NoAnswer | LoadAnswer

/** @throws Refusal of the scenario as it stands, where its own machines are asked about */
export const answered = async (
  task: CapacityTask,
  asked: CapacityAsked,
  pool: CapacityPool
): Promise<CapacityAnswer | { readonly kind: "refused"; readonly reason: string }> => {
  const { request } = task
  if (request === undefined) return loadAnswer(task, asked, pool)
  const plan = await searched(searchCapacity(request, { readText, readChunks }), pool)
  const [best] = plan.sized
  if (best === undefined)
    return { kind: "none", task, request, plan, reach: await searched(outOfReach(request, plan), pool) }
  const { candidate, accelerator } = best.rated
  const system = find("systems", candidate.system)
  const planned = redundancyOf(
    best.replicas,
    acceleratorsOf(candidate),
    isUnknownName(system) ? 8 : system.acceleratorsPerNode,
    asked.failures
  )
  const through =
    planned.spareReplicas === 0
      ? null
      : await searched(survived(request, best, planned.replicas, planned.spareReplicas), pool)
  const redundancy: Redundancy = {
    ...planned,
    replicas: through?.replicas ?? planned.replicas,
    spareReplicas: planned.spareReplicas + (through === null ? 0 : through.replicas - planned.replicas)
  }
  const day =
    task.night === undefined
      ? null
      : await searched(dayOf(request, { peak: request.rate, trough: task.night }, best), pool)
  const fleet = resolvedFleet(
    {
      scenario: task.scenario,
      candidate,
      replicas: redundancy.replicas,
      rate: request.rate,
      requests: request.requests,
      seed: request.seed,
      ...(request.traceRate === undefined ? {} : { traceRate: request.traceRate })
    },
    { readText, readChunks }
  )
  if ("kind" in fleet) return { kind: "refused", reason: fleet.reason }
  const ways = waysOf(
    {
      accelerators: redundancy.replicas * acceleratorsOf(candidate),
      perHour: hourlyPrice(accelerator, request.prices, request.priceAt),
      purchase: accelerator.purchasePrice,
      watts: (best.point.watts * redundancy.replicas) / best.replicas,
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
    resolved: fleet.resolved,
    launch: servingLaunch(fleet.resolved)
  }
}

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
  const requests =
    scenario.workload.requests ??
    (traceRate === undefined ? 4000 : Math.min(requestsOfTrace, resolved.job.workload.requests))
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

/** A rate to begin with: where the first guess lies matters to nothing but the number of steps. */
const startOf = ({ job, accelerators }: ResolvedServing): number => {
  const { arrivals } = job.workload
  const recorded = traceRateOf(job)
  if (recorded !== undefined) return recorded
  if (arrivals.kind === "gamma" || arrivals.kind === "deterministic") return arrivals.rate
  if (arrivals.kind === "poisson" && arrivals.rate.kind === "constant") return arrivals.rate.rate
  return accelerators
}
