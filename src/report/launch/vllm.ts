/**
 * `vllm serve` for a simulated server (vllm-project/vllm, vllm/engine/arg_utils.py and vllm/entrypoints/openai/cli_args.py).
 */
import { quantisations } from "../../catalog/index.ts"
import type { ResolvedServing } from "../../scenario/index.ts"
import { countParameters } from "../../transformer/index.ts"
import { commandOf, type Flags, type LaunchFile } from "./file.ts"
import { modelId, modelRemarks } from "./model-id.ts"
import { acceleratorsOf, formatFlag, redundantExperts, settingsFor, unsaid, type FormatFlags } from "./server.ts"

const formats: FormatFlags = {
  bf16: ["--dtype", "bfloat16"],
  fp16: ["--dtype", "float16"],
  fp8: ["--quantization", "fp8"],
  "fp8-block": ["--quantization", "fp8_per_block"],
  "int4-awq": ["--quantization", "awq"],
  "int4-gptq": ["--quantization", "gptq"],
  nvfp4: ["--quantization", "modelopt_fp4"],
  mxfp4: ["--quantization", "mxfp4"]
}

const gibibyte = 2 ** 30

export interface VllmServer {
  readonly model: string
  /** Flags after `vllm serve MODEL`, of one server of so many copies. */
  readonly flags: Flags
  readonly remarks: readonly string[]
}

/** @param copies  replicas inside one server (`--data-parallel-size`); 1 where something else divides the requests */
export const vllmServer = (resolved: ResolvedServing, copies: number): VllmServer => {
  const { job } = resolved
  const { layout, model, offload, stack } = job.target
  const settings = settingsFor("vllm", resolved)
  const format = formatFlag(settings.precision, formats)
  const isOld = stack.name.startsWith("vllm-v0")
  const isSarathi = job.batching.policy === "sarathi" && isOld
  const ranks = layout.tensor * layout.dataAttention
  const swaps = isOld && job.cache.preemption === "swap"
  const prefix = settings.prefixCaching
  const copied = redundantExperts(job)
  return {
    model: modelId(model),
    flags: [
      ["--tensor-parallel-size", more(layout.tensor)],
      ["--pipeline-parallel-size", more(layout.pipeline)],
      ["--data-parallel-size", more(layout.dataAttention * copies)],
      ["--enable-expert-parallel", layout.expert > 1 ? true : undefined],
      ["--enable-eplb", copied === 0 ? undefined : true],
      ["--eplb-config", copied === 0 ? undefined : JSON.stringify({ num_redundant_experts: copied })],
      ["--enable-dbo", job.target.overlapsExchange === true ? true : undefined],
      ...(format.flag === undefined ? [] : [format.flag]),
      ["--max-model-len", settings.maximumSequence],
      ["--max-num-seqs", settings.maximumSequences],
      ["--max-num-batched-tokens", isSarathi ? job.batching.chunkTokens : settings.maximumStepTokens],
      ["--enable-chunked-prefill", isSarathi ? true : undefined],
      ["--long-prefill-token-threshold", isSarathi || isOld ? undefined : settings.chunkTokens],
      ["--scheduling-policy", settings.order === "priority" ? "priority" : undefined],
      ["--block-size", settings.blockTokens],
      [
        "--kv-cache-dtype",
        settings.keyValuePrecision === undefined ? undefined : keyValues(settings.keyValuePrecision)
      ],
      ["--gpu-memory-utilization", settings.utilisation],
      ["--num-gpu-blocks-override", settings.blocks],
      [
        prefix === false ? "--no-enable-prefix-caching" : "--enable-prefix-caching",
        prefix === undefined ? undefined : true
      ],
      ["--preemption-mode", swaps ? "swap" : undefined],
      [
        "--cpu-offload-gb",
        offload === null || offload.from === "nvme" ? undefined : offloadedGibibytes(resolved, offload.share)
      ],
      ["--enforce-eager", settings.isOwn && stack.graphs === null && stack.name !== "vllm-v0-eager" ? true : undefined],
      [
        "--disable-custom-all-reduce",
        settings.isOwn && stack.allReduce === "nccl" && stack.name !== "vllm-v0-eager" ? true : undefined
      ]
    ],
    remarks: [
      ...modelRemarks(model),
      ...format.remarks,
      ...unsaid(resolved, isOld ? ["continuous", "sarathi"] : ["continuous-chunked"], ["overlap", "copies"]),
      ...(layout.expert > 1 && layout.expert !== ranks
        ? [`experts shared by ${layout.expert} ranks: vLLM shares them over all ${ranks} or none`]
        : [])
    ]
  }
}

const more = (size: number): number | undefined => (size > 1 ? size : undefined)

const keyValues = (precision: string): string =>
  precision === "bf16" ? "bfloat16" : precision === "fp16" ? "auto" : precision

/** Gibibytes of the weights that each rank leaves on the host. */
const offloadedGibibytes = ({ job: { target } }: ResolvedServing, share: number): number => {
  const { embedding, lmHead, total } = countParameters(target.model)
  const bytes = quantisations.find(({ name }) => name === target.precision)?.weightBytes ?? {
    body: 2,
    head: 2,
    embedding: 2
  }
  const all = (total - embedding - lmHead) * bytes.body + embedding * bytes.embedding + lmHead * bytes.head
  const { tensor, pipeline, dataAttention } = target.layout
  return Number(((share * all) / (tensor * pipeline * dataAttention) / gibibyte).toPrecision(4))
}

/** Replicas of a dense model that one node has room for are copies inside one server. */
const copiesIn = ({ job, system }: ResolvedServing): number =>
  job.target.model.experts === null && job.replicas * acceleratorsOf(job) <= system.acceleratorsPerNode
    ? job.replicas
    : 1

export const vllmLaunch = (resolved: ResolvedServing): LaunchFile => {
  const { job } = resolved
  const copies = copiesIn(resolved)
  const { model, flags, remarks } = vllmServer(resolved, copies)
  const isOld = job.target.stack.name.startsWith("vllm-v0")
  const command = commandOf(["vllm", "serve", model], flags)
  return {
    name: "vllm",
    title: copies === job.replicas ? "vLLM" : `vLLM, one of ${job.replicas} replicas behind a router`,
    language: "bash",
    // Engine v0 is what releases up to 0.8 run when they are asked to.
    text: isOld ? `VLLM_USE_V1=0 ${command}` : command,
    remarks
  }
}
