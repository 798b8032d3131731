/** Configurations of torchtitan, NeMo and llm-foundry, and the commands that start them. */
import { describe, expect, test } from "vitest"
import { imported, refused, said, trainingOf } from "./imported.ts"

const files =
  (given: Readonly<Record<string, string>>) =>
  (path: string): { readonly text: string } | { readonly failure: string } => {
    const text = given[path]
    return text === undefined ? { failure: "no such file" } : { text }
  }

const titan = `[model]
name = "llama3"
flavor = "8B"  # of torchtitan's own

[training]
local_batch_size = 2
seq_len = 8_192
steps = 1000

[parallelism]
data_parallel_shard_degree = -1
tensor_parallel_degree = 2

[activation_checkpoint]
mode = "full"

[optimizer]
betas = [
  0.9, # one
  0.95,
]
`

describe("torchtitan", () => {
  test("a configuration alone is for one node, its shards what is left of it", () => {
    const read = imported(titan, {}, "llama3_8b.toml")
    expect(read.scenario).toMatchObject({
      cluster: { system: "dgx-h100", accelerators: 8 },
      model: "llama-3-8b",
      training: {
        parallelism: { tensor: 2, data: 4 },
        microBatch: 2,
        globalBatch: 8,
        sequenceLength: 8192,
        precision: "bf16",
        zeroStage: 3,
        recompute: "full",
        tokens: 65_536_000,
        stack: "torchtitan"
      }
    })
    expect(said(read, "understood")).toContain(
      "12: parallelism.tensor_parallel_degree: 2 -> training.parallelism.tensor"
    )
    expect(said(read, "ignored")).toEqual(["18: optimizer.betas: [0.9,0.95] -> "])
  })

  test("a command's own flags go before the file's, and more nodes make more replicas", () => {
    const text =
      "NGPU=8\nCONFIG_FILE=c.toml\ntorchrun --nnodes=2 --nproc_per_node=$NGPU -m torchtitan.train --job.config_file $CONFIG_FILE --training.local-batch-size 1 --compile.enable"
    const read = imported(text, { readText: files({ "c.toml": titan }) })
    expect(read.scenario).toMatchObject({
      cluster: { nodes: 2 },
      training: { parallelism: { data: 8 }, microBatch: 1, globalBatch: 8 }
    })
    expect(said(read, "understood")).toContain("3: training.local_batch_size: 1 -> training.microBatch")
  })

  test("nodes that the user asks for count", () => {
    expect(trainingOf(imported(titan, { nodes: 4 }, "c.toml"))).toMatchObject({
      parallelism: { data: 16 },
      globalBatch: 32
    })
    expect(trainingOf(imported(titan, { system: "jean-zay-h100", nodes: 4 }, "c.toml"))).toMatchObject({
      parallelism: { data: 8 }
    })
  })

  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    [
      "replicas of shards",
      "data_parallel_replicate_degree = 2\ndata_parallel_shard_degree = 4",
      { parallelism: { data: 8 }, sharding: { group: 4 }, zeroStage: 3 }
    ],
    [
      "a pipeline, its parameters kept",
      'data_parallel_shard_degree = 2\npipeline_parallel_degree = 4\npipeline_parallel_schedule = "Interleaved1F1B"',
      {
        parallelism: { pipeline: 4, data: 2, virtualPipeline: 2 },
        schedule: "interleaved-1f1b",
        zeroStage: 2,
        microBatch: 1,
        globalBatch: 4
      }
    ],
    [
      "parameters never given back",
      'data_parallel_shard_degree = 8\nfsdp_reshard_after_forward = "never"',
      { zeroStage: 2 }
    ],
    ["nothing sharded", "data_parallel_shard_degree = 1", { zeroStage: 0 }]
  ])("%s", (_, lines, expected) => {
    const text = titan.replace("data_parallel_shard_degree = -1\ntensor_parallel_degree = 2", lines)
    expect(trainingOf(imported(text, {}, "c.toml"))).toMatchObject(expected)
  })

  test("what is wrong is refused at its line", () => {
    expect(refused(titan.replace("flavor = ", "flavor "), {}, "c.toml")).toMatchObject([
      { source: "c.toml", place: { line: 3 }, expected: "a section or key = value" }
    ])
    expect(refused(titan.replace('"full"', '"all"'), {}, "c.toml")).toMatchObject([
      { place: { line: 15 }, path: "activation_checkpoint.mode" }
    ])
    expect(refused(titan.replace('"8B"', '"9B"'), {}, "c.toml")).toMatchObject([
      { path: "model.flavor", problem: 'the catalogue has no model "llama3-9B"' }
    ])
    expect(refused("torchrun -m torchtitan.train --job.config_file c.toml")).toMatchObject([
      { path: "--job.config_file", problem: 'cannot read "c.toml": there are no files here' }
    ])
    expect(refused(titan.replace("seq_len", "seq_lem"), { isStrict: true }, "c.toml")).toMatchObject([
      { place: { line: 7 }, nearest: ["training.seq_len", expect.any(String)] }
    ])
  })
})

const nemo = `trainer:
  num_nodes: 4
  devices: 8
  precision: bf16
  max_steps: 1000
model:
  micro_batch_size: 1
  global_batch_size: 256
  rampup_batch_size: null
  tensor_model_parallel_size: 4
  pipeline_model_parallel_size: 2
  virtual_pipeline_model_parallel_size: null
  encoder_seq_length: 4096
  max_position_embeddings: \${.encoder_seq_length}
  num_layers: 32
  hidden_size: 4096
  ffn_hidden_size: 11008
  num_attention_heads: 32
  activation: fast-swiglu
  bias: false
  normalization: rmsnorm
  position_embedding_type: rope
  share_embeddings_and_output_weights: false
  sequence_parallel: true
  activations_checkpoint_granularity: full
  activations_checkpoint_method: block
  activations_checkpoint_num_layers: 2
  optim: { name: distributed_fused_adam, lr: 1e-4 }
`

describe("NeMo", () => {
  test("a configuration", () => {
    expect(imported(nemo, {}, "llama.yaml").scenario).toMatchObject({
      cluster: { system: "dgx-h100", nodes: 4 },
      model: "llama-2-7b",
      training: {
        parallelism: { tensor: 4, pipeline: 2 },
        microBatch: 1,
        globalBatch: 256,
        sequenceLength: 4096,
        precision: "bf16",
        zeroStage: 1,
        recompute: { blocks: 2 },
        tokens: 1_048_576_000,
        stack: "nemo-24"
      }
    })
  })

  test("a configuration whose path has hyphens", () => {
    expect(imported(nemo, {}, "my-runs/llama-2-7b.yaml").scenario["model"]).toBe("llama-2-7b")
  })

  test("a script with overrides, and sizes that are products of others", () => {
    const text =
      "srun python megatron_gpt_pretraining.py --config-path=conf --config-name=llama model.micro_batch_size=2 ++model.sequence_parallel=False 'model.ffn_hidden_size=${multiply:4, ${.hidden_size}}'"
    const read = imported(text, { readText: files({ "conf/llama.yaml": nemo }) })
    expect(trainingOf(read)).toMatchObject({ microBatch: 2, parallelism: { sequenceParallel: false } })
    expect(read.scenario["model"]).toMatchObject({ feedForward: 16_384 })
    expect(said(imported(`${text.replace("=llama", "=other")} ${nemoWords}`), "assumed").join()).toContain(
      "nothing of conf/other.yaml, which is not at hand"
    )
  })

  test("a recipe of NeMo 2", () => {
    const read = imported(
      "nemo llm pretrain --factory llama3_8b trainer.num_nodes=2 trainer.devices=8 trainer.strategy.tensor_model_parallel_size=2 data.global_batch_size=128"
    )
    expect(read.scenario).toMatchObject({
      cluster: { nodes: 2 },
      model: "llama-3-8b",
      training: { parallelism: { tensor: 2 }, microBatch: 1, globalBatch: 128, sequenceLength: 8192, zeroStage: 1 }
    })
    expect(refused("nemo llm pretrain --factory starcoder_9b")).toMatchObject([{ path: "--factory" }])
  })

  test("what is wrong is refused at its line", () => {
    expect(refused(nemo.replace("precision: bf16", "precision: 7"), {}, "n.yaml")).toMatchObject([
      { source: "n.yaml", place: { line: 4 }, path: "trainer.precision" }
    ])
    expect(
      refused(nemo.replace("tensor_model_parallel_size: 4", "tensor_model_parallel_size: 5"), {}, "n.yaml")[0]
    ).toMatchObject({ place: { line: 10 }, path: "training.parallelism.tensor" })
  })
})

const nemoWords =
  "model.num_layers=2 model.hidden_size=64 model.num_attention_heads=4 model.encoder_seq_length=128 model.global_batch_size=8 trainer.devices=8 trainer.num_nodes=1 model.micro_batch_size=1"

const foundry = `variables:
  seq: 2048
max_seq_len: \${variables.seq}
model:
  name: mpt_causal_lm
  d_model: 4096
  n_heads: 32
  n_layers: 32
  expansion_ratio: 4
  no_bias: true
  max_seq_len: \${max_seq_len}
  vocab_size: 50432
  attn_config: { attn_impl: triton, alibi: true }
max_duration: 1000ba
global_train_batch_size: 1024
device_train_microbatch_size: auto
precision: amp_bf16
fsdp_config:
  sharding_strategy: FULL_SHARD
  activation_checkpointing: true
  activation_cpu_offload: false
`

describe("llm-foundry", () => {
  test("a configuration, on as many accelerators as composer starts", () => {
    const read = imported("composer -n 8 train/train.py mpt.yaml device_train_microbatch_size=8 precision=amp_fp16", {
      readText: files({ "mpt.yaml": foundry })
    })
    expect(read.scenario).toMatchObject({
      cluster: { system: "dgx-a100", nodes: 1 },
      model: "mpt-7b",
      training: {
        microBatch: 8,
        globalBatch: 1024,
        sequenceLength: 2048,
        precision: "fp16",
        zeroStage: 3,
        recompute: "full",
        tokens: 2_097_152_000,
        stack: "llm-foundry"
      }
    })
  })

  test("alone, within MosaicML's own launcher's file, the micro-batch assumed", () => {
    const inner = foundry
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n")
    const read = imported(
      `name: run\ncompute: { gpus: 64, gpu_type: h100_80gb }\nparameters:\n${inner}`.replaceAll("${", "${parameters."),
      {},
      "mcli.yaml"
    )
    expect(read.scenario).toMatchObject({
      cluster: { system: "dgx-h100", accelerators: 64 },
      training: { microBatch: 1 }
    })
    expect(said(read, "assumed").join()).toContain("training.microBatch 1")
  })

  test("shards, durations and models of other names", () => {
    const changed = (from: string, to: string): Readonly<Record<string, unknown>> =>
      trainingOf(imported(foundry.replace(from, to), {}, "f.yaml"))
    expect(changed("FULL_SHARD", "SHARD_GRAD_OP")["zeroStage"]).toBe(2)
    expect(changed("1000ba", "134e9tok")["tokens"]).toBe(134e9)
    expect(changed("1000ba", "1ep")["tokens"]).toBeUndefined()
    expect(
      imported(
        foundry.replace("mpt_causal_lm", "hf_causal_lm\n  pretrained_model_name_or_path: meta-llama/Llama-2-7b-hf"),
        {},
        "f.yaml"
      ).scenario["model"]
    ).toBe("llama-2-7b")
  })

  test("what is wrong is refused", () => {
    expect(refused(foundry.replace("1000ba", "long"), {}, "f.yaml")).toMatchObject([
      { path: "max_duration", place: { line: 14 } }
    ])
    expect(refused(foundry.replace("FULL_SHARD", "SOME"), {}, "f.yaml")).toMatchObject([
      { path: "fsdp_config.sharding_strategy" }
    ])
    expect(refused("composer train.py gone.yaml")).toMatchObject([
      { problem: "cannot read the configuration: there are no files here" }
    ])
  })
})
