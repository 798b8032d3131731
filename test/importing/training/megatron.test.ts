/** Scripts of Megatron-LM and Megatron-DeepSpeed. */
import { describe, expect, test } from "vitest"
import { layerPattern } from "../../../src/importing/training/layer-pattern.ts"
import { imported, jobOf, refused, said, trainingOf } from "./imported.ts"

const model =
  "--num-layers 24 --hidden-size 2048 --num-attention-heads 16 --seq-length 2048 --max-position-embeddings 2048"
const torchrun = "torchrun --nproc_per_node 8 --nnodes 2"
const command = (flags: string, launcher = torchrun): string => `${launcher} pretrain_gpt.py ${model} --bf16 ${flags}`
const batch = "--micro-batch-size 4 --global-batch-size 512"

describe("flags", () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["batch and length of the run", "--train-iters 100", { microBatch: 4, globalBatch: 512, tokens: 104_857_600 }],
    ["samples as Python writes them", "--train-samples 1_000_000", { tokens: 2_048_000_000 }],
    [
      "ramp",
      "--train-samples 100000 --rampup-batch-size 64 64 10000",
      { run: { batchRamp: { from: 64, increment: 64, samples: 10_000 } } }
    ],
    ["distributed optimizer", "--use-distributed-optimizer", { zeroStage: 1 }],
    ["torch FSDP2", "--use-torch-fsdp2", { zeroStage: 3 }],
    ["selective recompute", "--recompute-activations", { recompute: "selective" }],
    [
      "full recompute",
      "--recompute-granularity full --recompute-method uniform --recompute-num-layers 1",
      { recompute: "full" }
    ],
    [
      "recompute of some layers",
      "--recompute-granularity full --recompute-method block --recompute-num-layers 3",
      { recompute: { blocks: 3 } }
    ],
    ["fp8", "--fp8-format hybrid", { precision: "fp8" }],
    ["mxfp8", "--fp8-format hybrid --fp8-recipe mxfp8", { precision: "mxfp8" }],
    ["optimizer on the host", "--optimizer-cpu-offload", { offload: { optimizer: true } }],
    [
      "tensor and pipeline",
      "--tensor-model-parallel-size 4 --pipeline-model-parallel-size 2",
      { parallelism: { tensor: 4, pipeline: 2, sequenceParallel: false } }
    ],
    [
      "sequence parallel, the stack's default",
      "--tensor-model-parallel-size 4 --sequence-parallel",
      { parallelism: { tensor: 4 } }
    ],
    [
      "chunks by layers",
      "--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 3",
      { parallelism: { pipeline: 2, virtualPipeline: 4 } }
    ],
    ["context", "--context-parallel-size 2", { parallelism: { context: 2 } }],
    [
      "zero bubble with the memory of twice the stages",
      "--pipeline-model-parallel-size 4 --enable-zero-bubble --zero-bubble-max-pending-backward 8",
      { schedule: "zb-2p", stack: "zero-bubble" }
    ],
    [
      "zero bubble in a V of half the memory",
      "--pipeline-model-parallel-size 4 --zero-bubble-v-schedule --zero-bubble-v-schedule-mem-setup half",
      { schedule: "v-half", parallelism: { pipeline: 4, virtualPipeline: 2 } }
    ],
    [
      "uneven ends",
      "--pipeline-model-parallel-size 4 --decoder-first-pipeline-num-layers 5 --decoder-last-pipeline-num-layers 5",
      { layerSplit: [5, 7, 7, 5] }
    ],
    [
      "embedding counted as a layer",
      "--pipeline-model-parallel-size 5 --account-for-embedding-in-pipeline-split",
      { layerSplit: [4, 5, 5, 5, 5] }
    ],
    [
      "a value behind an equals sign",
      "--tensor_model_parallel_size=2",
      { parallelism: { tensor: 2, sequenceParallel: false } }
    ]
  ])("%s", (_, flags, expected) => {
    const wide = flags.includes("size 5") ? "torchrun --nproc_per_node 8 --nnodes 5" : torchrun
    expect(trainingOf(imported(command(`${batch} ${flags}`, wide)))).toMatchObject(expected)
  })

  test("without a global batch have one micro-batch a replica", () => {
    const read = imported(command("--micro-batch-size 4 --tensor-model-parallel-size 2"))
    expect(trainingOf(read)["globalBatch"]).toBe(32)
    expect(said(read, "assumed").join()).toContain("training.globalBatch 32: one micro-batch a replica")
  })

  test("of early years mean the early stack, and unfused attention", () => {
    const script = imported(
      `python -m torch.distributed.launch --nproc_per_node 8 pretrain_gpt.py ${model} ${batch} --fp16 --checkpoint-activations --DDP-impl local`
    )
    expect(script.scenario).toMatchObject({
      training: { stack: "megatron-lm-2021", precision: "fp16", recompute: "full" }
    })
    expect(jobOf(script).stack.attention).toBe("unfused")
    expect(imported(command(`${batch} --attention-backend unfused`)).scenario).toMatchObject({
      training: { stack: { extends: "megatron-core", attention: "unfused" } }
    })
  })

  test("wrong ones are refused at their line", () => {
    const script = `${torchrun} pretrain_gpt.py \\\n  ${model} \\\n  --micro-batch-size many \\\n  --global-batch-size 512 --recompute-granularity half`
    expect(refused(script)).toMatchObject([
      {
        source: "train.sh",
        place: { line: 3, column: 1 },
        path: "micro-batch-size",
        given: '"many"',
        expected: "a whole number from 1"
      },
      { place: { line: 4, column: 1 }, path: "recompute-granularity", expected: "full or selective" }
    ])
  })

  test("sizes that do not fit together are refused at the line of the flag", () => {
    const script = `${torchrun} pretrain_gpt.py \\\n  ${model} ${batch} \\\n  --tensor-model-parallel-size 3`
    expect(refused(script)[0]).toMatchObject({ place: { line: 3 }, path: "training.parallelism.tensor" })
  })

  test("nobody knows are told with near ones, and refused when strict", () => {
    const script = command(`${batch} --sequence-paralel`)
    expect(said(imported(script), "unknown")[0]).toContain("did you mean --sequence-parallel")
    expect(refused(script, { isStrict: true })).toMatchObject([
      {
        path: "--sequence-paralel",
        problem: "nobody knows it",
        nearest: ["--sequence-parallel", "--ds-sequence-parallel-size"]
      }
    ])
  })

  test("without shapes or batch nothing can be made of it", () => {
    expect(refused("torchrun pretrain_gpt.py --micro-batch-size 1")).toMatchObject([
      { problem: "the model's shapes are not said" }
    ])
    expect(refused(`torchrun pretrain_gpt.py ${model} --micro-batch-size 2`)).toMatchObject([
      { problem: "the batch is not said" }
    ])
    expect(refused("echo pretrain_gpt.py --num-layers 2")).toMatchObject([{ problem: "nothing is trained" }])
  })
})

describe("a script as Megatron-LM ships them", () => {
  /** With its constructs: defaults of arguments, arrays of quoted pairs, branches that add to them, comments in between. */
  const script = `#!/bin/bash
export CUDA_DEVICE_MAX_CONNECTIONS=\${CUDA_DEVICE_MAX_CONNECTIONS:-1}
SAVE=\${1:-"checkpoints/mine"}
TOKENIZER=\${3:-"MOCK"}
GPUS_PER_NODE=8
NUM_NODES=\${SLURM_NNODES:-"2"}
WORLD_SIZE=$(($GPUS_PER_NODE*$NUM_NODES))
DTYPE="fp8"
DISTRIBUTED_ARGS=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes $NUM_NODES
    --master_addr \${MASTER_ADDR:-localhost}
)
MODEL_ARGS=(
    --use-mcore-models
    --num-layers 32
    --hidden-size 4096
    --ffn-hidden-size 14336
    --num-attention-heads 32
    --group-query-attention
    --num-query-groups 8
    --kv-channels 128
    --seq-length 8192
    --max-position-embeddings 8192
    --position-embedding-type rope
    --rotary-base 1000000
    --normalization RMSNorm
    --swiglu
    --untie-embeddings-and-output-weights
    --disable-bias-linear
)
TRAINING_ARGS=(
    --micro-batch-size 1
    --global-batch-size 128
    --train-samples 1953125
    --bf16
    # --fp16
)
DTYPE_ARGS=()
if [[ "$DTYPE" == "fp8" ]]; then
    DTYPE_ARGS+=(
        "--fp8-format hybrid"
        "--fp8-amax-history-len 1024"
    )
fi
MODEL_PARALLEL_ARGS=(
    --tensor-model-parallel-size 2
    # --pipeline-model-parallel-size 4
    --sequence-parallel  # always
)
DDP_ARGS=( --use-distributed-optimizer )
TRAINING_ARGS+=("\${DDP_ARGS[@]}")
DATA_ARGS=()
if [[ "$TOKENIZER" == "MOCK" ]] || [[ -z "$TOKENIZER" ]]; then
    DATA_ARGS+=(
        "--mock-data"
        "--tokenizer-type NullTokenizer"
        "--vocab-size 128255"
        "--split '99,1,0'"
    )
else
    DATA_ARGS+=( "--data-path $4" "--vocab-size 5" )
fi
if [ ! -f pretrain_gpt.py ]; then
    echo "Error: pretrain_gpt.py not found"
    exit 1
fi
torchrun \${DISTRIBUTED_ARGS[@]} \\
    "pretrain_gpt.py" \\
    \${MODEL_ARGS[@]} \\
    \${TRAINING_ARGS[@]} \\
    \${DTYPE_ARGS[@]} \\
    \${MODEL_PARALLEL_ARGS[@]} \\
    \${DATA_ARGS[@]} --save "$SAVE"
`

  test("is what it would run", () => {
    expect(imported(script, { isStrict: true }).scenario).toEqual({
      name: "Llama 3 8B on NVIDIA DGX H100",
      cluster: { system: "dgx-h100", nodes: 2 },
      model: "llama-3-8b",
      training: {
        parallelism: { tensor: 2 },
        microBatch: 1,
        globalBatch: 128,
        sequenceLength: 8192,
        precision: "fp8",
        zeroStage: 1,
        tokens: 16_000_000_000,
        stack: "megatron-core"
      }
    })
  })
})

describe("a script as Megatron-DeepSpeed ships them", () => {
  test("is what its variables decide, on nodes of the usual size", () => {
    const script = `DIR=\`pwd\`
SEQ_LEN=2048
GLOBAL_BATCH_SIZE=256
TRAIN_TOKENS=300000000000
TRAIN_ITERS=$(( \${TRAIN_TOKENS} * 3 / \${GLOBAL_BATCH_SIZE} / \${SEQ_LEN} ))
NUM_GPUS=64
EP_SIZE=1
if [[ $EP_SIZE -gt $NUM_GPUS ]]; then
    EP_PARALLEL_SIZE=$NUM_GPUS
else
    EP_PARALLEL_SIZE=$EP_SIZE
fi
ACTIVATION_CHECKPOINT="true"
options=" \\
  --override-opt_param-scheduler \\
  --moe-expert-parallel-size \${EP_PARALLEL_SIZE} \\
  --num-experts \${EP_SIZE} \\
  --moe-train-capacity-factor 1.0 \\
  --micro-batch-size 4 --global-batch-size \${GLOBAL_BATCH_SIZE} \\
  --num-layers 24 --hidden-size 1536 --num-attention-heads 16 \\
  --seq-length \${SEQ_LEN} --max-position-embeddings \${SEQ_LEN} \\
  --train-tokens \${TRAIN_TOKENS} --train-iters \${TRAIN_ITERS} \\
  --fp16 --no-pipeline-parallel \\
"
if [ "\${ACTIVATION_CHECKPOINT}" = "true" ]; then
options="\${options} \\
  --checkpoint-activations"
fi
if [[ $EP_SIZE -gt 1 ]]; then
options="\${options} --create-moe-param-group"
fi
sed "s/ZERO_STAGE/0/" template.json > ds.json
deepspeed_options=" --deepspeed --deepspeed_config ds.json --pipeline-model-parallel-size 1"
run_cmd="deepspeed --num_nodes 1 --num_gpus $NUM_GPUS\\
  \${DIR}/../../pretrain_gpt.py \${options} \${deepspeed_options} &> /tmp/x.log"
echo \${run_cmd}
eval \${run_cmd}
`
    const read = imported(script, { isStrict: true })
    expect(read.scenario).toMatchObject({
      cluster: { system: "dgx-a100", accelerators: 64 },
      model: "gpt3-760m",
      training: {
        microBatch: 4,
        globalBatch: 256,
        precision: "fp16",
        zeroStage: 0,
        recompute: "full",
        tokens: 300_000_000_000
      }
    })
    expect(said(read, "assumed").join()).toContain("nothing of ds.json, which is not at hand")
    expect(said(read, "ignored").join()).not.toContain("create-moe-param-group")
  })
})

describe("models", () => {
  const shaped = (flags: string): unknown =>
    imported(
      `torchrun --nproc_per_node 8 pretrain_gpt.py ${flags} --seq-length 2048 --micro-batch-size 1 --global-batch-size 64 --bf16`
    ).scenario["model"]
  const llama =
    "--swiglu --normalization RMSNorm --disable-bias-linear --position-embedding-type rope --untie-embeddings-and-output-weights"

  test.each([
    [
      "llama-2-7b",
      `--num-layers 32 --hidden-size 4096 --ffn-hidden-size 11008 --num-attention-heads 32 --max-position-embeddings 4096 --tokenizer-type Llama2Tokenizer ${llama}`
    ],
    [
      "llama-3.1-70b",
      `--num-layers 80 --hidden-size 8192 --ffn-hidden-size 28672 --num-attention-heads 64 --group-query-attention --num-query-groups 8 --max-position-embeddings 131072 ${llama}`
    ],
    [
      "gpt3-175b",
      "--num-layers 96 --hidden-size 12288 --num-attention-heads 96 --max-position-embeddings 2048 --tokenizer-type GPT2BPETokenizer"
    ],
    [
      "mixtral-8x7b",
      `--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --num-experts 8 --moe-router-topk 2 --moe-ffn-hidden-size 14336 --max-position-embeddings 32768 ${llama}`
    ]
  ])("%s is found by its shapes", (name, flags) => {
    expect(shaped(flags)).toBe(name)
  })

  test("the catalogue does not have stand in the scenario, with the tokenizer's vocabulary or an assumed one", () => {
    expect(
      shaped(
        "--num-layers 10 --hidden-size 1024 --num-attention-heads 8 --swiglu --vocab-size 1000 --tokenizer-type NullTokenizer"
      )
    ).toMatchObject({
      layers: 10,
      hidden: 1024,
      // Two thirds of 4 x 1024, a multiple of 64.
      feedForward: 2688,
      headDimension: 128,
      gated: true,
      vocabulary: 1001,
      position: "learned"
    })
  })

  test.each<[string, readonly number[] | undefined]>([
    ["([0]*3+[1]*2)", [0, 0, 0, 1, 1]],
    ["([1]*2+[0])*2", [1, 1, 0, 1, 1, 0]],
    ["[0,1,1]", [0, 1, 1]],
    ["([0]*3", undefined],
    ["[0]*99999", undefined],
    ["[2]", undefined]
  ])("layers by %s", (text, expected) => {
    expect(layerPattern(text)).toEqual(expected)
  })

  test("dense layers in front of a mixture are counted", () => {
    const script = imported(
      `torchrun --nproc_per_node 8 pretrain_gpt.py ${model} ${batch} --bf16 --num-experts 16 --moe-layer-freq '([0]*3+[1]*21)' --expert-model-parallel-size 8`
    )
    expect(script.scenario).toMatchObject({
      model: { experts: { count: 16, active: 2, feedForward: 8192, denseLayers: 3 } },
      training: { parallelism: { expert: 8 } }
    })
  })
})

describe("machines", () => {
  const clusterOf = (text: string, rest = {}): unknown => imported(text, rest).scenario["cluster"]
  const slurm = (header: string, launcher: string): string => `#!/bin/bash\n${header}\n${command(batch, launcher)}`

  test.each<[string, string, unknown]>([
    ["torchrun", command(batch), { system: "dgx-h100", nodes: 2 }],
    [
      "deepspeed",
      command(`${batch} --deepspeed`, "deepspeed --num_nodes 4 --num_gpus 8"),
      { system: "dgx-a100", nodes: 4 }
    ],
    [
      "four of eight accelerators",
      command(batch, "torchrun --nproc-per-node=4"),
      { system: "dgx-h100", accelerators: 4 }
    ],
    [
      "variables and sums",
      `GPUS=8\nGPUS_PER_NODE=$((GPUS / 2))\nNNODES=$((2**2))\n${command(batch, "srun python")}`,
      { system: "dgx-h100", nodes: 4, acceleratorsPerNode: 4 }
    ],
    [
      "Slurm's header",
      slurm("#SBATCH -N 4\n#SBATCH --gpus-per-node=h200:8", "srun python"),
      { system: "dgx-h200", nodes: 4 }
    ],
    [
      "Slurm's variables",
      slurm(
        "#SBATCH --nodes=3-4\n#SBATCH --gres=gpu:8",
        "torchrun --nnodes $SLURM_JOB_NUM_NODES --nproc_per_node $SLURM_GPUS_ON_NODE"
      ),
      { system: "dgx-h100", nodes: 4 }
    ],
    [
      "a task an accelerator",
      slurm("#SBATCH --nodes=8\n#SBATCH --ntasks-per-node=4\n#SBATCH -p gpu_p6", "srun python"),
      { system: "jean-zay-h100", nodes: 8 }
    ],
    ["mpirun", command(batch, "mpirun -np 16 python"), { system: "dgx-h100", accelerators: 16 }],
    ["a text in a shell", `RUN="${command(batch)}"\nsrun -N 2 bash -c "$RUN"`, { system: "dgx-h100", nodes: 2 }],
    ["an evaluated text", `RUN="${command(batch)}"\neval $RUN`, { system: "dgx-h100", nodes: 2 }]
  ])("by %s", (_, text, expected) => {
    expect(clusterOf(text)).toEqual(expected)
  })

  test("that the user names go before the script's", () => {
    expect(clusterOf(command(batch), { system: "jean-zay-a100", nodes: 4 })).toEqual({
      system: "jean-zay-a100",
      nodes: 4
    })
    expect(refused(command(batch), { system: "jean-zey-a100" })).toMatchObject([
      { path: "--system", nearest: expect.arrayContaining(["jean-zay-a100"]) }
    ])
  })

  test("are as many as the layout needs where nobody says", () => {
    const script = imported(
      command(`${batch} --tensor-model-parallel-size 8 --pipeline-model-parallel-size 2`, "python")
    )
    expect(script.scenario["cluster"]).toEqual({ system: "dgx-h100", nodes: 2 })
    expect(said(script, "assumed").join()).toContain("2 nodes, the fewest that the layout needs")
  })
})

describe("DeepSpeed's configuration", () => {
  const script = (json: string, flags = ""): string =>
    `cat > ds.json <<EOF\n${json}\nEOF\n${command(`${flags} --deepspeed --deepspeed_config ds.json`, "deepspeed --num_gpus 8")}`

  test("says batches, stage and offload, its variables put in", () => {
    const json =
      '{"train_micro_batch_size_per_gpu": 2, "train_batch_size": $BATCH, "zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu"}}}'
    const read = imported(`BATCH=64\n${script(json)}`)
    expect(trainingOf(read)).toMatchObject({
      microBatch: 2,
      globalBatch: 64,
      zeroStage: 2,
      offload: { optimizer: true }
    })
  })

  test("goes before --zero-stage; a file that is not there is told", () => {
    expect(
      trainingOf(imported(script('{"zero_optimization": {"stage": 1}}', `${batch} --zero-stage 0`)))["zeroStage"]
    ).toBe(1)
    const without = imported(
      command(`${batch} --fp16 --zero-stage 2 --deepspeed_config gone.json`, "deepspeed --num_gpus 8").replace(
        "--bf16",
        ""
      )
    )
    expect(trainingOf(without)).toMatchObject({ zeroStage: 2, precision: "fp16" })
    expect(said(without, "assumed").join()).toContain("nothing of gone.json, which is not at hand")
  })
})
