/**
 * `python -m sglang.launch_server` for a simulated server (sgl-project/sglang, python/sglang/srt/server_args.py).
 */
import type { ResolvedServing } from "../../scenario/index.ts"
import { commandOf, type Flags, type LaunchFile } from "./file.ts"
import { modelId, modelRemarks } from "./model-id.ts"
import { formatFlag, redundantExperts, settingsFor, unsaid, type FormatFlags } from "./server.ts"

const formats: FormatFlags = {
  bf16: ["--dtype", "bfloat16"],
  fp16: ["--dtype", "float16"],
  fp8: ["--quantization", "fp8"],
  "int4-awq": ["--quantization", "awq"],
  "int4-gptq": ["--quantization", "gptq"],
  "int8-smoothquant": ["--quantization", "w8a8_int8"],
  nvfp4: ["--quantization", "modelopt_fp4"],
  mxfp4: ["--quantization", "mxfp4"]
}

const more = (size: number): number | undefined => (size > 1 ? size : undefined)

export interface SglangServer {
  readonly start: readonly string[]
  readonly flags: Flags
  readonly remarks: readonly string[]
}

/** @param copies  replicas inside one server (`--dp-size`); 1 where something else divides the requests */
export const sglangServer = (resolved: ResolvedServing, copies: number): SglangServer => {
  const { job } = resolved
  const { layout, model, expertExchange, overlapsExchange } = job.target
  const settings = settingsFor("sglang", resolved)
  const format = formatFlag(settings.precision, formats)
  // Its tensor-parallel ranks hold the groups that attend apart; its limits are those of the whole server.
  const groups = layout.dataAttention
  const whole = (limit: number | undefined): number | undefined => (limit === undefined ? undefined : limit * groups)
  const { keyValuePrecision } = settings
  return {
    start: ["python", "-m", "sglang.launch_server"],
    flags: [
      ["--model-path", modelId(model)],
      ["--tp-size", more(layout.tensor * groups)],
      ["--pp-size", more(layout.pipeline)],
      ["--dp-size", more(groups > 1 ? groups : copies)],
      ["--enable-dp-attention", groups > 1 ? true : undefined],
      ["--ep-size", more(layout.expert)],
      ["--ep-num-redundant-experts", redundantExperts(job) || undefined],
      ["--moe-a2a-backend", expertExchange?.by === "all-to-all" ? "deepep" : undefined],
      ["--enable-two-batch-overlap", overlapsExchange === true ? true : undefined],
      ...(format.flag === undefined ? [] : [format.flag]),
      ["--context-length", settings.maximumSequence],
      ["--max-running-requests", whole(settings.maximumSequences)],
      ["--chunked-prefill-size", whole(settings.maximumStepTokens)],
      ["--page-size", settings.isOwn ? settings.blockTokens : undefined],
      [
        "--kv-cache-dtype",
        keyValuePrecision === undefined ? undefined : keyValuePrecision === "fp8" ? "fp8_e4m3" : "auto"
      ],
      ["--mem-fraction-static", settings.isOwn ? settings.utilisation : undefined],
      [
        "--max-total-tokens",
        settings.isOwn && settings.blocks !== undefined ? settings.blocks * job.cache.blockTokens : undefined
      ],
      ["--disable-radix-cache", settings.prefixCaching === false ? true : undefined],
      ["--enable-priority-scheduling", settings.order === "priority" ? true : undefined],
      ["--disable-cuda-graph", settings.isOwn && job.target.stack.graphs === null ? true : undefined]
    ],
    remarks: [
      ...modelRemarks(model),
      ...format.remarks,
      ...unsaid(resolved, ["continuous", "continuous-chunked"], ["exchange", "overlap", "copies"]),
      ...(keyValuePrecision === "int8" ? ["left out: keys and values in int8"] : [])
    ]
  }
}

export const sglangLaunch = (resolved: ResolvedServing): LaunchFile => {
  const { job } = resolved
  const { layout, model } = job.target
  const copies = model.experts === null && layout.dataAttention === 1 ? job.replicas : 1
  const { start, flags, remarks } = sglangServer(resolved, copies)
  return {
    name: "sglang",
    title: copies === job.replicas ? "SGLang" : `SGLang, one of ${job.replicas} replicas behind a router`,
    language: "bash",
    text: commandOf(start, flags),
    remarks
  }
}
