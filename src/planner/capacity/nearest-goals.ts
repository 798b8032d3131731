/**
 * Where no fleet serves a load within its goals: which of them cannot be met, and the nearest that can.
 */
import { isWithin } from "./fleet.ts"
import { missOf, type LatencyGoal } from "./goals.ts"
import type { CapacityPlan } from "./plan-types.ts"
import { candidatesOf, isTogether } from "./space.ts"
import type { ReplicaKind, CapacityRequest, FleetPoint, CapacitySearch, PrefillSide } from "./types.ts"

export interface OutOfReach {
  /** Goals that were missed by the fleet that misses them least. */
  readonly missed: readonly LatencyGoal[]
  /** The same goals as that fleet would meet them, with the others held. */
  readonly reachable: readonly LatencyGoal[]
  readonly candidate: ReplicaKind
  readonly replicas: number
  /** The pool that computes prompts, where it is apart. */
  readonly prefill?: PrefillSide
  readonly point: FleetPoint
}

/** A replica that hardly anything comes to is as quick as it can be. */
const idleShare = 0.02
const idleRequests = 600
/** How many of the quickest are tried. */
const mostTried = 6

/** Undefined where nothing runs at all. */
export function* outOfReach(request: CapacityRequest, plan: CapacityPlan): CapacitySearch<OutOfReach | undefined> {
  const found: Omit<OutOfReach, "missed" | "reachable">[] = []
  for (const { outcome, ...fleet } of plan.tried)
    if (outcome.kind === "served" && !outcome.isOverloaded) found.push({ ...fleet, point: outcome })
  const late = plan.pruned
    .filter(({ cause, side }) => side === undefined && (cause === "token" || cause === "first"))
    .map(({ candidate }) => candidate)
  // Larger tensor groups on newer machines are the quicker ones: both ends of the space are looked at.
  const wide = late.toSorted((one, other) => other.tensor - one.tensor)
  const tried = new Set(
    (isTogether(request.space) ? candidatesOf(request.space) : [])
      .map(({ system }) => system)
      .flatMap((system) => wide.find((one) => one.system === system) ?? [])
      .slice(0, mostTried)
  )
  const asked = [...tried]
  const outcomes = yield asked.map((candidate) => ({
    scenario: request.scenario,
    candidate,
    replicas: 1,
    rate: Math.min(request.rate, idleShare),
    requests: idleRequests,
    seed: request.seed,
    ...(request.traceRate === undefined ? {} : { traceRate: request.traceRate })
  }))
  asked.forEach((candidate, index) => {
    const outcome = outcomes[index]!
    if (outcome.kind === "served") found.push({ candidate, replicas: 1, point: outcome })
  })
  const worst = ({ latencies }: FleetPoint): number => Math.max(...request.goals.map((goal) => missOf(goal, latencies)))
  const best = found
    .filter(({ point }) => !isWithin(point, request.goals))
    .toSorted((one, other) => worst(one.point) - worst(other.point))[0]
  if (best === undefined) return undefined
  const missed = request.goals.filter((goal) => missOf(goal, best.point.latencies) > 1)
  return {
    ...best,
    missed,
    reachable: missed.map((goal) => ({
      ...goal,
      seconds: roundedUp(best.point.latencies[goal.metric][goal.statistic])
    }))
  }
}

/** To two figures, so that it can be promised. */
const roundedUp = (seconds: number): number => {
  const unit = 10 ** (Math.floor(Math.log10(seconds)) - 1)
  return Number((Math.ceil(seconds / unit) * unit).toPrecision(3))
}
