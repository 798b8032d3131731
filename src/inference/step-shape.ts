/**
 * The batch of a step as kernels see it: rows of its products, padded where a captured graph is replayed.
 */
import { sendsDirectly } from "./exchange.ts"
import { queriesOf } from "./speculation.ts"
import type { InferenceTarget, StepLoad } from "./types.ts"

/** Sequences that a step works on. */
export const sequencesOf = (load: StepLoad): number => load.decodes + load.prefills

/** Numbers of tokens that decode steps are padded to: padded[n] for n sequences; itself beyond the last captured size. */
const paddedSizes = (sizes: readonly number[]): Int32Array => {
  const last = sizes.reduce((most, size) => Math.max(most, size), 0)
  const padded = new Int32Array(last + 1)
  let index = 0
  for (let count = 0; count <= last; count++) {
    while ((sizes[index] ?? last) < count) index++
    padded[count] = sizes[index] ?? last
  }
  return padded
}

/**
 * Sequences that one host process cares for between steps. Ranks whose tokens never leave them run a scheduler for each data-attention
 * group (SGLang's and vLLM's data-parallel engines); where tokens are gathered the constants were fitted to all of them together.
 */
export const hostSequencesOf = (target: InferenceTarget, load: StepLoad): number => {
  const isApart = sendsDirectly(target) || target.layout.feedForward !== undefined
  return isApart ? Math.ceil(sequencesOf(load) / target.layout.dataAttention) : sequencesOf(load)
}

export interface StepShape {
  /** Rows of the products of a step. */
  readonly tokens: (load: StepLoad) => number
  /** Rows of the LM head, of a step with so many rows. */
  readonly heads: (load: StepLoad, tokens: number) => number
}

export const makeStepShape = (target: InferenceTarget): StepShape => {
  const { stack, layout } = target
  const padded = stack.graphs === null ? undefined : paddedSizes(stack.graphs.sizes)
  const queries = queriesOf(target)
  return {
    tokens: (load) => {
      const { prefillTokens } = load
      const decodes = load.decodes * queries
      if (prefillTokens > 0 || padded === undefined) return decodes + prefillTokens
      const own = layout.dataAttention === 1 ? decodes : Math.ceil(decodes / layout.dataAttention)
      return own < padded.length ? (padded[own] ?? own) * layout.dataAttention : decodes
    },
    heads: (load, tokens) => {
      if (stack.logitsOfEveryToken) return tokens
      return load.prefillTokens === 0 ? tokens : load.sampled + (queries - 1) * load.decodes
    }
  }
}

/** Launches of a layer over those of a plain one. */
export const launchesOf = ({ model, stack: { operatorLaunches: extra } }: InferenceTarget): number =>
  1 +
  (model.position === "rope" ? extra.rotary : 0) +
  (model.normalization === "rmsnorm" ? extra.rootMeanSquare : 0) +
  (model.gated ? extra.gate : 0) +
  (model.bias ? extra.bias : 0)
