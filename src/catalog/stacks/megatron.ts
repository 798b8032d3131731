/**
 * The Megatron family: tensor, pipeline and data parallel training.
 */
import type { StackEntry } from "./entry.ts"

const megatronMemory = {
  weightBytes: { bf16: 2, fp16: 2 },
  // fp32 main gradients
  gradientBytes: { bf16: 4, fp16: 4 },
  optimizerBytes: { bf16: 12, fp16: 12 },
  workingLayers: { bf16: 1, fp16: 1 },
  fixedBytes: 2e9,
  fragmentation: 0.02
} as const

const adam = { name: "fused Adam, fp32 master weights", bytesPerParameter: 42, fixedSeconds: 0.02 } as const

const legacy = {
  attention: "unfused",
  attentionDropout: true,
  selectiveRecompute: "core",
  sequenceParallelByDefault: false,
  scatterGather: true,
  layerFilling: "even",
  gradientAccumulationBytes: { bf16: 8, fp16: 8 },
  gradientReduceBytes: { bf16: 4, fp16: 2 },
  optimizer: adam,
  memory: megatronMemory,
  host: { mode: "asynchronous" },
  fullySharded: false,
  fusedExperts: false,
  postValidation: false,
  flopCounting: "hardware-megatron-2021"
} as const satisfies Partial<StackEntry>

const modern = {
  ...legacy,
  attention: "fused",
  attentionDropout: false,
  sequenceParallelByDefault: true,
  gradientReduceBytes: { bf16: 2, fp16: 2 },
  flopCounting: "model-full-attention"
} as const satisfies Partial<StackEntry>

export const megatron: readonly StackEntry[] = [
  {
    ...legacy,
    name: "megatron-lm-2021",
    title: "Megatron-LM of the SC'21 paper",
    era: "2020-2022",
    notes: ["fused bias-GeLU and scale-mask-softmax kernels; nothing overlaps; dropout in attention"],
    sources: { default: "Narayanan et al. 2104.04473, section 4.2; Korthikanti et al. 2205.05198" }
  },
  {
    ...legacy,
    name: "megatron-deepspeed",
    title: "Megatron-DeepSpeed with CUDA_LAUNCH_BLOCKING=1 (BLOOM, 2022)",
    era: "2022",
    attentionDropout: false,
    // BF16Optimizer adds every micro-batch into fp32 gradients; fp16 accumulates in place.
    gradientAccumulationBytes: { bf16: 12, fp16: 6 },
    memory: {
      weightBytes: { bf16: 2, fp16: 2 },
      // BF16Optimizer keeps fp32 gradients unsharded and loses allocator slack; the fp16 optimizer keeps 16-bit ones.
      gradientBytes: { bf16: 6.7, fp16: 2.1 },
      optimizerBytes: { bf16: 12, fp16: 16.7 },
      workingLayers: { bf16: 2.4, fp16: 1 },
      fixedBytes: 7e9,
      fragmentation: 0
    },
    host: { mode: "blocking" },
    layerFilling: "greedy",
    notes: [
      "pipeline engine of DeepSpeed; ZeRO-1; every kernel launch waits (CUDA_LAUNCH_BLOCKING=1) against hangs",
      "a remainder of layers goes to all stages but the last (78 on 12 are 7, ..., 7, 1: bigscience chronicles-prequel, Re-do)",
      "nothing overlaps; stages exchange activations partitioned over the tensor-parallel ranks",
      "also for MT-NLG, GLM-130B and GPT-NeoX-20B, which ran DeepSpeed's pipeline engine: their host time shows as well"
    ],
    sources: { default: "bigscience-workshop/bigscience@56d86855 train/tr11-176B-ml" }
  },
  {
    ...legacy,
    name: "megatron-deepspeed-2022-02",
    parent: "megatron-deepspeed",
    title: "Megatron-DeepSpeed on Jean Zay before the PCIe/NUMA repair of 25 February 2022",
    era: "2022-02",
    attentionDropout: false,
    gradientAccumulationBytes: { bf16: 12, fp16: 6 },
    memory: {
      weightBytes: { bf16: 2, fp16: 2 },
      gradientBytes: { bf16: 6.7, fp16: 2.1 },
      optimizerBytes: { bf16: 12, fp16: 16.7 },
      workingLayers: { bf16: 2.4, fp16: 1 },
      fixedBytes: 7e9,
      fragmentation: 0
    },
    host: { mode: "blocking" },
    layerFilling: "greedy",
    documented: {
      pace: { value: 1.05, source: "the repair gave 1-5 %: bigscience chronicles-prequel, 2022-02-25" }
    },
    notes: ["as megatron-deepspeed, every operation about 5 % slower"],
    sources: { default: "bigscience-workshop/bigscience@56d86855 train/tr11-176B-ml/chronicles-prequel.md" }
  },
  {
    ...legacy,
    name: "zero-bubble",
    postValidation: true,
    documented: {
      pipelineExposure: { value: 0.5, source: "batched send and receive overlap half: between the rows of the paper" }
    },
    title: "Zero-bubble pipeline parallelism (Megatron fork, 2023)",
    era: "2023",
    scatterGather: true,
    attentionDropout: false,
    memory: { ...megatronMemory, fixedBytes: 0.5e9 },
    notes: ["backward split in input and weight gradients; optimizer validated after the step"],
    sources: { default: "Qi et al. 2401.10241; sail-sg/zero-bubble-pipeline-parallelism@e396b489" }
  },
  {
    ...legacy,
    name: "zero-bubble-synchronised",
    parent: "zero-bubble",
    title: "Zero-bubble code whose optimizer step waits for the global gradient norm",
    era: "2023",
    attentionDropout: false,
    documented: {
      pipelineExposure: { value: 0.5, source: "batched send and receive overlap half: between the rows of the paper" }
    },
    memory: { ...megatronMemory, fixedBytes: 0.5e9 },
    notes: ["as zero-bubble without post-validation: the schedules lose what the stages wait for one another"],
    sources: { default: "Qi et al. 2401.10241, section 4 and appendix" }
  },
  {
    ...modern,
    name: "megatron-core",
    parent: "nemo-24",
    title: "Megatron-Core (2024 on)",
    era: "2024-",
    notes: ["distributed optimizer; gradient reduce and parameter gather overlap; interleaved schedule"],
    sources: { default: "NVIDIA/Megatron-LM@d98e8a64 README" }
  },
  {
    ...modern,
    name: "nemo-24",
    title: "NeMo 24.x to 25.04 (Megatron-Core, Transformer Engine)",
    era: "2024-2025",
    notes: ["userbuffers tensor-parallel overlap; distributed optimizer with overlap"],
    sources: { default: "NVIDIA/NeMo performance_summary.md; NVIDIA/dgxc-benchmarking READMEs" }
  },
  {
    ...modern,
    name: "megatron-bridge",
    parent: "nemo-24",
    title: "NeMo Megatron-Bridge (25.09 on)",
    era: "2025-",
    flopCounting: "model-causal-attention",
    notes: ["logs count attention halved (causal)", "all-to-all hidden by the newest releases"],
    sources: { default: "NVIDIA-NeMo/Megatron-Bridge docs/performance-summary" }
  },
  {
    ...modern,
    name: "megatron-bridge-2606",
    parent: "megatron-bridge",
    title: "NeMo Megatron-Bridge (26.06 on), mixtures in MXFP8",
    era: "2026-",
    fusedExperts: true,
    flopCounting: "model-causal-attention",
    documented: {
      attentionFactor: {
        value: 1.43,
        source:
          "attention in MXFP8 is simulated to be 1.43 to 1.74 times as fast as in 16 bits on GB300; the lower end: NVIDIA/cudnn-frontend#786"
      },
      expertBytesFactor: {
        value: 1.5,
        source:
          "what a permutation must move, in buffers of 1.5 times the mean load (moe_expert_rank_capacity_factor): NVIDIA-NeMo/Megatron-Bridge#4249"
      },
      hostSecondsPerExpertLayer: {
        value: 0,
        source: "one CUDA graph of the whole iteration: NVIDIA-NeMo/Megatron-Bridge#3983, #4226, #4249, #4606"
      }
    },
    notes: [
      "grouped matrix multiplications of the experts with activation and cast inside (CuTe DSL)",
      "attention products in FP8; all-to-all behind compute; the whole iteration one CUDA graph"
    ],
    sources: {
      default:
        "NVIDIA-NeMo/Megatron-Bridge release notes 0.5.1 and pull requests 3983, 4226, 4249, 4606; scripts/performance/configs"
    }
  },
  {
    ...modern,
    name: "megatron-fsdp",
    parent: "megatron-bridge",
    title: "Megatron-FSDP (NeMo Megatron-Bridge 25.09 on)",
    era: "2025-",
    flopCounting: "model-causal-attention",
    documented: {
      dataOverlap: {
        value: 1,
        source:
          "gathers parameters and scatters gradients beside compute: pypi.org/project/megatron-fsdp, Optimizations"
      }
    },
    notes: ["parameters sharded (zeroStage: 3) and gathered a layer ahead, into two buffers"],
    sources: { default: "NVIDIA-NeMo/Megatron-Bridge docs/releases/changelog.md, 25.09: Megatron FSDP" }
  },
  {
    ...modern,
    name: "llama3-meta",
    parent: "nemo-24",
    title: "Meta's Llama 3 training stack (4D parallel, 8-16k GPUs)",
    era: "2024",
    notes: ["interleaved schedule with uneven first and last stage; sustained efficiency includes what 16k GPUs lose"],
    sources: { default: "Llama Team, arXiv:2407.21783, section 3.3" }
  },
  {
    ...legacy,
    name: "generic-legacy",
    parent: "megatron-lm-2021",
    title: "Any tensor/pipeline parallel stack before FlashAttention",
    era: "-2022",
    notes: ["preset for software without measurements of its own"],
    sources: { default: "constants of megatron-lm-2021" }
  },
  {
    ...modern,
    name: "generic-modern",
    parent: "nemo-24",
    title: "Any tensor/pipeline parallel stack since FlashAttention",
    era: "2023-",
    notes: ["preset for software without measurements of its own"],
    sources: { default: "constants of nemo-24" }
  }
]
