/**
 * `trtllm-serve` for a simulated server, with the YAML of its further options (NVIDIA/TensorRT-LLM,
 * tensorrt_llm/commands/serve.py).
 */
import type { ResolvedServing } from "../../scenario/index.ts"
import { commandOf, withFile, type Flags, type LaunchFile } from "./file.ts"
import { modelId, modelRemarks } from "./model-id.ts"
import { settingsFor, unsaid } from "./server.ts"

/** It takes weights as the checkpoint has them. */
const plain: readonly string[] = ["bf16", "fp16"]

const more = (size: number): number | undefined => (size > 1 ? size : undefined)

export interface TensorRtServer {
  readonly start: readonly string[]
  readonly flags: Flags
  /** Lines of the YAML of its further options. */
  readonly options: readonly string[]
  readonly remarks: readonly string[]
}

export const tensorRtServer = (resolved: ResolvedServing): TensorRtServer => {
  const { job } = resolved
  const { layout, model, precision } = job.target
  const settings = settingsFor("tensorrt-llm", resolved)
  const apart = layout.dataAttention > 1
  const free = freeShare(resolved, settings.utilisation)
  const cache: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ["enable_block_reuse", settings.prefixCaching],
    ["free_gpu_memory_fraction", free],
    ["dtype", settings.keyValuePrecision === "fp8" ? "fp8" : undefined],
    ["tokens_per_block", settings.isOwn ? settings.blockTokens : undefined]
  ]
  const said = cache.filter(([, value]) => value !== undefined)
  return {
    start: ["trtllm-serve", "serve", modelId(model)],
    flags: [
      ["--tp_size", more(layout.tensor * layout.dataAttention)],
      ["--pp_size", more(layout.pipeline)],
      ["--ep_size", more(layout.expert)],
      ["--max_batch_size", settings.maximumSequences],
      ["--max_num_tokens", settings.maximumStepTokens],
      ["--max_seq_len", settings.maximumSequence]
    ],
    options: [
      ...(apart ? ["enable_attention_dp: true"] : []),
      ...(settings.chunkedPrefill === undefined ? [] : [`enable_chunked_prefill: ${settings.chunkedPrefill}`]),
      ...(said.length === 0 ? [] : ["kv_cache_config:", ...said.map(([key, value]) => `  ${key}: ${String(value)}`)])
    ],
    remarks: [
      ...modelRemarks(model),
      ...(plain.includes(precision) ? [] : [`weights in ${precision}: take a checkpoint in that format`]),
      ...unsaid(resolved, ["in-flight", "continuous", "continuous-chunked"]),
      ...(apart && layout.tensor > 1 ? ["attention apart in groups of several ranks: its groups are single ranks"] : [])
    ]
  }
}

export const tensorRtLaunch = (resolved: ResolvedServing): LaunchFile => {
  const { job } = resolved
  const { start, flags, options, remarks } = tensorRtServer(resolved)
  const command = commandOf(start, [
    ...flags,
    ["--extra_llm_api_options", options.length === 0 ? undefined : "options.yaml"]
  ])
  return {
    name: "tensorrt-llm",
    title: job.replicas === 1 ? "TensorRT-LLM" : `TensorRT-LLM, one of ${job.replicas} replicas behind a router`,
    language: "bash",
    text: options.length === 0 ? command : withFile("options.yaml", options.join("\n"), command),
    remarks
  }
}

/** A scenario's share is of all memory, TensorRT-LLM's of what the weights leave. */
const freeShare = ({ job }: ResolvedServing, utilisation: number | undefined): number | undefined => {
  if (utilisation === undefined) return undefined
  const { capacityBytes, weights } = job.memory
  const taken = weights / capacityBytes
  return taken >= utilisation ? undefined : Number(((utilisation - taken) / (1 - taken)).toFixed(3))
}
