/**
 * Device memory of a replica: weights, activations, what the engine needs for itself, and room for keys and values.
 *
 * "80 GB" on a box are 80 GiB; a card shows 98 % of them (a 24 GB card: 25,250,627,584 bytes).
 */
import type { Accelerator } from "../catalog/index.ts"
import {
  endWeightBytes,
  feedForwardWeightBytes,
  layerIndexBytes,
  layerKeyValueBytes,
  layerStateBytes,
  layerWeightBytes,
  modelWeightBytes,
  stagesOf
} from "./shard.ts"
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
  // Feed-forward blocks on ranks of their own leave only the residual and attention here.
  const inner =
    layout.feedForward !== undefined
      ? 0
      : Math.max(
          model.feedForward / tensor,
          model.experts === null ? 0 : (model.experts.active * model.experts.feedForward) / tensor
        )
  const block = (model.gated ? 3 : 2) * inner + 4 * model.hidden
  const logits = (Math.min(maximumSequences, tokens) * model.vocabulary) / tensor
  return 2 * tokens * block + 6 * logits
}

/** Bytes of a draft beside the last stage: its weights, and keys and values of a token. */
const draftMemory = ({
  speculation,
  stack
}: InferenceTarget): { readonly weights: number; readonly perToken: number } => {
  const draft = speculation?.draft ?? null
  if (speculation === undefined || draft === null) return { weights: 0, perToken: 0 }
  let [weights, perToken] = [0, 0]
  for (const stage of stagesOf(draft)) {
    weights += stage.dense * layerWeightBytes(draft, "dense") + stage.mixture * layerWeightBytes(draft, "mixture")
    if (!speculation.sharesEnds) weights += endWeightBytes(draft, stage)
    perToken += (stage.layers - stage.recurrent) * layerKeyValueBytes(draft) * stack.memory.keyValueFactor
  }
  return { weights, perToken }
}

/** A rank of feed-forward blocks that stand apart: weights, activations of a micro-batch, and what is left; undefined without. */
const feedForwardMemory = (
  target: InferenceTarget,
  usableBytes: number
): { readonly weights: number; readonly activations: number; readonly free: number } | undefined => {
  const { model, layout, stack } = target
  const { feedForward } = layout
  if (feedForward === undefined) return undefined
  const weights = stagesOf(target).reduce(
    (sum, stage) =>
      sum +
      stage.dense * feedForwardWeightBytes(target, "dense") +
      stage.mixture * feedForwardWeightBytes(target, "mixture"),
    0
  )
  // Rows that come from all groups, evenly spread over the ranks: in, inner and out, in 16 bits.
  const tokens = (target.maximumStepTokens * layout.dataAttention) / feedForward.microBatches / feedForward.ranks
  const { active = 1, feedForward: width = 0, sharedFeedForward = 0 } = model.experts ?? {}
  const inner = Math.max(model.feedForward, active * width + sharedFeedForward)
  const activations = stack.memory.reservesActivations
    ? 2 * tokens * ((model.gated ? 3 : 2) * inner + 2 * (active + 1) * model.hidden)
    : 0
  return { weights, activations, free: usableBytes - weights - activations - stack.memory.fixedBytes }
}

export const planMemory = (target: InferenceTarget, options: MemoryOptions = {}): InferenceMemory => {
  const { stack, layout, offload } = target
  const capacityBytes = visibleBytes(target.accelerator)
  const usableBytes = capacityBytes * (options.memoryUtilisation ?? stack.memory.utilisation)
  const resident = 1 - (offload?.share ?? 0)
  const activations = activationBytes(target)
  const perLayerToken = (layerKeyValueBytes(target) + layerIndexBytes(target)) * stack.memory.keyValueFactor
  const dense = layerWeightBytes(target, "dense")
  const mixture = layerWeightBytes(target, "mixture")
  // Streamed and gathered layers pass through two buffers of one layer each.
  const whole = Math.max(dense, mixture) * (stack.gathersWeights ? layout.tensor * layout.dataAttention : 1)
  const buffers = stack.gathersWeights || resident < 1 ? 2 * whole : 0
  let fullest:
    | { readonly weights: number; readonly perToken: number; readonly tokens: number; readonly states: number }
    | undefined
  for (const stage of stagesOf(target)) {
    const own = resident * (stage.dense * dense + stage.mixture * mixture) + buffers + endWeightBytes(target, stage)
    const draft = stage.isLast ? draftMemory(target) : { weights: 0, perToken: 0 }
    const weights = own + draft.weights
    const perToken = (stage.layers - stage.recurrent) * perLayerToken + draft.perToken
    // Engines set a state aside for every sequence that may run (vLLM's Mamba cache).
    const states = stage.recurrent * layerStateBytes(target) * target.maximumSequences
    const free = usableBytes - weights - activations - stack.memory.fixedBytes - states
    // A model of states alone keeps nothing for a token: its sequences have room, or have not.
    const tokens =
      perToken > 0 ? Math.floor(free / perToken) : free < 0 ? -1 : target.maximumSequences * target.maximumSequence
    if (fullest === undefined || tokens < fullest.tokens) fullest = { weights, perToken, tokens, states }
  }
  const apart = feedForwardMemory(target, usableBytes)
  // Where the experts do not fit, theirs is the fullest accelerator.
  const { weights, perToken, tokens, states } =
    apart !== undefined && apart.free < 0
      ? { weights: apart.weights, perToken: 0, tokens: 0, states: 0 }
      : (fullest ?? { weights: 0, perToken: 0, tokens: 0, states: 0 })
  return {
    capacityBytes,
    usableBytes,
    weights,
    activations: apart !== undefined && apart.free < 0 ? apart.activations : activations,
    overhead: stack.memory.fixedBytes + states,
    keyValueBytesPerToken: perToken,
    keyValueTokens: Math.max(0, tokens) * layout.dataAttention,
    fits: tokens >= 1,
    ...(apart === undefined ? {} : { feedForwardWeights: apart.weights }),
    loadSeconds: modelWeightBytes(target) / stack.memory.loadBytesPerSecond
  }
}
