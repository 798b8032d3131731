/** How much prefill and decode replicas stood in for one another. */
import type { ServingLog } from "../types.ts"

export interface MixingResult {
  /** Replicas that had work of the other side: time mean, and how often one took such work while it had none. */
  readonly meanReplicas: number
  readonly entered: number
  /** Prompts that decode replicas computed, answers that prefill replicas wrote, and requests of which nothing moved. */
  readonly promptsBehind: number
  readonly answersInFront: number
  readonly stayed: number
}

export const mixingOf = ({ mixing, seconds }: ServingLog): MixingResult | undefined => {
  if (mixing === undefined) return undefined
  const { replicaSeconds, ...counts } = mixing
  return { meanReplicas: seconds > 0 ? replicaSeconds / seconds : 0, ...counts }
}
