/**
 * Parameters that one rank holds, after tensor and expert sharding.
 */
import { countParameters, layerParameters, type LayerKind } from "../transformer/index.ts"
import type { TrainingJob } from "./types.ts"

export interface RankParameters {
  /** Replicated over data x context ranks. */
  readonly dense: number
  /** Routed experts, replicated over fewer ranks. */
  readonly expert: number
}

/** Routed experts' weights of one mixture layer, all experts together. */
const routedParameters = (job: TrainingJob): number => {
  const { experts, hidden, gated } = job.model
  return experts === null ? 0 : experts.count * (gated ? 3 : 2) * hidden * experts.feedForward
}

/** Parameters of one layer on one rank; norms and the router are replicated. */
export const rankLayerParameters = (job: TrainingJob, kind: LayerKind): RankParameters => {
  const { tensor, expert, expertTensor } = job.layout
  const counts = layerParameters(job.model, kind)
  if (counts === null) return { dense: 0, expert: 0 }
  const routed = kind === "mixture" ? routedParameters(job) : 0
  const replicated = counts.normalization + counts.router
  return {
    dense: (counts.total - routed - replicated) / tensor + replicated,
    expert: routed / (expert * (expertTensor ?? tensor))
  }
}

/** Embedding and LM head on the ranks that hold them; a tied table is held by both ends of a pipeline. */
export const rankTableParameters = (job: TrainingJob, embedding: boolean, head: boolean): RankParameters => {
  const counts = countParameters(job.model)
  const { tensor } = job.layout
  const table = counts.embedding / tensor
  const output = (counts.lmHead > 0 ? counts.lmHead : counts.embedding) / tensor
  const both = embedding && head && counts.lmHead === 0
  return {
    dense: (embedding ? table : 0) + (head && !both ? output : 0) + (head ? counts.finalNormalization : 0),
    expert: 0
  }
}
