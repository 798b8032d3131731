/** What prefill and decode replicas that stand in for one another did; summed over all models of a fleet. */
export interface MixingLog {
  /** Times that a replica took work of the other side while it had none. */
  readonly entered: number
  /** Seconds that replicas had work of the other side, summed over replicas. */
  readonly replicaSeconds: number
  /** Prompts sent to decode replicas. */
  readonly promptsBehind: number
  /** Answers that prefill replicas went on with, their own prompts' or others'. */
  readonly answersInFront: number
  /** Requests that were answered where their prompt was computed: nothing moved. */
  readonly stayed: number
}
