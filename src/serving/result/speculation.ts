/** What became of the tokens that were guessed ahead. */
import type { ServingLog } from "../types.ts"
import { sumOf } from "./totals.ts"

/** Tokens guessed ahead, over the whole run. */
export interface SpeculationResult {
  readonly draftedTokens: number
  /** Guesses that were emitted; a request's last step may throw some away. */
  readonly acceptedTokens: number
  /** Accepted of drafted, vLLM's draft acceptance rate. */
  readonly acceptanceRate: number
  /** Tokens that a sequence emitted a step, the model's own included: vLLM's mean acceptance length. */
  readonly tokensPerStep: number
}

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
