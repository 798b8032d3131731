/**
 * How parameters and optimizer states were sharded, what was recomputed and what was offloaded.
 */
import type { Model } from "../catalog/index.ts"
import type { Measurement } from "./measurement.ts"
import type { Sizes } from "./layout-rule.ts"
import { numberOf, sizeOf } from "./reading.ts"

export interface ShardingInput {
  readonly zeroStage: 0 | 1 | 2 | 3
  readonly group?: number
}

/** Ranks that FSDP shards over: 0 none, infinity all, a number as written. */
const fsdpOf = (
  point: Measurement
): { readonly stage: 0 | 2 | 3; readonly ranks: number; readonly hybrid: boolean } => {
  const none = { stage: 0, ranks: 0, hybrid: false } as const
  const said = point.parallel?.fsdp
  if (typeof said === "boolean") return said ? { stage: 3, ranks: Infinity, hybrid: false } : none
  const ranks = numberOf(said)
  if (ranks !== undefined) return ranks > 1 ? { stage: 3, ranks, hybrid: false } : none
  if (typeof said === "string" && said !== "") {
    if (/no_shard|none/i.test(said)) return none
    return { stage: /grad_op/i.test(said) ? 2 : 3, ranks: Infinity, hybrid: /hsdp|hybrid/i.test(said) }
  }
  // Some tables say it only in their title.
  const { tp, pp, zero_stage: stage } = point.parallel ?? {}
  const plain = (numberOf(tp) ?? 1) === 1 && (numberOf(pp) ?? 1) === 1 && numberOf(stage) === undefined
  const titled = /\bfsdp/i.test(`${point.schedule ?? ""} ${point.source ?? ""}`)
  if (plain && titled) return { stage: 3, ranks: Infinity, hybrid: false }
  return none
}

/** Whether parameters are gathered layer by layer (FSDP full shard, ZeRO-3). */
export const isSharded = (point: Measurement): boolean =>
  fsdpOf(point).stage > 0 || numberOf(point.parallel?.zero_stage) === 3

/** Stacks whose distributed optimizer is always on (ZeRO-1). */
const distributedOptimizer = new Set([
  "nemo-24",
  "megatron-bridge",
  "megatron-bridge-2606",
  "megatron-fsdp",
  "megatron-core",
  "generic-modern",
  "llama3-meta"
])

const isStage = (stage: number | undefined): stage is 0 | 1 | 2 | 3 =>
  stage === 0 || stage === 1 || stage === 2 || stage === 3

export const shardingOf = (point: Measurement, sizes: Sizes, perNode: number, stack: string): ShardingInput => {
  const said = point.parallel ?? {}
  const stated = numberOf(said.zero_stage)
  const fsdp = fsdpOf(point)
  const replicas = sizeOf(said.dp_replicas)
  if (fsdp.stage === 0) {
    if (isStage(stated)) return { zeroStage: stated }
    if (replicas !== undefined && replicas === sizes.data) return { zeroStage: 0 }
    const zero = said.zero
    if (zero !== null && zero !== undefined && zero !== false && zero !== 0) return { zeroStage: 1 }
    return { zeroStage: distributedOptimizer.has(stack) ? 1 : 0 }
  }
  // Under a pipeline parameters stay gathered between micro-batches (Llama 3, section 3.3.2; torchtitan's default).
  if (sizes.pipeline > 1) return { zeroStage: 2 }
  let group = Number.isFinite(fsdp.ranks) ? fsdp.ranks : sizes.data
  if (fsdp.hybrid) group = perNode
  if (replicas !== undefined && replicas > 1) group = Math.max(1, Math.round(sizes.data / replicas))
  const zeroStage = isStage(stated) ? stated : fsdp.stage
  return group < sizes.data && group > 1 ? { zeroStage, group } : { zeroStage }
}

export type RecomputeInput = "none" | "selective" | "full" | { readonly blocks: number }

/** Stacks with unfused attention, whose runs recomputed everything. */
const unfused = new Set([
  "megatron-lm-2021",
  "generic-legacy",
  "megatron-deepspeed",
  "megatron-deepspeed-2022-02",
  "deepspeed-zero3"
])

/** Fully sharded PyTorch stacks, whose "selective" is not Megatron's. */
const pytorchSharded = new Set(["torchtitan", "generic-fsdp"])

/**
 * What is computed again in the backward pass.
 *
 * Unsaid: everything under unfused attention, nothing under fused. "Selective" has three meanings: the attention core
 * (Megatron 2022), cheap pointwise operators (Megatron-Core 2025: counted as none), and in PyTorch's sharded stacks the
 * share of the layers that HFU / MFU tells (fms-fsdp: every n-th block), else torchtitan's operator policy.
 */
export const recomputeOf = (
  point: Measurement,
  model: Model,
  sizes: Sizes,
  stack: string,
  assumptions: string[]
): RecomputeInput => {
  const words = (point.recompute ?? "").toLowerCase()
  if (/^(none|no|off)$/.test(words)) return "none"
  if (/full/.test(words)) return "full"
  if (/selective/.test(words)) {
    if (pytorchSharded.has(stack)) {
      const share = recomputedShare(point)
      if (share === undefined) return "selective"
      if (share >= 0.97) return "full"
      const blocks = Math.round((share * model.layers) / sizes.pipeline)
      assumptions.push(`recomputation worth ${blocks} layers of a stage`)
      return blocks === 0 ? "none" : { blocks }
    }
    if (unfused.has(stack) || stack === "zero-bubble") return "selective"
    return "none"
  }
  if (unfused.has(stack)) {
    assumptions.push("full recomputation")
    return "full"
  }
  if (pytorchSharded.has(stack)) {
    assumptions.push("selective recomputation, torchtitan's default")
    return "selective"
  }
  assumptions.push("no recomputation")
  return "none"
}

/** Share of the layers computed again: a forward pass is a third of the model FLOPs. */
const recomputedShare = (point: Measurement): number | undefined => {
  const mfu = numberOf(point.measured?.mfu)
  const hfu = numberOf(point.measured?.hfu)
  return mfu === undefined || hfu === undefined || mfu <= 0 ? undefined : Math.max(0, Math.min(1, 3 * (hfu / mfu - 1)))
}
