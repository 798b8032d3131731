/**
 * The constants that a calibration may move, with the width of their prior around the shipped value. At most six belong
 * to an accelerator and number format, at most four to a stack. None belongs to a model, a machine room or a scenario.
 */
import { constantOf } from "../catalog/index.ts"
import type { FreeConstant } from "./fit.ts"

const sustained = ["a100.gemm.bf16", "h100.gemm.bf16", "h100.gemm.fp8", "h100-500w.sustained", "b200.gemm.bf16", "b200.gemm.fp8", "b200.gemm.nvfp4", "b300.gemm.fp8", "b300.gemm.nvfp4"]
const attention = ["h100.attentionSustained", "b200.attentionSustained"]

const stackFactors: Readonly<Record<string, readonly string[]>> = {
  "megatron-lm-2021": ["gemmFactor"],
  "megatron-deepspeed": ["gemmFactor", "softmaxFactor", "hostSecondsPerLayer"],
  "zero-bubble": ["gemmFactor"],
  "nemo-24": ["expertBytesFactor"],
  "megatron-bridge": ["hostSecondsPerExpertLayer"],
  "llama3-meta": ["gemmFactor"],
  "llm-foundry": ["gemmFactor", "elementwiseFactor", "attentionFactor", "shardCopyBytes"],
  torchtitan: ["gemmFactor", "elementwiseFactor", "attentionFactor"],
  "maxtext-pax": ["gemmFactor", "elementwiseFactor"]
}

const stackShares: Readonly<Record<string, readonly string[]>> = {
  "zero-bubble": ["pipelineExposure"],
  "nemo-24": ["tensorOverlap", "dataOverlap", "pipelineExposure"],
  "megatron-bridge": ["expertOverlap"],
  "maxtext-pax": ["dataOverlap"]
}

const wires: readonly (readonly [string, FreeConstant["scale"], number])[] = [
  ["stack.deepspeed-zero3.dataNetworkShare", "positive", 0.7],
  ["link.omni-path-100.collectiveShare", "positive", 0.3],
  ["link.omni-path-100.pointToPointShare", "positive", 0.3],
  ["network.allToAllShare", "share", 1],
  ["unfused.softmaxGemmShare", "positive", 0.2],
  ["unfused.misalignedShare", "positive", 0.3],
  ["sharded.overlapLoss", "positive", 0.5],
  ["synchronisation.perDoubling", "positive", 0.3]
]

const free = (key: string, scale: FreeConstant["scale"], prior: number): readonly FreeConstant[] => {
  const shipped = constantOf(key)
  return shipped === undefined ? [] : [{ key, initial: shipped.value, scale, prior }]
}

const stackConstants = (
  table: Readonly<Record<string, readonly string[]>>,
  scale: FreeConstant["scale"],
  prior: (name: string) => number
): readonly FreeConstant[] =>
  Object.entries(table).flatMap(([stack, names]) =>
    names.flatMap((name) => free(`stack.${stack}.${name}`, scale, prior(name)))
  )

/** What training measurements calibrate. */
export const freeConstants = (): readonly FreeConstant[] => [
  ...sustained.flatMap((key) => free(key, "positive", 0.2)),
  ...attention.flatMap((key) => free(key, "positive", 0.3)),
  ...stackConstants(stackFactors, "positive", (name) => (name === "gemmFactor" ? 0.15 : 0.3)),
  ...stackConstants(stackShares, "share", () => 1),
  ...wires.flatMap(([key, scale, prior]) => free(key, scale, prior))
]
