/**
 * A kind of replica, and what came of a simulated fleet, as JSON.
 */
import { acceleratorsOf, type FleetOutcome, type ReplicaKind } from "../planner/index.ts"

export const kindDocument = (candidate: ReplicaKind) => ({ ...candidate, accelerators: acceleratorsOf(candidate) })

export const pointDocument = (outcome: FleetOutcome) =>
  outcome.kind === "none"
    ? { reason: outcome.reason }
    : {
        latencies: outcome.latencies,
        answered: outcome.answered,
        isOverloaded: outcome.isOverloaded,
        requestsPerSecond: outcome.requestsPerSecond,
        outputTokensPerSecond: outcome.outputTokensPerSecond,
        busy: outcome.busy,
        watts: outcome.watts
      }
