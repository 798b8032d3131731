/**
 * Kernels and collectives of one layer whose seconds depend on the number of tokens alone: everything but attention.
 */
import type { Experts, LatentAttention } from "../catalog/index.ts"
import type { LayerKind } from "../transformer/index.ts"
import type { Collectives } from "./collectives.ts"
import { productSeconds, type InferenceDevice, type ProductLaw } from "./device.ts"
import type { InferenceTarget } from "./types.ts"

/** Seconds of a layer by kind of work. */
export interface LayerSeconds {
  gemm: number
  experts: number
  elementwise: number
  communication: number
}

interface Product {
  readonly tokens: number
  readonly inputs: number
  readonly outputs: number
}

/** Bytes of norms and residuals per token and hidden element: eight 16-bit passes. */
const normBytes = 16
/** Kernels bound by memory in a layer: two norms, positions, activation. */
const elementwiseKernels = 4
/** Bytes of the activation function per token and inner element. */
const innerBytes = (gated: boolean): number => (gated ? 6 : 4)
const activationBytes = 2

/** Seconds of a product of `tokens` rows with the quantised weights of a layer. */
const layerProduct = (device: InferenceDevice, { tokens, inputs, outputs }: Product): number =>
  productSeconds(
    device.gemm,
    2 * tokens * inputs * outputs,
    device.bodyBytes * inputs * outputs + tokens * (device.activationBytes * inputs + activationBytes * outputs)
  )

/** Seconds of a product with 16-bit weights (router). */
const halfProduct = (law: ProductLaw, { tokens, inputs, outputs }: Product): number =>
  productSeconds(law, 2 * tokens * inputs * outputs, 2 * (inputs * outputs + tokens * (inputs + outputs)))

const latentProducts = (
  { model, layout }: InferenceTarget,
  latent: LatentAttention,
  tokens: number
): readonly Product[] => {
  const heads = Math.max(1, model.heads / layout.tensor)
  const width = heads * (latent.keyDimension + latent.ropeDimension)
  const queries =
    latent.queryRank === null
      ? [{ tokens, inputs: model.hidden, outputs: width }]
      : [
          { tokens, inputs: model.hidden, outputs: latent.queryRank },
          { tokens, inputs: latent.queryRank, outputs: width }
        ]
  return [
    ...queries,
    { tokens, inputs: model.hidden, outputs: latent.keyValueRank + latent.ropeDimension },
    { tokens, inputs: latent.keyValueRank, outputs: heads * (latent.keyDimension + latent.valueDimension) },
    { tokens, inputs: heads * latent.valueDimension, outputs: model.hidden }
  ]
}

/** The projections into and out of attention. */
const attentionProducts = (target: InferenceTarget, tokens: number): readonly Product[] => {
  const { model, layout } = target
  if (model.latentAttention !== null) return latentProducts(target, model.latentAttention, tokens)
  const heads = Math.max(1, model.heads / layout.tensor)
  const keyValueHeads = Math.max(1, model.keyValueHeads / layout.tensor)
  const width = heads * model.headDimension
  return [
    { tokens, inputs: model.hidden, outputs: width + 2 * keyValueHeads * model.headDimension },
    { tokens, inputs: width, outputs: model.hidden }
  ]
}

const denseProducts = (target: InferenceTarget, width: number, tokens: number): readonly Product[] => {
  const { model } = target
  return [
    { tokens, inputs: model.hidden, outputs: (model.gated ? 2 : 1) * width },
    { tokens, inputs: width, outputs: model.hidden }
  ]
}

/** Experts of `count` that `tokens` tokens reach when each picks `active` of them evenly. */
export const reachedExperts = ({ count, active }: Experts, tokens: number): number =>
  count * (1 - (1 - active / count) ** tokens)

/** Seconds of the routed experts of a layer on the busiest rank. */
const expertSeconds = (target: InferenceTarget, device: InferenceDevice, experts: Experts, tokens: number): number => {
  const { model, layout, expertImbalance } = target
  const ranks = layout.tensor * layout.dataAttention
  // Experts are dealt out to `expert` ranks, and each is split over the ranks that share it.
  const width = experts.feedForward / (ranks / layout.expert)
  const local = experts.count / layout.expert
  const rows = Math.max(1, (tokens * experts.active * expertImbalance) / layout.expert)
  const reached = Math.min(local, Math.max(1, reachedExperts(experts, tokens) / layout.expert))
  const grouped = (inputs: number, outputs: number): number =>
    productSeconds(
      device.gemm,
      2 * rows * inputs * outputs,
      device.bodyBytes * reached * inputs * outputs +
        rows * (device.activationBytes * inputs + activationBytes * outputs)
    )
  return device.expertFactor * (grouped(model.hidden, (model.gated ? 2 : 1) * width) + grouped(width, model.hidden))
}

/**
 * Exchanges of a mixture's tokens between data-parallel attention groups. Inside a scale-up domain engines gather all tokens
 * on all ranks and scatter the sums (vLLM's allgather_reducescatter, TensorRT-LLM's default): an all-reduce's traffic.
 * Across domains tokens go to their experts alone where that is less (DeepEP).
 */
const expertExchange = (
  { model, layout, fabric }: InferenceTarget,
  collectives: Collectives,
  experts: Experts,
  tokens: number
) => {
  const ranks = layout.tensor * layout.dataAttention
  const row = model.hidden * activationBytes
  const everywhere = collectives.allReduce(tokens * row, ranks)
  if (layout.expert === 1 || ranks <= fabric.scaleUp.domain) return everywhere
  const sent = (tokens / ranks) * Math.min(experts.active, ranks) * row
  return Math.min(everywhere, 2 * collectives.allToAll(sent, ranks))
}

/**
 * Seconds of a layer of a kind.
 *
 * @param tokens all tokens of the step, over all data-attention groups
 */
export const layerSeconds = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives,
  kind: LayerKind,
  tokens: number
): LayerSeconds => {
  const { model, layout, stack } = target
  const { tensor, dataAttention } = layout
  const ranks = tensor * dataAttention
  const { collectiveSeconds, linearSeconds } = stack.constants
  const own = Math.ceil(tokens / dataAttention)
  // Ranks that gather the weights compute on tokens of their own; else the feed-forward block is split over all ranks.
  const [blockTokens, blockShards] = stack.gathersWeights ? [own, 1] : [tokens, ranks]
  const sum = (products: readonly Product[]): number =>
    products.reduce((total, product) => total + layerProduct(device, product), 0)
  const attention = sum(attentionProducts(target, own))
  const experts = kind === "mixture" ? model.experts : null
  const width = (experts === null ? model.feedForward : experts.sharedFeedForward) / blockShards
  const dense = width > 0 ? sum(denseProducts(target, width, blockTokens)) : 0
  const router =
    experts === null ? 0 : halfProduct(device.halfGemm, { tokens: own, inputs: model.hidden, outputs: experts.count })
  const isQuantised = device.quantisation.weightBytes.body < 2
  const linears = isQuantised ? (width > 0 ? 4 : 2) * linearSeconds.value : 0
  const inner = blockTokens * width + (experts === null ? 0 : (tokens * experts.active * experts.feedForward) / ranks)
  const bytes = normBytes * own * model.hidden + innerBytes(model.gated) * inner
  const reduce = (rows: number, group: number): number =>
    group === 1 ? 0 : collectives.allReduce(rows * model.hidden * activationBytes, group) + collectiveSeconds.value
  let communication = 0
  if (!stack.gathersWeights) {
    if (!model.parallelAttention) communication += reduce(own, tensor)
    communication +=
      dataAttention === 1
        ? reduce(tokens, tensor)
        : experts === null
          ? reduce(tokens, ranks)
          : expertExchange(target, collectives, experts, tokens) + collectiveSeconds.value
  }
  return {
    gemm: attention + dense + router + linears,
    experts: experts === null ? 0 : expertSeconds(target, device, experts, tokens),
    elementwise: elementwiseKernels * device.elementwiseLaunch + bytes / device.elementwiseRate,
    communication
  }
}

/** Seconds of the final norm, the LM head and the choice of `rows` tokens, on the last stage. */
export const headSeconds = (target: InferenceTarget, device: InferenceDevice, rows: number): number => {
  const { model, layout, stack } = target
  if (rows === 0) return 0
  const shards = layout.tensor * (stack.gathersWeights ? 1 : layout.dataAttention)
  const own = stack.gathersWeights ? Math.ceil(rows / layout.dataAttention) : rows
  const inputs = model.embeddingDimension ?? model.hidden
  const outputs = model.vocabulary / shards
  // A head kept in the layers' own blocks is multiplied by their kernels.
  const law = device.headBytes < 2 ? device.gemm : device.halfGemm
  return (
    productSeconds(
      law,
      2 * own * inputs * outputs,
      device.headBytes * inputs * outputs + 2 * own * (inputs + outputs)
    ) +
    2 * device.elementwiseLaunch +
    (normBytes * own * model.hidden + 8 * own * outputs) / device.elementwiseRate
  )
}

/** Seconds of looking up the embeddings of `tokens` tokens, on the first stage. */
export const embeddingSeconds = ({ model, layout }: InferenceTarget, device: InferenceDevice, tokens: number): number =>
  device.elementwiseLaunch + (4 * Math.ceil(tokens / layout.dataAttention) * model.hidden) / device.elementwiseRate
