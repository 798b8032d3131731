/** Leaps give what steps give: to a billionth, on every request and every total, whatever the policy. */
import { describe, expect, test } from "vitest"
import { simulateServing } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"
import { drawnJob, policyNames } from "./drawn-jobs.ts"
import { listed, servingJob } from "./jobs.ts"

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

describe("jobs drawn by lot", () => {
  test.each(policyNames)("%s", (policy) => {
    let leapt = 0
    let preempted = 0
    for (const seed of seeds) {
      const job = drawnJob(policy, seed)
      const leaping = simulateServing(job)
      const stepping = simulateServing({ ...job, leap: "off" })
      expect(differences(leaping, stepping), `seed ${seed}`).toEqual([])
      if (leaping.events < stepping.events) leapt++
      for (const { totals } of leaping.replicas) preempted += totals.preemptions
    }
    expect(leapt).toBeGreaterThan(15)
    const reserves = ["none", "static", "dynamic", "orca", "in-flight", "mixed"].includes(policy)
    if (reserves) expect(preempted).toBe(0)
    else expect(preempted).toBeGreaterThan(30)
  })
})

describe("a leap", () => {
  const law = { fixed: 1, perToken: 0, perContext: 0.01 }
  const cache = { blockTokens: 1000 }

  test("of an undisturbed request is one event", () => {
    const log = simulateServing(servingJob({ law, cache }), { source: listed([[0, 100, 101]]) })
    // Arrival, prompt, 100 decodes.
    expect(log.events).toBe(3)
    // Prompt 1 + 1; decodes at 101 ... 200 tokens: 100 + 0.01 x 15,050.
    expect(log.requests.finished[0]).toBeCloseTo(2 + 100 + 150.5, 9)
    expect(log.replicas[0]!.totals.steps).toBe(101)
    const { count, first, increment, steps, sequences } = log.gaps
    expect(count).toBe(1)
    expect([first[0], increment[0], steps[0], sequences[0]]).toEqual([2.01, 0.01, 100, 1])
  })

  test("ends with the step during which somebody arrives who can be admitted", () => {
    const log = simulateServing(servingJob({ law: { ...law, perContext: 0 }, cache }), {
      source: listed([
        [0, 100, 101],
        [7.5, 10, 2]
      ])
    })
    expect(log.requests.scheduled[1]).toBe(8)
    // Arrival, prompt, cut leap, arrival, two of the second, the rest.
    expect(log.events).toBe(7)
  })

  test("goes on when who arrives can only wait", () => {
    const log = simulateServing(servingJob({ law, cache, batching: { maximumSequences: 1 } }), {
      source: listed([
        [0, 100, 101],
        [7.5, 10, 1],
        [8.5, 10, 1]
      ])
    })
    // Three arrivals, three prompts, one leap.
    expect(log.events).toBe(7)
  })

  test("is divided where a stage leaves its floor", () => {
    // Seconds are max(2, 1 + 0.01 S): the floor lasts to S = 100.
    const job = servingJob({ law: { ...law, floor: 2 }, cache })
    const log = simulateServing(job, { source: listed([[0, 49, 102]]) })
    // Prompt 2; S = 50 ... 100: 51 x 2; S = 101 ... 150: 50 + 0.01 x 6,275.
    expect(log.requests.finished[0]).toBeCloseTo(2 + 102 + 50 + 62.75, 9)
    expect(log.events).toBe(4)
  })

  test("stops where blocks run out, and the request that lacks one is preempted in that step", () => {
    const job = servingJob({ law: { ...law, perContext: 0 }, cache: { blockTokens: 4, blocks: 8 } })
    const rows = [
      [0, 4, 20],
      [0, 4, 20]
    ] as const
    const log = simulateServing(job, { source: listed(rows) })
    // Both have 4 blocks and 16 tokens after 13 steps.
    expect([...log.requests.preemptions]).toEqual([0, 1])
    expect(log.requests.finished[0]).toBe(20)
    expect(differences(log, simulateServing({ ...job, leap: "off" }, { source: listed(rows) }))).toEqual([])
  })

  test("is not taken where a step's seconds are no line", () => {
    const log = simulateServing(servingJob({ law: { ...law, hasNoLine: true }, cache }), {
      source: listed([[0, 100, 101]])
    })
    expect(log.events).toBe(102)
    expect(log.requests.finished[0]).toBeCloseTo(252.5, 9)
  })

  test("of a sliding window is divided where a context fills it", () => {
    const job = servingJob({ law: { ...law, isWindowed: true }, cache, window: 120 })
    const log = simulateServing(job, { source: listed([[0, 100, 101]]) })
    // 101 ... 120 grow, then 80 steps at 120: 100 + 0.01 (2,210 + 9,600), and the prompt's 2 s.
    expect(log.requests.finished[0]).toBeCloseTo(2 + 100 + 118.1, 9)
    expect(log.events).toBe(4)
  })
})
