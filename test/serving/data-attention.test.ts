/** Data-attention groups: own requests, own blocks, one step together. */
import { expect, test } from "vitest"
import type { StepLoad } from "../../src/inference/index.ts"
import { simulateServing } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"
import { listed, servingJob } from "./jobs.ts"

const rows = [
  [0, 10, 3],
  [0, 4, 2],
  [0, 6, 2]
] as const

test("requests go to the emptier group, tokens are summed, and contexts are those of the busiest for all", () => {
  const job = servingJob({ dataAttention: 2 })
  const loads: StepLoad[] = []
  const steps = {
    ...job.steps,
    stageSeconds: (stage: number, load: StepLoad) => {
      loads.push({ ...load })
      return job.steps.stageSeconds(stage, load)
    }
  }
  const log = simulateServing({ ...job, steps, leap: "off" }, { source: listed(rows) })
  // Groups: the first and the third request; the second.
  expect(loads.map(({ prefills, prefillTokens, prefillContext }) => [prefills, prefillTokens, prefillContext])).toEqual(
    [
      [3, 20, 32], // twice 10 + 6
      [0, 0, 0],
      [0, 0, 0]
    ]
  )
  expect(loads.map(({ decodes, decodeContext }) => [decodes, decodeContext])).toEqual([
    [0, 0],
    [3, 36], // twice 11 + 7, not 11 + 7 + 5
    [1, 24]
  ])
  // Of the fullest group: decodes, tokens, sequences.
  expect(
    loads.map(({ fullestDecodes, fullestTokens, fullestSequences }) => [
      fullestDecodes,
      fullestTokens,
      fullestSequences
    ])
  ).toEqual([
    [0, 16, 2],
    [2, 2, 2],
    [1, 1, 1]
  ])
  expect([...log.requests.finished]).toEqual([3, 2, 2])
})

test("each group preempts for itself", () => {
  const job = servingJob({ dataAttention: 2, cache: { blockTokens: 4, blocks: 3 } })
  // The first group has two requests that grow to three blocks, the second one.
  const log = simulateServing(job, {
    source: listed([
      [0, 4, 8],
      [0, 4, 8],
      [0, 4, 8]
    ])
  })
  expect([...log.requests.preemptions]).toEqual([0, 0, 1])
})

test("a leap ends where another group becomes the busiest", () => {
  const job = servingJob({
    dataAttention: 2,
    law: { fixed: 1, perToken: 0, perContext: 0.01 },
    cache: { blockTokens: 1000 }
  })
  // 100 tokens in one group, 2 x 10 in the other, which grows twice as fast and overtakes after 81 steps.
  const source = () =>
    listed([
      [0, 100, 201],
      [0, 10, 201],
      [0.1, 10, 1],
      [0.2, 10, 200]
    ])
  const log = simulateServing(job, { source: source() })
  expect(differences(log, simulateServing({ ...job, leap: "off" }, { source: source() }))).toEqual([])
  expect(log.events).toBeLessThan(20)
})

test("an idle group takes part in every step, and waits for the busiest in it", () => {
  const law = { fixed: 1, perToken: 0, perContext: 0.01 }
  const rowsOfOne = [[0, 100, 50]] as const
  const lone = simulateServing(servingJob({ dataAttention: 4, law }), { source: listed(rowsOfOne) })
  const single = simulateServing(servingJob({ dataAttention: 1, law }), { source: listed(rowsOfOne) })
  // The law prices contexts times the groups, of which all but one are idle: every step as if all had the same.
  const prefill = (groups: number): number => 1 + 0.01 * groups * 100
  const decodes = (groups: number): number => 49 + 0.01 * groups * ((101 + 149) / 2) * 49
  expect(single.requests.finished[0]).toBeCloseTo(prefill(1) + decodes(1), 9)
  expect(lone.requests.finished[0]).toBeCloseTo(prefill(4) + decodes(4), 9)
  // A request that comes to an idle group starts with the next step of all, not at once.
  const late = simulateServing(servingJob({ dataAttention: 2, law }), {
    source: listed([
      [0, 100, 3],
      [1, 10, 1]
    ])
  })
  expect(late.requests.firstToken[1]).toBeCloseTo(prefill(2) + 1 + 0.01 * 2 * (101 + 10), 9)
})

test("groups out of balance cost the difference between the busiest and the mean", () => {
  const law = { fixed: 1, perToken: 0, perContext: 0.01 }
  const secondsOf = (contexts: readonly (readonly [number, number])[]): number => {
    const log = simulateServing(servingJob({ dataAttention: 2, law }), {
      source: listed(contexts.map(([prompt, output]) => [0, prompt, output] as const))
    })
    return Math.max(...log.requests.finished)
  }
  // 101 tokens written beside prompts of 50 and 50, or of 90 and 10: the prompt's step and 100 decodes, each twice 40 tokens longer.
  const even = secondsOf([
    [50, 101],
    [50, 101]
  ])
  const uneven = secondsOf([
    [90, 101],
    [10, 101]
  ])
  expect(uneven - even).toBeCloseTo(101 * 0.01 * 2 * 40, 6)
})
