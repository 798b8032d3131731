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

/** Rows of the tables of a server: the tokens of its largest step, and some. */
export const rowsOf = (target: InferenceTarget): number => {
  const { maximumSequences, maximumStepTokens, stack } = target
  const verified = maximumSequences * queriesOf(target)
  return Math.min(
    mostRows,
    Math.max(verified, maximumStepTokens, stack.graphs?.sizes.at(-1) ?? 0) + maximumSequences + 1
  )
}

export interface LayerTable {
  /** Seconds of the kernels, attention apart, and of the collectives of a stage's layers. */
  readonly kernels: (stage: Stage, tokens: number) => number
  readonly communication: (stage: Stage, tokens: number) => number
  /** The same, divided by kind of work; not remembered. */
  readonly split: (stage: Stage, tokens: number) => LayerSeconds
}

export const makeLayerTable = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives
): LayerTable => {
  const rows = rowsOf(target)
  const { expertRouting, layout } = target
  const placed = expertRouting === undefined ? undefined : placeExperts(expertRouting, layout.expert)
  const of = (kind: LayerKind, tokens: number): LayerSeconds =>
    layerSeconds(target, device, collectives, kind, tokens, placed)
  const kernelsOf = (kind: LayerKind) =>
    remembered(rows, (tokens) => {
      const { gemm, experts, elementwise } = of(kind, tokens)
      return gemm + experts + elementwise
    })
  const communicationOf = (kind: LayerKind) => remembered(rows, (tokens) => of(kind, tokens).communication)
  const dense = kernelsOf("dense")
  const mixture = target.model.experts === null ? dense : kernelsOf("mixture")
  const denseExchange = communicationOf("dense")
  const mixtureExchange = target.model.experts === null ? denseExchange : communicationOf("mixture")
  const total = (
    stage: Stage,
    tokens: number,
    ofDense: (tokens: number) => number,
    ofMixture: (tokens: number) => number
  ): number =>
    (stage.dense > 0 ? stage.dense * ofDense(tokens) : 0) + (stage.mixture > 0 ? stage.mixture * ofMixture(tokens) : 0)
  return {
    kernels: (stage, tokens) => total(stage, tokens, dense, mixture),
    communication: (stage, tokens) => total(stage, tokens, denseExchange, mixtureExchange),
    split: (stage, tokens) => {
      const sum: LayerSeconds = { gemm: 0, experts: 0, elementwise: 0, communication: 0 }
      for (const kind of ["dense", "mixture"] as const) {
        if (stage[kind] === 0) continue
        const one = of(kind, tokens)
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
