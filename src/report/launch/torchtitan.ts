/**
 * torchtitan's configuration for a simulated layout (pytorch/torchtitan, torchtitan/config/job_config.py).
 */
import type { Model } from "../../catalog/index.ts"
import type { ResolvedTraining } from "../../scenario/index.ts"
import { commandOf, withFile, type LaunchFile } from "./file.ts"
import { modelId } from "./model-id.ts"
import { iterationsOf, nodesOf, torchrun, trainingRemarks } from "./training-command.ts"

type Value = string | number | boolean

const toml = (value: Value): string => (typeof value === "string" ? JSON.stringify(value) : String(value))

const sectionText = (name: string, fields: Readonly<Record<string, Value>>): string =>
  [`[${name}]`, ...Object.entries(fields).map(([key, value]) => `${key} = ${toml(value)}`)].join("\n")

const schedules: Readonly<Record<string, string>> = {
  "1f1b": "1F1B",
  gpipe: "GPipe",
  "interleaved-1f1b": "Interleaved1F1B",
  "zb-v": "ZBVZeroBubble",
  "dualpipe-v": "DualPipeV"
}

/** torchtitan's own models, by the catalogue's. */
const familyOf = ({ name, family }: Model): string | undefined => {
  if (name.startsWith("llama-3")) return "llama3"
  if (family === "Llama-4") return "llama4"
  if (family === "Qwen3") return "qwen3"
  return /^deepseek-(?:v3|r1)/.test(name) ? "deepseek_v3" : undefined
}

/** "8B" of "llama-3.1-8b". */
const flavorOf = (name: string): string => /(\d+(?:\.\d+)?)b\b/i.exec(name)?.[0].toUpperCase() ?? name

/**
 * Layers of each of its stages, of which a rank has several: it counts the embedding and the head as a layer each and
 * makes as few stages as hold all (torchtitan/distributed/pipeline_parallel.py).
 */
const layersPerStage = ({ job: { layout, model, virtualPipeline } }: ResolvedTraining): number | undefined =>
  layout.pipeline > 1 && virtualPipeline > 1
    ? Math.ceil((model.layers + 2) / (layout.pipeline * virtualPipeline))
    : undefined

/** Whether as few stages as hold all are those of the simulation. */
const isItsOwn = (resolved: ResolvedTraining): boolean => {
  const { layout, model, virtualPipeline } = resolved.job
  const each = layersPerStage(resolved)
  return each === undefined || Math.ceil((model.layers + 2) / each) === layout.pipeline * virtualPipeline
}

export const torchtitanLaunch = (resolved: ResolvedTraining): LaunchFile => {
  const { job } = resolved
  const { layout, model, recompute, sharding, precision } = job
  const shard = sharding.zeroStage === 0 ? 1 : (sharding.group ?? layout.data)
  const schedule = typeof job.schedule === "string" ? schedules[job.schedule] : undefined
  const family = familyOf(model)
  const perStage = layersPerStage(resolved)
  const config = [
    sectionText("model", {
      name: family ?? model.name,
      flavor: flavorOf(model.name),
      hf_assets_path: `./assets/hf/${modelId(model).replace(/^.*\//, "")}`,
      ...(precision === "fp8" ? { converters: "float8" } : {})
    }),
    sectionText("training", {
      local_batch_size: job.microBatch * (layout.pipeline > 1 ? job.globalBatch / (layout.data * job.microBatch) : 1),
      global_batch_size: job.globalBatch,
      seq_len: job.sequenceLength,
      steps: iterationsOf(resolved),
      mixed_precision_param: precision === "fp16" ? "float16" : "bfloat16",
      dataset: "c4_test"
    }),
    sectionText("parallelism", {
      data_parallel_replicate_degree: layout.data / shard,
      data_parallel_shard_degree: shard,
      // ZeRO-2 keeps gathered parameters until the backward pass.
      fsdp_reshard_after_forward: sharding.zeroStage === 3 ? "always" : "never",
      tensor_parallel_degree: layout.tensor,
      context_parallel_degree: layout.context,
      pipeline_parallel_degree: layout.pipeline,
      ...(layout.pipeline > 1
        ? { pipeline_parallel_schedule: schedule ?? "1F1B", pipeline_parallel_microbatch_size: job.microBatch }
        : {}),
      ...(perStage === undefined ? {} : { pipeline_parallel_layers_per_stage: perStage }),
      ...(layout.expert > 1
        ? { expert_parallel_degree: layout.expert, expert_tensor_parallel_degree: layout.expertTensor ?? 1 }
        : {})
    }),
    sectionText("activation_checkpoint", {
      mode: recompute === "none" ? "none" : recompute === "full" ? "full" : "selective",
      ...(recompute === "selective" ? { selective_ac_option: "op" } : {})
    }),
    sectionText("compile", { enable: true }),
    ...(precision === "fp8"
      ? [
          sectionText("quantize.linear.float8", {
            enable_fsdp_float8_all_gather: true,
            precompute_float8_dynamic_scale_for_fsdp: true
          })
        ]
      : [])
  ].join("\n\n")
  return {
    name: "torchtitan",
    title: "torchtitan",
    language: "bash",
    text: withFile(
      "windtunnel.toml",
      config,
      commandOf([...torchrun(nodesOf(resolved)), "-m", "torchtitan.train"], [["--job.config_file", "windtunnel.toml"]])
    ),
    remarks: [
      ...trainingRemarks(resolved, Object.keys(schedules)),
      ...(family === undefined
        ? [`${model.title}: torchtitan has no such model, its shapes have to be registered`]
        : []),
      ...(typeof recompute === "object"
        ? [`recomputation of ${recompute.blocks} layers of a stage: selective here`]
        : []),
      ...(isItsOwn(resolved)
        ? []
        : [`${job.virtualPipeline} parts a stage: no number of layers a stage makes as many in torchtitan`]),
      ...(job.offload.optimizer
        ? ["optimizer states on the host: training.enable_cpu_offload moves parameters as well"]
        : []),
      ...(precision === "bf16" || precision === "fp16" || precision === "fp8"
        ? []
        : [`left out: layers in ${precision}`])
    ]
  }
}
