/**
 * Device memory of a replica: weights, activations, what the engine needs for itself, and room for keys and values.
 *
 * "80 GB" on a box are 80 GiB; a card shows 98 % of them (a 24 GB card: 25,250,627,584 bytes).
 */
import type { Accelerator } from "../catalog/index.ts"
import { endWeightBytes, layerKeyValueBytes, layerWeightBytes, modelWeightBytes, stagesOf } from "./shard.ts"
import type { InferenceMemory, InferenceTarget } from "./types.ts"

const gibi = 2 ** 30 / 1e9
const visibleShare = 0.98
/** Share of unified memory that the GPU may take. */
const unifiedShare = 0.75

/** Bytes that software sees of an accelerator's memory. */
export const visibleBytes = ({ memory, host }: Accelerator): number =>
  memory.bytes * gibi * (host === "unified-memory" ? unifiedShare : visibleShare)

export interface MemoryOptions {
  /** Share of the visible memory that the engine uses; the stack's default. */
  readonly memoryUtilisation?: number
}

/** Bytes of activations of the largest step on one rank: widest block, residual, logits of every sequence. */
const activationBytes = ({ model, layout, stack, maximumSequences, maximumStepTokens }: InferenceTarget): number => {
  if (!stack.memory.reservesActivations) return 0
  const { tensor } = layout
  // Every data-attention group schedules steps of its own up to the full size.
  const tokens = maximumStepTokens
  const inner = Math.max(
    model.feedForward / tensor,
    model.experts === null ? 0 : (model.experts.active * model.experts.feedForward) / tensor
  )
  const block = (model.gated ? 3 : 2) * inner + 4 * model.hidden
  const logits = (Math.min(maximumSequences, tokens) * model.vocabulary) / tensor
  return 2 * tokens * block + 6 * logits
}

export const planMemory = (target: InferenceTarget, options: MemoryOptions = {}): InferenceMemory => {
  const { stack, layout, offload } = target
  const capacityBytes = visibleBytes(target.accelerator)
  const usableBytes = capacityBytes * (options.memoryUtilisation ?? stack.memory.utilisation)
  const resident = 1 - (offload?.share ?? 0)
  const activations = activationBytes(target)
  const perLayerToken = layerKeyValueBytes(target) * stack.memory.keyValueFactor
  const dense = layerWeightBytes(target, "dense")
  const mixture = layerWeightBytes(target, "mixture")
  // Streamed and gathered layers pass through two buffers of one layer each.
  const whole = Math.max(dense, mixture) * (stack.gathersWeights ? layout.tensor * layout.dataAttention : 1)
  const buffers = stack.gathersWeights || resident < 1 ? 2 * whole : 0
  let fullest: { readonly weights: number; readonly perToken: number; readonly tokens: number } | undefined
  for (const stage of stagesOf(target)) {
    const weights = resident * (stage.dense * dense + stage.mixture * mixture) + buffers + endWeightBytes(target, stage)
    const perToken = stage.layers * perLayerToken
    const free = usableBytes - weights - activations - stack.memory.fixedBytes
    const tokens = Math.floor(free / perToken)
    if (fullest === undefined || tokens < fullest.tokens) fullest = { weights, perToken, tokens }
  }
  const { weights, perToken, tokens } = fullest ?? { weights: 0, perToken: 0, tokens: 0 }
  return {
    capacityBytes,
    usableBytes,
    weights,
    activations,
    overhead: stack.memory.fixedBytes,
    keyValueBytesPerToken: perToken,
    keyValueTokens: Math.max(0, tokens) * layout.dataAttention,
    fits: tokens >= 1,
    loadSeconds: modelWeightBytes(target) / stack.memory.loadBytesPerSecond
  }
}
