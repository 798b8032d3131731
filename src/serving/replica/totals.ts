/** Totals of a replica, as they grow. */
import type { ReplicaTotals } from "../types.ts"

export type Totals = { -readonly [Name in keyof ReplicaTotals]-?: number }

export const makeTotals = (): Totals => ({
  steps: 0,
  busySeconds: 0,
  stageSeconds: 0,
  prefillSteps: 0,
  prefillStageSeconds: 0,
  hostSeconds: 0,
  communicationSeconds: 0,
  flops: 0,
  bytes: 0,
  prefillTokens: 0,
  decodeTokens: 0,
  verifications: 0,
  draftedTokens: 0,
  acceptedTokens: 0,
  recomputedTokens: 0,
  preemptions: 0,
  swappedTokens: 0,
  prefixLookups: 0,
  prefixHitTokens: 0,
  prefixLookupTokens: 0,
  runningIntegral: 0,
  waitingIntegral: 0,
  usedBlockIntegral: 0,
  adapterUses: 0,
  adapterLoads: 0,
  adapterLoadSeconds: 0,
  largestBatch: 0,
  peakBlocks: 0,
  heldBlocks: 0
})
