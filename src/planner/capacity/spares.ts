/**
 * A fleet with spares, while its spares fail: all of k nodes' replicas at once, under the busiest load.
 */
import { isWithin } from "./fleet.ts"
import { runsOf } from "./runs.ts"
import type { SizedFleet } from "./plan-types.ts"
import type { CapacityRequest, CapacitySearch, FleetOutcome } from "./types.ts"

export interface Survived {
  /** Replicas with which the goals hold through the failure. */
  readonly replicas: number
  readonly holds: boolean
  readonly outcome: FleetOutcome
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
