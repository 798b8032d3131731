/**
 * Parts of the model, compiled once for all layouts whose ranks hold equal shards: the pass times of a layer depend on
 * tensor, context and expert parallelism, micro-batch and recompute, not on how many replicas or stages there are.
 */
import { makeCore } from "../../cluster/index.ts"
import { defaultOrder, isSplitError, splitLayers } from "../../parallel/index.ts"
import {
  communicators,
  partBytes,
  partCompiler,
  partShapes,
  planStage,
  rankLayerParameters,
  rankShapeOf,
  rankTableParameters,
  type PartBytes,
  type PartCompiler,
  type PartCost,
  type PartShape,
  type RankParameters,
  type StageSynchronisation,
  type TrainingJob
} from "../../training/index.ts"
import type { Candidate } from "./candidate.ts"

/** A part as it lies in the model. */
export interface Part extends PartShape {
  readonly key: string
  readonly layers: number
  readonly firstLayer: number
}

export interface PartLibrary {
  /** The parts that a model is cut into; null where the split is refused or looked for. */
  readonly split: (parts: number) => readonly Part[] | null
  readonly compiler: (job: TrainingJob, candidate: Candidate) => PartCompiler
  readonly bytes: (job: TrainingJob, candidate: Candidate, part: Part) => PartBytes
  readonly parameters: (job: TrainingJob, candidate: Candidate, part: Part) => RankParameters
  readonly synchronisation: (
    job: TrainingJob,
    candidate: Candidate,
    compiler: PartCompiler,
    parts: readonly PartCost[],
    key: string
  ) => StageSynchronisation
  /** Tables compiled so far. */
  readonly compiled: () => number
}

const cached = <Made>(cache: Map<string, Made>, key: string, make: () => Made): Made => {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  cache.set(key, made)
  return made
}

export const recomputeText = (recompute: TrainingJob["recompute"]): string =>
  typeof recompute === "string" ? recompute : `${recompute.blocks} blocks`

/** Makes the library of some machines; `base` is a job on them. */
export const makeLibrary = (base: TrainingJob): PartLibrary => {
  const splits = new Map<number, readonly Part[] | null>()
  const compilers = new Map<string, PartCompiler>()
  const bytesByKey = new Map<string, PartBytes>()
  const parametersByKey = new Map<string, RankParameters>()
  const groups = new Map<string, ReturnType<typeof communicators>>()
  const synchronisations = new Map<string, StageSynchronisation>()
  // Where ranks are numbered otherwise, or the network has a core, groups meet wires by their place in the whole.
  const isPlaced = base.layout.order !== defaultOrder || makeCore(base.fabric) !== null
  const whole = ({ data, pipeline, shardGroup }: Candidate): string => `${data} ${pipeline} ${shardGroup}`
  const shards = ({ tensor, context, expert }: Candidate): string => `${tensor} ${context} ${expert}`
  const passKey = (candidate: Candidate): string =>
    `${shards(candidate)} ${candidate.microBatch} ${recomputeText(candidate.recompute)} ${
      candidate.zeroStage === 3 ? `3 ${whole(candidate)}` : isPlaced ? whole(candidate) : ""
    }`
  return {
    split: (parts) => {
      const known = splits.get(parts)
      if (known !== undefined) return known
      const { layerSplit, model, stack } = base
      const split =
        layerSplit === "balanced"
          ? null
          : splitLayers({
              layers: model.layers,
              parts,
              filling: stack.layerFilling,
              ...(layerSplit === undefined ? {} : { explicit: layerSplit })
            })
      const made = split === null || isSplitError(split) ? null : partsOf(base, split)
      splits.set(parts, made)
      return made
    },
    compiler: (job, candidate) => cached(compilers, passKey(candidate), () => partCompiler(job)),
    bytes: (job, candidate, part) =>
      cached(
        bytesByKey,
        `${shards(candidate)} ${candidate.microBatch} ${recomputeText(candidate.recompute)} ${part.firstLayer} ${part.key}`,
        () =>
          partBytes(
            job,
            rankShapeOf(job),
            { layers: part.layers, hasEmbedding: part.embedding, hasHead: part.head },
            part.firstLayer
          )
      ),
    parameters: (job, candidate, part) =>
      cached(parametersByKey, `${candidate.tensor} ${candidate.expert} ${part.key}`, () => parametersOf(job, part)),
    synchronisation: (job, candidate, compiler, parts, key) => {
      const { zeroStage, data, pipeline, shardGroup } = candidate
      const layout = `${shards(candidate)} ${data} ${isPlaced ? pipeline : ""} ${shardGroup}`
      return cached(synchronisations, `${layout} ${zeroStage} ${pipeline} ${key}`, () =>
        planStage(
          job,
          { stages: pipeline, layout: "loop" },
          {
            device: compiler.device,
            kernelFactor: compiler.kernelFactor,
            communicators: cached(groups, layout, () => communicators(job.fabric, job.layout, shardGroup))
          },
          parts
        )
      )
    },
    compiled: () => compilers.size
  }
}

const partsOf = (base: TrainingJob, split: readonly number[]): readonly Part[] => {
  const isMixed = base.model.experts !== null && base.model.experts.denseLayers > 0
  let first = 0
  return partShapes(base, split).map((shape) => {
    const layers = shape.dense + shape.mixture
    const part = {
      ...shape,
      layers,
      // Where all layers are alike it is the same wherever the part begins.
      firstLayer: isMixed ? first : 0,
      key: `${shape.dense} ${shape.mixture}${shape.embedding ? " e" : ""}${shape.head ? " h" : ""}`
    }
    first += layers
    return part
  })
}

const parametersOf = (job: TrainingJob, part: Part): RankParameters => {
  const tables = rankTableParameters(job, part.embedding, part.head)
  const dense = rankLayerParameters(job, "dense")
  const mixture = part.mixture === 0 ? { dense: 0, expert: 0 } : rankLayerParameters(job, "mixture")
  return {
    dense: tables.dense + part.dense * dense.dense + part.mixture * mixture.dense,
    expert: tables.expert + part.dense * dense.expert + part.mixture * mixture.expert
  }
}
