/**
 * Seconds by number of tokens, computed when first asked for and kept.
 */
import type { Collectives } from "./collectives.ts"
import type { InferenceDevice } from "./device.ts"
import { placeExperts } from "./expert-placement.ts"
import { embeddingSeconds, headSeconds, layerSeconds, type LayerSeconds } from "./layer.ts"
import type { Stage } from "./shard.ts"
import { queriesOf } from "./speculation.ts"
import type { InferenceTarget } from "./types.ts"
import type { LayerKind } from "../transformer/index.ts"

/** Rows kept at most; a step with more tokens is computed anew each time. */
const mostRows = 1 << 18

/** A function of a whole number of tokens that remembers what it computed. */
export const remembered = (rows: number, compute: (tokens: number) => number): ((tokens: number) => number) => {
  // Zeroed pages cost nothing until they are touched: a table of 100,000 rows is made in microseconds.
  const kept = new Float64Array(rows)
  const isKept = new Uint8Array(rows)
  return (tokens) => {
    if (tokens >= rows) return compute(tokens)
    if (isKept[tokens] === 1) return kept[tokens] ?? 0
    const computed = compute(tokens)
    kept[tokens] = computed
    isKept[tokens] = 1
    return computed
  }
}

/** The same of two whole numbers. */
const rememberedPairs = (compute: (first: number, second: number) => number) => {
  const kept = new Map<number, number>()
  return (first: number, second: number): number => {
    const key = first * 2 ** 26 + second
    const known = kept.get(key)
    if (known !== undefined) return known
    const computed = compute(first, second)
    if (kept.size === mostRows) kept.clear()
    kept.set(key, computed)
    return computed
  }
}

/** Rows of the tables of a server: the tokens of its largest step, and some, for each data-attention group. */
export const rowsOf = (target: InferenceTarget): number => {
  const { maximumSequences, maximumStepTokens, stack, layout } = target
  const verified = maximumSequences * queriesOf(target)
  return Math.min(
    mostRows,
    layout.dataAttention *
      (Math.max(verified, maximumStepTokens, stack.graphs?.sizes.at(-1) ?? 0) + maximumSequences + 1)
  )
}

export interface LayerTable {
  /**
   * Seconds of the kernels, attention apart, and of the collectives of a stage's layers: of `tokens` tokens in all, `locked` if
   * all data-attention groups had as many as the fullest.
   */
  readonly kernels: (stage: Stage, tokens: number, locked: number) => number
  readonly communication: (stage: Stage, tokens: number, locked: number) => number
  /** The same, divided by kind of work; not remembered. */
  readonly split: (stage: Stage, tokens: number, locked: number) => LayerSeconds
}

export const makeLayerTable = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives
): LayerTable => {
  const rows = rowsOf(target)
  const { expertRouting, layout } = target
  const placed = expertRouting === undefined ? undefined : placeExperts(expertRouting, layout.expert)
  const of = (kind: LayerKind, tokens: number, locked: number): LayerSeconds =>
    layerSeconds(target, device, collectives, kind, tokens, placed, locked)
  type Seconds = (tokens: number, locked: number) => number
  /** Groups that are alike have a table by tokens. */
  const kept = (compute: Seconds): Seconds => {
    const alike = remembered(rows, (tokens) => compute(tokens, tokens))
    const uneven = rememberedPairs(compute)
    return (tokens, locked) => (tokens === locked ? alike(tokens) : uneven(tokens, locked))
  }
  const kernelsOf = (kind: LayerKind): Seconds =>
    kept((tokens, locked) => {
      const { gemm, experts, elementwise } = of(kind, tokens, locked)
      return gemm + experts + elementwise
    })
  const communicationOf = (kind: LayerKind): Seconds => kept((tokens, locked) => of(kind, tokens, locked).communication)
  const dense = kernelsOf("dense")
  const mixture = target.model.experts === null ? dense : kernelsOf("mixture")
  const denseExchange = communicationOf("dense")
  const mixtureExchange = target.model.experts === null ? denseExchange : communicationOf("mixture")
  const total = (stage: Stage, tokens: number, locked: number, ofDense: Seconds, ofMixture: Seconds): number =>
    (stage.dense > 0 ? stage.dense * ofDense(tokens, locked) : 0) +
    (stage.mixture > 0 ? stage.mixture * ofMixture(tokens, locked) : 0)
  return {
    kernels: (stage, tokens, locked) => total(stage, tokens, locked, dense, mixture),
    communication: (stage, tokens, locked) => total(stage, tokens, locked, denseExchange, mixtureExchange),
    split: (stage, tokens, locked) => {
      const sum: LayerSeconds = { gemm: 0, experts: 0, elementwise: 0, communication: 0 }
      for (const kind of ["dense", "mixture"] as const) {
        if (stage[kind] === 0) continue
        const one = of(kind, tokens, locked)
        for (const part of ["gemm", "experts", "elementwise", "communication"] as const)
          sum[part] += stage[kind] * one[part]
      }
      return sum
    }
  }
}

export interface Ends {
  readonly embedding: (tokens: number) => number
  /** LM head for so many rows. */
  readonly head: (rows: number) => number
}

export const makeEnds = (target: InferenceTarget, device: InferenceDevice): Ends => {
  const rows = rowsOf(target)
  return {
    embedding: remembered(rows, (tokens) => embeddingSeconds(target, device, tokens)),
    head: remembered(rows, (sampled) => headSeconds(target, device, sampled))
  }
}
