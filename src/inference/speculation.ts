/**
 * Speculative decoding (Leviathan et al., arXiv:2211.17192): a cheap draft proposes `tokens` tokens for every sequence, and one pass
 * of the model verifies them all, each with one row of the batch. A sequence emits the accepted ones and one of the model's
 * own. What that costs is here; what is accepted is drawn in `serving`.
 */
import type { Model } from "../catalog/index.ts"
import type { InferenceTarget } from "./types.ts"

/** Rows of a step's batch for each decoding sequence. */
export const queriesOf = ({ speculation }: Pick<InferenceTarget, "speculation">): number =>
  speculation === undefined ? 1 : speculation.tokens + 1

/** Tokens that a step is expected to emit for a sequence: (1 - a^(k + 1)) / (1 - a), section 3.1. */
export const expectedTokens = (tokens: number, acceptance: number): number =>
  acceptance === 1 ? tokens + 1 : (1 - acceptance ** (tokens + 1)) / (1 - acceptance)

/** The acceptance that makes a step emit so many tokens in the mean; 1 where it cannot be reached. */
export const acceptanceFor = (tokens: number, emitted: number): number => {
  if (emitted >= tokens + 1) return 1
  let [low, high] = [0, 1]
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (expectedTokens(tokens, middle) < emitted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** A head of so many layers on top of a model, as shapes: what EAGLE and multi-token prediction run for each proposed token. */
export const draftHead = (model: Model, layers: number): Model => {
  const { linearAttention: _states, sparseAttention: _indexer, ...rest } = model
  return {
    ...rest,
    name: `${model.name} draft head`,
    layers,
    experts: model.experts === null ? null : { ...model.experts, denseLayers: 0 },
    slidingWindow: null
  }
}
