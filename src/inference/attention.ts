/**
 * Attention of a served layer on one rank, in coefficients of the sums that a step keeps.
 */
import { keyValueBytes, layerKeyValueBytes } from "./shard.ts"
import type { InferenceDevice } from "./device.ts"
import type { InferenceTarget, StepLoad } from "./types.ts"

/** Seconds of attention in one layer. */
export interface AttentionLaw {
  /** Fixed seconds where a step decodes, and per token of context. */
  readonly decodeLaunch: number
  readonly decodePerToken: number
  /** Factor on the seconds per token of decodes beside prompts. */
  readonly besidePrompts: number
  /** Seconds where a step prefills. */
  readonly prompt: (load: StepLoad, pairs: number) => number
}

/** Rate at a head dimension relative to 128. */
const headFactor = ({ narrow, wide }: InferenceDevice, headDimension: number): number => {
  const doublings = Math.log2(headDimension / 128)
  return (doublings < 0 ? narrow : wide) ** Math.min(1, Math.abs(doublings))
}

/** Up to so many queries a key, decode attention is bound by memory (see science of decode attention tables). */
const mostSharedQueries = 16

/** Elements that a head costs on top of its own where every query reads its keys: narrow heads are slower by element. */
const headOverhead = 64

/** FLOPs of decode attention per token of context, a layer and rank. */
export const decodeFlops = ({ model, layout }: InferenceTarget): number => {
  const heads = Math.max(1, model.heads / layout.tensor)
  const latent = model.latentAttention
  return latent === null
    ? 4 * heads * model.headDimension
    : 2 * heads * (2 * latent.keyValueRank + latent.ropeDimension)
}

/** FLOPs of prompt attention per query-key pair, a layer and rank. */
export const promptFlops = ({ model, layout }: InferenceTarget): number => {
  const heads = Math.max(1, model.heads / layout.tensor)
  const latent = model.latentAttention
  return latent === null
    ? 4 * heads * model.headDimension
    : 2 * heads * (latent.keyDimension + latent.ropeDimension + latent.valueDimension)
}

const decodePerToken = (target: InferenceTarget, device: InferenceDevice): number => {
  const { model, stack } = target
  const queries = model.latentAttention === null ? model.heads / model.keyValueHeads : model.heads
  const copies = stack.sharesQueries === "expanded" ? queries : 1
  const bytes = layerKeyValueBytes(target) * copies * stack.constants.keyValueFactor.value
  const memory = bytes / device.keyValueRate
  const isRegular = queries <= mostSharedQueries && model.headDimension === 128 && model.slidingWindow === null
  if (stack.sharesQueries === "expanded") return memory
  const isNarrow = keyValueBytes[target.keyValuePrecision] === 1 && target.accelerator.memory.type.startsWith("HBM")
  const isShared =
    stack.sharesQueries === "always" ||
    (isRegular && (stack.sharesQueries === "regular" || (stack.sharesQueries === "narrow" && isNarrow)))
  const flops = decodeFlops(target)
  if (!isShared) {
    const heads = Math.max(1, model.heads / target.layout.tensor)
    const read = 2 * heads * (model.headDimension + headOverhead) * keyValueBytes[target.keyValuePrecision]
    return Math.hypot(memory, read / device.ungroupedRate)
  }
  return queries > mostSharedQueries ? Math.hypot(memory, flops / device.sharedRate) : memory
}

export const attentionLaw = (target: InferenceTarget, device: InferenceDevice): AttentionLaw => {
  const { model, layout, stack } = target
  const { dataAttention } = layout
  const headDimension =
    model.latentAttention === null
      ? model.headDimension
      : (model.latentAttention.keyDimension +
          model.latentAttention.ropeDimension +
          model.latentAttention.valueDimension) /
        2
  const rate = device.promptRate * headFactor(device, headDimension)
  const flops = promptFlops(target) / dataAttention
  const heads = Math.max(1, model.heads / layout.tensor)
  const scoreSeconds =
    stack.promptAttention === "fused"
      ? 0
      : (stack.constants.scoreFactor.value * keyValueBytes.bf16 * heads) / dataAttention / device.elementwiseRate
  const launchFactor = stack.constants.launchFactor.value
  const promptLaunch = device.promptLaunch * launchFactor
  return {
    decodeLaunch: device.decodeLaunch * launchFactor,
    decodePerToken: decodePerToken(target, device) / dataAttention,
    besidePrompts: stack.mixesAttention ? device.mixedFactor : 1,
    prompt: ({ prefills, prefillTokens }, pairs) => {
      if (prefillTokens === 0) return promptLaunch
      // Kernels of short prompts leave most of the device idle: s0 tokens are as good as lost for each.
      const ramp = 1 + (device.promptRamp * prefills) / prefillTokens
      // Unfused scores are a full square, the causal mask is applied afterwards.
      const square = Math.max(pairs, 2 * pairs - prefillTokens)
      return promptLaunch + (flops * pairs * ramp) / rate + scoreSeconds * square
    }
  }
}
