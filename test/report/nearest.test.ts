import { describe, expect, test } from "vitest"
import { distance, nearestOf, type Likeness, type Measured } from "../../src/report/index.ts"

const bloom: Likeness = {
  stacks: ["megatron-deepspeed", "megatron-lm-2021"],
  accelerator: "a100-sxm-80gb",
  efficiencyClass: "a100",
  generation: "ampere",
  parameters: 176e9,
  isMixture: false,
  accelerators: 384,
  load: "training"
}

describe("how far a measurement is from a scenario", () => {
  test.each<readonly [string, Partial<Likeness>, number]>([
    ["the same", {}, 0],
    ["a stack of the same family", { stacks: ["megatron-core", "megatron-lm-2021"] }, 1],
    ["another stack", { stacks: ["torchtitan"] }, 2],
    ["less memory", { accelerator: "a100-sxm-40gb" }, 0.5],
    ["another card of the generation", { accelerator: "a40", efficiencyClass: "a40" }, 1],
    ["another generation", { accelerator: "h100-sxm", efficiencyClass: "h100", generation: "hopper" }, 2],
    ["a quarter of the parameters", { parameters: 44e9 }, 1],
    ["twice the accelerators", { accelerators: 768 }, 0.25],
    ["a mixture", { isMixture: true }, 1]
  ])("%s", (_, changes, far) => {
    expect(distance(bloom, { ...bloom, ...changes })).toBeCloseTo(far)
    expect(distance({ ...bloom, ...changes }, bloom)).toBeCloseTo(far)
  })
})

describe("the nearest measurements", () => {
  const measured = (id: string, source: string, parameters: number): Measured => ({ ...bloom, id, source, parameters })

  test("are the nearest, of one source four at most, in the order of their names where they are as near", () => {
    const table = ["f", "e", "d", "c", "b"].map((id) => measured(id, "one table", 176e9))
    const cases = [...table, measured("far", "other", 1e9), measured("near", "other", 88e9)]
    expect(nearestOf(bloom, cases, 6).map(({ id }) => id)).toEqual(["b", "c", "d", "e", "near", "far"])
  })

  test("are as many as there are", () => {
    expect(nearestOf(bloom, [], 8)).toEqual([])
    expect(nearestOf(bloom, [measured("none", "x", 0)], 8)).toEqual([])
  })
})
