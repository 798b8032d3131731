/**
 * Priors of the constants of served inference: what holds where `windtunnel calibrate` fitted nothing, and where its search
 * starts from.
 *
 * Shares of the peak and of the memory rate come from measured kernel tables (ai-dynamo/aiconfigurator@095f58a5) and from
 * closed-form trials on published measurements before this simulator existed; where a trial gave an interval (2 sigma at
 * 10 % error a point) it is kept. Keys: `<class>.inference.<constant>[.<kernels>]`, `serving.<stack>[@<version>].<constant>`.
 */
import type { Constant } from "../types.ts"

/** value, or value with the interval of a trial. */
type Prior = number | readonly [value: number, low: number, high: number]

const trial = "closed-form trial on published measurements, before this simulator existed"
const assumed = "assumed: no measurement tells it apart"

/** Attainable share of the peak, share of the memory rate, fixed seconds of a product, by kernels. */
const products: Readonly<Record<string, readonly [compute: Prior, memory: Prior, launch: Prior]>> = {
  "a100.bf16": [
    [0.71, 0.68, 0.75],
    [0.79, 0.76, 0.83],
    [7e-6, 5e-6, 10e-6]
  ],
  "a100.int4": [0.38, 0.65, 4.5e-6],
  "a100.int8": [0.6, 0.72, 6e-6],
  "h100.bf16": [[0.63, 0.6, 0.66], [0.91, 0.86, 0.96], 3.7e-6],
  "h100.fp8": [[0.55, 0.52, 0.59], [0.84, 0.77, 0.92], 5.6e-6],
  "h200.fp8": [[0.57, 0.54, 0.61], [0.92, 0.85, 1], 3.2e-6],
  "b200.bf16": [0.6, 0.82, 3e-6],
  "b200.fp8": [[0.46, 0.41, 0.51], [0.86, 0.77, 0.95], 2e-6],
  "b200.nvfp4": [[0.41, 0.37, 0.45], [0.73, 0.66, 0.8], 3e-6],
  "l40s.bf16": [0.63, 0.85, 1.1e-6],
  "l40s.fp8": [0.58, 0.75, 1.1e-6],
  "l40s.int4": [0.38, 0.74, 2e-6],
  "rtx-pro-6000.nvfp4": [0.57, 0.77, 2e-6],
  "geforce.bf16": [1, 0.92, 2e-6],
  "geforce.int4": [0.75, 0.85, 2e-6],
  "geforce.fp8": [0.7, 0.85, 2e-6],
  "geforce.nvfp4": [0.6, 0.8, 2e-6],
  "geforce-ampere.bf16": [1, 0.92, 2e-6],
  "geforce-ampere.int4": [1, 0.85, 2e-6],
  "apple.bf16": [0.65, 0.8, 3e-6],
  "apple.int4": [0.55, 0.69, 3e-6]
}

/** Share of the 16-bit peak of prompt attention; share of the memory rate of decode attention. */
const attention: Readonly<Record<string, readonly [prompt: Prior, decode: Prior]>> = {
  "a100.bf16": [
    [0.55, 0.33, 0.89],
    [0.85, 0.77, 0.93]
  ],
  "h100.bf16": [0.69, 1],
  "h100.fp8": [0.44, 0.94],
  "h200.fp8": [0.75, 0.78],
  "b200.bf16": [0.57, 1],
  "b200.fp8": [0.57, 1],
  "b200.nvfp4": [0.57, 0.7],
  "l40s.bf16": [0.5, 0.97],
  "l40s.fp8": [0.5, 0.82],
  "rtx-pro-6000.nvfp4": [0.71, 0.9],
  "geforce.bf16": [0.6, 0.85],
  "apple.bf16": [0.4, 0.8]
}

/** Factor on the seconds of grouped expert products. */
const experts: Readonly<Record<string, Prior>> = {
  "a100.bf16": 1.5,
  "h100.fp8": 2.1,
  "h200.fp8": 1.6,
  "b200.nvfp4": 1.6,
  "rtx-pro-6000.nvfp4": 1
}

const profiles =
  "kernel profiles of vLLM 0.19 in casys-kaist/LLMServingSim@5daddb21: Llama-3.1-8B, Qwen3-32B, Qwen3-30B-A3B"

/** Read by eye off measured operators of whole models on one card. */
const profiled: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "rtx-pro-6000.bf16": { gemm: 0.77, memory: 0.91, launch: 1.2e-6, attention: 0.62, keyValues: 0.86, experts: 1 }
}

const attentionTables =
  "attention tables of ai-dynamo/aiconfigurator@095f58a5: fixed seconds of a fit with framework metadata"

/** Fixed seconds of prompt and of decode attention, a layer. */
const attentionLaunches: Readonly<Record<string, readonly [prompt: number, decode: number]>> = {
  a100: [15e-6, 19e-6],
  h100: [17e-6, 12.5e-6],
  b200: [15e-6, 10.4e-6],
  l40s: [9.5e-6, 11e-6],
  geforce: [9.5e-6, 8e-6],
  apple: [15e-6, 15e-6]
}

const mixedTables =
  "casys-kaist/LLMServingSim@5daddb21: 32 to 128 decodes at 1024 tokens beside prompts of 16 to 2048, over alone"

/** Seconds of a decode's attention in one kernel with prompts, over those alone: FlashAttention 2; 3 is assumed. */
const mixedAttention: Readonly<Record<string, readonly [number, string]>> = {
  a100: [1.75, `as geforce; ${mixedTables}`],
  geforce: [1.75, `${mixedTables}, RTX 4090`],
  "rtx-pro-6000": [1.8, `${mixedTables}, RTX PRO 6000: 1.3 for eight key heads, 2.5 for four`],
  h100: [1.2, "assumed: FlashAttention 3 packs the queries of a group and schedules by length"],
  b200: [1.2, "assumed as h100"]
}

/**
 * Host time of one PyTorch operator (20 us: LLMCompass' and Nsight's figures for eager operators), times the operators of a layer:
 * transformers' modeling_bloom of July 2022 runs about 64 with its views. torch.jit makes one of the eight of tanh-GeLU;
 * the CUDA kernel makes one of the eight that scale, mask, cast and normalise the scores.
 */
const eagerOperator = 20e-6
const bloomLayer = { plain: 64, fusedGelu: 64 - 7, fusedSoftmax: 64 - 14 } as const

type StackPriors = Readonly<Record<string, Prior>>

const stacks: Readonly<Record<string, StackPriors>> = {
  accelerate: {
    sequenceSecondsPerLayer: [31e-6, 12e-6, 79e-6],
    kernelFactor: 1.06,
    hostSecondsPerStep: 2e-3,
    keyValueFactor: 3,
    hopSeconds: 1.2e-3
  },
  "accelerate-int8": { linearSeconds: [0.6e-3, 0.49e-3, 0.75e-3], sequenceSecondsPerLayer: 44e-6 },
  "transformers-pipeline@2": { hostSecondsPerStep: 1e-3, kernelFactor: 1, sequenceSecondsPerLayer: 15e-6 },
  "transformers-tp": { hostSecondsPerLayer: bloomLayer.fusedGelu * eagerOperator },
  "transformers-tp@1": { hostSecondsPerLayer: bloomLayer.plain * eagerOperator },
  "transformers-tp@2": { hostSecondsPerLayer: bloomLayer.fusedGelu * eagerOperator },
  "transformers-tp@3": { hostSecondsPerLayer: bloomLayer.fusedSoftmax * eagerOperator },
  "deepspeed-inference": {
    hostSecondsPerStep: [7e-3, 2e-3, 24e-3],
    sequenceSecondsPerLayer: 1.9e-6,
    kernelFactor: 1.04
  },
  "deepspeed-inference-int8": { hostSecondsPerStep: 3e-3, kernelFactor: 0.89, linearSeconds: 0.1e-3 },
  "deepspeed-zero-inference": { gatherShare: [0.66, 0.57, 0.76] },
  "deepspeed-mii": { hostSecondsPerStep: 2e-3, hostSecondsPerSequence: 30e-6 },
  "hf-generate": {
    hostSecondsPerLayer: [500e-6, 450e-6, 560e-6],
    keyValueFactor: [8.5, 7.4, 9.8],
    scoreFactor: [24, 19, 31]
  },
  "hf-generate-deepspeed": { hostSecondsPerLayer: 600e-6, collectiveSeconds: 17e-6 },
  fastertransformer: { collectiveSeconds: [16e-6, 11e-6, 23e-6], hostSecondsPerStep: 1.4e-3, scoreFactor: 4 },
  "megatron-generate": {
    sequenceSecondsPerLayer: [195e-6, 170e-6, 225e-6],
    hostSecondsPerLayer: 500e-6,
    kernelFactor: 1.2
  },
  "tensorrt-llm": { hostSecondsPerStep: 1.2e-3, collectiveSeconds: 20e-6, hostSecondsPerSequence: 5e-6 },
  "tensorrt-llm@0.5": {
    collectiveSeconds: [45e-6, 25e-6, 70e-6],
    hostSecondsPerStep: 1.2e-3,
    hostSecondsPerSequence: 0,
    kernelFactor: 0.98,
    ungroupedShare: 0.45
  },
  "tensorrt-llm@0.8": {
    collectiveSeconds: [37e-6, 25e-6, 70e-6],
    hostSecondsPerStep: 2.3e-3,
    hostSecondsPerSequence: 4e-6,
    kernelFactor: 0.91,
    ungroupedShare: 0.6
  },
  "tensorrt-llm@0.10": {
    collectiveSeconds: [50e-6, 30e-6, 90e-6],
    hostSecondsPerStep: 1.3e-3,
    hostSecondsPerSequence: [15e-6, 10e-6, 22e-6],
    ungroupedShare: 0.6
  },
  "tensorrt-llm@1.0": {
    collectiveSeconds: 1e-6,
    hostSecondsPerStep: 0.55e-3,
    hostSecondsPerSequence: 1.2e-6,
    // Steps with prompts are PyTorch's, launched operator after operator: 20 fused ones a layer of 20 us.
    hostSecondsPerLayer: 20 * eagerOperator,
    firstTokenSeconds: 20e-3
  },
  "vllm-v0-eager": { hostSecondsPerLayer: 640e-6, kernelFactor: 1.4, ungroupedShare: 0.5 },
  "vllm-v0": { hostSecondsPerStep: 4e-3, hostSecondsPerSequence: 60e-6, firstTokenSeconds: 30e-3 },
  "vllm-v1": { hostSecondsPerStep: 1e-3, hostSecondsPerSequence: 20e-6, firstTokenSeconds: 40e-3 },
  "vllm-v1@0.12": {
    hostSecondsPerStep: [1.2e-3, 0.9e-3, 1.7e-3],
    hostSecondsPerSequence: [33e-6, 25e-6, 46e-6],
    // As TensorRT-LLM 1.0: beyond 512 tokens, or where only decodes are captured, no graph holds a step with prompts.
    hostSecondsPerLayer: 20 * eagerOperator,
    firstTokenSeconds: 10e-3
  },
  "vllm-v1@0.19": { hostSecondsPerStep: 0.3e-3, hostSecondsPerSequence: 1e-6, firstTokenSeconds: 0 },
  sglang: {
    hostSecondsPerStep: [1.2e-3, 0.6e-3, 2.5e-3],
    hostSecondsPerSequence: [28e-6, 23e-6, 33e-6],
    kernelFactor: 0.93
  },
  "llama-cpp": { computeFactor: 0.83, launchFactor: 3.1, hopSeconds: 0.12e-3, hostSecondsPerStep: 0.2e-3 }
}

const constant = (prior: Prior, source: string): Constant =>
  typeof prior === "number"
    ? { value: prior, origin: "assumed", source }
    : { value: prior[0], origin: "assumed", source, interval: [prior[1], prior[2]] }

const entries = function* (): Generator<readonly [string, Constant]> {
  for (const [key, [compute, memory, launch]] of Object.entries(products)) {
    const [of, kernels] = key.split(".")
    yield [`${of}.inference.gemm.${kernels}`, constant(compute, trial)]
    yield [`${of}.inference.memory.${kernels}`, constant(memory, trial)]
    yield [`${of}.inference.launch.${kernels}`, constant(launch, trial)]
  }
  for (const [key, [prompt, decode]] of Object.entries(attention)) {
    const [of, kernels] = key.split(".")
    yield [`${of}.inference.attention.${kernels}`, constant(prompt, trial)]
    yield [`${of}.inference.keyValues.${kernels}`, constant(decode, trial)]
  }
  for (const [key, values] of Object.entries(profiled)) {
    const [of, kernels] = key.split(".")
    for (const [name, value] of Object.entries(values))
      yield [`${of}.inference.${name}.${kernels}`, { value, origin: "published", source: profiles }]
  }
  for (const [key, prior] of Object.entries(experts)) {
    const [of, kernels] = key.split(".")
    yield [`${of}.inference.experts.${kernels}`, constant(prior, trial)]
  }
  for (const [of, [prompt, decode]] of Object.entries(attentionLaunches)) {
    yield [`${of}.inference.promptLaunch`, { value: prompt, origin: "published", source: attentionTables }]
    yield [`${of}.inference.decodeLaunch`, { value: decode, origin: "published", source: attentionTables }]
  }
  for (const [stack, priors] of Object.entries(stacks))
    for (const [name, prior] of Object.entries(priors)) yield [`serving.${stack}.${name}`, constant(prior, trial)]
  for (const [of, [value, source]] of Object.entries(mixedAttention))
    yield [`${of}.inference.mixedAttention`, { value, origin: "published", source }]
  // Hosts of H100 nodes launch kernels in two thirds of the time that those of A100 nodes take.
  yield ["a100.inference.hostPace", { value: 1, origin: "assumed", source: "by definition" }]
  yield ["h100.inference.hostPace", constant(0.66, trial)]
  yield ["inference.pcieAllReduceShare", constant(0.54, `${trial}: 17 of 31.5 GB/s`)]
  yield ["inference.offloadShare", constant(0.8, assumed)]
}

/** Every prior by its key. */
export const servingPriors: Readonly<Record<string, Constant>> = Object.fromEntries(entries())
