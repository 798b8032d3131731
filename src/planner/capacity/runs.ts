/**
 * The simulations of a request: a kind of replica, so many of them, under its load.
 */
import type { CapacityRequest, FleetRequest, ReplicaKind } from "./types.ts"

export interface Runs {
  readonly at: (one: { readonly candidate: ReplicaKind }, replicas: number, seed?: number) => FleetRequest
  /** Two pools: so many replicas that compute prompts, so many that write answers. */
  readonly apart: (pair: Pair, size: PairSize, seed?: number) => FleetRequest
  readonly goals: CapacityRequest["goals"]
}

/** A kind of replica for prompts and one for answers. */
export interface Pair {
  readonly prefill: { readonly candidate: ReplicaKind }
  readonly decode: { readonly candidate: ReplicaKind }
}

/** Replicas of both. */
export interface PairSize {
  readonly prefill: number
  readonly decode: number
}

export const runsOf = ({
  scenario,
  rate,
  requests,
  seed,
  goals,
  traceRate
}: Pick<CapacityRequest, "scenario" | "rate" | "requests" | "seed" | "goals" | "traceRate">): Runs => {
  const common = { scenario, rate, requests, ...(traceRate === undefined ? {} : { traceRate }) }
  return {
    at: ({ candidate }, replicas, own = seed) => ({ ...common, candidate, replicas, seed: own }),
    apart: ({ prefill, decode }, size, own = seed) => ({
      ...common,
      candidate: decode.candidate,
      replicas: size.decode,
      prefill: { candidate: prefill.candidate, replicas: size.prefill },
      seed: own
    }),
    goals
  }
}
