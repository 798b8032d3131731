/**
 * Tiers of the KV cache beyond the accelerators' memory, as a scenario has them.
 *
 * Names and policies are those of the software: LMCache's local CPU, local disk and remote backends, Mooncake's store, and
 * SGLang HiCache's write-back, write-through and write-through-selective.
 */

export const tierPlaces = ["host", "nvme", "remote"] as const
export type TierPlace = (typeof tierPlaces)[number]

export interface CacheTier {
  readonly in: TierPlace
  /** Bytes for blocks: of a replica's host memory, of a node's drives, of the whole remote pool. */
  readonly capacityBytes: number
  /**
   * Bytes/s in either direction: of each accelerator to its host, of a node's drives, of the remote pool. null = no more is
   * known than the wires on the way: the host link, the NICs.
   */
  readonly bytesPerSecond: number | null
  /** Seconds before the first byte, besides those of the wires. */
  readonly latencySeconds: number
}

export interface CacheTiers {
  /** The fastest first. */
  readonly tiers: readonly CacheTier[]
  /**
   * Uses after which a block is written to every tier, its computation being the first; Infinity = a block is written to the
   * next tier when the one before evicts it.
   */
  readonly writeAfterUses: number
  /** cost: what is sooner, to fetch or to compute; always: whatever is found is fetched. */
  readonly fetch: "cost" | "always"
  /** layer-wise: the first step starts while later layers' blocks are on their way. */
  readonly overlap: "none" | "layer-wise"
}

/** A kind of tier over the run, all replicas together. */
export interface TierTotals {
  readonly in: TierPlace
  /** Tokens of first look-ups that were found and fetched. */
  readonly hitTokens: number
  /** Tokens that were found and computed nevertheless, because that was sooner. */
  readonly declinedTokens: number
  /** Bytes that requests fetched; that were written, from accelerators and from the tier above. */
  readonly readBytes: number
  readonly writtenBytes: number
  /** Blocks thrown out for others. */
  readonly evictions: number
  /** At the end: bytes in all tiers of the kind, and what they could hold. */
  readonly usedBytes: number
  readonly capacityBytes: number
}
