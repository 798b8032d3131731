/**
 * One step of a layer on one rank: a kernel with its seconds, or a collective that the network will time.
 */
import type { CollectiveKind } from "../cluster/index.ts"

/** What a kernel's time is booked under. */
export type ComputeKind = "gemm" | "attention" | "elementwise" | "head" | "experts" | "accumulation" | "shardCopies"

/** The group of ranks that a layer's collective runs over. */
export type LayerGroup = "tensor" | "context" | "expert" | "expertTensor"

export interface Kernel {
  readonly type: "kernel"
  readonly name: string
  readonly kind: ComputeKind
  readonly seconds: number
  readonly flops: number
  readonly bytes: number
}

export interface Communication {
  readonly type: "communication"
  readonly name: string
  readonly group: LayerGroup
  readonly collective: CollectiveKind
  /** As `planCollective` counts them. */
  readonly bytes: number
  /** Times it runs one after another (steps of a ring). */
  readonly repeats: number
  /** Compute that runs beside each repeat by design (ring attention), seconds. */
  readonly besideSeconds: number
}

export type Operator = Kernel | Communication

/** The operators of one layer on one rank for one micro-batch, in order. */
export interface LayerOperators {
  readonly forward: readonly Operator[]
  readonly backwardInput: readonly Operator[]
  readonly backwardWeight: readonly Operator[]
  /** What selective recompute runs again before the backward pass. */
  readonly core: readonly Operator[]
}
