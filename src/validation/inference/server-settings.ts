/**
 * How measured servers put steps together where their sources keep it beside the figures: in the scripts that started them.
 */
import type { ServingStack } from "../../catalog/index.ts"
import type { InferencePoint } from "./point.ts"
import { numberOf } from "./reading.ts"
import type { ServedWorkload } from "./workload.ts"

export interface ServerSettings {
  readonly maxBatchTokens?: number
  readonly chunkedPrefill?: boolean
  readonly promptWait?: { readonly steps: number; readonly tokens: number }
}

/**
 * TensorRT-LLM in InferenceMAX (SemiAnalysisAI/InferenceX@73ef9225, benchmarks/70b_{fp4_b200,fp8_b200,fp8_h200}_trt_slurm.sh): steps as
 * large as the longest sequence, 16,384 tokens for fp8 on B200, prompts whole; for 1024 in and out on fewer than eight GPUs new
 * prompts wait 20 steps unless they fill 90 % of one.
 */
const inferenceMax = (point: InferencePoint): ServerSettings => {
  const { input_len: input, output_len: output } = point.workload
  const isLarge = point.precision === "fp8" && /b200/i.test(point.cluster.gpu ?? "")
  const waits = Number(input) === 1024 && Number(output) === 1024 && (numberOf(point.parallel.tp) ?? 8) < 8
  return {
    maxBatchTokens: isLarge ? 16_384 : Number(input) + Number(output) + margin,
    chunkedPrefill: false,
    ...(waits ? { promptWait: { steps: 20, tokens: 0.9 } } : {})
  }
}

/** Tokens of InferenceMAX' longest sequence beyond prompt and answer. */
const margin = 200

/**
 * AIConfigurator's own runs: servers started as its generator writes them, max_num_tokens = max_batch_size + isl + 1500, whole prompts with
 * TensorRT-LLM (ai-dynamo/aiconfigurator@581e4591, generator/rule_plugin/benchmark/trtllm.rule; @11324a64, rule_plugin/vllm.rule).
 */
const generated = (workload: ServedWorkload, stack: string): ServerSettings => ({
  maxBatchTokens: workload.size + Math.ceil(workload.longestPrompt) + 1500,
  ...(stack === "tensorrt-llm" ? { chunkedPrefill: false } : {})
})

/** What scripts say of a closed loop's server; empty where there are none. */
export const serverSettingsOf = (
  point: InferencePoint,
  workload: ServedWorkload,
  { name }: Pick<ServingStack, "name">
): ServerSettings => {
  if (workload.kind !== "closed") return {}
  if (/inferencemax/i.test(point.notes)) return name === "tensorrt-llm" ? inferenceMax(point) : {}
  const isGenerated = /in-house gap-analysis/i.test(point.notes) && (name === "tensorrt-llm" || name === "vllm-v1")
  return isGenerated ? generated(workload, name) : {}
}
