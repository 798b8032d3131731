/** What became of the tokens that were guessed ahead. */
import type { ServingLog } from "../types.ts"
import { sumOf } from "./totals.ts"
import type { SpeculationResult } from "./types.ts"

/** Undefined where nothing was verified. */
export const speculationOf = (log: ServingLog): SpeculationResult | undefined => {
  const verifications = sumOf(log, "verifications")
  if (verifications === 0) return undefined
  const draftedTokens = sumOf(log, "draftedTokens")
  const acceptedTokens = sumOf(log, "acceptedTokens")
  return {
    draftedTokens,
    acceptedTokens,
    acceptanceRate: acceptedTokens / draftedTokens,
    tokensPerStep: 1 + acceptedTokens / verifications
  }
}
