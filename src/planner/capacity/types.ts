/**
 * What a plan of capacity is made from, and the shapes that its parts hand on. Seconds, dollars, requests a second.
 */
import type { ServingScenario } from "../../scenario/index.ts"
import type { LatencyGoal, Latencies } from "./goals.ts"

/** What is to be least. */
export const capacityObjectives = ["cost", "accelerators", "energy"] as const
export type CapacityObjective = (typeof capacityObjectives)[number]

/** One way to build a replica; a fleet is so many of them. */
export interface ReplicaKind {
  readonly system: string
  readonly tensor: number
  readonly pipeline: number
  readonly precision: string
  /** Sequences and tokens in a step, at most; null = as the scenario or its stack has it. */
  readonly batchSequences: number | null
  readonly batchTokens: number | null
  /** Ranks that share the experts, and groups that attend to requests of their own; absent = as the scenario has it, or 1. */
  readonly expert?: number
  readonly dataAttention?: number
}

/** Values to choose from; every combination is a kind of replica. */
export interface KindSpace {
  readonly systems: readonly string[]
  readonly tensor: readonly number[]
  readonly pipeline: readonly number[]
  readonly precisions: readonly string[]
  readonly batchSequences: readonly (number | null)[]
  readonly batchTokens: readonly (number | null)[]
  readonly expert?: readonly number[]
  /** Absent = with each number of expert ranks as many groups as make tensor x groups = ranks, where that is whole. */
  readonly dataAttention?: readonly number[]
}

/** Prompts and answers on the same replicas, or on pools of their own with a hand-over between them. */
export const disaggregations = ["together", "apart"] as const
export type Disaggregation = (typeof disaggregations)[number]

export interface CapacitySpace extends KindSpace {
  /** Absent = together alone. */
  readonly disaggregation?: readonly Disaggregation[]
  /** What the pools of a fleet that is apart choose from where it is not the same. */
  readonly prefill?: Partial<KindSpace>
  readonly decode?: Partial<KindSpace>
}

export interface CapacityRequest {
  /** Model, workload lengths, software and everything else that the space does not set. */
  readonly scenario: ServingScenario
  /** Requests a second, in the busiest time. */
  readonly rate: number
  readonly goals: readonly LatencyGoal[]
  readonly objective: CapacityObjective
  readonly space: CapacitySpace
  /** Dollars of an hour of one accelerator, by its name; the catalogue's where it is silent. */
  readonly prices: Readonly<Record<string, number>>
  /** Which of the catalogue's prices counts: they are ranges. */
  readonly priceAt: PriceLevel
  /** Accelerators that there are of each system, at most. */
  readonly available: number
  /** Requests of a simulation. */
  readonly requests: number
  readonly seed: number
  /** Requests a second of the scenario's recorded workload as it was recorded; absent = none is recorded. */
  readonly traceRate?: number
  /** Further seeds that the answer has to hold for. */
  readonly confirmations: number
  /** Every kind is sized that might be quicker than all that cost no more; absent = none but what might cost less. */
  readonly wantsFront?: boolean
}

export const priceLevels = ["low", "middle", "high"] as const
export type PriceLevel = (typeof priceLevels)[number]

/** One simulation: a kind of replica, so many of them, under a load. Plain data, for worker threads. */
export interface FleetRequest {
  readonly scenario: ServingScenario
  /** Null: the scenario's own machines and layout, and its own number of replicas. */
  readonly candidate: ReplicaKind | null
  readonly replicas: number
  /** The pool that computes prompts, where it is apart; `candidate` and `replicas` are then of the pool that writes answers. */
  readonly prefill?: PrefillSide
  /** The candidate's part of a fleet that is apart, alone: its pool's fields, as a server that does both. */
  readonly side?: PoolSide
  readonly rate: number
  readonly requests: number
  readonly seed: number
  /** Replicas that fail when the warm-up is over and stay down; their requests are sent again. Absent = none. */
  readonly failing?: number
  /** Of a fleet that is apart: the pool that they fail in. */
  readonly failingSide?: PoolSide
  readonly traceRate?: number
}

export type PoolSide = "prefill" | "decode"

export interface PrefillSide {
  readonly candidate: ReplicaKind
  readonly replicas: number
}

/** What came of it. */
export interface FleetPoint {
  readonly kind: "served"
  readonly latencies: Latencies
  /** Share of the counted requests that were answered. */
  readonly answered: number
  readonly isOverloaded: boolean
  readonly requestsPerSecond: number
  readonly promptTokensPerSecond: number
  readonly outputTokensPerSecond: number
  /** Share of the time that the replicas worked. */
  readonly busy: number
  /** Watts of all nodes, the mean over the run. */
  readonly watts: number
}

export interface NoFleet {
  readonly kind: "none"
  readonly reason: string
}

export type FleetOutcome = FleetPoint | NoFleet

/** A search: yields rounds of simulations, is sent their outcomes in the order asked. */
export type CapacitySearch<T> = Generator<readonly FleetRequest[], T, readonly FleetOutcome[]>
