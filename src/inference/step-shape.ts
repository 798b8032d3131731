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
 * Sequences that one host process cares for between steps. Where each data-attention group has a scheduler (`groupsHaveHosts`, and ranks
 * whose tokens never leave them) all wait for the one with the most; else one process answers for all.
 */
export const hostSequencesOf = (target: InferenceTarget, load: StepLoad): number => {
  const { stack, layout } = target
  const isApart = stack.groupsHaveHosts === true || sendsDirectly(target) || layout.feedForward !== undefined
  if (!isApart || layout.dataAttention === 1) return sequencesOf(load)
  const { fullestSequences = 0 } = load
  return fullestSequences > 0 ? fullestSequences : Math.ceil(sequencesOf(load) / layout.dataAttention)
}

export interface StepShape {
  /** Rows of the products that all ranks share: those of the experts, and blocks that are split over all ranks. */
  readonly tokens: (load: StepLoad) => number
  /** The same if every data-attention group were as full as the fullest: what each rank computes for itself lasts as long. */
  readonly locked: (load: StepLoad) => number
  /** Rows of the LM head, of a step with so many rows. */
  readonly heads: (load: StepLoad, locked: number) => number
  /** The host launches the step kernel after kernel: it has prompts, or is larger than any captured graph. */
  readonly isLaunched: (load: StepLoad) => boolean
}

/** Rows of the fullest group times the groups; all rows where the groups are alike. */
export const lockedRows = (load: StepLoad, groups: number, queries: number): number => {
  const { fullestTokens = 0, fullestDecodes = 0 } = load
  return fullestTokens > 0
    ? groups * (fullestTokens + (queries - 1) * fullestDecodes)
    : load.decodes * queries + load.prefillTokens
}

export const makeStepShape = (target: InferenceTarget): StepShape => {
  const { stack, layout } = target
  const { dataAttention: groups } = layout
  const padded = stack.graphs === null ? undefined : paddedSizes(stack.graphs.sizes)
  const queries = queriesOf(target)
  // Rows that only fill up a graph are sent to no expert (SGLang masks their choices).
  const isMasked = sendsDirectly(target)
  const locked: StepShape["locked"] = (load) => {
    const all = lockedRows(load, groups, queries)
    if (load.prefillTokens > 0 || padded === undefined) return all
    // All groups replay the graph of the fullest.
    const own = Math.ceil(all / groups)
    return own < padded.length ? (padded[own] ?? own) * groups : all
  }
  return {
    tokens: (load) => {
      const all = load.decodes * queries + load.prefillTokens
      return load.prefillTokens > 0 || padded === undefined || isMasked ? all : locked(load)
    },
    locked,
    isLaunched: (load) =>
      padded === undefined ||
      load.prefillTokens > 0 ||
      Math.ceil(lockedRows(load, groups, queries) / groups) >= padded.length,
    heads: (load, rows) => {
      if (stack.logitsOfEveryToken) return rows
      return load.prefillTokens === 0 ? rows : load.sampled + (queries - 1) * load.decodes
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
