/**
 * Megatron-LM's pretrain_gpt.py, and its fork for DeepSpeed, for a simulated layout (NVIDIA/Megatron-LM,
 * megatron/training/arguments.py; deepspeedai/Megatron-DeepSpeed, megatron/arguments.py).
 */
import type { Model } from "../../catalog/index.ts"
import type { ResolvedTraining } from "../../scenario/index.ts"
import { commandOf, withFile, type Flags, type LaunchFile } from "./file.ts"
import { iterationsOf, nodesOf, torchrun, trainingRemarks } from "./training-command.ts"

const on = (condition: boolean): true | undefined => (condition ? true : undefined)
const more = (size: number): number | undefined => (size > 1 ? size : undefined)

const modelFlags = (model: Model, sequenceLength: number): Flags => [
  ["--num-layers", model.layers],
  ["--hidden-size", model.hidden],
  // Where every layer is a mixture there is no dense block, but Megatron wants its width all the same.
  ["--ffn-hidden-size", model.feedForward > 0 ? model.feedForward : model.experts?.feedForward],
  ["--num-attention-heads", model.heads],
  ["--kv-channels", model.headDimension * model.heads === model.hidden ? undefined : model.headDimension],
  ["--seq-length", sequenceLength],
  ["--max-position-embeddings", Math.max(sequenceLength, Math.min(model.maximumSequence, 131_072))],
  ["--swiglu", on(model.gated)]
]

const coreFlags = (model: Model): Flags => [
  ["--group-query-attention", on(model.keyValueHeads < model.heads)],
  ["--num-query-groups", model.keyValueHeads < model.heads ? model.keyValueHeads : undefined],
  [
    "--position-embedding-type",
    model.position === "rope" ? "rope" : model.position === "learned" ? "learned_absolute" : "none"
  ],
  ["--normalization", model.normalization === "rmsnorm" ? "RMSNorm" : "LayerNorm"],
  ["--qk-layernorm", on(model.queryKeyNormalization)],
  ["--disable-bias-linear", on(!model.bias)],
  ["--add-qkv-bias", on(model.queryKeyValueBias && !model.bias)],
  ["--untie-embeddings-and-output-weights", on(!model.tiedEmbeddings)]
]

const expertFlags = (model: Model): Flags => {
  const { experts } = model
  if (experts === null) return []
  return [
    ["--num-experts", experts.count],
    ["--moe-router-topk", experts.active],
    ["--moe-ffn-hidden-size", experts.feedForward],
    ["--moe-shared-expert-intermediate-size", experts.sharedFeedForward === 0 ? undefined : experts.sharedFeedForward],
    [
      "--moe-layer-freq",
      experts.denseLayers === 0 ? undefined : `([0]*${experts.denseLayers}+[1]*${model.layers - experts.denseLayers})`
    ],
    ["--moe-grouped-gemm", true],
    ["--moe-token-dispatcher-type", "alltoall"],
    ["--moe-router-load-balancing-type", "aux_loss"]
  ]
}

const latentFlags = ({ latentAttention: latent }: Model): Flags =>
  latent === null
    ? []
    : [
        ["--multi-latent-attention", true],
        ["--q-lora-rank", latent.queryRank ?? undefined],
        ["--kv-lora-rank", latent.keyValueRank],
        ["--qk-head-dim", latent.keyDimension],
        ["--qk-pos-emb-head-dim", latent.ropeDimension],
        ["--v-head-dim", latent.valueDimension]
      ]

const dataFlags = (model: Model): Flags => [
  ["--vocab-size", model.vocabulary - 1],
  ["--tokenizer-type", "NullTokenizer"],
  ["--mock-data", true]
]

const sizes = ({ job }: ResolvedTraining): Flags => [
  ["--micro-batch-size", job.microBatch],
  ["--global-batch-size", job.globalBatch],
  ["--tensor-model-parallel-size", job.layout.tensor],
  ["--pipeline-model-parallel-size", job.layout.pipeline]
]

const trial = (resolved: ResolvedTraining): Flags => [
  ["--train-iters", iterationsOf(resolved)],
  ["--lr", "1e-4"],
  ["--log-interval", 1],
  ["--log-throughput", true]
]

export const megatronLaunch = (resolved: ResolvedTraining): LaunchFile => {
  const { job } = resolved
  const { layout, model, recompute, sharding, precision } = job
  const perChunk = model.layers / (layout.pipeline * job.virtualPipeline)
  const isWhole = Number.isInteger(perChunk)
  return {
    name: "megatron-lm",
    title: "Megatron-LM",
    language: "bash",
    text: commandOf(
      [...torchrun(nodesOf(resolved)), "pretrain_gpt.py"],
      [
        ["--use-mcore-models", true],
        ...modelFlags(model, job.sequenceLength),
        ...coreFlags(model),
        ...expertFlags(model),
        ...latentFlags(model),
        ...sizes(resolved),
        ["--num-layers-per-virtual-pipeline-stage", job.virtualPipeline > 1 && isWhole ? perChunk : undefined],
        [
          "--num-virtual-stages-per-pipeline-rank",
          job.virtualPipeline > 1 && !isWhole ? job.virtualPipeline : undefined
        ],
        ["--context-parallel-size", more(layout.context)],
        ["--expert-model-parallel-size", more(layout.expert)],
        ["--expert-tensor-parallel-size", layout.expertTensor],
        ["--sequence-parallel", on(job.sequenceParallel)],
        ["--use-distributed-optimizer", on(sharding.zeroStage === 1 || sharding.zeroStage === 2)],
        // The distributed optimizer alone is ZeRO-1; gradients are sharded by Megatron's own FSDP.
        ["--use-megatron-fsdp", on(sharding.zeroStage === 2)],
        ["--data-parallel-sharding-strategy", sharding.zeroStage === 2 ? "optim_grads" : undefined],
        ["--use-torch-fsdp2", on(sharding.zeroStage === 3)],
        ["--overlap-grad-reduce", on(layout.data > 1)],
        ["--overlap-param-gather", on(layout.data > 1 && (sharding.zeroStage === 1 || sharding.zeroStage === 2))],
        precision === "fp16" ? ["--fp16", true] : ["--bf16", true],
        ["--fp8-format", precision === "fp8" || precision === "mxfp8" ? "hybrid" : undefined],
        ["--fp8-recipe", precision === "mxfp8" ? "mxfp8" : undefined],
        ["--recompute-activations", on(recompute === "selective")],
        ...(recompute === "full" || typeof recompute === "object"
          ? ([
              ["--recompute-granularity", "full"],
              ["--recompute-method", recompute === "full" ? "uniform" : "block"],
              ["--recompute-num-layers", recompute === "full" ? 1 : recompute.blocks]
            ] as const)
          : []),
        ["--optimizer-cpu-offload", on(job.offload.optimizer)],
        ["--attention-backend", job.stack.attention === "unfused" ? "unfused" : "auto"],
        ...dataFlags(model),
        ...trial(resolved)
      ]
    ),
    remarks: [
      ...trainingRemarks(resolved, ["1f1b", "interleaved-1f1b"]),
      ...(model.position === "alibi" ? ["left out: ALiBi positions, which it does not have"] : []),
      ...(sharding.group === undefined
        ? []
        : [
            `shards over groups of ${sharding.group}: --num-distributed-optimizer-instances ${layout.data / sharding.group}`
          ])
    ]
  }
}

export const deepspeedLaunch = (resolved: ResolvedTraining): LaunchFile => {
  const { job } = resolved
  const { layout, model, recompute, sharding, precision } = job
  const nodes = nodesOf(resolved)
  const config = {
    train_batch_size: job.globalBatch,
    train_micro_batch_size_per_gpu: job.microBatch,
    gradient_clipping: 1,
    zero_optimization: {
      stage: sharding.zeroStage,
      ...(job.offload.optimizer ? { offload_optimizer: { device: "cpu", pin_memory: true } } : {})
    },
    [precision === "fp16" ? "fp16" : "bf16"]: { enabled: true },
    wall_clock_breakdown: false
  }
  const command = commandOf(
    [
      "deepspeed",
      "--num_nodes",
      String(nodes.count),
      "--num_gpus",
      String(nodes.perNode),
      ...(nodes.count === 1 ? [] : ["--hostfile", "hosts"]),
      "pretrain_gpt.py"
    ],
    [
      ...modelFlags(model, job.sequenceLength),
      ["--num-key-value-heads", model.keyValueHeads < model.heads ? model.keyValueHeads : undefined],
      ["--position-embedding-type", model.position === "alibi" ? "alibi" : undefined],
      ["--use-rotary-position-embeddings", on(model.position === "rope")],
      ["--embed-layernorm", on(model.embeddingNormalization)],
      ["--normalization", model.normalization === "rmsnorm" ? "rmsnorm" : undefined],
      ["--disable-bias-linear", on(!model.bias)],
      ["--untie-embeddings-and-output-weights", on(!model.tiedEmbeddings)],
      ...sizes(resolved),
      ["--no-pipeline-parallel", on(layout.pipeline === 1)],
      ["--sequence-parallel", on(job.sequenceParallel)],
      precision === "fp16" ? ["--fp16", true] : ["--bf16", true],
      ["--checkpoint-activations", on(recompute === "full" || typeof recompute === "object")],
      ["--recompute-granularity", recompute === "selective" ? "selective" : undefined],
      ["--deepspeed", true],
      ["--deepspeed_config", "ds_config.json"],
      ["--zero-stage", sharding.zeroStage],
      ["--deepspeed-activation-checkpointing", on(recompute === "full")],
      ["--train-iters", iterationsOf(resolved)],
      ["--lr", "1e-4"],
      ["--log-interval", 1],
      ["--data-path", "DATA"],
      ["--tokenizer-type", "HFTokenizer"]
    ]
  )
  return {
    name: "deepspeed",
    title: "Megatron-DeepSpeed",
    language: "bash",
    text: withFile("ds_config.json", JSON.stringify(config, null, 2), command),
    remarks: [
      ...trainingRemarks(resolved, ["1f1b"]),
      ...(layout.context > 1 ? ["left out: context parallelism"] : []),
      ...(model.experts === null ? [] : ["left out: the experts, which are of another shape there"]),
      ...(job.virtualPipeline === 1
        ? []
        : [`left out: ${job.virtualPipeline} model parts a stage; a stage of DeepSpeed's pipeline is one part`]),
      ...(precision === "bf16" || precision === "fp16" ? [] : [`left out: layers in ${precision}`]),
      ...(typeof recompute === "object"
        ? [`recomputation of ${recompute.blocks} layers of a stage: all of them here`]
        : []),
      ...(sharding.zeroStage > 1 && layout.pipeline > 1 ? ["DeepSpeed refuses ZeRO 2 and 3 with a pipeline"] : [])
    ]
  }
}
