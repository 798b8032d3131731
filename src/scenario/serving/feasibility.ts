/**
 * Sizes of a server that must agree with the model and the machines before it can be simulated.
 */
import type { Model } from "../../catalog/index.ts"
import { acceleratorsOfLayout, type InferenceLayout } from "../../inference/index.ts"
import type { Finding, Path } from "../issue.ts"
import { findDisagreements } from "../model-checks.ts"
import type { ServingScenario } from "../schema.ts"
import { divisorsNear, refuse, undividedHeads } from "../size-checks.ts"

type WrittenLayout = ServingScenario["serving"]["parallelism"]

export interface ServedSplit {
  readonly model: Model
  readonly layout: InferenceLayout
  /** Copies of the model; undefined: what the accelerators leave. */
  readonly replicas: number | undefined
  readonly accelerators: number
  readonly maximumSequence: number | undefined
  readonly maximumSequences: number
  readonly maximumStepTokens: number | undefined
  /** Copies of busy experts beyond one of each. */
  readonly redundantExperts?: number | undefined
}

/** Accelerators of one replica. */
export const acceleratorsOf = acceleratorsOfLayout

/** The layout that was written, everything left out at its default. */
export const layoutOf = ({
  tensor = 1,
  pipeline = 1,
  expert,
  dataAttention = 1,
  feedForward
}: WrittenLayout = {}): InferenceLayout => ({
  tensor,
  pipeline,
  // Ranks of their own share the experts among them.
  expert: expert ?? feedForward?.ranks ?? 1,
  dataAttention,
  ...(feedForward === undefined
    ? {}
    : { feedForward: { ranks: feedForward.ranks, microBatches: feedForward.microBatches ?? 3 } })
})

/** Everything about a server that cannot be, each with the sizes nearest to it that can. */
export const findUnservable = (split: ServedSplit): readonly Finding[] => [
  ...findDisagreements(split.model),
  ...checks.flatMap((check) => check(split) ?? [])
]

type Check = (split: ServedSplit) => Finding | undefined

const size = (name: string): Path => ["serving", "parallelism", name]

const heads: Check = ({ model, layout }) => undividedHeads(model, layout.tensor, size("tensor"))

const stateHeads: Check = ({ model: { linearAttention: linear }, layout: { tensor } }) =>
  linear === undefined || linear.valueHeads % tensor === 0
    ? undefined
    : refuse(
        size("tensor"),
        tensor,
        `a tensor-parallel size of ${tensor} does not divide ${linear.valueHeads} value heads of the layers with a state`,
        `a divisor of ${linear.valueHeads}`,
        divisorsNear(linear.valueHeads, tensor)
      )

const depth: Check = ({ model: { layers }, layout: { pipeline } }) =>
  pipeline <= layers
    ? undefined
    : refuse(size("pipeline"), pipeline, `${pipeline} stages are more than ${layers} layers`, `at most ${layers}`, [
        layers
      ])

const experts: Check = ({ model, layout: { expert, tensor, dataAttention, feedForward }, redundantExperts = 0 }) => {
  if (expert === 1 && feedForward === undefined) return undefined
  if (model.experts === null)
    return feedForward === undefined
      ? refuse(size("expert"), expert, `${model.name} has no experts to split`, "1 for a dense model", [1])
      : refuse(
          size("feedForward"),
          feedForward.ranks,
          `${model.name} has no experts: what its feed-forward blocks would save by standing apart is not modelled`,
          "a mixture of experts, or no feedForward",
          []
        )
  if (feedForward !== undefined) {
    if (expert !== feedForward.ranks)
      return refuse(
        size("expert"),
        expert,
        `the ${feedForward.ranks} ranks of feed-forward blocks share the experts`,
        `${feedForward.ranks}, or no expert`,
        [feedForward.ranks]
      )
    return model.experts.count % expert === 0 || redundantExperts > 0
      ? undefined
      : refuse(
          [...size("feedForward"), "ranks"],
          expert,
          `${expert} ranks do not divide ${model.experts.count} experts`,
          `a divisor of ${model.experts.count}`,
          divisorsNear(model.experts.count, expert)
        )
  }
  const ranks = tensor * dataAttention
  if (ranks % expert !== 0)
    return refuse(
      size("expert"),
      expert,
      `an expert-parallel size of ${expert} does not divide the ${ranks} ranks of a pipeline stage`,
      `a divisor of tensor x dataAttention, ${ranks}`,
      divisorsNear(ranks, expert)
    )
  // Copies may fill the ranks up: what they do not fill is refused where they are read.
  return model.experts.count % expert === 0 || redundantExperts > 0
    ? undefined
    : refuse(
        size("expert"),
        expert,
        `an expert-parallel size of ${expert} does not divide ${model.experts.count} experts`,
        `a divisor of ${model.experts.count}`,
        divisorsNear(model.experts.count, expert)
      )
}

const stagesApart: Check = ({ layout: { pipeline, feedForward } }) =>
  pipeline === 1 || feedForward === undefined
    ? undefined
    : refuse(
        size("pipeline"),
        pipeline,
        "attention and feed-forward blocks apart are modelled in one stage only",
        "1, or no feedForward",
        [1]
      )

const product: Check = ({ layout, replicas, accelerators }) => {
  const each = acceleratorsOf(layout)
  const { tensor, pipeline, dataAttention, feedForward } = layout
  const sizes = `tensor ${tensor} x pipeline ${pipeline}${dataAttention === 1 ? "" : ` x dataAttention ${dataAttention}`}${feedForward === undefined ? "" : ` + feedForward ${feedForward.ranks}`}`
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

/** Replicas beyond which a simulation would fill the memory of this machine: some kilobytes each. */
const mostReplicas = 50_000

const effort: Check = ({ layout, replicas, accelerators }) => {
  const count = replicas ?? accelerators / acceleratorsOf(layout)
  if (count <= mostReplicas) return undefined
  return refuse(
    replicas === undefined ? ["cluster"] : ["serving", "replicas"],
    count,
    `${count} replicas are more than can be simulated`,
    `at most ${mostReplicas} replicas: fewer nodes or larger ones`,
    [mostReplicas]
  )
}

const checks: readonly Check[] = [heads, stateHeads, depth, experts, stagesApart, product, sequence, stepTokens, effort]
