/**
 * The constants that a calibration may move, each with the centre and the width of its prior. At most six belong to an
 * accelerator and number format, at most four to a stack. None belongs to a model, a machine room or a scenario.
 *
 * Centres do not follow the shipped values, so a repeated calibration does not drift. They are read in kernel tables
 * (sustained shares), in the software's documentation (1 = as the documentation says), or found by closed-form trials
 * before this simulator existed. Widths are standard deviations in log space, or of the logit of a share.
 */
import { constantOf } from "../catalog/index.ts"
import type { FreeConstant } from "./fit.ts"

type Prior = readonly [name: string, centre: number, width: number]

const accelerators: readonly Prior[] = [
  // Narrow: no stack on A100 is without a factor of its own, so training cannot tell the two apart. MAMF reads 0.87.
  ["a100.gemm.bf16", 0.86, 0.03],
  ["h100.gemm.bf16", 0.75, 0.15],
  ["h100.gemm.fp8", 0.7, 0.2],
  ["h100-500w.sustained", 0.86, 0.15],
  ["b200.gemm.bf16", 0.52, 0.2],
  ["b200.gemm.fp8", 0.5, 0.2],
  ["b200.gemm.nvfp4", 0.38, 0.2],
  ["b300.gemm.fp8", 0.75, 0.2],
  ["b300.gemm.nvfp4", 0.75, 0.2],
  ["h100.attentionSustained", 0.6, 0.3],
  ["b200.attentionSustained", 0.85, 0.3]
]

const factors: Readonly<Record<string, readonly Prior[]>> = {
  "megatron-lm-2021": [["gemmFactor", 0.95, 0.15]],
  "megatron-deepspeed": [
    ["gemmFactor", 0.95, 0.15],
    ["softmaxFactor", 1.8, 0.3],
    ["hostSecondsPerLayer", 7e-3, 0.3],
    ["tensorRateShare", 1, 0.3]
  ],
  "zero-bubble": [["gemmFactor", 0.95, 0.15]],
  "nemo-24": [["expertBytesFactor", 2.3, 0.4]],
  "megatron-bridge": [["hostSecondsPerExpertLayer", 11e-3, 0.3]],
  "llama3-meta": [["gemmFactor", 0.8, 0.15]],
  "llm-foundry": [
    ["gemmFactor", 1, 0.15],
    ["elementwiseFactor", 1.7, 0.3],
    ["attentionFactor", 0.6, 0.3],
    ["shardCopyBytes", 40, 0.3]
  ],
  torchtitan: [
    ["elementwiseFactor", 2, 0.4],
    ["attentionFactor", 0.6, 0.3]
  ],
  "maxtext-pax": [
    ["gemmFactor", 0.9, 0.15],
    ["elementwiseFactor", 2.5, 0.3]
  ],
  "deepspeed-zero3": [["dataNetworkShare", 0.12, 0.7]]
}

const shares: Readonly<Record<string, readonly Prior[]>> = {
  "nemo-24": [
    ["tensorOverlap", 0.5, 1],
    ["dataOverlap", 0.5, 1],
    ["pipelineExposure", 0.5, 1]
  ],
  "megatron-bridge": [["expertOverlap", 0.7, 1]],
  "maxtext-pax": [["dataOverlap", 0.3, 1]]
}

const wires: readonly (readonly [...Prior, FreeConstant["scale"]])[] = [
  ["link.omni-path-100.collectiveShare", 0.24, 0.3, "positive"],
  ["link.omni-path-100.pointToPointShare", 0.7, 0.3, "positive"],
  ["network.allToAllShare", 0.5, 1, "share"],
  ["unfused.softmaxGemmShare", 0.45, 0.2, "positive"],
  ["unfused.misalignedShare", 0.045, 0.3, "positive"],
  ["sharded.overlapLoss", 0.12, 0.5, "positive"],
  ["synchronisation.perDoubling", 0.005, 0.3, "positive"]
]

const free = (key: string, centre: number, prior: number, scale: FreeConstant["scale"]): FreeConstant => ({
  key,
  initial: constantOf(key)?.value ?? centre,
  centre,
  prior,
  scale
})

const ofStacks = (table: Readonly<Record<string, readonly Prior[]>>, scale: FreeConstant["scale"]) =>
  Object.entries(table).flatMap(([stack, priors]) =>
    priors.map(([name, centre, width]) => free(`stack.${stack}.${name}`, centre, width, scale))
  )

/** Kernel constants that stay published or borrowed from the nearest class: a fit of their own gains nothing. */
export const borrowedKernelConstants: readonly string[] = ["l40s.attentionRamp", "h100.corner", "b200.corner"]

/** What training measurements calibrate. */
export const freeConstants = (): readonly FreeConstant[] => [
  ...accelerators.map(([key, centre, width]) => free(key, centre, width, "positive")),
  ...ofStacks(factors, "positive"),
  ...ofStacks(shares, "share"),
  ...wires.map(([key, centre, width, scale]) => free(key, centre, width, scale))
]
