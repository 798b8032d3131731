import { describe, expect, test } from "vitest"
import { plannedSteps, rampBatches } from "../../../src/training/run/segments.ts"
import type { RunStage } from "../../../src/training/run/types.ts"

const stage = (globalBatch: number, sequenceLength: number, tokens?: number): RunStage => ({
  globalBatch,
  sequenceLength,
  microBatch: 2,
  context: 1,
  ...(tokens === undefined ? {} : { tokens })
})

const shown = (planned: ReturnType<typeof plannedSteps>) =>
  planned.map(({ steps, globalBatch }) => [steps, globalBatch])

describe("the steps of a run", () => {
  test("are tokens over tokens a step, rounded up", () => {
    expect(shown(plannedSteps(366e9, [stage(2048, 2048)], null))).toEqual([[87_262, 2048]])
    expect(shown(plannedSteps(1, [stage(2048, 2048)], null))).toEqual([[1, 2048]])
  })

  test("of a batch that grows by 10 from 10 to 30 while 200 sequences pass", () => {
    // 100 sequences with 10, the next 100 with 20, then 30 from 200 sequences on.
    expect(shown(plannedSteps(1000, [stage(30, 1)], { from: 10, increment: 10, samples: 200 }))).toEqual([
      [10, 10],
      [5, 20],
      [27, 30]
    ])
  })

  test("of BLOOM: the log has 9,841,584 samples at iteration 12,695, and the last checkpoint is of step 95,000", () => {
    const ramp = { from: 192, increment: 16, samples: 9_765_625 }
    const planned = plannedSteps(366e9, [stage(2048, 2048)], ramp)
    expect(planned.length).toBe(117)
    expect(planned[0]).toMatchObject({ steps: 439, globalBatch: 192 })
    const growing = planned.slice(0, -1)
    const steps = growing.reduce((sum, each) => sum + each.steps, 0)
    const samples = growing.reduce((sum, each) => sum + each.steps * each.globalBatch, 0)
    expect(steps).toBe(12_658)
    // At full batch from there to the logged iteration.
    expect(Math.abs(samples + (12_695 - steps) * 2048 - 9_841_584)).toBeLessThan(2048)
    const all = steps + planned.at(-1)!.steps
    expect(all).toBeGreaterThan(95_000)
    expect(all).toBeLessThan(95_250)
    expect(rampBatches(ramp, 2048).length).toBe(116)
  })

  test("of three stages: each has its tokens, the last what is left", () => {
    const planned = plannedSteps(1_000_000, [stage(10, 100, 200_000), stage(10, 200, 400_000), stage(20, 200)], null)
    expect(
      planned.map(({ steps, globalBatch, stage: { sequenceLength } }) => [steps, globalBatch, sequenceLength])
    ).toEqual([
      [200, 10, 100],
      [200, 10, 200],
      [100, 20, 200]
    ])
  })

  test("stop where the tokens end, though stages are left", () => {
    expect(shown(plannedSteps(50_000, [stage(10, 100, 200_000), stage(10, 200)], null))).toEqual([[50, 10]])
  })
})
