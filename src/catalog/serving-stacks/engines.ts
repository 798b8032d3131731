/**
 * Engines with a paged KV cache and iteration-level batches: TensorRT-LLM, vLLM, SGLang.
 */
import {
  chunkedBatches,
  eager,
  graphSizesTo256,
  graphSizesTo512,
  inFlightBatches,
  pagedBatches,
  staticBatches
} from "./defaults.ts"
import type { ServingStackEntry } from "./entry.ts"

const tensorRt = "NVIDIA/TensorRT-LLM, docs/source/performance"
const vllm = "vllm-project/vllm, vllm/v1/core/sched/scheduler.py@00024d31 and vllm/config"

const engine = { ...eager, promptAttention: "fused", sharesQueries: "always", allReduce: "in-graph" } as const

const paged = {
  utilisation: 0.9,
  fixedBytes: 0.8e9,
  reservesActivations: true,
  keyValueFactor: 1,
  loadBytesPerSecond: 3e9
} as const

/** Of the early releases, whose engine leaves everything but weights and a workspace to one batch (gptSessionBenchmark). */
const session = {
  memory: { ...paged, utilisation: 0.99, fixedBytes: 2.2e9, reservesActivations: false }
} as const

export const engines: readonly ServingStackEntry[] = [
  {
    ...engine,
    name: "tensorrt-llm",
    title: "TensorRT-LLM",
    aliases: ["trtllm", "trt-llm"],
    era: "2023-",
    batching: inFlightBatches,
    memory: { ...paged, utilisation: 0.92, fixedBytes: 1.5e9 },
    releases: [
      { version: "0.5", changes: { ...session, sharesQueries: "never" } },
      { version: "0.8", changes: { ...session, sharesQueries: "regular" } },
      { version: "0.10", changes: { sharesQueries: "narrow" } },
      {
        version: "1.0",
        changes: {
          graphs: { sizes: graphSizesTo512 },
          batching: { ...inFlightBatches, maximumSequences: 2048, chunkedPrefill: true, blockTokens: 32 }
        }
      }
    ],
    notes: [
      "0.5 and 0.8 are measured as one static batch (gptSessionBenchmark), 0.10 in flight (gptManagerBenchmark), 1.0 with the PyTorch backend",
      "multi-block decode attention that shares a key over the queries of a group came after 0.5, for common shapes first",
      "mixtures of experts under 1.0 run with data-parallel attention, whose answers rank 0 gathers after every step (PyExecutor._enqueue_responses)"
    ],
    sources: { default: `${tensorRt}, perf-overview.md of each release` }
  },
  {
    ...engine,
    name: "vllm-v0-eager",
    title: "vLLM of 2023 (no CUDA graphs)",
    era: "2023",
    releases: [{ version: "0.2" }],
    sharesQueries: "never",
    allReduce: "nccl",
    // Biases and residuals are added after the all-reduce, and LayerNorm is PyTorch's: 15 launches for 12.
    operatorLaunches: { rotary: 0, rootMeanSquare: 0, gate: 0, bias: 0.25 },
    batching: { ...pagedBatches, maximumStepTokens: 2560 },
    memory: paged,
    notes: ["bound by the host: TP4 and TP8 decode in the same time", "PagedAttention v1 reads keys once a query head"],
    sources: { default: "Kwon et al., arXiv:2309.06180; vllm-project/vllm 0.2" }
  },
  {
    ...engine,
    name: "vllm-v0",
    title: "vLLM 0.3 to 0.8, engine v0 (CUDA graphs)",
    aliases: ["vllm-0.4", "vllm-0.6"],
    era: "2024",
    releases: [{ version: "0.4" }, { version: "0.6" }],
    graphs: { sizes: graphSizesTo256 },
    batching: pagedBatches,
    memory: paged,
    notes: ["whole prompts first, then decodes; multi-step scheduling from 0.6 off by default"],
    sources: { default: "vllm-project/vllm 0.4 to 0.6, core/scheduler.py and worker/model_runner.py" }
  },
  {
    ...engine,
    name: "vllm-v1",
    title: "vLLM engine v1",
    aliases: ["vllm"],
    era: "2025-",
    releases: [{ version: "0.12" }, { version: "0.19" }],
    graphs: { sizes: graphSizesTo512 },
    mixesAttention: true,
    groupsHaveHosts: true,
    batching: chunkedBatches,
    memory: paged,
    notes: [
      "prompts in chunks beside decodes under one token budget",
      "0.19 schedules the next step while the last one runs (async scheduling)"
    ],
    sources: { default: vllm }
  },
  {
    ...engine,
    name: "sglang",
    title: "SGLang",
    era: "2024-",
    groupsHaveHosts: true,
    releases: [{ version: "0.5" }],
    graphs: { sizes: graphSizesTo256 },
    batching: {
      ...pagedBatches,
      maximumSequences: 1024,
      maximumStepTokens: 8192,
      blockTokens: 1,
      watermark: 0,
      prefixCaching: true
    },
    memory: { ...paged, utilisation: 0.88 },
    notes: ["prompts before decodes; radix tree of prefixes"],
    sources: { default: "Zheng et al., arXiv:2312.07104; sgl-project/sglang 0.5" }
  },
  {
    ...engine,
    name: "generic-static",
    parent: "fastertransformer",
    title: "Any engine with compiled layers and one static batch",
    era: "2021-",
    releases: [{ version: "" }],
    allReduce: "nccl",
    batching: staticBatches,
    memory: { ...paged, utilisation: 0.97, fixedBytes: 2.2e9 },
    notes: ["preset for software without measurements of its own"],
    sources: { default: "priors of fastertransformer" }
  },
  {
    ...engine,
    name: "generic-continuous",
    parent: "vllm-v1",
    title: "Any engine with continuous batching and CUDA graphs",
    era: "2024-",
    releases: [{ version: "" }],
    graphs: { sizes: graphSizesTo512 },
    batching: chunkedBatches,
    memory: paged,
    notes: ["preset for software without measurements of its own"],
    sources: { default: "priors of vllm-v1" }
  }
]
