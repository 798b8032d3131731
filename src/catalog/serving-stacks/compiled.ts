/**
 * Stacks with their own kernels and request-level batches: DeepSpeed, FasterTransformer, llama.cpp.
 */
import { allocating, eager, pagedBatches, staticBatches } from "./defaults.ts"
import type { ServingStackEntry } from "./entry.ts"

const scripts = "huggingface.co/blog/bloom-inference-pytorch-scripts; huggingface/transformers-bloom-inference@62698bf"
const fasterTransformer = "NVIDIA/FasterTransformer@df4a753, docs/gpt_guide.md"

export const compiled: readonly ServingStackEntry[] = [
  {
    ...eager,
    name: "deepspeed-inference",
    title: "DeepSpeed-Inference (kernel injection, tensor parallel)",
    aliases: ["ds-inference"],
    era: "2022-2023",
    releases: [{ version: "0.7" }],
    batching: { ...staticBatches, maximumSequences: 128 },
    memory: { ...allocating, keyValueFactor: 3.2, loadBytesPerSecond: 5.9e9 },
    notes: ["fused CUDA kernels a layer; sharded checkpoints load in a minute"],
    sources: {
      default: scripts,
      "memory.keyValueFactor": "out-of-memory cells of the BLOOM scripts: 2.75 to 4",
      "memory.loadBytesPerSecond": `${scripts}: 352 GB in 60 s, sharded`
    }
  },
  {
    ...eager,
    name: "deepspeed-inference-int8",
    parent: "deepspeed-inference",
    title: "DeepSpeed-Inference with ZeroQuant int8 weights",
    era: "2022-2023",
    releases: [{ version: "0.7" }],
    precision: "int8",
    weightTraffic: { int8: 5 },
    batching: { ...staticBatches, maximumSequences: 256 },
    memory: { ...allocating, keyValueFactor: 3.2, loadBytesPerSecond: 5.9e9 },
    notes: ["weights dequantised to memory before each product: read 1 byte, write 2, read 2 a parameter"],
    sources: {
      default: scripts,
      weightTraffic: "1 + 2 + 2 bytes; explains why int8 is slower than fp16 and why 4 GPUs take 1.75 times 8",
      "memory.keyValueFactor": "out-of-memory cells of the BLOOM scripts: 2.75 to 4",
      "memory.loadBytesPerSecond": `${scripts}: sharded checkpoint`
    }
  },
  {
    ...eager,
    name: "deepspeed-zero-inference",
    title: "DeepSpeed ZeRO-Inference (weights gathered or streamed a layer at a time)",
    aliases: ["zero-inference", "ds-zero"],
    era: "2022-",
    releases: [{ version: "0.7" }],
    gathersWeights: true,
    overlapsOffload: true,
    logitsOfEveryToken: true,
    batching: { ...staticBatches, maximumSequences: 8, batchesInFlight: 1 },
    memory: { ...allocating, keyValueFactor: 6, loadBytesPerSecond: 0.76e9 },
    notes: [
      "parallelism: dataAttention ranks, each with requests of its own; all weights sharded over them",
      "a step takes the longer of computing and of gathering the next layer's weights"
    ],
    sources: {
      default: `${scripts}; DeepSpeed ZeRO-Inference blog (September 2022)`,
      "memory.keyValueFactor": "out-of-memory cells of the BLOOM scripts: 4 to 7.5",
      "memory.loadBytesPerSecond": `${scripts}: 352 GB in 462 s, read by every rank`
    }
  },
  {
    ...eager,
    name: "deepspeed-mii",
    title: "DeepSpeed-MII with FastGen (blocked KV, dynamic split-fuse)",
    aliases: ["mii", "fastgen"],
    era: "2023-2024",
    releases: [{ version: "0.1" }],
    promptAttention: "fused",
    batching: { ...pagedBatches, policy: "sarathi", chunkTokens: 2048, maximumStepTokens: 2048, blockTokens: 64 },
    memory: { ...allocating, utilisation: 0.9, fixedBytes: 1.5e9, reservesActivations: true },
    notes: ["prompts are split and fused with decodes into steps of equal tokens"],
    sources: { default: "Holmes et al., arXiv:2401.08671, section 3" }
  },
  {
    ...eager,
    name: "fastertransformer",
    title: "FasterTransformer 5 (GPT)",
    aliases: ["ft"],
    era: "2021-2023",
    releases: [{ version: "5" }],
    batching: staticBatches,
    memory: { ...allocating, keyValueFactor: 1.5 },
    notes: ["fused C++/CUDA layers; request-level batches; a pipeline splits a batch over its stages"],
    sources: {
      default: fasterTransformer,
      "memory.keyValueFactor": "out-of-memory cells of the guide: cache and workspace"
    }
  },
  {
    ...eager,
    name: "llama-cpp",
    title: "llama.cpp (GGML), layers split over GPUs",
    aliases: ["ggml", "llama.cpp"],
    era: "2023-",
    releases: [{ version: "2024-05" }],
    promptAttention: "fused",
    promptPieceTokens: 512,
    splitsByBytes: true,
    batching: { ...staticBatches, policy: "none", maximumSequences: 1, maximumStepTokens: 8192, batchesInFlight: 1 },
    memory: { ...allocating, fixedBytes: 0.8e9, embeddingOnHost: true },
    notes: ["decode passes through the GPUs in order; a prompt runs in micro-batches of 512 that overlap over them"],
    sources: {
      default: "ggml-org/llama.cpp, tools/llama-bench; XiongjieDai/GPU-Benchmarks-on-LLM-Inference (May 2024)"
    }
  }
]
