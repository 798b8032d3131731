/**
 * What `trtllm-serve` is told by its flags and by the YAML file of its extra options, as settings of a scenario.
 */
import { isFields, type Fields } from "./config-file.ts"
import { adaptersExtra, draftOf, speculationExtra } from "./extras.ts"
import type { FlagReader } from "./flag-values.ts"
import type { FormatsRead } from "./number-formats.ts"
import { yamlFields } from "./option-file.ts"
import type { ServerCommand } from "./server-command.ts"
import { given, notModelled, type Extra, type Remark, type ServerSettings } from "./settings.ts"

/** Options of the file that no time depends on, or that belong to the stack. */
const silent = ["print_iter_log", "trust_remote_code", "backend", "tokenizer", "return_perf_metrics", "enable_iter_perf_stats", "cuda_graph_config", "use_cuda_graph", "disable_overlap_scheduler", "autotuner_enabled", "stream_interval", "num_postprocess_workers", "moe_config", "attn_backend", "moe_backend", "allreduce_strategy"] // prettier-ignore

const read = ["enable_attention_dp", "kv_cache_config", "max_batch_size", "max_num_tokens", "max_seq_len", "enable_chunked_prefill", "tensor_parallel_size", "pipeline_parallel_size", "moe_expert_parallel_size", "speculative_config", "lora_config"] // prettier-ignore

export const trtllmSettings = (
  command: ServerCommand,
  flags: FlagReader,
  formats: FormatsRead,
  positional: readonly string[],
  extraText: string | undefined
): ServerSettings => {
  const file = flags.word("extra-llm-api-options")
  const { options, remarks } = extraOptions(file, extraText)
  const cache = isFields(options["kv_cache_config"]) ? options["kv_cache_config"] : {}
  // The file goes before the flags.
  const tensor = countIn(options, "tensor_parallel_size") ?? flags.count("tensor-parallel-size") ?? 1
  const attentionApart = options["enable_attention_dp"] === true
  const cacheType = typeof cache["dtype"] === "string" && cache["dtype"] !== "auto" ? cache["dtype"] : undefined
  return {
    stack: "tensorrt-llm",
    version: command.version,
    model: positional[0],
    tensor: attentionApart ? 1 : tensor,
    pipeline: countIn(options, "pipeline_parallel_size") ?? flags.count("pipeline-parallel-size") ?? 1,
    data: attentionApart ? tensor : 1,
    dataAttention: attentionApart,
    expert: countIn(options, "moe_expert_parallel_size") ?? flags.count("moe-expert-parallel-size") ?? 1,
    precision: formats.precision,
    maxSequence: countIn(options, "max_seq_len") ?? flags.count("max-seq-len"),
    router: undefined,
    limitsAreOfRank: true,
    batching: given({
      maxBatchSize: countIn(options, "max_batch_size") ?? flags.count("max-batch-size"),
      maxBatchTokens: countIn(options, "max_num_tokens") ?? flags.count("max-num-tokens"),
      chunkedPrefill: switchIn(options, "enable_chunked_prefill") ?? flags.isOn("enable-chunked-prefill")
    }),
    kvCache: given({
      blockTokens: countIn(cache, "tokens_per_block"),
      precision: cacheType === undefined ? formats.keyValuePrecision : cacheType.startsWith("fp8") ? "fp8" : cacheType,
      prefixCaching: switchIn(cache, "enable_block_reuse")
    }),
    offloadBytes: 0,
    freeMemoryShare:
      shareIn(cache, "free_gpu_memory_fraction") ?? flags.number("kv-cache-free-gpu-memory-fraction", 0.01, 1),
    queueLimit: undefined,
    adapters: trtllmAdapters(options["lora_config"]),
    speculation: trtllmSpeculation(options["speculative_config"], file ?? ""),
    remarks: [...formats.remarks, ...remarks]
  }
}

const trtllmAdapters = (written: unknown): Extra | undefined => {
  if (!isFields(written)) return undefined
  const folders = written["lora_dir"]
  const places = countIn(written, "max_loras")
  return adaptersExtra({
    named: Array.isArray(folders) ? folders.length : 0,
    atLeast: Math.max(places ?? 1, countIn(written, "max_cpu_loras") ?? 1),
    rank: countIn(written, "max_lora_rank"),
    places
  })
}

const trtllmSpeculation = (written: unknown, file: string): Extra | undefined => {
  if (!isFields(written)) return undefined
  const [type, model] = [written["decoding_type"], written["speculative_model"] ?? written["speculative_model_dir"]]
  return speculationExtra({
    written: `speculative_config of ${file}`,
    draft: draftOf(typeof type === "string" ? type : ""),
    model: typeof model === "string" ? model : undefined,
    tokens: countIn(written, "max_draft_len") ?? countIn(written, "num_nextn_predict_layers")
  })
}

const countIn = (fields: Fields, key: string): number | undefined => {
  const value = fields[key]
  return typeof value === "number" && Number.isInteger(value) && value >= 1 ? value : undefined
}

const switchIn = (fields: Fields, key: string): boolean | undefined => {
  const value = fields[key]
  return typeof value === "boolean" ? value : undefined
}

const shareIn = (fields: Fields, key: string): number | undefined => {
  const value = fields[key]
  return typeof value === "number" && value > 0 && value <= 1 ? value : undefined
}

const extraOptions = (
  file: string | undefined,
  text: string | undefined
): { readonly options: Fields; readonly remarks: readonly Remark[] } => {
  if (file === undefined) return { options: {}, remarks: [] }
  const unread = (why: string) => ({ options: {}, remarks: [notModelled(`--extra_llm_api_options ${file}: ${why}`)] })
  if (text === undefined) return unread("a file that cannot be read here; what it says may matter")
  const options = yamlFields(text)
  if (options === undefined) return unread("not a YAML map of options")
  const others = Object.keys(options).filter((key) => !silent.includes(key) && !read.includes(key))
  return {
    options,
    remarks: others.map((key) => notModelled(`${key} of ${file}`))
  }
}
