import type { CollectiveKind } from "./algorithms.ts"

/** A collective that was asked for and that the fabric or NCCL cannot run. */
export class ImpossibleCollective extends Error {
  readonly _tag = "ImpossibleCollective"
  readonly kind: CollectiveKind
  readonly reason: string
  /** The field of a scenario that is at fault. */
  readonly field: string
  constructor(kind: CollectiveKind, reason: string, field = "training.collective") {
    super(`${kind}: ${reason}`)
    this.field = field
    this.name = "ImpossibleCollective"
    this.kind = kind
    this.reason = reason
  }
}
