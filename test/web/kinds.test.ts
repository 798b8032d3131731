import { describe, expect, test } from "vitest"
import { colours, contrast } from "../../src/charts/index.ts"
import { colourClasses, colourOf, inkOn, kinds, palette } from "../../web/model/kinds.ts"

describe("colours", () => {
  test("are those of the charts, which keep their distance for every reader", () => {
    const names = colourClasses.map(({ kind, shade }) => (shade === "backward" ? shade : kind))
    expect(names).toEqual(Object.keys(colours))
    expect(palette("dark")).toEqual(Object.values(colours).map(({ dark }) => dark))
    expect(kinds.every((kind) => names.includes(kind))).toBe(true)
  })

  test("labels can be read on them", () => {
    for (const ground of ["light", "dark"] as const)
      for (const colour of palette(ground)) {
        expect(contrast(inkOn(colour), colour), colour).toBeGreaterThan(4.5)
      }
  })

  test("are given by stream, name and category", () => {
    const kindAndShade = (...args: Parameters<typeof colourOf>): string => {
      const { kind, shade } = colourClasses[colourOf(...args)]!
      return `${kind} ${shade}`
    }
    expect(kindAndShade("schedule", "F 12")).toBe("compute plain")
    expect(kindAndShade("schedule", "B 12")).toBe("compute backward")
    expect(kindAndShade("schedule", "W 12")).toBe("compute backward")
    expect(kindAndShade("schedule", "optimizer")).toBe("memory plain")
    expect(kindAndShade("compute", "QKV projection (recompute)")).toBe("compute backward")
    expect(kindAndShade("compute", "gradient accumulation")).toBe("memory plain")
    expect(kindAndShade("steps", "prefill 1, decode 3")).toBe("compute plain")
    expect(kindAndShade("steps", "71 decode steps of 3")).toBe("compute backward")
    expect(kindAndShade("tensor", "attention all-reduce")).toBe("tensor plain")
    expect(kindAndShade("pipeline", "send F 1")).toBe("pipeline plain")
    expect(kindAndShade("thread 7", "whatever")).toBe("other plain")
    expect(kindAndShade("thread 7", "ncclKernel_AllToAll", "kernel")).toBe("expert plain")
    expect(kindAndShade("thread 7", "c10d::allreduce_", "cpu_op")).toBe("host plain")
  })
})
