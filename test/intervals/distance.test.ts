import { describe, expect, test } from "vitest"
import { distance, nearestCases, type Likeness } from "../../src/intervals/index.ts"
import { bloom, caseOf } from "./cases.ts"

describe("how far a measurement is from a scenario", () => {
  test.each<readonly [string, Partial<Likeness>, number]>([
    ["the same", {}, 0],
    ["a stack of the same family", { stack: "megatron-deepspeed-2022-02" }, 0.5],
    ["another stack", { stack: "torchtitan" }, 1],
    ["less memory", { accelerator: { ...bloom.accelerator, name: "a100-sxm-40gb" } }, 0.25],
    [
      "another card of the generation",
      { accelerator: { ...bloom.accelerator, name: "a40", efficiencyClass: "a40" } },
      0.5
    ],
    ["another generation", { accelerator: { name: "h100-sxm", efficiencyClass: "h100", generation: "hopper" } }, 1],
    ["a quarter of the parameters", { parameters: 44e9 }, 0.5],
    ["four times the accelerators", { accelerators: 1536 }, 0.2],
    ["a mixture", { isMixture: true }, 3],
    ["another quantity", { quantity: "token" }, Infinity]
  ])("%s", (_, changes, far) => {
    expect(distance(bloom, { ...bloom, ...changes })).toBeCloseTo(far)
    expect(distance({ ...bloom, ...changes }, bloom)).toBeCloseTo(far)
  })

  test("requests that come are nearer to users who wait than to a batch", () => {
    const server: Likeness = { ...bloom, quantity: "token", load: "open", stack: "vllm-v1" }
    expect(distance(server, { ...server, load: "closed" })).toBe(0.5)
    expect(distance(server, { ...server, load: "static" })).toBe(2)
  })
})

describe("the nearest measurements", () => {
  test("are the nearest, of one source four at most, in the order of their names where they are as near", () => {
    const table = ["f", "e", "d", "c", "b"].map((id) => caseOf(0.1, { id, source: "one table" }))
    const others = [
      caseOf(0.1, { id: "far", source: "other", parameters: 1e9 }),
      caseOf(0.1, { id: "near", source: "other", parameters: 88e9 })
    ]
    expect(nearestCases(bloom, [...table, ...others], 6).map(({ id }) => id)).toEqual([
      "b",
      "c",
      "d",
      "e",
      "near",
      "far"
    ])
  })

  test("are of the same quantity, and never of servers near their limit", () => {
    const token: Likeness = { ...bloom, quantity: "token", load: "open" }
    const cases = [
      caseOf(0.1),
      caseOf(0.2, { quantity: "token", load: "open" }),
      caseOf(0.3, { quantity: "token", load: "closed" })
    ]
    expect(nearestCases(token, cases).map(({ leftOut }) => leftOut)).toEqual([0.3])
    expect(nearestCases({ ...bloom, quantity: "first" }, cases)).toEqual([])
  })
})
