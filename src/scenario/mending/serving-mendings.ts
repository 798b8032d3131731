/**
 * What may mend a serving scenario, by the field at fault: near values of the field itself, and of what it depends on.
 */
import type { Model } from "../../catalog/index.ts"
import type { InferenceLayout } from "../../inference/index.ts"
import { pathText } from "../issue.ts"
import { undividedHeads } from "../size-checks.ts"
import type { Changes } from "./changes.ts"
import { divisorsOf } from "./divisors.ts"
import type { Fault } from "./training-mendings.ts"

export interface ServedScene {
  readonly model: Model
  readonly layout: InferenceLayout
  readonly accelerators: number
  readonly nodes: number
  /** Copies of the model that the scenario asks for; undefined: what the accelerators leave. */
  readonly replicas: number | undefined
  readonly clusterOf: (accelerators: number) => Changes
  /** Number formats that the accelerator has a rate for. */
  readonly formats: readonly string[]
}

const sizes = "serving.parallelism"

/** Changes that may mend a fault; none may be enough. */
export const servingMendings = (fault: Fault, scene: ServedScene): readonly Changes[] => {
  const path = pathText(fault.path)
  const near = (fault.nearest ?? []).map((value) => ({ [path]: /^\d+$/.test(value) ? Number(value) : value }))
  // The product of several sizes is no field.
  return [...(mendings[path]?.(scene) ?? []), ...(path === sizes ? [] : near)]
}

type Mend = (scene: ServedScene) => readonly Changes[]

const heads = ({ heads: count, ...model }: Model): readonly number[] =>
  divisorsOf(count).filter((size) => undividedHeads({ ...model, heads: count }, size, []) === undefined)

/** Sizes whose product divides the accelerators, or as many accelerators as a replica or all of them need. */
const product: Mend = ({ model, layout, accelerators, replicas, clusterOf }) => {
  const { tensor, pipeline, dataAttention } = layout
  const each = tensor * pipeline * dataAttention
  const clusters =
    replicas === undefined
      ? [Math.floor(accelerators / each) * each, Math.ceil(accelerators / each) * each].filter((size) => size > 0)
      : [each * replicas]
  const changed = (name: string, from: number, to: number): Changes => (from === to ? {} : { [`${sizes}.${name}`]: to })
  return [
    ...clusters.map(clusterOf),
    ...heads(model).flatMap((width) =>
      divisorsOf(Math.floor(accelerators / (width * dataAttention)))
        .filter((depth) => depth <= model.layers && accelerators % (width * depth * dataAttention) === 0)
        .map((depth) => ({
          ...changed("tensor", tensor, width),
          ...changed("pipeline", pipeline, depth),
          ...(replicas === undefined ? {} : changedReplicas(replicas, accelerators / (width * depth * dataAttention)))
        }))
    )
  ]
}

const changedReplicas = (from: number, to: number): Changes => (from === to ? {} : { "serving.replicas": to })

const experts: Mend = ({ model, layout }) => {
  const ranks = layout.tensor * layout.dataAttention
  return divisorsOf(model.experts?.count ?? 1)
    .filter((size) => ranks % size === 0 && size !== layout.expert)
    .map((size) => ({ [`${sizes}.expert`]: size }))
}

const mendings: Readonly<Record<string, Mend>> = {
  [`${sizes}.tensor`]: ({ model }) => heads(model).map((size) => ({ [`${sizes}.tensor`]: size })),
  [sizes]: product,
  "serving.replicas": product,
  [`${sizes}.pipeline`]: ({ model, layout }) =>
    divisorsOf(model.layers)
      .filter((depth) => depth < layout.pipeline)
      .map((depth) => ({ [`${sizes}.pipeline`]: depth })),
  [`${sizes}.expert`]: experts,
  "serving.maxSequence": () => [{ "serving.maxSequence": null }],
  "serving.batching.maxBatchTokens": () => [{ "serving.batching.maxBatchTokens": null }],
  "serving.precision": ({ formats }) => formats.map((precision) => ({ "serving.precision": precision }))
}
