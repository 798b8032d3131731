/**
 * Sizes that must divide one another before a layout can be simulated at all.
 */
import type { Model } from "../catalog/index.ts"
import { validateLayout, type Layout } from "../parallel/index.ts"
import type { Finding, Path } from "./issue.ts"
import { findDisagreements } from "./model-checks.ts"
import { divisorsNear, refuse, undividedHeads } from "./size-checks.ts"

export interface Split {
  readonly model: Model
  readonly layout: Layout
  readonly virtualPipeline: number
  readonly sequenceParallel: boolean
  readonly accelerators: number
  readonly microBatch: number
  readonly globalBatch: number
  readonly sequenceLength: number
  readonly shardGroup: number | undefined
  readonly layerSplit: readonly number[] | "balanced" | undefined
  readonly symmetry: "on" | "off"
  /** Whether replicas run numbers of micro-batches of their own, which need not be equal. */
  readonly hasOwnCounts?: boolean
}

const parallelism = (size: string): Path => ["training", "parallelism", size]

/** Operations of all pipeline stages beyond which a simulation would not end soon. */
const mostOperations = 20e6

/** Everything about a split that cannot be, each with the sizes nearest to it that can. */
export const findImpossible = (split: Split): readonly Finding[] => {
  const found = [...findDisagreements(split.model), ...checks.flatMap((check) => check(split) ?? [])]
  if (found.length > 0) return found
  const error = validateLayout(split.layout, split.accelerators)
  if (error === undefined) return []
  return [
    { ...error, path: parallelism(error.field), problem: `given ${error.given}`, nearest: error.nearest.map(String) }
  ]
}

type Check = (split: Split) => Finding | undefined

const heads: Check = ({ model, layout }) => undividedHeads(model, layout.tensor, parallelism("tensor"))

const attends: Check = ({ model: { linearAttention, name } }) =>
  linearAttention === undefined
    ? undefined
    : refuse(
        ["model"],
        name,
        `${linearAttention.layers} layers of ${name} keep a state in place of keys and values, whose training is not modelled`,
        "a model whose layers all attend; served it can be simulated"
      )

const attendsToAll: Check = ({ model: { sparseAttention, name } }) =>
  sparseAttention === undefined
    ? undefined
    : refuse(
        ["model"],
        name,
        `an indexer picks the ${sparseAttention.keys} tokens that ${name} attends to, whose training is not modelled`,
        "a model that attends to all tokens or a window; served it can be simulated"
      )

const depth: Check = ({ model, layout: { pipeline }, virtualPipeline, layerSplit }) => {
  const parts = pipeline * virtualPipeline
  // Embedding and head may take the place of a layer each in the first and last part.
  if (Array.isArray(layerSplit) || parts <= (layerSplit === "balanced" ? model.layers : model.layers + 2))
    return undefined
  const most = Math.max(1, Math.floor(model.layers / virtualPipeline))
  return refuse(
    parallelism("pipeline"),
    pipeline,
    `${pipeline} stages of ${virtualPipeline} part${virtualPipeline === 1 ? "" : "s"} are more than ${model.layers} layers`,
    `at most ${most} stages`,
    divisorsNear(model.layers, most).filter((size) => size <= most)
  )
}

const chunks: Check = ({ layout: { pipeline }, virtualPipeline }) =>
  virtualPipeline === 1 || pipeline > 1
    ? undefined
    : refuse(
        parallelism("virtualPipeline"),
        virtualPipeline,
        `${virtualPipeline} model parts per stage need more than one stage`,
        "1 where pipeline is 1",
        [1]
      )

const layers: Check = ({ model, layout, virtualPipeline, layerSplit }) => {
  if (layerSplit === undefined || layerSplit === "balanced") return undefined
  const parts = layout.pipeline * virtualPipeline
  const sum = layerSplit.reduce((total, part) => total + part, 0)
  if (layerSplit.length === parts && sum === model.layers) return undefined
  return refuse(
    ["training", "layerSplit"],
    layerSplit.join(", "),
    `${layerSplit.length} parts with ${sum} layers together`,
    `${parts} parts with ${model.layers} layers together`
  )
}

const product: Check = ({ layout, accelerators }) => {
  const { tensor, pipeline, context, data } = layout
  const each = tensor * pipeline * context
  if (each * data === accelerators) return undefined
  const sizes = `tensor ${tensor} x pipeline ${pipeline} x context ${context}`
  return accelerators % each === 0
    ? refuse(
        parallelism("data"),
        data,
        `${sizes} x data ${data} is ${each * data}, the cluster has ${accelerators} accelerators`,
        `sizes whose product is ${accelerators}`,
        [accelerators / each]
      )
    : refuse(
        ["training", "parallelism"],
        each,
        `${sizes} = ${each} does not divide the cluster's ${accelerators} accelerators`,
        "sizes whose product divides the accelerators",
        []
      )
}

const batch: Check = ({ layout, accelerators, microBatch, globalBatch, hasOwnCounts = false }) => {
  const { data, tensor, pipeline, context } = layout
  const each = hasOwnCounts ? microBatch : data * microBatch
  // Replicas that do not multiply out are the problem then, not the batch.
  if (globalBatch % each === 0 || tensor * pipeline * context * data !== accelerators) return undefined
  const below = Math.floor(globalBatch / each) * each
  return refuse(
    ["training", "globalBatch"],
    globalBatch,
    `${globalBatch} sequences do not divide over ${hasOwnCounts ? "" : `data ${data} x `}microBatch ${microBatch}`,
    `a multiple of ${each}`,
    below === 0 ? [each] : [below, below + each]
  )
}

const experts: Check = ({ model, layout: { expert } }) => {
  if (expert === 1) return undefined
  if (model.experts === null)
    return refuse(parallelism("expert"), expert, `${model.name} has no experts to split`, "1 for a dense model", [1])
  return model.experts.count % expert === 0
    ? undefined
    : refuse(
        parallelism("expert"),
        expert,
        `an expert-parallel size of ${expert} does not divide ${model.experts.count} experts`,
        `a divisor of ${model.experts.count}`,
        divisorsNear(model.experts.count, expert)
      )
}

const expertRanks: Check = ({ model, layout }) => {
  if (model.experts === null) return undefined
  const expertTensor = layout.expertTensor ?? layout.tensor
  const ranks = layout.tensor * layout.context * layout.data
  const each = layout.expert * expertTensor
  return ranks % each === 0
    ? undefined
    : refuse(
        parallelism(layout.expert > 1 ? "expert" : "expertTensor"),
        layout.expert > 1 ? layout.expert : expertTensor,
        `expert ${layout.expert} x expertTensor ${expertTensor} does not divide the ${ranks} ranks of a pipeline stage`,
        `sizes whose product divides ${ranks}`,
        layout.expert > 1 && ranks % expertTensor === 0 ? divisorsNear(ranks / expertTensor, layout.expert) : []
      )
}

const sequence: Check = ({ layout: { context, tensor }, sequenceLength, sequenceParallel }) => {
  const ranks = context * (sequenceParallel ? tensor : 1)
  if (sequenceLength % ranks === 0) return undefined
  const below = Math.floor(sequenceLength / ranks) * ranks
  return refuse(
    ["training", "sequenceLength"],
    sequenceLength,
    `${sequenceLength} tokens do not divide over ${ranks} ranks that share a sequence`,
    `a multiple of ${ranks}`,
    below === 0 ? [ranks] : [below, below + ranks]
  )
}

const shards: Check = ({ layout: { data, context }, shardGroup }) => {
  const ranks = data * context
  return shardGroup === undefined || ranks % shardGroup === 0
    ? undefined
    : refuse(
        ["training", "sharding", "group"],
        shardGroup,
        `shard groups of ${shardGroup} do not divide ${ranks} data-parallel ranks`,
        `a divisor of ${ranks}`,
        divisorsNear(ranks, shardGroup)
      )
}

const effort: Check = ({ layout, microBatch, globalBatch, virtualPipeline, symmetry, accelerators }) => {
  const microBatches = globalBatch / (layout.data * microBatch)
  const actors = symmetry === "on" ? layout.pipeline : accelerators
  const operations = actors * virtualPipeline * microBatches
  return operations <= mostOperations
    ? undefined
    : refuse(
        symmetry === "on" ? ["training", "globalBatch"] : ["symmetry"],
        symmetry === "on" ? globalBatch : symmetry,
        `${Math.round(operations / 1e6).toLocaleString("en")} million operations in one iteration are too many to simulate`,
        `at most ${mostOperations / 1e6} million: fewer or larger micro-batches${symmetry === "on" ? "" : ", or symmetry: on"}`
      )
}

const checks: readonly Check[] = [
  attends,
  attendsToAll,
  heads,
  depth,
  chunks,
  layers,
  product,
  batch,
  experts,
  expertRanks,
  sequence,
  shards,
  effort
]
