/**
 * Sizes of a server that must agree with the model and the machines before it can be simulated.
 */
import type { Model } from "../../catalog/index.ts"
import type { InferenceLayout } from "../../inference/index.ts"
import type { Finding, Path } from "../issue.ts"
import { findDisagreements } from "../model-checks.ts"
import { divisorsNear, refuse, undividedHeads } from "../size-checks.ts"

export interface ServedSplit {
  readonly model: Model
  readonly layout: InferenceLayout
  /** Copies of the model; undefined: what the accelerators leave. */
  readonly replicas: number | undefined
  readonly accelerators: number
  readonly maximumSequence: number | undefined
  readonly maximumSequences: number
  readonly maximumStepTokens: number | undefined
}

/** Accelerators of one replica. */
export const acceleratorsOf = ({ tensor, pipeline, dataAttention }: InferenceLayout): number =>
  tensor * pipeline * dataAttention

/** Everything about a server that cannot be, each with the sizes nearest to it that can. */
export const findUnservable = (split: ServedSplit): readonly Finding[] => [
  ...findDisagreements(split.model),
  ...checks.flatMap((check) => check(split) ?? [])
]

type Check = (split: ServedSplit) => Finding | undefined

const size = (name: string): Path => ["serving", "parallelism", name]

const heads: Check = ({ model, layout }) => undividedHeads(model, layout.tensor, size("tensor"))

const depth: Check = ({ model: { layers }, layout: { pipeline } }) =>
  pipeline <= layers
    ? undefined
    : refuse(size("pipeline"), pipeline, `${pipeline} stages are more than ${layers} layers`, `at most ${layers}`, [
        layers
      ])

const experts: Check = ({ model, layout: { expert, tensor, dataAttention } }) => {
  if (expert === 1) return undefined
  if (model.experts === null)
    return refuse(size("expert"), expert, `${model.name} has no experts to split`, "1 for a dense model", [1])
  const ranks = tensor * dataAttention
  if (ranks % expert !== 0)
    return refuse(
      size("expert"),
      expert,
      `an expert-parallel size of ${expert} does not divide the ${ranks} ranks of a pipeline stage`,
      `a divisor of tensor x dataAttention, ${ranks}`,
      divisorsNear(ranks, expert)
    )
  return model.experts.count % expert === 0
    ? undefined
    : refuse(
        size("expert"),
        expert,
        `an expert-parallel size of ${expert} does not divide ${model.experts.count} experts`,
        `a divisor of ${model.experts.count}`,
        divisorsNear(model.experts.count, expert)
      )
}

const product: Check = ({ layout, replicas, accelerators }) => {
  const each = acceleratorsOf(layout)
  const { tensor, pipeline, dataAttention } = layout
  const sizes = `tensor ${tensor} x pipeline ${pipeline}${dataAttention === 1 ? "" : ` x dataAttention ${dataAttention}`}`
  if (accelerators % each !== 0)
    return refuse(
      ["serving", "parallelism"],
      each,
      `${sizes} = ${each} does not divide the cluster's ${accelerators} accelerators`,
      each > accelerators
        ? `sizes whose product is at most ${accelerators}`
        : `sizes whose product divides ${accelerators}, or other cluster.accelerators`,
      divisorsNear(accelerators, each)
    )
  return replicas === undefined || replicas * each === accelerators
    ? undefined
    : refuse(
        ["serving", "replicas"],
        replicas,
        `${replicas} replica${replicas === 1 ? "" : "s"} of ${sizes} need ${replicas * each} accelerators, the cluster has ${accelerators}`,
        `${accelerators / each}, or cluster.accelerators: ${replicas * each}`,
        [accelerators / each]
      )
}

const sequence: Check = ({ model, maximumSequence }) =>
  maximumSequence === undefined || model.position === "alibi" || maximumSequence <= model.maximumSequence
    ? undefined
    : refuse(
        ["serving", "maxSequence"],
        maximumSequence,
        `${model.name} was made for sequences of at most ${model.maximumSequence} tokens`,
        `at most ${model.maximumSequence}`,
        [model.maximumSequence]
      )

const stepTokens: Check = ({ maximumSequences, maximumStepTokens }) =>
  maximumStepTokens === undefined || maximumStepTokens >= maximumSequences
    ? undefined
    : refuse(
        ["serving", "batching", "maxBatchTokens"],
        maximumStepTokens,
        `${maximumSequences} sequences (maxBatchSize) decode a token each, more than ${maximumStepTokens} tokens of a step`,
        `at least ${maximumSequences}`,
        [maximumSequences]
      )

const checks: readonly Check[] = [heads, depth, experts, product, sequence, stepTokens]
