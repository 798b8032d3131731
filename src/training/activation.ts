/**
 * Bytes of activations that a layer keeps between its forward and its backward pass, per rank and micro-batch.
 *
 * Korthikanti et al. 2205.05198, section 4 (equations 1 to 6), with the score matrix dropped under FlashAttention and the
 * feed-forward's share counted by its own width.
 */
import { expertLoad, sequenceShards, tokensOf, type LayerKind, type RankShape } from "../kernels/index.ts"
import type { TrainingJob } from "./types.ts"

/** Whether a layer of a part is recomputed in full. */
export const isRecomputed = (job: TrainingJob, indexInPart: number): boolean =>
  job.recompute === "full" || (typeof job.recompute === "object" && indexInPart < job.recompute.blocks)

/** Bytes per token and hidden element that a recomputed layer keeps: its input. */
const checkpointBytes = 2

/** Bytes per token and hidden element that the operator policy keeps: measured on torchtitan, fidelity within 9 %. */
const operatorPolicyBytes = 16

/** Token copies that the busiest expert keeps, over the mean load. */
const busiestExpert = ({ model, expertImbalance, expertCapacity }: TrainingJob): number =>
  expertLoad(model.experts?.count ?? 1, expertImbalance, expertCapacity).busiest

/** Bytes a layer keeps if it is not recomputed. */
export const keptBytesOfLayer = (job: TrainingJob, shape: RankShape, kind: LayerKind): number => {
  const { model, stack } = job
  const { tensor } = shape
  const tokens = tokensOf(shape)
  const shards = sequenceShards(shape)
  if (job.recompute === "selective" && stack.selectiveRecompute === "operators")
    return (operatorPolicyBytes * tokens * model.hidden) / shards
  const perToken = tokens * model.hidden
  // Inputs of both norms and of the projections, 8 bytes an element, split by sequence parallelism; stacks of the
  // unfused era keep two dropout masks besides.
  const outside = ((stack.attention === "fused" ? 8 : 10) * perToken) / shards
  const heads = (model.heads * model.headDimension) / tensor
  const keyValue = (2 * model.keyValueHeads * model.headDimension) / tensor
  // Queries, keys, values and the core's output, 2 bytes each.
  const attention = tokens * (2 * heads + 2 * keyValue + 2 * heads)
  const scores =
    stack.attention === "fused" || job.recompute === "selective"
      ? (4 * tokens * model.heads) / tensor
      : ((stack.attentionDropout ? 5 : 4) * tokens * shape.sequence * model.heads) / tensor
  // Input and output of the activation function (gated: both inputs and the product), 2 bytes each.
  const inner = model.gated ? 6 : 4
  const experts = model.experts
  const feedForward =
    kind === "mixture" && experts !== null
      ? (tokens / tensor) * experts.active * (inner * experts.feedForward + 4 * model.hidden) * busiestExpert(job) +
        (tokens * inner * experts.sharedFeedForward) / tensor
      : (tokens * inner * model.feedForward) / tensor
  return outside + attention + scores + feedForward
}

/** Bytes that a layer keeps under the job's recompute. */
export const activationBytesOfLayer = (
  job: TrainingJob,
  shape: RankShape,
  kind: LayerKind,
  indexInPart: number
): number =>
  isRecomputed(job, indexInPart)
    ? (checkpointBytes * tokensOf(shape) * job.model.hidden) / sequenceShards(shape)
    : keptBytesOfLayer(job, shape, kind)
