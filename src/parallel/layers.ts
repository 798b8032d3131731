/** How the transformer layers of a model are divided over its parts (pipeline stages, or chunks of them). */
import { splitError } from "./partition.ts"
import type { SplitError } from "./partition.ts"
import { isWhole, nearestOf } from "./refusal.ts"

/** Whether a split, or a partition, was refused. */
export const isSplitError = (made: readonly number[] | SplitError): made is SplitError => "_tag" in made

export interface SplitOptions {
  /** Transformer layers of the model. */
  readonly layers: number
  readonly parts: number
  /**
   * Whether the embedding (first part) and the LM head (last part) take the place of a layer; unset = the rule decides.
   */
  readonly embeddingAsLayer?: boolean
  readonly headAsLayer?: boolean
  /**
   * How a remainder is laid out: `even` = parts differ by one layer at most, the larger ones first; `greedy` = every part
   * takes as many as the largest must, and the last gets what is left. Unset = even.
   */
  readonly filling?: "even" | "greedy"
  /** Layers of each part, in the order of the model; checked, then used as it is. */
  readonly explicit?: readonly number[]
}

const checkExplicit = (layers: number, parts: number, explicit: readonly number[]): SplitError | undefined => {
  if (explicit.length !== parts) return splitError("explicit", explicit.length, `${parts} numbers, one a part`, [parts])
  const wrong = explicit.findIndex((count) => !isWhole(count, 0))
  if (wrong >= 0) return splitError(`explicit[${wrong}]`, explicit[wrong] ?? "", "a whole number of at least 0")
  const sum = explicit.reduce((total, count) => total + count, 0)
  return sum === layers ? undefined : splitError("explicit", sum, `numbers that add up to ${layers} layers`, [layers])
}

/** `total` in `parts` shares that differ by one at most, the larger ones first. */
const evenly = (total: number, parts: number): number[] =>
  Array.from({ length: parts }, (_, part) => Math.floor(total / parts) + (part < total % parts ? 1 : 0))

/**
 * `total` in `parts` shares of the smallest size that suffices, the last share what is left (DeepSpeed's
 * `partition_balanced`); evenly where that would leave a part empty.
 */
const greedily = (total: number, parts: number): number[] => {
  const share = Math.ceil(total / parts)
  const last = total - share * (parts - 1)
  return last < 1 ? evenly(total, parts) : Array.from({ length: parts }, (_, part) => (part < parts - 1 ? share : last))
}

/**
 * Transformer layers of each part: alike if the parts divide the layers; else, if they divide the layers + 2, with the
 * embedding and the LM head each in the place of a layer (BLOOM: 70 layers in 12 parts are 5, 6, ..., 6, 5); else by
 * `filling`. Either flag set replaces the first two rules: what is flagged counts as a layer.
 */
export const splitLayers = (options: SplitOptions): readonly number[] | SplitError => {
  const { layers, parts, embeddingAsLayer, headAsLayer, filling = "even", explicit } = options
  if (!isWhole(layers)) return splitError("layers", layers, "a whole number of at least 1", [1])
  if (!isWhole(parts)) return splitError("parts", parts, "a whole number of at least 1", [1])
  if (explicit !== undefined) return checkExplicit(layers, parts, explicit) ?? explicit
  const byRule =
    embeddingAsLayer === undefined && headAsLayer === undefined && layers % parts !== 0 && (layers + 2) % parts === 0
  const embedding = (embeddingAsLayer ?? byRule) ? 1 : 0
  const head = (headAsLayer ?? byRule) ? 1 : 0
  const total = layers + embedding + head
  if (parts > total) {
    const divisors = Array.from({ length: layers }, (_, index) => index + 1).filter((count) => layers % count === 0)
    return splitError("parts", parts, `at most ${total}, so that no part is empty`, nearestOf(parts, divisors))
  }
  const split = filling === "greedy" ? greedily(total, parts) : evenly(total, parts)
  split[0] = (split[0] ?? 0) - embedding
  split[parts - 1] = (split[parts - 1] ?? 0) - head
  return split
}
