/**
 * Of all fleets that were simulated within the goals, those that none is both cheaper and quicker than.
 */
import { isWithin } from "./fleet.ts"
import type { LatencyGoal } from "./goals.ts"
import type { CapacityPlan } from "./search.ts"
import type { ReplicaKind, FleetPoint } from "./types.ts"

export interface FrontPoint {
  readonly candidate: ReplicaKind
  readonly replicas: number
  /** Of the objective. */
  readonly value: number
  readonly point: FleetPoint
}

/** Ascending in value, descending in the median time of a whole answer. */
export const paretoFront = (
  { tried, sized, beaten }: CapacityPlan,
  goals: readonly LatencyGoal[]
): readonly FrontPoint[] => {
  const worth = new Map([...sized, ...beaten].map(({ rated }) => [rated.candidate, rated.worth]))
  // Where one grew to hold with other seeds, what is smaller does not count.
  const smallest = new Map(sized.map(({ rated, replicas }) => [rated.candidate, replicas]))
  const served = tried.flatMap(({ candidate, replicas, outcome }): readonly FrontPoint[] => {
    const each = worth.get(candidate)
    return outcome.kind === "served" &&
      isWithin(outcome, goals) &&
      each !== undefined &&
      replicas >= (smallest.get(candidate) ?? 0)
      ? [{ candidate, replicas, value: replicas * each, point: outcome }]
      : []
  })
  const least = Math.min(...sized.map(({ value }) => value))
  const front: FrontPoint[] = []
  for (const one of served
    .filter(({ value }) => value >= least * (1 - 1e-9))
    .toSorted((a, b) => a.value - b.value || answerOf(a) - answerOf(b)))
    if (front.length === 0 || answerOf(one) < answerOf(front.at(-1)!)) front.push(one)
  return front
}

const answerOf = ({ point }: FrontPoint): number => point.latencies.e2e.p50
