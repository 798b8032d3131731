/**
 * What makes ranks differ that would otherwise be alike: faults of single nodes, and load that is drawn or given.
 */

/** A node, or one of its accelerators, that is not as the others are. Several of one node add up. */
export interface HardwareFault {
  readonly node: number
  /** Accelerator of the node, from 0; absent = all of them. Only for `speed` and `scaleUp`. */
  readonly accelerator?: number
  /** Share of a healthy accelerator's speed that its kernels run at. */
  readonly speed?: number
  /** Share of the rate of the scale-up ports. */
  readonly scaleUp?: number
  /** Share of the rate of the node's NICs. */
  readonly network?: number
  /** NICs of the node that are gone; its traffic takes those that are left. */
  readonly missingNics?: number
}

/** Tokens of micro-batches over their mean: lognormal with a relative deviation, or given by replica. */
export type UnevenData = { readonly deviation: number } | { readonly replicas: readonly number[] }

export interface Irregularities {
  readonly hardware: readonly HardwareFault[]
  /** Standard deviation of the logarithm of an operation's kernel seconds; 0 = none. */
  readonly jitter: number
  readonly unevenData: UnevenData | null
  /** Load of each expert-parallel rank over the mean; null where all have the job's `expertImbalance`. */
  readonly expertLoads: readonly number[] | null
}

/** Where all ranks are alike. */
export const noIrregularities: Irregularities = { hardware: [], jitter: 0, unevenData: null, expertLoads: null }

/** Shares of healthy rates that a collective or a send finds on its way. */
export interface WireShares {
  readonly scaleUp: number
  readonly network: number
}

/** Wires as they should be. */
export const wholeWires: WireShares = { scaleUp: 1, network: 1 }

/** The rank whose kernels take longest, compared with the other ranks of its stage. */
export interface SlowestRank {
  readonly rank: number
  readonly stage: number
  /** Seconds of its kernels over the mean of its stage. */
  readonly ratio: number
}

/** One thing that makes ranks differ. */
export type Cause =
  | { readonly kind: "hardware"; readonly fault: HardwareFault }
  | { readonly kind: "jitter" | "unevenData" | "expertLoads" }

export interface Stragglers {
  /** Seconds of an iteration in which all ranks are alike. */
  readonly regularSeconds: number
  /** What the iteration takes more than that. */
  readonly lostSeconds: number
  /** Seconds saved if this alone were mended; null where there are too many to try. */
  readonly causes: readonly { readonly cause: Cause; readonly lostSeconds: number | null }[]
  readonly slowest: SlowestRank | null
}
