/**
 * The constants of served inference that a calibration may move, at most six for an accelerator and family of kernels and
 * at most five for a stack and version. None belongs to a model or a scenario.
 *
 * The search starts from the priors of the catalogue, never from the shipped fitted values: a calibration repeated on the same
 * measurements gives the same constants.
 * Widths are standard deviations in log space.
 */
import { servingPriors } from "../../catalog/index.ts"
import type { FreeConstant } from "../fit.ts"

/**
 * Constants are fitted in two stages: to static batches, which the step model prices by itself, then, with those held, to servers
 * under load, which the scheduler has a part in.
 */
export type Stage = "static" | "served"

type Widths = Readonly<Record<string, number>>

const products: Widths = { gemm: 0.15, memory: 0.06, launch: 0.3 }
const attention: Widths = { attention: 0.3, keyValues: 0.1 }
const experts: Widths = { experts: 0.4 }

/** Of a class of accelerators and a family of kernels: share of the peak, of the memory rate, fixed seconds, attention. */
const accelerators: Readonly<Record<Stage, Readonly<Record<string, Widths>>>> = {
  static: {
    "a100.bf16": { ...products, ...attention },
    "a100.int4": products,
    "a100.int8": { memory: 0.06 },
    "h100.fp8": { ...products, ...attention },
    "h200.fp8": { ...products, ...attention },
    "l40s.bf16": { ...products, ...attention },
    "l40s.fp8": { ...products, ...attention },
    "l40s.int4": { gemm: 0.15, memory: 0.06 },
    // The card's kernel profile (casys-kaist/LLMServingSim) reads 1.0 and 0.94.
    "geforce.bf16": { gemm: 0.03, memory: 0.03, launch: 0.3 },
    "geforce.int4": products,
    "geforce-ampere.bf16": { gemm: 0.15, memory: 0.06 },
    "geforce-ampere.int4": { gemm: 0.15, memory: 0.06 },
    "apple.bf16": { gemm: 0.15, memory: 0.06 },
    "apple.int4": { gemm: 0.15, memory: 0.06 }
  },
  served: {
    // Static batches in 16 bits on H100 are those of one eager engine, which tells its host from its kernels poorly.
    "h100.bf16": { ...products, ...attention },
    "h100.fp8": experts,
    "h200.fp8": experts,
    "b200.fp8": products,
    "b200.nvfp4": { ...products, keyValues: 0.15, ...experts },
    "rtx-pro-6000.nvfp4": { ...products, ...attention, ...experts }
  }
}

/** Of a stack at a version: the constant and the width of its prior. */
const stacks: Readonly<Record<Stage, Readonly<Record<string, Widths>>>> = {
  static: {
    "accelerate@2022": {
      sequenceSecondsPerLayer: 0.5,
      kernelFactor: 0.05,
      hostSecondsPerStep: 0.5,
      hopSeconds: 0.4
    },
    "accelerate-int8@2022": { linearSeconds: 0.3, sequenceSecondsPerLayer: 0.5 },
    "deepspeed-inference@0.7": { sequenceSecondsPerLayer: 0.5, kernelFactor: 0.05, hostSecondsPerStep: 0.5 },
    "deepspeed-inference-int8@0.7": {
      sequenceSecondsPerLayer: 0.5,
      kernelFactor: 0.1,
      hostSecondsPerStep: 0.5,
      linearSeconds: 0.5
    },
    "deepspeed-zero-inference@0.7": { gatherShare: 0.2 },
    "hf-generate@2023": { hostSecondsPerLayer: 0.2, keyValueFactor: 0.3, scoreFactor: 0.4 },
    "hf-generate-deepspeed@2023": { hostSecondsPerLayer: 0.2, collectiveSeconds: 0.5 },
    "fastertransformer@5": { collectiveSeconds: 0.4, hostSecondsPerStep: 0.4, scoreFactor: 0.5, kernelFactor: 0.06 },
    "megatron-generate@2022": { sequenceSecondsPerLayer: 0.3, kernelFactor: 0.1 },
    "tensorrt-llm@0.5": { collectiveSeconds: 0.4, hostSecondsPerStep: 0.4, kernelFactor: 0.06, ungroupedShare: 0.4 },
    "tensorrt-llm@0.8": {
      collectiveSeconds: 0.4,
      hostSecondsPerStep: 0.4,
      hostSecondsPerSequence: 0.5,
      kernelFactor: 0.06,
      ungroupedShare: 0.4
    },
    "vllm-v0-eager@0.2": { hostSecondsPerLayer: 0.2, kernelFactor: 0.15 },
    "llama-cpp@2024-05": { computeFactor: 0.1, launchFactor: 0.4, hopSeconds: 0.5, hostSecondsPerStep: 0.5 }
  },
  served: {
    "tensorrt-llm@0.10": {
      collectiveSeconds: 0.3,
      hostSecondsPerStep: 0.4,
      hostSecondsPerSequence: 0.3,
      kernelFactor: 0.06,
      ungroupedShare: 0.15
    },
    "tensorrt-llm@1.0": {
      collectiveSeconds: 0.5,
      hostSecondsPerStep: 0.4,
      hostSecondsPerSequence: 0.5,
      hostSecondsPerLayer: 0.4,
      firstTokenSeconds: 0.5
    },
    "vllm-v1@0.12": {
      hostSecondsPerStep: 0.3,
      hostSecondsPerSequence: 0.3,
      hostSecondsPerLayer: 0.4,
      // Clients that come back in step miss a step or do not, so the errors jump with it: it stays near its prior.
      firstTokenSeconds: 0.2
    },
    "sglang@0.5": { hostSecondsPerStep: 0.4, hostSecondsPerSequence: 0.3, kernelFactor: 0.06 }
  }
}

const others: Readonly<Record<Stage, Widths>> = { static: { "h100.inference.hostPace": 0.2 }, served: {} }

const free = (key: string, prior: string, width: number): FreeConstant => {
  const centre = servingPriors[key]?.value ?? servingPriors[prior]?.value ?? neutral(key)
  return { key, initial: centre, prior: width, scale: "positive" }
}

/** Where the catalogue has no prior: 1 for a factor, what fused kernels read of the scores, what a fused sequence costs. */
const neutral = (key: string): number => {
  if (key.endsWith("sequenceSecondsPerLayer")) return 2e-6
  return key.endsWith("scoreFactor") ? 4 : 1
}

/** What the measurements of a stage calibrate. */
export const freeServingConstants = (stage: Stage): readonly FreeConstant[] => [
  ...Object.entries(accelerators[stage]).flatMap(([owner, widths]) => {
    const [ofClass, kernels] = owner.split(".")
    return Object.entries(widths).map(([name, width]) => {
      const key = `${ofClass}.inference.${name}.${kernels}`
      return free(key, key, width)
    })
  }),
  ...Object.entries(stacks[stage]).flatMap(([owner, widths]) =>
    Object.entries(widths).map(([name, width]) => {
      const stack = owner.slice(0, owner.indexOf("@"))
      return free(`serving.${owner}.${name}`, `serving.${stack}.${name}`, width)
    })
  ),
  ...Object.entries(others[stage]).map(([key, width]) => free(key, key, width))
]
