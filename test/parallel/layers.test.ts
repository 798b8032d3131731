import { describe, expect, test } from "vitest"
import { isSplitError, splitLayers } from "../../src/parallel/index.ts"

describe("layers of each part", () => {
  test("greedily, every part has as many as the largest and the last what is left: 78 on 12 are 7, ..., 7, 1", () => {
    expect(splitLayers({ layers: 78, parts: 12, filling: "greedy" })).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1])
    expect(splitLayers({ layers: 72, parts: 12, filling: "greedy" })).toEqual(Array(12).fill(6))
    expect(splitLayers({ layers: 70, parts: 12, filling: "greedy" })).toEqual([5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5])
    // 13 layers by twos would leave five of twelve parts empty.
    expect(splitLayers({ layers: 13, parts: 12, filling: "greedy" })).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  })

  test("are alike where the parts divide them", () => {
    expect(splitLayers({ layers: 96, parts: 8 })).toEqual([12, 12, 12, 12, 12, 12, 12, 12])
    expect(splitLayers({ layers: 70, parts: 1 })).toEqual([70])
  })
  test("of BLOOM, 70 in 12 stages, are 5, ten times 6, 5: the embedding and the head stand for a layer each", () => {
    expect(splitLayers({ layers: 70, parts: 12 })).toEqual([5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5])
  })
  test("else are one more in the first parts", () => {
    expect(splitLayers({ layers: 32, parts: 5 })).toEqual([7, 7, 6, 6, 6])
  })
  test("count the embedding and the head as the flags say", () => {
    expect(splitLayers({ layers: 31, parts: 4, embeddingAsLayer: true })).toEqual([7, 8, 8, 8])
    expect(splitLayers({ layers: 31, parts: 4, headAsLayer: true })).toEqual([8, 8, 8, 7])
    expect(splitLayers({ layers: 70, parts: 12, embeddingAsLayer: false, headAsLayer: false })).toEqual([
      6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5
    ])
    expect(splitLayers({ layers: 126, parts: 16, embeddingAsLayer: true, headAsLayer: true })).toEqual([
      7,
      ...Array.from({ length: 14 }, () => 8),
      7
    ])
  })
  test("are what an explicit list says, if it adds up", () => {
    expect(splitLayers({ layers: 10, parts: 3, explicit: [2, 5, 3] })).toEqual([2, 5, 3])
    expect(splitLayers({ layers: 10, parts: 3, explicit: [2, 5, 4] })).toMatchObject({
      _tag: "SplitError",
      field: "explicit",
      given: "11",
      nearest: [10]
    })
    expect(splitLayers({ layers: 10, parts: 3, explicit: [5, 5] })).toMatchObject({
      field: "explicit",
      given: "2",
      nearest: [3]
    })
    expect(splitLayers({ layers: 10, parts: 3, explicit: [-1, 6, 5] })).toMatchObject({
      field: "explicit[0]",
      given: "-1"
    })
  })
  test("are refused where a part would be empty, with the parts that divide the layers", () => {
    expect(splitLayers({ layers: 12, parts: 16 })).toMatchObject({
      _tag: "SplitError",
      field: "parts",
      given: "16",
      nearest: [12, 6]
    })
    expect(splitLayers({ layers: 12, parts: 0 })).toMatchObject({ field: "parts" })
  })
  test("add up to the model and differ by one at most, for all sizes", () => {
    for (let layers = 1; layers <= 60; layers++) {
      for (let parts = 1; parts <= layers; parts++) {
        const split = splitLayers({ layers, parts })
        if (isSplitError(split)) throw new Error(`${layers} in ${parts}`)
        expect(split).toHaveLength(parts)
        expect(split.reduce((sum, count) => sum + count, 0)).toBe(layers)
        expect(Math.max(...split) - Math.min(...split)).toBeLessThanOrEqual(1)
      }
    }
  })
})
