/**
 * The two sides of a layer whose attention and feed-forward blocks stand on ranks of their own, and the ways between them.
 */
import type { LayerKind } from "../transformer/index.ts"
import type { Collectives } from "./collectives.ts"
import type { InferenceDevice } from "./device.ts"
import { busiestOf, reachedPlaces, rowBytes } from "./exchange.ts"
import type { ExpertRank } from "./expert-placement.ts"
import {
  activationBytes,
  attentionProductSeconds,
  blockSeconds,
  expertSeconds,
  innerBytes,
  normBytes,
  routerSeconds
} from "./layer.ts"
import type { ExpertExchange, InferenceTarget } from "./types.ts"

/** Kernels bound by memory: two norms and positions beside attention, the activation beside the block. */
const attentionKernels = 3
const blockKernels = 1

export interface AttentionSide {
  readonly gemm: number
  readonly elementwise: number
  readonly communication: number
}

const linears = ({ stack }: InferenceTarget, { quantisation }: InferenceDevice): number =>
  quantisation.weightBytes.body < 2 ? 2 * stack.constants.linearSeconds.value : 0

/** Seconds of an attention rank beside attention itself, for `tokens` tokens over all groups. */
export const attentionSide = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives,
  kind: LayerKind,
  tokens: number
): AttentionSide => {
  const { model, layout, stack } = target
  const own = Math.ceil(tokens / layout.dataAttention)
  return {
    gemm:
      attentionProductSeconds(target, device, own) +
      (kind === "mixture" ? routerSeconds(target, device, own) : 0) +
      linears(target, device),
    elementwise:
      attentionKernels * device.elementwiseLaunch + (normBytes * own * model.hidden) / device.elementwiseRate,
    communication:
      layout.tensor === 1
        ? 0
        : collectives.allReduce(own * model.hidden * activationBytes, layout.tensor) +
          stack.constants.collectiveSeconds.value
  }
}

/** Seconds of the busiest feed-forward rank: its experts, and dense and shared blocks on its part of the tokens. */
export const feedForwardSide = (
  target: InferenceTarget,
  device: InferenceDevice,
  kind: LayerKind,
  tokens: number,
  placed: readonly ExpertRank[] | undefined
): number => {
  const { model, layout } = target
  const ranks = layout.feedForward?.ranks ?? 1
  const experts = kind === "mixture" ? model.experts : null
  const width = experts === null ? model.feedForward : experts.sharedFeedForward
  const own = Math.ceil(tokens / ranks)
  const inner = own * width + (experts === null ? 0 : (tokens * experts.active * experts.feedForward) / ranks)
  return (
    (width > 0 ? blockSeconds(target, device, width, own) + linears(target, device) : 0) +
    (experts === null ? 0 : expertSeconds(target, device, experts, tokens, placed)) +
    blockKernels * device.elementwiseLaunch +
    (innerBytes(model.gated) * inner) / device.elementwiseRate
  )
}

/**
 * Seconds of one way between the sides (M-to-N): a token goes once to every rank that has experts of it, and to one rank with a
 * dense or shared block. The side whose ports carry more sets the pace. Inside a scale-up domain over its links, else over NICs.
 */
export const waySeconds = (
  target: InferenceTarget,
  collectives: Collectives,
  kind: LayerKind,
  tokens: number,
  placed: readonly ExpertRank[] | undefined,
  format: ExpertExchange["dispatch"]
): number => {
  const { model, layout, fabric, stack } = target
  const ranks = layout.feedForward?.ranks ?? 1
  const attentionRanks = layout.tensor * layout.dataAttention
  const experts = kind === "mixture" ? model.experts : null
  const copies =
    experts === null
      ? 1
      : Math.min(ranks, reachedPlaces(ranks, experts.active) + (experts.sharedFeedForward > 0 ? 1 : 0))
  const busiest = experts === null ? 1 : busiestOf(target, placed)
  const bytes =
    rowBytes(model.hidden, format) * copies * Math.max(Math.ceil(tokens / attentionRanks), (tokens / ranks) * busiest)
  const all = attentionRanks + ranks
  const isNear = all <= fabric.scaleUp.domain
  return (
    collectives.exchange({ network: isNear ? 0 : bytes, scaleUp: isNear ? bytes : 0 }, all) +
    stack.constants.collectiveSeconds.value
  )
}
