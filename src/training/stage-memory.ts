/**
 * Memory of a rank along the iteration: what stays, and what each operation adds and frees.
 */
import { sequenceShards, tokensOf, type RankShape } from "../kernels/index.ts"
import { layerKinds } from "../transformer/index.ts"
import { activationBytesOfLayer, isRecomputed, keptBytesOfLayer } from "./activation.ts"
import type { Compiled, PartCost } from "./compile.ts"
import { halfOf } from "./number-format.ts"
import type { TrainingJob } from "./types.ts"

/** Bytes that a rank holds for the whole iteration. */
export interface ResidentBytes {
  readonly weights: number
  readonly gradients: number
  readonly optimizer: number
  readonly buffers: number
  readonly context: number
}

/** Bytes that a model part's operations hold on a rank, for one micro-batch. */
export interface PartBytes {
  /** Kept from forward to backward. */
  readonly activations: number
  /** Of these, freed by the input-gradient pass when the backward is split; the rest waits for the weight gradients. */
  readonly freedByInput: number
  /** Needed besides while a recomputed layer runs again. */
  readonly working: number
  /** Logits and their gradient, while the last part's loss runs. */
  readonly logits: number
}

/** What a stage holds for good, and what its chunks' operations hold. */
export interface StageBytes {
  readonly resident: ResidentBytes
  readonly chunks: readonly PartBytes[]
}

/** What stays on a rank that holds these parts. */
export const residentBytes = (
  job: TrainingJob,
  parts: readonly Pick<PartCost, "parameters" | "layers">[]
): ResidentBytes => {
  const { stack, sharding, layout } = job
  const half = halfOf(job)
  const dense = parts.reduce((sum, part) => sum + part.parameters.dense, 0)
  const expert = parts.reduce((sum, part) => sum + part.parameters.expert, 0)
  const dataRanks = layout.data * layout.context
  const denseShards = Math.min(sharding.group ?? dataRanks, dataRanks)
  const expertShards = Math.max(
    1,
    (dataRanks * layout.tensor) / (layout.expert * (layout.expertTensor ?? layout.tensor))
  )
  const held = (bytesPerParameter: number, fromStage: number): number => {
    const sharded = sharding.zeroStage >= fromStage
    return bytesPerParameter * (dense / (sharded ? denseShards : 1) + expert / (sharded ? expertShards : 1))
  }
  const layers = parts.reduce((sum, part) => sum + part.layers, 0)
  // A fully sharded stack holds the gathered weights and gradients of the layers in flight: of what is sharded at all.
  const spread = (denseShards > 1 ? dense : 0) + (expertShards > 1 ? expert : 0)
  const gathered = sharding.zeroStage >= 3 && layers > 0 ? (spread / layers) * 2 * (1 + sharding.prefetch) : 0
  return {
    weights: held(stack.memory.weightBytes[half], 3),
    gradients: held(stack.memory.gradientBytes[half], 2),
    optimizer: job.offload.optimizer ? 0 : held(stack.memory.optimizerBytes[half], 1),
    buffers: gathered,
    context: stack.memory.fixedBytes
  }
}

/** Logits in 16 bits, in fp32 for the softmax, and their gradient, per token and local vocabulary entry. */
const logitBytes = 10

/** What the operations of one part hold. */
export const partBytes = (
  job: TrainingJob,
  shape: RankShape,
  part: Pick<PartCost, "layers" | "hasEmbedding" | "hasHead">,
  firstLayer: number
): PartBytes => {
  const kinds = layerKinds(job.model).slice(firstLayer, firstLayer + part.layers)
  let activations = 0
  let working = 0
  let freedBefore = 0
  kinds.forEach((kind, index) => {
    const bytes = job.offload.activations ? 0 : activationBytesOfLayer(job, shape, kind, index)
    activations += bytes
    if (!isRecomputed(job, index)) freedBefore += bytes
    if (isRecomputed(job, index))
      working = Math.max(working, job.stack.memory.workingLayers[halfOf(job)] * keptBytesOfLayer(job, shape, kind))
  })
  const tokens = tokensOf(shape)
  if (part.hasEmbedding) activations += (tokens * job.model.hidden) / sequenceShards(shape)
  if (part.hasHead) activations += (4 * tokens * job.model.hidden) / sequenceShards(shape)
  return {
    activations,
    // Weight gradients need the inputs of the matrix multiplications, about half of what a layer keeps.
    freedByInput: activations / 2,
    // The layers that are recomputed come first, so that the others are through and freed when they run again.
    working: Math.max(0, working - freedBefore),
    logits: part.hasHead ? (logitBytes * tokens * job.model.vocabulary) / shape.tensor : 0
  }
}

/** First transformer layer of each part. */
export const firstLayers = (compiled: Compiled): readonly number[] => {
  let first = 0
  return compiled.parts.map((part) => {
    const own = first
    first += part.layers
    return own
  })
}
