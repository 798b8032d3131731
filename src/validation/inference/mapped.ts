/**
 * A measurement of inference with the scenarios that it measured, as the mapping makes it.
 */
import type { Accelerator, Model, ServingStack } from "../../catalog/index.ts"
import type { ClusterInput } from "../cluster-rule.ts"
import type { ModelInput } from "../model-shape.ts"
import type { InferencePoint } from "./point.ts"
import type { ServedWorkload, WorkloadInput } from "./workload.ts"

/**
 * Which of a point's simulated runs tells a metric: its own workload; generation or a prompt by itself; a load test
 * beside latencies of single requests.
 */
export type RunName = "serve" | "decode" | "prefill" | "load"

/** A serving scenario as a file would write it. */
export interface ServingScenarioInput {
  readonly name: string
  readonly cluster: ClusterInput & { readonly acceleratorsPerNode?: number }
  readonly model: ModelInput
  readonly serving: {
    readonly stack: string | { readonly extends: string; readonly constants: { readonly keyValueFactor: number } }
    readonly version?: string
    readonly parallelism: {
      readonly tensor: number
      readonly pipeline: number
      readonly expert: number
      readonly dataAttention: number
    }
    readonly replicas: number
    readonly precision: string
    readonly batching: {
      readonly policy?: string
      readonly maxBatchSize?: number
      readonly maxBatchTokens?: number
    }
    readonly kvCache?: {
      readonly precision?: string
      readonly blocks?: number
      readonly blockTokens?: number
      readonly memoryUtilisation?: number
      readonly prefixCaching?: boolean
    }
    readonly maxSequence: number
    readonly kernels?: readonly string[]
  }
  readonly workload: WorkloadInput | ReplayInput
}

/** A recorded workload in place of a random one. */
export interface ReplayInput {
  readonly arrivals: { readonly trace: { readonly file: string; readonly format: string } }
  readonly requests: number
}

/** A measurement with the scenarios that it measured. */
export interface MappedInference {
  readonly point: InferencePoint
  /** What has to be simulated, by name; the first is the point's own workload. */
  readonly runs: readonly { readonly name: RunName; readonly scenario: ServingScenarioInput }[]
  readonly model: Model
  readonly accelerator: Accelerator
  readonly accelerators: number
  readonly stack: ServingStack
  readonly workload: ServedWorkload
  /** Requests of the point's own workload, all ranks and replicas together. */
  readonly requests: number
  /** Equal replicas of which one is simulated with its share of an offline run's requests. */
  readonly copies: number
  /** Tokens whose keys and values are held at once at worst, in one replica: for "does it fit". */
  readonly heldTokens: number
  readonly dataAttention: number
  /** Tokens of the prompt of the prefill run. */
  readonly prefillTokens: number
  readonly assumptions: readonly string[]
}
