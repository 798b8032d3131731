/**
 * A model as one rank of a replica holds it: layers a stage, sizes after sharding, bytes.
 */
import { countParameters, layerKinds, layerParameters, nearLayers, type LayerKind } from "../transformer/index.ts"
import { quantisationOf } from "./device.ts"
import { sendsDirectly } from "./exchange.ts"
import type { InferenceLayout, InferenceTarget } from "./types.ts"

/** Accelerators of one replica. */
export const acceleratorsOfLayout = ({ tensor, pipeline, dataAttention, feedForward }: InferenceLayout): number =>
  tensor * pipeline * dataAttention + (feedForward?.ranks ?? 0)

export interface Stage {
  readonly dense: number
  readonly mixture: number
  readonly layers: number
  /** Layers with local attention. */
  readonly windowed: number
  /** Layers with a state in place of keys and values. */
  readonly recurrent: number
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** Layers of each stage, as even as can be, the first stages taking one more. */
const evenSplit = (layers: number, stages: number): readonly number[] =>
  Array.from({ length: stages }, (_, stage) => Math.floor(layers / stages) + (stage < layers % stages ? 1 : 0))

/** Layers of each stage so that bytes are even, with embedding and head as large as so many layers. */
const splitByBytes = (layers: number, stages: number, first: number, last: number): readonly number[] => {
  const share = (layers + first + last) / stages
  const until = (stage: number): number =>
    stage === stages ? layers : Math.min(layers, Math.max(0, Math.round(stage * share - first)))
  return Array.from({ length: stages }, (_, stage) => until(stage + 1) - until(stage))
}

const layersOfStages = ({ model, layout, stack }: InferenceTarget): readonly number[] => {
  const { pipeline } = layout
  if (!stack.splitsByBytes || pipeline === 1) return evenSplit(model.layers, pipeline)
  const { embedding, lmHead, total } = countParameters(model)
  const layer = (total - embedding - lmHead) / model.layers
  const first = stack.memory.embeddingOnHost === true ? 0 : embedding
  const last = stack.memory.embeddingOnHost === true ? model.vocabulary * model.hidden : lmHead
  return splitByBytes(model.layers, pipeline, first / layer, last / layer)
}

/** What each stage of a replica holds. */
export const stagesOf = (target: InferenceTarget): readonly Stage[] => {
  const { model, layout } = target
  const { pipeline } = layout
  const counts = layersOfStages(target)
  const kinds = layerKinds(model)
  const windowedLayers = nearLayers(model)
  let from = 0
  return Array.from({ length: pipeline }, (_, stage) => {
    const layers = counts[stage] ?? 0
    const own = kinds.slice(from, from + layers)
    from += layers
    const dense = own.filter((kind) => kind === "dense").length
    return {
      dense,
      mixture: layers - dense,
      layers,
      windowed: (windowedLayers * layers) / model.layers,
      recurrent: ((model.linearAttention?.layers ?? 0) * layers) / model.layers,
      isFirst: stage === 0,
      isLast: stage === pipeline - 1
    }
  })
}

export const keyValueBytes: Readonly<Record<InferenceTarget["keyValuePrecision"], number>> = {
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1
}

/** Bytes that a token's keys and values take in one layer on one rank. */
export const layerKeyValueBytes = ({ model, layout, keyValuePrecision }: InferenceTarget): number => {
  const latent = model.latentAttention
  const elements =
    latent === null
      ? 2 * Math.max(1, model.keyValueHeads / layout.tensor) * model.headDimension
      : latent.keyValueRank + latent.ropeDimension
  return elements * keyValueBytes[keyValuePrecision]
}

/** Bytes of an index key in one layer on every rank: 8 bits an element and a 32-bit scale; 0 without an indexer. */
export const layerIndexBytes = ({ model }: Pick<InferenceTarget, "model">): number =>
  model.sparseAttention === undefined ? 0 : model.sparseAttention.indexDimension + 4

/** Bytes of the state that a sequence keeps in one layer with linear attention on one rank, convolution included. */
export const layerStateBytes = ({ model, layout }: Pick<InferenceTarget, "model" | "layout">): number => {
  const linear = model.linearAttention
  if (linear === undefined) return 0
  const { keyHeads, keyDimension, valueHeads, valueDimension, convolution, stateBytes } = linear
  const taps = Math.max(0, convolution - 1) * (2 * keyHeads * keyDimension + valueHeads * valueDimension)
  return ((valueHeads * valueDimension * keyDimension + taps) * stateBytes) / layout.tensor
}

/** Bytes that a token's keys and values take in all layers that keep them, once each: what has to move with a request. */
export const modelKeyValueBytes = (target: InferenceTarget): number =>
  (target.model.layers - (target.model.linearAttention?.layers ?? 0)) *
  (layerKeyValueBytes({ ...target, layout: { ...target.layout, tensor: 1 } }) + layerIndexBytes(target))

/** Bytes of the states that a sequence keeps in all layers with linear attention: they move with a request as well. */
export const modelStateBytes = ({ model, layout }: Pick<InferenceTarget, "model" | "layout">): number =>
  (model.linearAttention?.layers ?? 0) * layerStateBytes({ model, layout: { ...layout, tensor: 1 } })

/** Ranks of a stage that share the weights of a kind of layer: attention, dense blocks, experts. */
export const weightShards = (target: InferenceTarget): { readonly attention: number; readonly experts: number } => {
  const { tensor, dataAttention } = target.layout
  const all = tensor * dataAttention
  return target.stack.gathersWeights ? { attention: all, experts: all } : { attention: tensor, experts: all }
}

/** Parameters of the copies of busy experts in a layer, over all ranks. */
const copiedParameters = ({ model, expertRouting }: InferenceTarget): number => {
  const { experts } = model
  return experts === null || expertRouting === undefined
    ? 0
    : expertRouting.redundant * (model.gated ? 3 : 2) * model.hidden * experts.feedForward
}

/** Parameters of a mixture layer's shared expert. */
export const sharedParameters = ({ model }: InferenceTarget): number => {
  const width = model.experts?.sharedFeedForward ?? 0
  return width === 0 ? 0 : (model.gated ? 3 : 2) * model.hidden * width + (model.bias ? width + model.hidden : 0)
}

/** Parameters of a layer's feed-forward part on a rank that computes dense and shared blocks on tokens of its own. */
const ownBlockParameters = (target: InferenceTarget, kind: LayerKind, ranks: number): number => {
  const parameters = layerParameters(target.model, kind)
  if (parameters === null) return 0
  if (kind === "dense") return parameters.feedForward
  const shared = sharedParameters(target)
  return shared + (parameters.feedForward - shared + copiedParameters(target)) / ranks
}

/** Bytes of one layer's weights on a rank of feed-forward blocks that stand apart from attention. */
export const feedForwardWeightBytes = (target: InferenceTarget, kind: LayerKind): number =>
  quantisationOf(target.precision).weightBytes.body *
  ownBlockParameters(target, kind, target.layout.feedForward?.ranks ?? 1)

/** Bytes of one layer's weights on one rank, as stored; where feed-forward blocks stand apart, on a rank of attention. */
export const layerWeightBytes = (target: InferenceTarget, kind: LayerKind): number => {
  const parameters = layerParameters(target.model, kind)
  if (parameters === null) return 0
  const { body } = quantisationOf(target.precision).weightBytes
  const { attention, experts } = weightShards(target)
  if (target.layout.feedForward !== undefined)
    return body * (parameters.attention / attention + parameters.router) + 2 * parameters.normalization
  if (sendsDirectly(target))
    return (
      body * (parameters.attention / attention + parameters.router + ownBlockParameters(target, kind, experts)) +
      2 * parameters.normalization
    )
  const split =
    kind === "mixture"
      ? parameters.attention / attention +
        (parameters.feedForward + parameters.router + copiedParameters(target)) / experts
      : // A dense block beside data-parallel attention is split over all ranks.
        parameters.attention / attention + parameters.feedForward / experts
  return body * split + 2 * parameters.normalization
}

/** Bytes of what the first and the last stage hold besides layers, on one rank. */
export const endWeightBytes = (target: InferenceTarget, stage: Stage): number => {
  const { model } = target
  const { head, embedding } = quantisationOf(target.precision).weightBytes
  const counted = countParameters(model)
  const shards = weightShards(target).attention
  const isOnHost = target.stack.memory.embeddingOnHost === true
  const table = isOnHost ? 0 : (counted.embedding * embedding) / shards
  const logits = (model.vocabulary * (model.embeddingDimension ?? model.hidden) * head) / shards
  // A device map lays a tied head where its embedding is; a stage of its own needs a copy.
  const isShared = model.tiedEmbeddings && !isOnHost && (target.layout.pipeline === 1 || target.stack.splitsByBytes)
  if (isShared) return stage.isFirst ? Math.max(table, logits) : 0
  return (stage.isFirst ? table : 0) + (stage.isLast ? logits : 0)
}

/** Bytes of a whole model's weights as stored: no copies of experts. */
export const modelWeightBytes = ({
  expertRouting: _copies,
  expertExchange: _way,
  ...target
}: InferenceTarget): number => {
  const whole: InferenceTarget = { ...target, layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1 } }
  const stage = stagesOf(whole)[0]
  if (stage === undefined) return 0
  return (
    stage.dense * layerWeightBytes(whole, "dense") +
    stage.mixture * layerWeightBytes(whole, "mixture") +
    endWeightBytes(whole, stage)
  )
}
