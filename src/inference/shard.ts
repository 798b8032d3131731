/**
 * A model as one rank of a replica holds it: layers a stage, sizes after sharding, bytes.
 */
import { countParameters, layerKinds, layerParameters, type LayerKind } from "../transformer/index.ts"
import { quantisationOf } from "./device.ts"
import type { InferenceTarget } from "./types.ts"

export interface Stage {
  readonly dense: number
  readonly mixture: number
  readonly layers: number
  /** Layers with local attention. */
  readonly windowed: number
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
  const windowedLayers = model.slidingWindow?.layers ?? 0
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

/** Ranks of a stage that share the weights of a kind of layer: attention, dense blocks, experts. */
export const weightShards = (target: InferenceTarget): { readonly attention: number; readonly experts: number } => {
  const { tensor, dataAttention } = target.layout
  const all = tensor * dataAttention
  return target.stack.gathersWeights ? { attention: all, experts: all } : { attention: tensor, experts: all }
}

/** Bytes of one layer's weights on one rank, as stored. */
export const layerWeightBytes = (target: InferenceTarget, kind: LayerKind): number => {
  const parameters = layerParameters(target.model, kind)
  if (parameters === null) return 0
  const { body } = quantisationOf(target.precision).weightBytes
  const { attention, experts } = weightShards(target)
  const split =
    kind === "mixture"
      ? parameters.attention / attention + (parameters.feedForward + parameters.router) / experts
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

/** Bytes of a whole model's weights as stored. */
export const modelWeightBytes = (target: InferenceTarget): number => {
  const whole: InferenceTarget = { ...target, layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1 } }
  const stage = stagesOf(whole)[0]
  if (stage === undefined) return 0
  return (
    stage.dense * layerWeightBytes(whole, "dense") +
    stage.mixture * layerWeightBytes(whole, "mixture") +
    endWeightBytes(whole, stage)
  )
}
