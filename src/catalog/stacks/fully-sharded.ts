/**
 * The fully sharded family: FSDP, ZeRO-3 and XLA's sharded data parallelism.
 */
import type { StackEntry } from "./entry.ts"

const sharded = {
  attention: "fused",
  attentionDropout: false,
  selectiveRecompute: "core",
  sequenceParallelByDefault: false,
  scatterGather: false,
  layerFilling: "even",
  gradientAccumulationBytes: { bf16: 0, fp16: 0 },
  gradientReduceBytes: { bf16: 2, fp16: 2 },
  optimizer: { name: "AdamW, fp32 master weights", bytesPerParameter: 42, fixedSeconds: 0.02 },
  memory: {
    weightBytes: { bf16: 4, fp16: 4 },
    gradientBytes: { bf16: 4, fp16: 4 },
    optimizerBytes: { bf16: 8, fp16: 8 },
    workingLayers: { bf16: 1, fp16: 1 },
    fixedBytes: 2e9,
    fragmentation: 0.02
  },
  host: { mode: "asynchronous" },
  fullySharded: true,
  fusedExperts: false,
  postValidation: false,
  flopCounting: "model-full-attention"
} as const satisfies Partial<StackEntry>

export const fullySharded: readonly StackEntry[] = [
  {
    ...sharded,
    name: "llm-foundry",
    title: "MosaicML llm-foundry (FSDP, Triton FlashAttention 1)",
    era: "2023-2024",
    documented: { dataOverlap: { value: 1, source: "FSDP gathers the next layer while this one computes" } },
    notes: ["norms, GELU and loss unfused; flat parameters copied and cast each micro-batch"],
    sources: { default: "mosaicml/llm-foundry@8c8dd48f scripts/train/benchmarking" }
  },
  {
    ...sharded,
    name: "torchtitan",
    title: "torchtitan (FSDP2, torch.compile)",
    sequenceParallelByDefault: true,
    selectiveRecompute: "operators",
    era: "2024-",
    documented: { dataOverlap: { value: 1, source: "FSDP2 gathers the next layer while this one computes" } },
    notes: ["FlashAttention 2 through scaled_dot_product_attention; parameters sharded one by one"],
    sources: { default: "pytorch/torchtitan benchmarks; foundation-model-stack/fms-fsdp README" }
  },
  {
    ...sharded,
    name: "maxtext-pax",
    title: "MaxText and Pax (XLA)",
    era: "2023-2025",
    notes: ["XLA fuses elementwise work differently from hand-written kernels; most parameter traffic is exposed"],
    sources: { default: "NVIDIA/JAX-Toolbox Pax README; NVIDIA/dgxc-benchmarking maxtext READMEs" }
  },
  {
    ...sharded,
    name: "deepspeed-zero3",
    parent: "megatron-lm-2021",
    title: "DeepSpeed ZeRO-3 with Megatron layers (2021-22)",
    era: "2021-2022",
    attention: "unfused",
    attentionDropout: true,
    memory: {
      ...sharded.memory,
      weightBytes: { bf16: 2, fp16: 2 },
      gradientBytes: { bf16: 2, fp16: 2 },
      optimizerBytes: { bf16: 12, fp16: 12 }
    },
    documented: { dataOverlap: { value: 1, source: "overlap_comm of DeepSpeed's ZeRO-3 configuration" } },
    flopCounting: "hardware-megatron-2021",
    notes: ["parameters gathered a layer ahead, twice a micro-batch"],
    sources: { default: "Rajbhandari et al. 1910.02054; Narayanan et al. 2104.04473, section 5.2" }
  },
  {
    ...sharded,
    name: "generic-fsdp",
    parent: "torchtitan",
    title: "Any fully sharded stack",
    era: "2023-",
    notes: ["preset for software without measurements of its own"],
    sources: { default: "constants of torchtitan" }
  }
]
