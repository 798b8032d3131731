/**
 * FLOPs of training as publications count them. One multiplication with its addition is two FLOPs; a backward pass
 * costs two forward passes.
 */
import type { Model, Stack } from "../catalog/index.ts"
import { countParameters, matrixParameters } from "./parameters.ts"

/**
 * How a publication turns iteration time into TFLOP/s:
 *
 * - `model-full-attention`: what the model needs, attention over the whole square of the sequence (PaLM,
 *   arXiv:2204.02311, appendix B; llm-foundry, NeMo 24.07).
 * - `model-causal-attention`: the same with the masked half of attention left out (Megatron-Bridge).
 * - `hardware-megatron-2021`: what hardware executes under full recomputation (arXiv:2104.04473, section 5.1).
 * - `estimate-8nt`: 8 FLOPs a parameter and token, recomputation included (BigScience until February 2022).
 */
export type FlopConvention = Stack["flopCounting"]

/** Keys that a query meets on average, by the convention, in a layer that sees the whole sequence or a window of it. */
const keysSeen = (tokens: number, window: number, causal: boolean): number => {
  const seen = Math.min(window, tokens)
  return causal ? seen - (seen * seen) / (2 * tokens) : seen
}

/** Forward and backward FLOPs of scores and weighted values, per token: 12 L a d s where every layer sees everything. */
const attentionFlopsPerToken = (model: Model, sequenceLength: number, causal: boolean): number => {
  const latent = model.latentAttention
  const scoreWidth = latent === null ? model.headDimension : latent.keyDimension + latent.ropeDimension
  const valueWidth = latent === null ? model.headDimension : latent.valueDimension
  const local = model.slidingWindow
  const localLayers = local?.layers ?? 0
  const keys =
    (model.layers - localLayers - (model.linearAttention?.layers ?? 0)) *
      keysSeen(sequenceLength, sequenceLength, causal) +
    localLayers * keysSeen(sequenceLength, local?.tokens ?? sequenceLength, causal)
  return 6 * model.heads * (scoreWidth + valueWidth) * keys
}

/**
 * FLOPs that full recomputation makes hardware execute for a batch: 96 B s L h^2 (1 + s / 6h + V / 16Lh).
 *
 * Narayanan et al. 2021, arXiv:2104.04473, section 5.1. Holds for GPT layers with a feed-forward block of 4h; three
 * quarters of it are model FLOPs with full attention.
 */
export const megatronHardwareFlops = (model: Model, sequences: number, sequenceLength: number): number => {
  const { layers, hidden, vocabulary } = model
  const share = 1 + sequenceLength / (6 * hidden) + vocabulary / (16 * layers * hidden)
  return 96 * sequences * sequenceLength * layers * hidden * hidden * share
}

const perToken: Readonly<Record<FlopConvention, (model: Model, sequenceLength: number) => number>> = {
  "model-full-attention": (model, sequenceLength) =>
    6 * matrixParameters(model) + attentionFlopsPerToken(model, sequenceLength, false),
  "model-causal-attention": (model, sequenceLength) =>
    6 * matrixParameters(model) + attentionFlopsPerToken(model, sequenceLength, true),
  "hardware-megatron-2021": (model, sequenceLength) => megatronHardwareFlops(model, 1, sequenceLength) / sequenceLength,
  "estimate-8nt": (model) => 8 * countParameters(model).active
}

/**
 * FLOPs of one token of training, forward and backward, under a counting convention. A mixture counts the experts that
 * a token is routed to; local attention counts its window.
 *
 * @param sequenceLength tokens of a training sequence
 */
export const modelFlopsPerToken = (model: Model, sequenceLength: number, convention: FlopConvention): number =>
  perToken[convention](model, sequenceLength)
