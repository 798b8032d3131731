/**
 * The exact contiguous partition of a model's layers over its parts (pipeline stages, or chunks of them): the heaviest
 * part is as light as can be, and among the partitions of that quality the one of least sum of squares is taken, which
 * is the evenest where the parts are alike. A part may be faster than another (mixed accelerators), may carry work
 * beside its layers (embedding, LM head), and may be bounded in memory.
 *
 * Dynamic programme over (part, layers so far), at most parts x layers^2 / 2 steps twice.
 */
import { isWhole } from "./refusal.ts"
import type { Refusal } from "./refusal.ts"

export type SplitError = Refusal<"SplitError">

/** A refusal of a split; see `Refusal` for the parts. */
export const splitError = (
  field: string,
  given: number | string,
  expected: string,
  nearest: readonly number[] = []
): SplitError => ({ _tag: "SplitError", field, given: String(given), expected, nearest })

export interface PartitionMemory {
  /** Bytes of a layer in a part, at least 0. */
  readonly bytes: (layer: number, part: number) => number
  /** Bytes of a part beside its layers; default 0. */
  readonly extraBytes?: (part: number) => number
  /** Bytes that a part can hold. */
  readonly capacity: (part: number) => number
}

export interface PartitionOptions {
  /** Layers of the model, and parts it is cut into, both counted from 0 in the functions below. */
  readonly layers: number
  readonly parts: number
  /** Cost of a layer in a part (seconds, FLOPs, bytes: any unit), at least 0. */
  readonly cost: (layer: number, part: number) => number
  /** Cost of a part beside its layers: the embedding in the first, the head in the last; default 0. */
  readonly extra?: (part: number) => number
  readonly memory?: PartitionMemory
  /** Layers that a part has at least; default 1. With 0 a part may be empty. */
  readonly least?: number
}

/** Sums of the layers before each layer, a row of layers + 1 for each part; or the first value that is none. */
const sumsOf = (
  field: string,
  { layers, parts }: PartitionOptions,
  value: (layer: number, part: number) => number,
  extra: (part: number) => number
): { readonly sums: readonly Float64Array[]; readonly extras: readonly number[] } | SplitError => {
  const sums: Float64Array[] = []
  const extras: number[] = []
  const isNumber = (number: number): boolean => number >= 0 && number < Infinity
  for (let part = 0; part < parts; part++) {
    const row = new Float64Array(layers + 1)
    for (let layer = 0; layer < layers; layer++) {
      const one = value(layer, part)
      if (!isNumber(one)) return splitError(`${field}(${layer}, ${part})`, one, "a number of at least 0")
      row[layer + 1] = (row[layer] ?? 0) + one
    }
    const beside = extra(part)
    if (!isNumber(beside)) return splitError(`${field} beside the layers of part ${part}`, beside, "at least 0")
    sums.push(row)
    extras.push(beside)
  }
  return { sums, extras }
}

/** Sums of the same numbers in another order differ in the last bits; so much is no difference. */
const slack = 1 + 1e-12

/**
 * The layers of each part, in the order of the model, or a refusal: fewer layers than `least` asks, a cost that is no
 * number, or (field `memory`) layers that no partition can hold.
 */
export const partitionLayers = (options: PartitionOptions): readonly number[] | SplitError => {
  const { layers, parts, memory, least = 1 } = options
  if (!isWhole(layers)) return splitError("layers", layers, "a whole number of at least 1", [1])
  if (!isWhole(least, 0)) return splitError("least", least, "a whole number of at least 0", [1, 0])
  if (!isWhole(parts) || parts * least > layers) {
    const most = least === 0 ? Infinity : Math.floor(layers / least)
    if (most < 1) return splitError("least", least, `at most the ${layers} layers`, [layers])
    const expected =
      least === 0 ? "a whole number of at least 1" : `a whole number from 1 to ${most} for ${layers} layers`
    return splitError("parts", parts, expected, [Math.max(1, Math.min(most, Math.floor(parts)) || 1)])
  }
  const cost = sumsOf("cost", options, options.cost, options.extra ?? (() => 0))
  if ("_tag" in cost) return cost
  const bytes =
    memory === undefined ? undefined : sumsOf("bytes", options, memory.bytes, memory.extraBytes ?? (() => 0))
  if (bytes !== undefined && "_tag" in bytes) return bytes

  const costOf = (part: number, from: number, end: number): number =>
    (cost.sums[part]?.[end] ?? 0) - (cost.sums[part]?.[from] ?? 0) + (cost.extras[part] ?? 0)
  const holds = (part: number, from: number, end: number): boolean =>
    bytes === undefined ||
    (bytes.sums[part]?.[end] ?? 0) - (bytes.sums[part]?.[from] ?? 0) + (bytes.extras[part] ?? 0) <=
      (memory?.capacity(part) ?? Infinity) * slack

  /**
   * Row by row: the best score of the first `end` layers in the first `part` + 1 parts, and where that part starts.
   * `merge` adds a part of a cost to a score; a longer part never costs less, so that the search ends at the first
   * part that is too heavy.
   */
  const search = (merge: (score: number, cost: number) => number, heaviest: number) => {
    let scores = new Float64Array(layers + 1).fill(Infinity)
    scores[0] = 0
    const starts: Int32Array[] = []
    for (let part = 0; part < parts; part++) {
      const next = new Float64Array(layers + 1).fill(Infinity)
      const start = new Int32Array(layers + 1)
      for (let end = (part + 1) * least; end <= layers; end++)
        for (let from = end - least; from >= part * least; from--) {
          const heavy = costOf(part, from, end)
          if (heavy > heaviest || !holds(part, from, end)) break
          // Alone at least as bad as the best so far: so are all longer ones.
          if (merge(0, heavy) >= (next[end] ?? 0)) break
          const score = merge(scores[from] ?? Infinity, heavy)
          if (score < (next[end] ?? 0)) {
            next[end] = score
            start[end] = from
          }
        }
      scores = next
      starts.push(start)
    }
    return { score: scores[layers] ?? Infinity, starts }
  }

  const { score: heaviest } = search(Math.max, Infinity)
  if (heaviest === Infinity) return splitError("memory", `${layers} layers`, held(options, holds, least))
  const { starts } = search((score, one) => score + one * one, heaviest * slack)
  const counts: number[] = []
  let end = layers
  for (let part = parts - 1; part >= 0; part--) {
    const from = starts[part]?.[end] ?? 0
    counts.unshift(end - from)
    end = from
  }
  return counts
}

/** What the parts can hold at most, each filled in turn. */
const held = (
  { layers, parts }: PartitionOptions,
  holds: (part: number, from: number, end: number) => boolean,
  least: number
): string => {
  let end = 0
  for (let part = 0; part < parts; part++) {
    if (end + least > layers || !holds(part, end, end + least))
      return `memory for at least ${least} layer${least === 1 ? "" : "s"} in part ${part}, beside what it holds anyway`
    let from = end
    end += least
    while (end < layers - (parts - 1 - part) * least && holds(part, from, end + 1)) end++
    from = end
  }
  return `at most the ${end} layers that the memory of ${parts} parts can hold`
}
