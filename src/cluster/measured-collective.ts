/**
 * A sweep of a collective over sizes, as somebody measured it.
 */

export type CollectiveKind = "allReduce" | "reduceScatter" | "allGather" | "allToAll" | "broadcast" | "sendReceive"

/** One sweep over sizes of one collective on one group. */
export interface MeasuredCollective {
  /** Where it was read. */
  readonly name: string
  readonly kind: CollectiveKind
  readonly ranks: number
  /** Nodes that the ranks were spread over; undefined = as few as hold them. */
  readonly nodes: number | undefined
  /** Sizes in ascending order, counted as `planCollective` counts them, and seconds. */
  readonly bytes: Float64Array
  readonly seconds: Float64Array
}
