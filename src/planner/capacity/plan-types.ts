/**
 * What a plan of capacity comes to: the fleets that were sized, those that were beaten, and all that were simulated.
 */
import type { RatedPair } from "./apart.ts"
import type { PairSize } from "./runs.ts"
import type { NearestSeconds, PrunedKind, RatedKind } from "./space.ts"
import type { FleetOutcome, FleetPoint, PrefillSide, ReplicaKind } from "./types.ts"

/** A kind of replica with its smallest fleet. */
export interface SizedFleet {
  readonly rated: RatedKind
  readonly replicas: number
  /** Of the objective. */
  readonly value: number
  readonly point: FleetPoint
  /** The goals held with every seed that was tried, so many. */
  readonly seeds: number
  /** With one replica less: what went wrong; null where there is none less. */
  readonly below: FleetOutcome | null
  /** The pool that computes prompts, where it is apart; `rated` and `replicas` are then of the pool that writes answers. */
  readonly prefill?: { readonly rated: RatedKind; readonly replicas: number }
  /** Of a fleet that is apart: the size that `below` speaks of. */
  readonly belowAt?: PairSize
}

/** A kind of replica that cannot beat the best. */
export interface BeatenKind {
  readonly rated: RatedKind
  /** Simulated with so many replicas, the most that would have beaten the best (of its system); null = by its bound alone. */
  readonly tried: { readonly replicas: number; readonly outcome: FleetOutcome } | null
  /** The goals cannot be met with any number of replicas that there are. */
  readonly isHopeless: boolean
}

/** A pair of kinds that cannot beat the best fleet that is apart. */
export interface BeatenPair {
  readonly pair: RatedPair
  /** The dearest size that was simulated and failed; null = by its bound alone. */
  readonly tried: { readonly size: PairSize; readonly outcome: FleetOutcome } | null
}

/** Fleets that are apart: how many pairs of kinds there were, and what became of them. */
export interface PairCounts {
  readonly pairs: number
  /** A side of it was ruled out, or the machines do not hold both. */
  readonly impossible: number
  readonly byBound: number
  readonly simulated: number
}

/** A fleet that was simulated. */
export interface TriedFleet {
  readonly candidate: ReplicaKind
  readonly replicas: number
  readonly outcome: FleetOutcome
  readonly prefill?: PrefillSide
}

export interface CapacityPlan {
  readonly layouts: number
  readonly pruned: readonly PrunedKind[]
  readonly nearest: NearestSeconds
  /** Cheapest first. */
  readonly sized: readonly SizedFleet[]
  readonly beaten: readonly BeatenKind[]
  /** Absent: none that is apart was looked for. */
  readonly apart?: PairCounts & { readonly beaten: readonly BeatenPair[]; readonly rated: readonly RatedKind[] }
  /** Every fleet that was simulated with the request's seed. */
  readonly tried: readonly TriedFleet[]
  /** Simulations that were made. */
  readonly simulations: number
}
