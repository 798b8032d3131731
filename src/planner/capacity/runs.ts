/**
 * The simulations of a request: a kind of replica, so many of them, under its load.
 */
import type { CapacityRequest, FleetRequest, ReplicaKind } from "./types.ts"

export interface Runs {
  readonly at: (one: { readonly candidate: ReplicaKind }, replicas: number, seed?: number) => FleetRequest
  readonly goals: CapacityRequest["goals"]
}

export const runsOf = ({
  scenario,
  rate,
  requests,
  seed,
  goals,
  traceRate
}: Pick<CapacityRequest, "scenario" | "rate" | "requests" | "seed" | "goals" | "traceRate">): Runs => ({
  at: ({ candidate }, replicas, own = seed) => ({
    scenario,
    candidate,
    replicas,
    rate,
    requests,
    seed: own,
    ...(traceRate === undefined ? {} : { traceRate })
  }),
  goals
})
