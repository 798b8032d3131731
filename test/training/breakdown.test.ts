import { describe, expect, test } from "vitest"
import { jobOf, relative, run, totalOf } from "./jobs.ts"
import { layouts, unevenLayouts } from "./layouts.ts"

const written = Object.entries(layouts)

describe("the breakdown of an iteration", () => {
  test.each(written)("adds up to it, and no part is negative: %s", (_name, layout) => {
    const { breakdown, iterationSeconds, pipelineBubbleShare } = run(jobOf(layout))
    expect(relative(totalOf(breakdown), iterationSeconds)).toBeLessThan(1e-9)
    const { compute, exposed, bubble, host, optimizer } = breakdown
    for (const seconds of [...Object.values(compute), ...Object.values(exposed), bubble, host, optimizer])
      expect(seconds).toBeGreaterThanOrEqual(0)
    expect(pipelineBubbleShare * iterationSeconds).toBeCloseTo(bubble, 12)
  })

  test("names what a layout asks for, and nothing else", () => {
    const named = (name: string) => run(jobOf(layouts[name])).breakdown
    const alone = named("one accelerator")
    expect(Object.values(alone.exposed)).toEqual([0, 0, 0, 0, 0])
    expect([alone.host, alone.compute.recompute, alone.compute.experts]).toEqual([0, 0, 0])
    expect(alone.bubble).toBeCloseTo(0, 12)
    expect(named("experts over the ranks of a stage, experts uncut").compute.experts).toBeGreaterThan(0)
    expect(named("experts over the ranks of a stage, experts uncut").exposed.expert).toBeGreaterThan(0)
    expect(named("a tensor group that spans two nodes").exposed.tensor).toBeGreaterThan(0)
    expect(named("BLOOM in small: 4 x 4 x 4 ranks, full recompute, ZeRO-1").compute.recompute).toBeGreaterThan(0)
    expect(named("BLOOM in small: 4 x 4 x 4 ranks, full recompute, ZeRO-1").host).toBeGreaterThan(0)
    expect(named("ZeRO-3 over two nodes").compute.shardCopies).toBeGreaterThan(0)
    expect(named("a naive pipeline").bubble).toBeGreaterThan(named("1F1B over 4 stages of one node").bubble)
  })
})

describe("symmetry", () => {
  test.each([...written, ...Object.entries(unevenLayouts)])(
    "one rank a stage or every rank: the same iteration and memory, %s",
    (_name, layout) => {
      const job = jobOf(layout)
      const [folded, whole] = [run(job), run({ ...job, symmetry: "off" })]
      expect(relative(whole.iterationSeconds, folded.iterationSeconds)).toBeLessThan(1e-9)
      expect(whole.memory.fullest.peakBytes).toBe(folded.memory.fullest.peakBytes)
      expect(relative(totalOf(whole.breakdown), whole.iterationSeconds)).toBeLessThan(1e-9)
      expect(relative(whole.energy.joulesPerIteration, folded.energy.joulesPerIteration)).toBeLessThan(1e-9)
    }
  )

  test("saves events: 64 ranks in 4 stages are 16 times as many", () => {
    const job = jobOf(layouts["BLOOM in small: 4 x 4 x 4 ranks, full recompute, ZeRO-1"])
    expect(run({ ...job, symmetry: "off" }).events).toBeGreaterThan(8 * run(job).events)
  })
})
