/**
 * Parameters of a decoder-only transformer, counted from its shapes.
 *
 * Left out, below 0.01 % of every catalogue entry: attention sinks (gpt-oss), the bias of an LM head (Phi-2), the two
 * extra rows of OPT's position table, the routing correction bias of DeepSeek-V3.
 */
import type { Experts, LatentAttention, LinearAttention, Model } from "../catalog/index.ts"

/** What a layer's feed-forward block is: one block for all tokens, or experts that a router chooses from. */
export type LayerKind = "dense" | "mixture"

/** Parameters of one layer. */
export interface LayerParameters {
  /** Query, key, value and output projections with their biases. */
  readonly attention: number
  /** The dense block, or all routed experts together with the shared ones; biases included. */
  readonly feedForward: number
  /** The router of a mixture; 0 in a dense layer. */
  readonly router: number
  readonly normalization: number
  readonly total: number
  /** Parameters that one token meets: `total` less the experts it is not routed to. */
  readonly active: number
  /** Weights of the matrices that one token is multiplied with: `active` without biases and normalisation. */
  readonly matrix: number
}

/** Parameters of a model. */
export interface ParameterCount {
  readonly total: number
  /** Parameters that one token meets; equals `total` without a mixture of experts. */
  readonly active: number
  /** Word and position tables, their normalisation, and the projection of a narrower embedding. */
  readonly embedding: number
  readonly finalNormalization: number
  /** The LM head's own matrix; 0 where it is tied to the embedding. */
  readonly lmHead: number
  /** One layer of each kind, null where the model has none of it. */
  readonly perLayer: { readonly dense: LayerParameters | null; readonly mixture: LayerParameters | null }
}

interface Weights {
  readonly matrix: number
  readonly bias: number
  readonly normalization: number
}

const normalizationWidth = (model: Model, width: number): number => (model.normalizationBias ? 2 : 1) * width

/** DeepSeek-V2, arXiv:2405.04434, section 2.1: queries and key-values pass through normalised low-rank projections. */
const latentAttentionWeights = (model: Model, latent: LatentAttention): Weights => {
  const { hidden, heads } = model
  const { queryRank, keyValueRank, ropeDimension, keyDimension, valueDimension } = latent
  const queryWidth = heads * (keyDimension + ropeDimension)
  const query = queryRank === null ? hidden * queryWidth : queryRank * (hidden + queryWidth)
  const keyValue = hidden * (keyValueRank + ropeDimension) + keyValueRank * heads * (keyDimension + valueDimension)
  return {
    matrix: query + keyValue + heads * valueDimension * hidden,
    bias: model.bias ? hidden : 0,
    normalization: normalizationWidth(model, (queryRank ?? 0) + keyValueRank)
  }
}

/** Input and output projections, gates and convolution of a layer with a state. */
const linearAttentionWeights = (model: Model, linear: LinearAttention): Weights => {
  const keys = linear.keyHeads * linear.keyDimension
  const values = linear.valueHeads * linear.valueDimension
  return {
    // Queries, keys, values and an output gate in, values out.
    matrix: model.hidden * (2 * keys + 2 * values + linear.gates * linear.valueHeads) + values * model.hidden,
    // Decay, step and skip of a head; small beside the rest, as the taps of the convolution are.
    bias: 3 * linear.valueHeads + linear.convolution * (2 * keys + values),
    normalization: linear.valueDimension
  }
}

/** Weights of a layer's mixer, averaged over the layers where some keep a state and others attend. */
const attentionWeights = (model: Model): Weights => {
  const full = fullAttentionWeights(model)
  const linear = model.linearAttention
  if (linear === undefined) return full
  const kept = linearAttentionWeights(model, linear)
  const share = linear.layers / model.layers
  const mean = (part: keyof Weights): number => (1 - share) * full[part] + share * kept[part]
  return { matrix: mean("matrix"), bias: mean("bias"), normalization: mean("normalization") }
}

/** Queries of the indexer from the compressed ones, its key and the weights of its heads. */
const indexerWeights = (model: Model): Weights => {
  const sparse = model.sparseAttention
  if (sparse === undefined) return { matrix: 0, bias: 0, normalization: 0 }
  const { indexHeads, indexDimension } = sparse
  const inputs = model.latentAttention?.queryRank ?? model.hidden
  return {
    matrix: inputs * indexHeads * indexDimension + model.hidden * (indexDimension + indexHeads),
    bias: 0,
    normalization: 2 * indexDimension
  }
}

const fullAttentionWeights = (model: Model): Weights => {
  const dense = denseAttentionWeights(model)
  if (model.sparseAttention === undefined) return dense
  const indexer = indexerWeights(model)
  return {
    matrix: dense.matrix + indexer.matrix,
    bias: dense.bias,
    normalization: dense.normalization + indexer.normalization
  }
}

const denseAttentionWeights = (model: Model): Weights => {
  if (model.latentAttention !== null) return latentAttentionWeights(model, model.latentAttention)
  const { hidden, heads, keyValueHeads, headDimension } = model
  const queryKeyValueWidth = ((model.attentionGate === true ? 2 : 1) * heads + 2 * keyValueHeads) * headDimension
  return {
    matrix: hidden * queryKeyValueWidth + heads * headDimension * hidden,
    bias: (model.queryKeyValueBias ? queryKeyValueWidth : 0) + (model.bias ? hidden : 0),
    normalization: model.queryKeyNormalization ? normalizationWidth(model, 2 * headDimension) : 0
  }
}

/** Feed-forward block of a width: two matrices, three where it is gated. */
const feedForwardMatrix = (model: Model, width: number): number => (model.gated ? 3 : 2) * model.hidden * width
const feedForwardBias = (model: Model, width: number): number =>
  model.bias && width > 0 ? (model.gated ? 2 : 1) * width + model.hidden : 0

const layerNormalization = (model: Model, attention: Weights): number =>
  (model.normalizationsPerLayer ?? 2) * normalizationWidth(model, model.hidden) + attention.normalization

const denseLayer = (model: Model): LayerParameters => {
  const attention = attentionWeights(model)
  const feedForward = feedForwardMatrix(model, model.feedForward)
  const attentionParameters = attention.matrix + attention.bias
  const feedForwardParameters = feedForward + feedForwardBias(model, model.feedForward)
  const normalization = layerNormalization(model, attention)
  const total = attentionParameters + feedForwardParameters + normalization
  return {
    attention: attentionParameters,
    feedForward: feedForwardParameters,
    router: 0,
    normalization,
    total,
    active: total,
    matrix: attention.matrix + feedForward
  }
}

const mixtureLayer = (model: Model, experts: Experts): LayerParameters => {
  const attention = attentionWeights(model)
  const expertMatrix = feedForwardMatrix(model, experts.feedForward)
  const expert = expertMatrix + feedForwardBias(model, experts.feedForward)
  const sharedMatrix = feedForwardMatrix(model, experts.sharedFeedForward)
  const routerMatrix = model.hidden * experts.count
  const attentionParameters = attention.matrix + attention.bias
  const feedForward = experts.count * expert + sharedMatrix + feedForwardBias(model, experts.sharedFeedForward)
  const router = routerMatrix + (model.bias ? experts.count : 0)
  const normalization = layerNormalization(model, attention)
  const total = attentionParameters + feedForward + router + normalization
  return {
    attention: attentionParameters,
    feedForward,
    router,
    normalization,
    total,
    active: total - (experts.count - experts.active) * expert,
    matrix: attention.matrix + experts.active * expertMatrix + sharedMatrix + routerMatrix
  }
}

/**
 * Layers of each kind in a model.
 */
export const layerCounts = (model: Model): Readonly<Record<LayerKind, number>> =>
  model.experts === null
    ? { dense: model.layers, mixture: 0 }
    : { dense: model.experts.denseLayers, mixture: model.layers - model.experts.denseLayers }

/**
 * The kind of every layer, first to last. Dense layers come first (DeepSeek, Kimi); where they are half of the model
 * they alternate with mixtures (Llama 4 Maverick).
 */
export const layerKinds = (model: Model): readonly LayerKind[] => {
  const { dense, mixture } = layerCounts(model)
  const alternate = dense > 0 && dense === mixture
  return Array.from({ length: model.layers }, (_, layer) => {
    const isDense = alternate ? layer % 2 === 0 : layer < dense
    return isDense ? "dense" : "mixture"
  })
}

/** Parameters of one layer of a kind; null where the model has no such layer. */
export const layerParameters = (model: Model, kind: LayerKind): LayerParameters | null => {
  if (layerCounts(model)[kind] === 0) return null
  if (kind === "dense") return denseLayer(model)
  return model.experts === null ? null : mixtureLayer(model, model.experts)
}

const sumOverLayers = (model: Model, field: "total" | "active" | "matrix"): number => {
  const layers = layerCounts(model)
  const dense = layerParameters(model, "dense")
  const mixture = layerParameters(model, "mixture")
  return layers.dense * (dense?.[field] ?? 0) + layers.mixture * (mixture?.[field] ?? 0)
}

/** Width of the embedding and of what the LM head reads. */
const embeddingWidth = (model: Model): number => model.embeddingDimension ?? model.hidden

/** The projections from a narrower embedding and back to it (OPT-350m). */
const embeddingProjections = (model: Model): number =>
  model.embeddingDimension === null ? 0 : 2 * model.embeddingDimension * model.hidden

/** Counts a model's parameters. */
export const countParameters = (model: Model): ParameterCount => {
  const width = embeddingWidth(model)
  const embedding =
    model.vocabulary * width +
    embeddingProjections(model) +
    (model.position === "learned" ? model.maximumSequence * model.hidden : 0) +
    (model.embeddingNormalization ? normalizationWidth(model, model.hidden) : 0)
  const finalNormalization = model.postNormalization ? 0 : normalizationWidth(model, model.hidden)
  const lmHead = model.tiedEmbeddings ? 0 : model.vocabulary * width
  const outside = embedding + finalNormalization + lmHead
  return {
    total: outside + sumOverLayers(model, "total"),
    active: outside + sumOverLayers(model, "active"),
    embedding,
    finalNormalization,
    lmHead,
    perLayer: { dense: layerParameters(model, "dense"), mixture: layerParameters(model, "mixture") }
  }
}

/**
 * Weights of the matrices that one token is multiplied with, the LM head included (tied or not): two FLOPs each in a
 * forward pass. Looking up an embedding multiplies nothing.
 */
export const matrixParameters = (model: Model): number =>
  sumOverLayers(model, "matrix") + embeddingProjections(model) + model.vocabulary * embeddingWidth(model)
