/**
 * Of all fleets that were simulated within the goals, those that none is both cheaper and quicker than.
 */
import { isWithin } from "./fleet.ts"
import type { LatencyGoal } from "./goals.ts"
import type { CapacityPlan } from "./plan-types.ts"
import type { ReplicaKind, FleetPoint, PrefillSide } from "./types.ts"

export interface FrontPoint {
  readonly candidate: ReplicaKind
  readonly replicas: number
  /** The pool that computes prompts, where it is apart. */
  readonly prefill?: PrefillSide
  /** Of the objective. */
  readonly value: number
  readonly point: FleetPoint
}

/** Ascending in value, descending in the median time of a whole answer. */
export const paretoFront = (plan: CapacityPlan, goals: readonly LatencyGoal[]): readonly FrontPoint[] => {
  const { tried, sized } = plan
  const worth = worthOfKinds(plan)
  // Where one grew to hold with other seeds, what is smaller does not count.
  const smallest = new Map(
    sized.map(({ rated, prefill, value }) => [kindKey(rated.candidate, prefill?.rated.candidate), value])
  )
  const served = tried.flatMap((one): readonly FrontPoint[] => {
    const { candidate, replicas, prefill, outcome } = one
    const value = valueOfTried(one, worth)
    return outcome.kind === "served" &&
      isWithin(outcome, goals) &&
      value !== undefined &&
      value >= (smallest.get(kindKey(candidate, prefill?.candidate)) ?? 0) * (1 - 1e-9)
      ? [{ candidate, replicas, value, point: outcome, ...(prefill === undefined ? {} : { prefill }) }]
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

const kindKey = (candidate: ReplicaKind, prefill: ReplicaKind | undefined): string =>
  JSON.stringify([candidate, prefill])

/** What a replica of each kind adds to the objective. */
export const worthOfKinds = ({ sized, beaten, apart }: CapacityPlan): ReadonlyMap<ReplicaKind, number> =>
  new Map(
    [...sized.map(({ rated }) => rated), ...beaten.map(({ rated }) => rated), ...(apart?.rated ?? [])].map((rated) => [
      rated.candidate,
      rated.worth
    ])
  )

/** The objective of a fleet that was simulated. */
export const valueOfTried = (
  { candidate, replicas, prefill }: CapacityPlan["tried"][number],
  worth: ReadonlyMap<ReplicaKind, number>
): number | undefined => {
  const each = worth.get(candidate)
  const beside = prefill === undefined ? 0 : worth.get(prefill.candidate)
  return each === undefined || beside === undefined
    ? undefined
    : replicas * each + (prefill === undefined ? 0 : prefill.replicas * beside)
}
