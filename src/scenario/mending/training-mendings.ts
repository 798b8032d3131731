/**
 * What may mend a training scenario, by the field at fault: near values of the field itself, and of what it depends on.
 */
import { divisorsNear, undividedHeads } from "../size-checks.ts"
import type { Split } from "../feasibility.ts"
import { pathText, type Path } from "../issue.ts"
import type { Changes } from "./changes.ts"
import { divisorsOf } from "./divisors.ts"

/** What is wrong, as far as mending needs to know. */
export interface Fault {
  readonly path: Path
  readonly nearest?: readonly string[]
}

export interface Scene {
  readonly split: Split
  /** Whether the scenario says how many replicas there are, rather than leaving it to the accelerators. */
  readonly hasData: boolean
  /** Fields of a cluster of so many accelerators. */
  readonly clusterOf: (accelerators: number) => Changes
  readonly nodes: number
  /** Memory of an accelerator. */
  readonly capacityBytes: number
  /** Number formats that the accelerator has a rate for. */
  readonly formats: readonly string[]
}

const sizes = "training.parallelism"

/** Changes that may mend a fault; none may be enough. */
export const trainingMendings = (fault: Fault, scene: Scene): readonly Changes[] => {
  const path = pathText(fault.path)
  const near = (fault.nearest ?? [])
    .map((value) => (/^\d+$/.test(value) ? Number(value) : value))
    // One part a stage is what a scenario has that says nothing.
    .filter((value) => path !== `${sizes}.virtualPipeline` || value !== 1)
    .map((value) => ({ [path]: value }))
  // The product of several sizes is no field.
  return [...(mendings[path]?.(scene) ?? []), ...(path === sizes ? [] : near)]
}

type Mend = (scene: Scene) => readonly Changes[]

/** Sizes of one dimension or of several whose product is the accelerators; or as many accelerators as the product. */
const product: Mend = ({ split, hasData, clusterOf }) => {
  const { layout, accelerators, model } = split
  const { tensor, pipeline, context, data } = layout
  const changed = (size: string, from: number, to: number): Changes => (from === to ? {} : { [`${sizes}.${size}`]: to })
  const each = tensor * pipeline * context
  const clusters = hasData
    ? [each * data]
    : [Math.floor(accelerators / each) * each, Math.ceil(accelerators / each) * each].filter((size) => size > 0)
  const heads = divisorsOf(model.heads).filter((size) => undividedHeads(model, size, []) === undefined)
  const layouts = [context, ...(context > 1 ? divisorsOf(context).filter((size) => size < context) : [])].flatMap(
    (ring) =>
      heads.flatMap((width) =>
        accelerators % (width * ring) === 0
          ? divisorsOf(accelerators / (width * ring))
              .filter((depth) => depth <= model.layers + 2)
              .map((depth) => ({ width, depth, ring, copies: accelerators / (width * ring * depth) }))
          : []
      )
  )
  return [
    ...clusters.map(clusterOf),
    ...layouts.map(({ width, depth, ring, copies }) => ({
      ...changed("tensor", tensor, width),
      ...changed("pipeline", pipeline, depth),
      ...changed("context", context, ring),
      ...(hasData ? changed("data", data, copies) : {})
    }))
  ]
}

/** A batch that divides, or micro-batches or replicas that divide it. */
const batch: Mend = ({ split, hasData, clusterOf }) => {
  const { layout, microBatch, globalBatch } = split
  const { tensor, pipeline, context, data } = layout
  const perReplica = globalBatch / data
  const small = Number.isInteger(perReplica) ? divisorsNear(perReplica, microBatch) : []
  const copies = globalBatch % microBatch === 0 ? divisorsNear(globalBatch / microBatch, data) : []
  return [
    ...small.filter((size) => size !== microBatch).map((size) => ({ "training.microBatch": size })),
    ...copies
      .filter((size) => size !== data)
      .map((size) => ({
        ...(hasData ? { [`${sizes}.data`]: size } : {}),
        ...clusterOf(tensor * pipeline * context * size)
      })),
    // Too many operations to simulate: larger micro-batches are fewer.
    ...[2, 4, 8]
      .map((times) => times * microBatch)
      .filter((size) => Number.isInteger(perReplica) && perReplica % size === 0)
      .map((size) => ({ "training.microBatch": size }))
  ]
}

/** Fewer parts of a stage, or fewer stages. */
const depth: Mend = ({ split: { model, layout, virtualPipeline } }) => {
  const most = Math.floor((model.layers + 2) / layout.pipeline)
  return [
    ...[most, 1]
      .filter((parts) => parts >= 1 && parts < virtualPipeline)
      .map((parts) => ({ [`${sizes}.virtualPipeline`]: parts === 1 ? null : parts })),
    ...divisorsNear(model.layers, layout.pipeline).map((stages) => ({ [`${sizes}.pipeline`]: stages }))
  ]
}

const experts: Mend = ({ split: { model, layout } }) => {
  const count = model.experts?.count ?? 1
  const ranks = layout.tensor * layout.context * layout.data
  const common = divisorsOf(count).filter((size) => ranks % size === 0)
  return [
    ...common.filter((size) => size !== layout.expert).map((size) => ({ [`${sizes}.expert`]: size })),
    ...((layout.expertTensor ?? layout.tensor) > 1 ? [{ [`${sizes}.expertTensor`]: 1 }] : [])
  ]
}

/** Micro-batches and stages that a schedule may want: whole multiples, twice as many, even ones; or another schedule. */
const schedule: Mend = ({ split }) => {
  const { layout, virtualPipeline, microBatch, globalBatch } = split
  const { pipeline, data } = layout
  const microBatches = globalBatch / (data * microBatch)
  const below = Math.floor(microBatches / pipeline) * pipeline
  const counts = [below, below + pipeline, 2 * pipeline, microBatches - 1, microBatches + 1].filter(
    (count) => count >= 1 && count !== microBatches
  )
  const smaller = divisorsOf(globalBatch / data).filter(
    (size) => size !== microBatch && counts.includes(globalBatch / data / size)
  )
  return [
    ...counts.map((count) => ({ "training.globalBatch": count * data * microBatch })),
    ...smaller.map((size) => ({ "training.microBatch": size })),
    ...[2, 1]
      .filter((parts) => parts !== virtualPipeline)
      .map((parts) => ({ [`${sizes}.virtualPipeline`]: parts === 1 ? null : parts })),
    ...[pipeline - 1, pipeline + 1, 2 * pipeline]
      .filter((stages) => stages >= 1)
      .map((stages) => ({
        [`${sizes}.pipeline`]: stages
      })),
    { "training.schedule": virtualPipeline > 1 ? "interleaved-1f1b" : "1f1b" }
  ]
}

const chunks: Mend = ({ split: { layout } }) => [
  { [`${sizes}.virtualPipeline`]: null },
  ...(layout.pipeline === 1 ? [{ [`${sizes}.pipeline`]: 2 }] : [])
]

const sequence: Mend = ({ split: { layout } }) =>
  divisorsOf(layout.context)
    .filter((size) => size < layout.context)
    .map((size) => ({ [`${sizes}.context`]: size }))

const mendings: Readonly<Record<string, Mend>> = {
  [`${sizes}.tensor`]: ({ split: { model } }) =>
    divisorsOf(model.heads)
      .filter((size) => undividedHeads(model, size, []) === undefined)
      .map((size) => ({ [`${sizes}.tensor`]: size })),
  [sizes]: product,
  [`${sizes}.data`]: product,
  [`${sizes}.pipeline`]: depth,
  [`${sizes}.virtualPipeline`]: chunks,
  [`${sizes}.expert`]: experts,
  [`${sizes}.expertTensor`]: experts,
  "training.globalBatch": batch,
  "training.sequenceLength": sequence,
  "training.layerSplit": () => [{ "training.layerSplit": null }],
  "training.sharding.group": () => [{ "training.sharding.group": null }],
  "training.schedule": schedule,
  "training.collective": () => [{ "training.collective": null }],
  "training.precision": ({ formats }) => formats.map((precision) => ({ "training.precision": precision })),
  symmetry: () => [{ symmetry: "on" }]
}
