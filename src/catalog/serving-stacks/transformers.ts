/**
 * Hugging Face transformers and what was built around it: pipelines by device map, 8-bit layers, tensor parallelism by hand,
 * llm-foundry's generate.
 */
import { allocating, eager, operatorChains, staticBatches } from "./defaults.ts"
import type { ServingStackEntry } from "./entry.ts"

const scripts = "huggingface.co/blog/bloom-inference-pytorch-scripts; huggingface/transformers-bloom-inference@62698bf"
const story = "huggingface.co/blog/bloom-inference-optimization"

const huggingFace = { ...eager, logitsOfEveryToken: true, splitsByBytes: true } as const

export const transformers: readonly ServingStackEntry[] = [
  {
    ...huggingFace,
    name: "accelerate",
    title: "transformers with accelerate (device_map), a naive pipeline",
    aliases: ["hf-accelerate", "transformers"],
    era: "2022-",
    releases: [{ version: "2022" }],
    batching: { ...staticBatches, policy: "none", maximumSequences: 1, batchesInFlight: 1 },
    memory: { ...allocating, keyValueFactor: 17 },
    notes: [
      "layers lie on the GPUs in order and run one after another; no two GPUs work at the same time",
      "BLOOM's cache of 2022 is copied and concatenated: OOM cells ask for 17 times the KV bytes",
      "offloaded weights are copied in before each layer; nothing overlaps"
    ],
    sources: { default: scripts, "memory.keyValueFactor": "out-of-memory cells of the BLOOM scripts: 16.75 to 20.25" }
  },
  {
    ...huggingFace,
    name: "accelerate-int8",
    parent: "accelerate",
    title: "transformers with accelerate and bitsandbytes LLM.int8()",
    aliases: ["bitsandbytes"],
    era: "2022-",
    releases: [{ version: "2022" }],
    batching: { ...staticBatches, policy: "none", maximumSequences: 1, batchesInFlight: 1 },
    memory: { ...allocating, keyValueFactor: 17 },
    precision: "int8-llm",
    notes: ["every linear layer searches outliers and runs several kernels"],
    sources: { default: `${scripts}; Dettmers et al., arXiv:2208.07339` }
  },
  {
    ...huggingFace,
    name: "transformers-pipeline",
    parent: "accelerate",
    title: "BLOOM's own server: pipelined requests over stages in PyTorch",
    era: "2022",
    releases: [{ version: "1" }, { version: "2" }],
    batching: { ...staticBatches, policy: "none", maximumSequences: 1, batchesInFlight: "stages" },
    memory: { ...allocating, keyValueFactor: 17, loadBytesPerSecond: 7.8e9 },
    notes: [
      "a request does not wait until the one before has left the last stage",
      "versions: 1 = the layers of accelerate, 2 = fewer reshapes and copies"
    ],
    sources: { default: story, "memory.loadBytesPerSecond": `${story}: 352 GB in 45 s` }
  },
  {
    ...huggingFace,
    name: "transformers-tp",
    title: "BLOOM's own server: tensor parallelism in PyTorch",
    aliases: ["transformers-tensor-parallel"],
    era: "2022",
    releases: [{ version: "1" }, { version: "2" }, { version: "3" }],
    batching: { ...staticBatches, policy: "dynamic", maximumSequences: 32 },
    memory: { ...allocating, keyValueFactor: 3.2, loadBytesPerSecond: 7.8e9 },
    notes: [
      "versions: 1 = plain PyTorch, 2 = GeLU fused by torch.jit, 3 = a CUDA kernel for mask and softmax as well",
      "bound by the host: a batch of 32 takes as long as one request"
    ],
    sources: {
      default: story,
      "memory.loadBytesPerSecond": `${story}: 352 GB in 45 s`,
      "memory.keyValueFactor": "assumed as deepspeed-inference"
    }
  },
  {
    ...huggingFace,
    name: "hf-generate",
    sharesQueries: "expanded",
    operatorLaunches: operatorChains,
    title: "Hugging Face generate with PyTorch attention (llm-foundry)",
    aliases: ["llm-foundry-generate", "huggingface"],
    era: "2023",
    releases: [{ version: "2023" }],
    batching: { ...staticBatches, batchesInFlight: 1 },
    memory: allocating,
    notes: ["attention computed in PyTorch, the cache concatenated at every token", "host-bound on small models"],
    sources: { default: "mosaicml/llm-foundry@8c8dd48f, scripts/inference/benchmarking" }
  },
  {
    ...huggingFace,
    name: "hf-generate-deepspeed",
    sharesQueries: "expanded",
    operatorLaunches: operatorChains,
    parent: "hf-generate",
    title: "Hugging Face generate with DeepSpeed tensor parallelism (llm-foundry)",
    era: "2023",
    releases: [{ version: "2023" }],
    batching: { ...staticBatches, batchesInFlight: 1 },
    memory: allocating,
    notes: ["the layers of hf-generate, sliced over the GPUs; no kernel injection"],
    sources: { default: "mosaicml/llm-foundry@8c8dd48f, scripts/inference/benchmarking" }
  },
  {
    ...eager,
    name: "megatron-generate",
    title: "Megatron-LM text generation (as FasterTransformer's guide compares it)",
    era: "2021-2022",
    releases: [{ version: "2022" }],
    batching: { ...staticBatches, batchesInFlight: 1 },
    memory: { ...allocating, keyValueFactor: 1.5 },
    notes: ["samples a sequence at a time"],
    sources: { default: "NVIDIA/FasterTransformer@df4a753, docs/gpt_guide.md", "memory.keyValueFactor": "assumed" }
  }
]
