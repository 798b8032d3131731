import { describe, expect, test } from "vitest"
import {
  coordinatesOf,
  groupKinds,
  groupRanks,
  groupsOf,
  groupSize,
  rankOf,
  validateLayout,
  worldSize
} from "../../src/parallel/index.ts"
import type { Layout } from "../../src/parallel/index.ts"

const order = "tp-cp-ep-dp-pp"
const bloom: Layout = { tensor: 4, context: 1, expert: 1, data: 8, pipeline: 12, order }

describe("BLOOM's TP 4, DP 8, PP 12 on nodes of 8", () => {
  test("fills 384 ranks", () => {
    expect(worldSize(bloom)).toBe(384)
    expect(validateLayout(bloom, 384)).toBe(undefined)
  })
  test("has tensor groups of half a node and data groups of every fourth rank", () => {
    expect(groupRanks(bloom, "tensor", 2)).toEqual([0, 1, 2, 3])
    expect(groupRanks(bloom, "data", 0)).toEqual([0, 4, 8, 12, 16, 20, 24, 28])
    expect(groupRanks(bloom, "dataContext", 5)).toEqual([1, 5, 9, 13, 17, 21, 25, 29])
  })
  test("has its next pipeline stage 32 ranks on, 4 nodes away", () => {
    expect(groupRanks(bloom, "pipeline", 33).slice(0, 3)).toEqual([1, 33, 65])
    expect(coordinatesOf(bloom, 33)).toMatchObject({ tensor: 1, data: 0, pipeline: 1 })
  })
})

describe("experts fold over the ranks of a stage", () => {
  test("EP 4 within DP 8: ranks 0-3, and replicas 4 apart", () => {
    const layout = { tensor: 1, context: 1, expert: 4, data: 8, pipeline: 2, order }
    expect(worldSize(layout)).toBe(16)
    expect(groupRanks(layout, "expert", 9)).toEqual([8, 9, 10, 11])
    expect(groupRanks(layout, "expertData", 9)).toEqual([9, 13])
  })
  test("EP 4 with TP 2 keeps the experts' matrices split in 2: every other rank", () => {
    const layout = { tensor: 2, context: 1, expert: 4, data: 4, pipeline: 1, order }
    expect(groupRanks(layout, "expert", 0)).toEqual([0, 2, 4, 6])
    expect(groupRanks(layout, "expertTensor", 0)).toEqual([0, 1])
    expect(groupSize(layout, "expertData")).toBe(1)
  })
  test("EP 8 with whole experts takes in the tensor ranks too", () => {
    const layout = { tensor: 2, context: 2, expert: 8, expertTensor: 1, data: 4, pipeline: 1, order }
    expect(validateLayout(layout, 16)).toBe(undefined)
    expect(groupRanks(layout, "expert", 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(groupRanks(layout, "expertData", 3)).toEqual([3, 11])
    expect(groupRanks(layout, "tensor", 3)).toEqual([2, 3])
    expect(groupRanks(layout, "context", 3)).toEqual([1, 3])
    expect(groupRanks(layout, "dataContext", 3)).toEqual([1, 3, 5, 7, 9, 11, 13, 15])
  })
})

test("another order moves the pipeline inside: TP 2, PP 2, DP 2 as tp-pp-dp", () => {
  const layout = { tensor: 2, context: 1, expert: 1, data: 2, pipeline: 2, order: "tp-pp-dp" }
  expect(validateLayout(layout, 8)).toBe(undefined)
  expect(groupRanks(layout, "pipeline", 0)).toEqual([0, 2])
  expect(groupRanks(layout, "data", 0)).toEqual([0, 4])
})

test("for every small layout, each rank is in one group of each kind, and coordinates lead back to it", () => {
  let layouts = 0
  for (const tensor of [1, 2, 4])
    for (const context of [1, 3])
      for (const data of [1, 2, 4])
        for (const pipeline of [1, 3])
          for (const expert of [1, 2, 4])
            for (const expertTensor of [1, 2])
              for (const order of ["tp-cp-ep-dp-pp", "dp-ep-cp-tp-pp", "tp-pp-cp-ep-dp"]) {
                const layout = { tensor, context, data, pipeline, expert, expertTensor, order }
                if (validateLayout(layout) !== undefined) continue
                layouts++
                const world = worldSize(layout)
                for (let rank = 0; rank < world; rank++) expect(rankOf(layout, coordinatesOf(layout, rank))).toBe(rank)
                for (const kind of groupKinds) {
                  const groups = groupsOf(layout, kind)
                  const members = groups.flat().sort((a, b) => a - b)
                  expect(members).toEqual(Array.from({ length: world }, (_, rank) => rank))
                  for (const group of groups) {
                    expect(group).toHaveLength(groupSize(layout, kind))
                    for (const rank of group) expect(groupRanks(layout, kind, rank)).toEqual(group)
                  }
                }
                // Stages are the same in both views: experts of a stage are never spread over two.
                for (const group of groupsOf(layout, "expert"))
                  expect(new Set(group.map((rank) => coordinatesOf(layout, rank).pipeline)).size).toBe(1)
              }
  expect(layouts).toBeGreaterThan(200)
})

describe("a layout is refused", () => {
  test("where the sizes don't multiply to the ranks, with the data parallel size that would", () => {
    expect(validateLayout(bloom, 192)).toMatchObject({ _tag: "LayoutError", field: "data", given: "8", nearest: [4] })
  })
  test("where no data parallel size would, with the numbers of ranks around", () => {
    expect(validateLayout(bloom, 100)).toMatchObject({ field: "ranks", given: "100", nearest: [96, 144] })
    expect(validateLayout(bloom, 8)).toMatchObject({ field: "ranks", nearest: [48] })
  })
  test("where experts don't divide a stage's ranks", () => {
    expect(validateLayout({ ...bloom, expert: 6 })).toMatchObject({ field: "expert", given: "6", nearest: [4, 8] })
    expect(validateLayout({ ...bloom, expertTensor: 3 })).toMatchObject({
      field: "expertTensor",
      given: "3",
      nearest: [2, 4]
    })
  })
  test("where a size is no whole number from 1", () => {
    expect(validateLayout({ ...bloom, tensor: 0 })).toMatchObject({ field: "tensor", given: "0", nearest: [1] })
    expect(validateLayout({ ...bloom, data: 1.5 })).toMatchObject({ field: "data", given: "1.5" })
  })
  test("where the order names a dimension twice, not at all, or one that there is not", () => {
    expect(validateLayout({ ...bloom, order: "tp-tp-dp-pp" })).toMatchObject({
      field: "order",
      expected: "each dimension once"
    })
    expect(validateLayout({ ...bloom, order: "tp-dp" })).toMatchObject({ field: "order", expected: "pp in it" })
    expect(validateLayout({ ...bloom, order: "tp-xp-dp-pp" })).toMatchObject({ field: "order", nearest: [order] })
    expect(validateLayout({ ...bloom, context: 2, order: "tp-dp-pp" })).toMatchObject({ expected: "cp in it" })
    expect(validateLayout({ ...bloom, expert: 2, order: "tp-dp-pp" })).toMatchObject({ expected: "ep in it" })
  })
  test("where its order gives experts other pipeline groups than attention", () => {
    expect(validateLayout({ ...bloom, expert: 2, order: "tp-cp-ep-pp-dp" })).toMatchObject({ field: "order" })
  })
})
