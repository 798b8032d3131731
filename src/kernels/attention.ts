/**
 * The attention core: softmax(Q K^T) V, fused (FlashAttention) or through a score matrix in memory.
 */
import type { Device } from "./device.ts"
import { halfFormat } from "./device.ts"

export interface AttentionShape {
  readonly batch: number
  /** Query heads on this rank. */
  readonly heads: number
  /** Mean of the query/key and the value head dimension. */
  readonly headDimension: number
  /** Tokens of the whole sequence. */
  readonly sequence: number
  /** Ranks that share the sequence (context parallel). */
  readonly context: number
  /** Mean share of the causal triangle that is computed; below 1 with sliding windows. */
  readonly causalShare: number
}

/** Causal FLOPs forward: two products of half a square each (Dao 2022, section 4.1 counts them so). */
export const causalFlops = ({ batch, heads, headDimension, sequence, context, causalShare }: AttentionShape): number =>
  (2 * batch * heads * headDimension * sequence * sequence * causalShare) / context

/** FlashAttention's backward recomputes the scores: five products for the forward's two. */
const backwardFlops = 2.5
/** Its kernels reach about four fifths of the forward rate (FlashAttention 2 and 3 papers, figures of both passes). */
const backwardRate = 0.8

/** Rate of fused attention relative to head dimension 128: smaller heads leave the tensor cores waiting. */
const headDimensionFactor = ({ attentionNarrow, attentionWide }: Device, headDimension: number): number => {
  const doublings = Math.log2(headDimension / 128)
  return (doublings < 0 ? attentionNarrow : attentionWide) ** Math.min(1, Math.abs(doublings))
}

/**
 * Seconds of fused causal attention: t = t0 + F (1 + s0 / s) / (e P).
 *
 * @param factor factor of the software stack (its FlashAttention generation) on the rate
 */
export const fusedAttentionSeconds = (
  device: Device,
  shape: AttentionShape,
  pass: "forward" | "backward",
  factor: number
): number => {
  const peak = device.sustained(halfFormat(device.accelerator))?.peak ?? 0
  const rate =
    device.attentionShare * device.attentionSustained * headDimensionFactor(device, shape.headDimension) * factor * peak
  const local = shape.sequence / shape.context
  const forward = (causalFlops(shape) * (1 + device.attentionRampTokens / local)) / rate
  return device.gemmLaunchSeconds + (pass === "forward" ? forward : (forward * backwardFlops) / backwardRate)
}

/** Bytes moved per score: scale, mask and softmax read and write 16-bit scores (+ the dropout mask). */
const forwardBytesPerScore = 8
const backwardBytesPerScore = 14
const dropoutBytesPerScore = 5

/** Seconds of unfused attention: batched products over the FULL square, and softmax passes through memory. */
export const unfusedAttention = (
  device: Device,
  shape: AttentionShape,
  pass: "forward" | "backward",
  options: { readonly dropout: boolean; readonly softmaxFactor: number }
): { readonly products: number; readonly softmax: number; readonly flops: number; readonly bytes: number } => {
  const peak = device.sustained(halfFormat(device.accelerator))?.peak ?? 0
  const scores = (shape.batch * shape.heads * shape.sequence * shape.sequence) / shape.context
  const forward = 4 * scores * shape.headDimension
  const flops = pass === "forward" ? forward : 2 * forward
  // Tensor cores need inner dimensions that are multiples of 8 elements.
  const share = shape.headDimension % 8 === 0 ? device.batchedShare : device.misalignedShare
  const perScore =
    (pass === "forward" ? forwardBytesPerScore : backwardBytesPerScore) + (options.dropout ? dropoutBytesPerScore : 0)
  const bytes = scores * perScore * options.softmaxFactor
  return {
    products: 2 * device.gemmLaunchSeconds + flops / (share * peak),
    softmax: 2 * device.elementwiseLaunchSeconds + bytes / device.elementwiseBytesPerSecond,
    flops,
    bytes
  }
}
