/**
 * Kernels and collectives of one layer whose seconds depend on the number of tokens alone: everything but attention.
 */
import type { Experts, LatentAttention, LinearAttention } from "../catalog/index.ts"
import type { LayerKind } from "../transformer/index.ts"
import type { Collectives } from "./collectives.ts"
import { productSeconds, type InferenceDevice, type ProductLaw } from "./device.ts"
import { exchangeSeconds, sendsDirectly } from "./exchange.ts"
import { imbalanceOf, reachedOn, type ExpertRank } from "./expert-placement.ts"
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
export const normBytes = 16
/** Kernels bound by memory in a layer: two norms, positions, activation. */
const elementwiseKernels = 4
/** Bytes of the activation function per token and inner element. */
export const innerBytes = (gated: boolean): number => (gated ? 6 : 4)
export const activationBytes = 2

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

/** The projections into and out of linear attention. */
const stateProducts = (
  { model, layout }: InferenceTarget,
  { keyHeads, keyDimension, valueHeads, valueDimension, gates }: LinearAttention,
  tokens: number
): readonly Product[] => {
  const keys = Math.max(1, keyHeads / layout.tensor) * keyDimension
  const values = (valueHeads * valueDimension) / layout.tensor
  return [
    { tokens, inputs: model.hidden, outputs: 2 * keys + 2 * values + (gates * valueHeads) / layout.tensor },
    { tokens, inputs: values, outputs: model.hidden }
  ]
}

/** The projections of an indexer, whole on every rank. */
const indexProducts = ({ model }: InferenceTarget, tokens: number): readonly Product[] => {
  if (model.sparseAttention === undefined) return []
  const { indexHeads, indexDimension } = model.sparseAttention
  return [
    { tokens, inputs: model.latentAttention?.queryRank ?? model.hidden, outputs: indexHeads * indexDimension },
    { tokens, inputs: model.hidden, outputs: indexDimension + indexHeads }
  ]
}

/** The projections into and out of attention. */
const attentionProducts = (target: InferenceTarget, tokens: number): readonly Product[] =>
  target.model.sparseAttention === undefined
    ? denseAttentionProducts(target, tokens)
    : [...denseAttentionProducts(target, tokens), ...indexProducts(target, tokens)]

const denseAttentionProducts = (target: InferenceTarget, tokens: number): readonly Product[] => {
  const { model, layout } = target
  if (model.latentAttention !== null) return latentProducts(target, model.latentAttention, tokens)
  const heads = Math.max(1, model.heads / layout.tensor)
  const keyValueHeads = Math.max(1, model.keyValueHeads / layout.tensor)
  const width = heads * model.headDimension
  return [
    {
      tokens,
      inputs: model.hidden,
      outputs: (model.attentionGate === true ? 2 : 1) * width + 2 * keyValueHeads * model.headDimension
    },
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

/**
 * Seconds of the routed experts of a layer on the busiest rank.
 *
 * @param placed the ranks of the experts; undefined where tokens choose evenly
 */
export const expertSeconds = (
  target: InferenceTarget,
  device: InferenceDevice,
  experts: Experts,
  tokens: number,
  placed: readonly ExpertRank[] | undefined
): number => {
  const { model, layout, expertImbalance } = target
  const ranks = layout.feedForward?.ranks ?? layout.tensor * layout.dataAttention
  // Experts are dealt out to `expert` ranks, and each is split over the ranks that share it.
  const width = experts.feedForward / (ranks / layout.expert)
  const secondsOf = (rows: number, reached: number): number => {
    const grouped = (inputs: number, outputs: number): number =>
      productSeconds(
        device.gemm,
        2 * rows * inputs * outputs,
        device.bodyBytes * reached * inputs * outputs +
          rows * (device.activationBytes * inputs + activationBytes * outputs)
      )
    return device.expertFactor * (grouped(model.hidden, (model.gated ? 2 : 1) * width) + grouped(width, model.hidden))
  }
  const copies = tokens * experts.active * expertImbalance
  if (placed !== undefined) {
    let slowest = 0
    for (const rank of placed)
      slowest = Math.max(
        slowest,
        secondsOf(Math.max(1, copies * rank.share), Math.max(1, reachedOn(rank, experts, tokens)))
      )
    return slowest
  }
  const local = experts.count / layout.expert
  const reached = Math.min(local, Math.max(1, reachedExperts(experts, tokens) / layout.expert))
  return secondsOf(Math.max(1, copies / layout.expert), reached)
}

/**
 * Exchanges of a mixture's tokens between data-parallel attention groups. Inside a scale-up domain engines gather all tokens
 * on all ranks and scatter the sums (vLLM's allgather_reducescatter, TensorRT-LLM's default): an all-reduce's traffic.
 * Across domains tokens go to their experts alone where that is less (DeepEP).
 */
const gatherOrSend = (
  { model, layout, fabric, expertExchange }: InferenceTarget,
  collectives: Collectives,
  experts: Experts,
  tokens: number,
  placed: readonly ExpertRank[] | undefined
) => {
  const ranks = layout.tensor * layout.dataAttention
  const row = model.hidden * activationBytes
  const everywhere = collectives.allReduce(tokens * row, ranks)
  if (layout.expert === 1 || ranks <= fabric.scaleUp.domain || expertExchange?.by === "gather") return everywhere
  // What the busiest rank receives sets the pace.
  const busiest = placed === undefined ? 1 : imbalanceOf(placed)
  const sent = (tokens / ranks) * Math.min(experts.active, ranks) * row * busiest
  return Math.min(everywhere, 2 * collectives.allToAll(sent, ranks))
}

const sumOf = (device: InferenceDevice, products: readonly Product[]): number =>
  products.reduce((total, product) => total + layerProduct(device, product), 0)

/** Seconds of the projections of a layer, mean over layers with attention and with a state, for `own` tokens of a group. */
export const attentionProductSeconds = (target: InferenceTarget, device: InferenceDevice, own: number): number => {
  const linear = target.model.linearAttention
  const recurrent = linear === undefined ? 0 : linear.layers / target.model.layers
  return (
    (1 - recurrent) * sumOf(device, attentionProducts(target, own)) +
    (linear === undefined ? 0 : recurrent * sumOf(device, stateProducts(target, linear, own)))
  )
}

/** Seconds of the products of a dense block of an inner width. */
export const blockSeconds = (target: InferenceTarget, device: InferenceDevice, width: number, tokens: number): number =>
  sumOf(device, denseProducts(target, width, tokens))

/** Seconds of choosing the experts of `own` tokens. */
export const routerSeconds = ({ model }: InferenceTarget, device: InferenceDevice, own: number): number =>
  halfProduct(device.halfGemm, { tokens: own, inputs: model.hidden, outputs: model.experts?.count ?? 0 })

/**
 * Seconds of a layer of a kind.
 *
 * @param tokens all tokens of the step, over all data-attention groups
 * @param placed the ranks of the experts; undefined where tokens choose evenly
 * @param locked tokens if all groups had as many as the fullest
 */
export const layerSeconds = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives,
  kind: LayerKind,
  tokens: number,
  placed?: readonly ExpertRank[],
  locked = tokens
): LayerSeconds => {
  const { model, layout, stack } = target
  const { tensor, dataAttention } = layout
  const ranks = tensor * dataAttention
  const { collectiveSeconds, linearSeconds } = stack.constants
  const own = Math.ceil(locked / dataAttention)
  // Ranks that gather the weights compute on tokens of their own; else the feed-forward block is split over all ranks.
  const isDirect = sendsDirectly(target)
  const [blockTokens, blockShards] = stack.gathersWeights
    ? [own, 1]
    : isDirect
      ? [Math.ceil(locked / ranks), 1]
      : [tokens, ranks]
  const attention = attentionProductSeconds(target, device, own)
  const experts = kind === "mixture" ? model.experts : null
  const width = (experts === null ? model.feedForward : experts.sharedFeedForward) / blockShards
  const dense = width > 0 ? blockSeconds(target, device, width, blockTokens) : 0
  const router = experts === null ? 0 : routerSeconds(target, device, own)
  const isQuantised = device.quantisation.weightBytes.body < 2
  const linears = isQuantised ? (width > 0 ? 4 : 2) * linearSeconds.value : 0
  const inner = blockTokens * width + (experts === null ? 0 : (tokens * experts.active * experts.feedForward) / ranks)
  const bytes = normBytes * own * model.hidden + innerBytes(model.gated) * inner
  const reduce = (rows: number, group: number): number =>
    group === 1 ? 0 : collectives.allReduce(rows * model.hidden * activationBytes, group) + collectiveSeconds.value
  let communication = 0
  if (!stack.gathersWeights) {
    if (!model.parallelAttention) communication += reduce(own, tensor)
    if (isDirect) {
      // Tensor ranks divide the tokens of their group between them: the all-reduce above is that and its way back.
      if (experts !== null)
        communication += exchangeSeconds(target, collectives, locked, placed) + 2 * collectiveSeconds.value
    } else
      communication +=
        dataAttention === 1
          ? reduce(tokens, tensor)
          : experts === null
            ? reduce(tokens, ranks)
            : gatherOrSend(target, collectives, experts, tokens, placed) + collectiveSeconds.value
  }
  return {
    gemm: attention + dense + router + linears,
    experts: experts === null ? 0 : expertSeconds(target, device, experts, tokens, placed),
    elementwise: elementwiseKernels * device.elementwiseLaunch + bytes / device.elementwiseRate,
    communication
  }
}

/** Seconds of the final norm, the LM head and the choice of `rows` tokens, on the last stage. */
export const headSeconds = (target: InferenceTarget, device: InferenceDevice, rows: number): number => {
  const { model, layout, stack } = target
  if (rows === 0) return 0
  // Ranks whose tokens never leave them compute the logits of their own.
  const isApart = stack.gathersWeights || sendsDirectly(target) || layout.feedForward !== undefined
  const shards = layout.tensor * (isApart ? 1 : layout.dataAttention)
  const own = isApart ? Math.ceil(rows / layout.dataAttention) : rows
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
