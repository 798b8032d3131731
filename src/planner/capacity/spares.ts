/**
 * A fleet with spares, while its spares fail: all of k nodes' replicas at once, under the busiest load. Of two pools each has the
 * spares of k nodes, as all k may be of one: so first the one pool's fail, then the other's.
 */
import { isThere, slowSides } from "./apart.ts"
import { isWithin } from "./fleet.ts"
import { missOf } from "./goals.ts"
import { runsOf } from "./runs.ts"
import type { SizedFleet } from "./plan-types.ts"
import type { Redundancy } from "./redundancy.ts"
import type { CapacityRequest, CapacitySearch, FleetOutcome, PoolSide } from "./types.ts"

export interface Survived {
  /** Replicas with which the goals hold through the failure; of two pools those that write answers. */
  readonly replicas: number
  readonly holds: boolean
  readonly outcome: FleetOutcome
  /** Replicas of the pool that computes prompts, where it is apart, and in which pool the failure comes nearest to a goal. */
  readonly prefill?: number
  readonly side?: PoolSide
}

/** The requests of the failed replicas come again, all at once: that may take a few replicas more. */
const mostMore = 4

/** @param failing  replicas that fail */
export function* survived(
  request: CapacityRequest,
  best: SizedFleet,
  replicas: number,
  failing: number
): CapacitySearch<Survived> {
  const run = runsOf(request)
  for (let more = 0; ; more++) {
    const [outcome] = yield [{ ...run.at(best.rated, replicas + more), failing }]
    if (outcome === undefined)
      return { replicas, holds: false, outcome: { kind: "none", reason: "nothing came of it" } }
    const holds = isWithin(outcome, request.goals)
    const isLast = more === mostMore || replicas + more >= best.rated.most
    if (holds || isLast || outcome.kind === "none")
      return { replicas: holds ? replicas + more : replicas, holds, outcome }
  }
}

const sides = ["prefill", "decode"] as const

/**
 * Of two pools: what is late tells which pool grows.
 *
 * @param planned  both pools with their spares, all of which fail, of one pool and then of the other
 */
export function* survivedApart(
  request: CapacityRequest,
  best: SizedFleet,
  { replicas, spareReplicas, prefill: first }: Redundancy
): CapacitySearch<Survived> {
  const { prefill, rated } = best
  if (prefill === undefined || first === undefined) return yield* survived(request, best, replicas, spareReplicas)
  const run = runsOf(request)
  const pair = { prefill: prefill.rated, decode: rated }
  const failing = { prefill: first.spareReplicas, decode: spareReplicas }
  const size = { prefill: first.replicas, decode: replicas }
  for (let more = 0; ; more++) {
    const outcomes = yield sides.map((side) => ({
      ...run.apart(pair, size),
      failing: failing[side],
      failingSide: side
    }))
    const [place, outcome] = nearest(outcomes, request)
    const found = { holds: isWithin(outcome, request.goals), outcome, side: sides[place]! }
    if (found.holds) return { ...found, replicas: size.decode, prefill: size.prefill }
    const isLast = more === mostMore || !isThere(request, pair, { prefill: size.prefill + 1, decode: size.decode + 1 })
    if (isLast || outcome.kind === "none") return { ...found, replicas, prefill: first.replicas }
    for (const one of outcomes) {
      if (one.kind === "none" || isWithin(one, request.goals)) continue
      const slow = slowSides(one, request.goals)
      if (slow.prompts) size.prefill = Math.max(size.prefill, first.replicas + more + 1)
      if (slow.answers) size.decode = Math.max(size.decode, replicas + more + 1)
    }
  }
}

/** The outcome that misses the most, or comes nearest to a goal. */
const nearest = (
  outcomes: readonly FleetOutcome[],
  { goals }: Pick<CapacityRequest, "goals">
): readonly [number, FleetOutcome] => {
  const far = (outcome: FleetOutcome): number =>
    outcome.kind === "none"
      ? Infinity
      : Math.max(
          ...goals.map((goal) => missOf(goal, outcome.latencies)),
          isWithin(outcome, goals) ? 0 : Number.MAX_VALUE
        )
  const distances = outcomes.map(far)
  const place = Math.max(0, distances.indexOf(Math.max(...distances)))
  return [place, outcomes[place] ?? { kind: "none", reason: "nothing came of it" }]
}
