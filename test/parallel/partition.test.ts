import { describe, expect, test } from "vitest"
import { isSplitError, partitionLayers } from "../../src/parallel/index.ts"
import type { PartitionOptions } from "../../src/parallel/index.ts"

/** Every way to give the layers to the parts in order. */
const allSplits = (layers: number, parts: number, least: number): readonly (readonly number[])[] => {
  if (parts === 1) return layers >= least ? [[layers]] : []
  const made: number[][] = []
  for (let first = least; first <= layers; first++)
    for (const rest of allSplits(layers - first, parts - 1, least)) made.push([first, ...rest])
  return made
}

/** The heaviest part of a split, Infinity where a part does not fit in its memory. */
const heaviest = ({ cost, extra, memory }: PartitionOptions, counts: readonly number[]): number => {
  let from = 0
  return Math.max(
    ...counts.map((count, part) => {
      const own = Array.from({ length: count }, (_, index) => from + index)
      from += count
      const sum = (value: (layer: number, part: number) => number, beside: number): number =>
        own.reduce((total, layer) => total + value(layer, part), beside)
      const bytes = memory === undefined ? 0 : sum(memory.bytes, memory.extraBytes?.(part) ?? 0)
      if (memory !== undefined && bytes > memory.capacity(part)) return Infinity
      return sum(cost, extra?.(part) ?? 0)
    })
  )
}

const uniform = (weights: readonly number[], parts: number): PartitionOptions => ({
  layers: weights.length,
  parts,
  cost: (layer) => weights[layer] ?? 0
})

describe("a partition of layers", () => {
  test("makes the heaviest part as light as can be", () => {
    expect(partitionLayers(uniform([3, 1, 1, 1, 3], 3))).toEqual([1, 3, 1])
    expect(partitionLayers(uniform([9, 1, 1, 1], 2))).toEqual([1, 3])
    expect(partitionLayers(uniform([1, 2, 3], 1))).toEqual([3])
  })
  test("is even where it can choose: 7 equal layers in 4 parts are three twos and a one", () => {
    const counts = partitionLayers(uniform(Array<number>(7).fill(1), 4))
    expect((isSplitError(counts) ? [] : counts).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2])
  })
  test("gives an accelerator that is 3 times as fast 3 times the layers", () => {
    expect(partitionLayers({ layers: 32, parts: 4, cost: (_, part) => (part < 2 ? 1 : 3) })).toEqual([12, 12, 4, 4])
  })
  test("counts a head of 2 layers' cost on the last part, an embedding of 1 on the first", () => {
    const extra = (part: number): number => (part === 0 ? 1 : part === 3 ? 2 : 0)
    expect(partitionLayers({ layers: 29, parts: 4, cost: () => 1, extra })).toEqual([7, 8, 8, 6])
  })
  test("moves layers away from a part that cannot hold them", () => {
    const memory = { bytes: () => 10, extraBytes: (part: number) => (part === 0 ? 25 : 0), capacity: () => 55 }
    expect(partitionLayers({ layers: 12, parts: 3, cost: () => 1, memory })).toEqual([3, 5, 4])
  })
  test("is as good as trying every split, for mixed parts with extras and memory", () => {
    let state = 5
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647
      return state % below
    }
    let refused = 0
    for (let round = 0; round < 300; round++) {
      const least = random(3) === 0 ? 0 : 1
      const layers = 1 + random(8)
      const parts = 1 + random(least === 0 ? 4 : Math.min(5, layers))
      const costs = Array.from({ length: layers * parts }, () => random(10))
      const bytes = Array.from({ length: layers * parts }, () => random(10))
      const options: PartitionOptions = {
        layers,
        parts,
        least,
        cost: (layer, part) => costs[part * layers + layer] ?? 0,
        extra: (part) => (part * 7) % 5,
        ...(round % 2 === 0
          ? {}
          : { memory: { bytes: (layer, part) => bytes[part * layers + layer] ?? 0, capacity: (part) => 8 + 5 * part } })
      }
      const best = Math.min(...allSplits(layers, parts, least).map((counts) => heaviest(options, counts)))
      const counts = partitionLayers(options)
      if (isSplitError(counts)) {
        refused++
        expect(counts.field).toBe("memory")
        expect(best, `round ${round}`).toBe(Infinity)
        continue
      }
      expect(counts.every((count) => count >= least)).toBe(true)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(layers)
      expect(heaviest(options, counts), `round ${round}: ${counts.join(" ")}`).toBe(best)
    }
    expect(refused).toBeGreaterThan(10)
  })
  test("refuses more parts than layers, a cost that is none, and layers that no memory holds", () => {
    expect(partitionLayers(uniform([1, 2], 3))).toMatchObject({
      _tag: "SplitError",
      field: "parts",
      given: "3",
      nearest: [2]
    })
    expect(partitionLayers(uniform([1, Number.NaN], 1))).toMatchObject({ field: "cost(1, 0)" })
    expect(partitionLayers({ layers: 4, parts: 2, cost: () => 1, extra: () => -1 })).toMatchObject({ given: "-1" })
    expect(
      partitionLayers({ layers: 12, parts: 3, cost: () => 1, memory: { bytes: () => 10, capacity: () => 35 } })
    ).toMatchObject({
      field: "memory",
      given: "12 layers",
      expected: "at most the 9 layers that the memory of 3 parts can hold"
    })
    expect(
      partitionLayers({ layers: 4, parts: 2, cost: () => 1, memory: { bytes: () => 10, capacity: () => 5 } })
    ).toMatchObject({ expected: "memory for at least 1 layer in part 0, beside what it holds anyway" })
  })
})
