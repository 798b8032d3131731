/**
 * Whether one fleet beats another beyond what predictions are off by, in whole replicas; and which measurement would settle it: a
 * replica of each, under its share of the load and then more, until a goal is missed.
 */
import { highestLoad } from "./bisect.ts"
import type { SizedFleet } from "./plan-types.ts"
import { together } from "./sizing.ts"
import type { CapacityRequest, CapacitySearch, FleetPoint, FleetRequest } from "./types.ts"

type Pool = Pick<SizedFleet, "rated" | "replicas">

/** Replicas that a fleet takes if its replicas serve less or more than predicted. @param error  log of predicted over real capacity */
const replicasAt = ({ rated: { bounds, most }, replicas }: Pool, rate: number, error: number): number => {
  // One fewer is too few, so many do: between them the estimate says how much is to spare.
  const needed = Math.min(replicas, Math.max(replicas - 1 + 1e-6, rate / bounds.modelledPerSecond))
  const count = Math.max(1, Math.ceil(needed * Math.exp(error) - 1e-9))
  return count > most ? Infinity : count
}

/** What a fleet costs in the end; the pools of one whose prompts and answers are apart are off alike. */
const costAt = (fleet: SizedFleet, rate: number, error: number): number =>
  [fleet, ...(fleet.prefill === undefined ? [] : [fleet.prefill])].reduce(
    (sum, pool) => sum + replicasAt(pool, rate, error) * pool.rated.worth,
    0
  )

/** 1 where the first fleet costs less in the end, 0 where the other does, by the errors of both capacities. */
export const cheaperOf =
  (rate: number, one: SizedFleet, other: SizedFleet) =>
  (errorOfOne: number, errorOfOther: number): number => {
    const first = costAt(one, rate, errorOfOne)
    const second = costAt(other, rate, errorOfOther)
    return first === second ? 0.5 : first < second ? 1 : 0
  }

export interface ReplicaRun {
  readonly fleet: SizedFleet
  /** One replica under its share of the fleet's load. */
  readonly request: FleetRequest
  /** Requests a second that it serves within the goals at most, as predicted, and what comes of that. */
  readonly highest: number
  readonly point: FleetPoint
  /**
   * The load at which the order turns: the first's replica has to hold so much to stay better, the other's as much to become
   * so; null where no number of its replicas would be.
   */
  readonly turn: number | null
}

export interface FleetExperiment {
  /** The first fleet's replica, and the other's. */
  readonly runs: readonly [ReplicaRun, ReplicaRun]
}

/** Requests of a simulated load test, and how near its highest load is found. */
const requests = 2000
const tolerance = 0.02

/** The most replicas that cost less than a value; 0 where one costs as much. */
const mostBelow = (value: number, worth: number): number => Math.max(0, Math.ceil(value / worth - 1e-9) - 1)

/** @param most  replicas up to which the fleet is the better one */
function* replicaRun(request: CapacityRequest, fleet: SizedFleet, most: number): CapacitySearch<ReplicaRun> {
  const { scenario, seed, traceRate, goals, rate } = request
  const { rated, replicas, point } = fleet
  const one = {
    ...{ scenario, candidate: rated.candidate, replicas: 1, requests, seed },
    ...(traceRate === undefined ? {} : { traceRate })
  }
  const share = rate / replicas
  const found = yield* highestLoad(one, goals, share, tolerance)
  // Alone a replica serves less than its share in a fleet, whose router evens out the load.
  const turn = most === 0 ? null : (Math.min(share, found.rate) * replicas) / most
  return { fleet, request: { ...one, rate: share }, highest: found.rate, point: found.point ?? point, turn }
}

/** Null where a replica by itself keeps the goals under no load. */
export function* fleetExperiment(
  request: CapacityRequest,
  [one, other]: readonly [SizedFleet, SizedFleet]
): CapacitySearch<FleetExperiment | null> {
  const [first, second] = yield* together([
    replicaRun(request, one, mostBelow(other.value, one.rated.worth)),
    replicaRun(request, other, mostBelow(one.value, other.rated.worth))
  ])
  return first === undefined || second === undefined || first.highest === 0 || second.highest === 0
    ? null
    : { runs: [first, second] }
}
