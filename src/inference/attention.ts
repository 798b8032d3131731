/**
 * Attention of a served layer on one rank, in coefficients of the sums that a step keeps.
 */
import { keyValueBytes, layerIndexBytes, layerKeyValueBytes, layerStateBytes } from "./shard.ts"
import type { InferenceDevice } from "./device.ts"
import { queriesOf } from "./speculation.ts"
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
  /** Seconds of linear attention: for each decoding sequence, whose state is read and written, and for each prompt token. */
  readonly stateStep: number
  readonly statePrompt: number
  /** Seconds of an indexer per token of context that a decode scores, and per query-key pair of a prompt; 0 without one. */
  readonly indexStep: number
  readonly indexPair: number
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

/** Tokens of a piece within which linear attention compares queries and keys one with another. */
const stateChunk = 64

/**
 * FLOPs of linear attention per prompt token, a layer and rank: scores and weighted values inside a piece, and the state read and
 * written between pieces (Dao and Gu, arXiv:2405.21060, section 6).
 */
export const stateFlops = ({ model, layout }: Pick<InferenceTarget, "model" | "layout">): number => {
  const linear = model.linearAttention
  if (linear === undefined) return 0
  const { valueHeads, keyDimension, valueDimension } = linear
  const heads = valueHeads / layout.tensor
  return heads * (2 * stateChunk * (keyDimension + valueDimension) + 4 * keyDimension * valueDimension)
}

/** FLOPs of linear attention for one decoded token, a layer and rank: the state is updated and read. */
export const stateStepFlops = ({ model, layout }: Pick<InferenceTarget, "model" | "layout">): number => {
  const linear = model.linearAttention
  return linear === undefined
    ? 0
    : (4 * linear.valueHeads * linear.keyDimension * linear.valueDimension) / layout.tensor
}

/** FLOPs of an indexer for one key and query; every rank of a group scores with all its heads. */
export const indexFlops = ({ model }: Pick<InferenceTarget, "model">): number =>
  model.sparseAttention === undefined ? 0 : 2 * model.sparseAttention.indexHeads * model.sparseAttention.indexDimension

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
  const rows = queries * queriesOf(target)
  return rows > mostSharedQueries ? Math.hypot(memory, (queriesOf(target) * flops) / device.sharedRate) : memory
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
    // Scores are products in the format of the layers' own.
    indexStep:
      Math.hypot(
        layerIndexBytes(target) / device.keyValueRate,
        (queriesOf(target) * indexFlops(target)) / device.gemm.flopsPerSecond
      ) / dataAttention,
    indexPair: indexFlops(target) / device.gemm.flopsPerSecond / dataAttention,
    stateStep: (2 * layerStateBytes(target)) / device.keyValueRate / dataAttention,
    statePrompt: stateFlops(target) / device.promptRate / dataAttention,
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
