/** What the tiers of the KV cache beyond device memory gave and cost. */
import type { TierTotals } from "../cache/tiers/types.ts"
import type { ServingLog } from "../types.ts"
import { sumOf } from "./totals.ts"

export interface TierResult extends TierTotals {
  /** Of the prompt tokens that were looked up; null where none were. */
  readonly hitShare: number | null
}

export interface TiersResult {
  /** Share of the prompt tokens found in the accelerators' memory. */
  readonly deviceShare: number | null
  /** The fastest first. */
  readonly tiers: readonly TierResult[]
  /** Requests that fetched, and how long they waited for their blocks: the bytes' way, not the place in a step behind it. */
  readonly fetches: number
  readonly waitedSeconds: number
  readonly meanSeconds: number
  readonly p99Seconds: number
}

/** Undefined where there are no tiers. */
export const tiersOf = (log: ServingLog): TiersResult | undefined => {
  const { tiers, requests } = log
  if (tiers === undefined || requests.fetches === undefined) return undefined
  const lookedUp = sumOf(log, "prefixLookupTokens")
  const shareOf = (tokens: number): number | null => (lookedUp > 0 ? tokens / lookedUp : null)
  const below = tiers.reduce((sum, { hitTokens }) => sum + hitTokens, 0)
  const waits = requests.fetches.seconds.filter((seconds) => seconds > 0).sort()
  const waitedSeconds = waits.reduce((sum, seconds) => sum + seconds, 0)
  return {
    deviceShare: shareOf(sumOf(log, "prefixHitTokens") - below),
    tiers: tiers.map((tier) => ({ ...tier, hitShare: shareOf(tier.hitTokens) })),
    fetches: waits.length,
    waitedSeconds,
    meanSeconds: waits.length === 0 ? 0 : waitedSeconds / waits.length,
    p99Seconds: waits[Math.ceil(0.99 * waits.length) - 1] ?? 0
  }
}
