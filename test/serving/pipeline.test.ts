/** Pipelines computed by hand: two stages of one second each, half a second between them. */
import { describe, expect, test } from "vitest"
import { simulateServing } from "../../src/serving/index.ts"
import { listed, servingJob } from "./jobs.ts"
import { stepTable } from "./step-table.ts"

const law = { fixed: 1, perToken: 0, perContext: 0, stages: 2, hop: 0.5 }

const two = [
  [0, 4, 2],
  [0, 4, 2]
] as const

describe("two requests whose prompts fill a step each", () => {
  test("one batch in flight passes all stages before the next starts", () => {
    const job = servingJob({ law, batching: { maximumStepTokens: 4, batchesInFlight: 1 } })
    const { steps, log } = stepTable(job, listed(two))
    expect(steps).toEqual([
      [1, 4, 0, 0],
      [1, 3, 1, 5],
      [1, 1, 0, 0],
      [0, 0, 1, 5]
    ])
    expect([...log.requests.finished]).toEqual([5, 10])
    const { totals } = log.replicas[0]!
    expect(totals.busySeconds).toBe(10)
    expect(totals.stageSeconds).toBe(8)
  })

  test("two batches in flight follow each other through the stages", () => {
    const job = servingJob({ law, batching: { maximumStepTokens: 4, batchesInFlight: 2 } })
    const { steps, log } = stepTable(job, listed(two))
    // A is in stage 0 during 0-1, 2.5-3.5 and in stage 1 during 1.5-2.5, 4-5; B one second behind it.
    expect(steps).toEqual([
      [1, 4, 0, 0],
      [1, 4, 0, 0],
      [0, 0, 1, 5],
      [0, 0, 1, 5]
    ])
    expect([...log.requests.firstToken]).toEqual([2.5, 3.5])
    expect([...log.requests.finished]).toEqual([5, 6])
    expect(log.replicas[0]!.totals.busySeconds).toBe(6)
  })

  test("a prompt's second chunk follows its first before that is through", () => {
    const job = servingJob({ law, batching: { maximumStepTokens: 4, batchesInFlight: 2 } })
    const { steps, log } = stepTable(job, listed([[0, 8, 1]]))
    expect(steps).toEqual([
      [1, 4, 0, 0],
      [1, 4, 0, 0]
    ])
    expect([...log.requests.finished]).toEqual([3.5])
  })
})

test("one request a batch keeps both stages busy", () => {
  const job = servingJob({ law: { ...law, hop: 0 }, batching: { policy: "none", batchesInFlight: 2 } })
  const rows = Array.from({ length: 4 }, () => [0, 4, 50] as const)
  const log = simulateServing(job, { source: listed(rows) })
  // Two at a time, each token two seconds: 100 s for each pair, the second of it a second later.
  expect([...log.requests.finished]).toEqual([100, 101, 200, 201])
  expect(log.replicas[0]!.totals.stageSeconds).toBe(400)
})

test("the host is one: batches in flight take turns with it", () => {
  // 1 s and 0.01 s for each of its sequences, before each step.
  const job = servingJob({
    law: { ...law, hop: 0, host: 1 },
    batching: { policy: "none", batchesInFlight: 2 }
  })
  const log = simulateServing(job, {
    source: listed([
      [0, 4, 1],
      [0, 4, 1]
    ])
  })
  expect(log.requests.finished[0]).toBeCloseTo(1.01 + 2, 12)
  expect(log.requests.finished[1]).toBeCloseTo(2.02 + 2, 12)
  expect(log.replicas[0]!.totals.hostSeconds).toBeCloseTo(2.02, 12)
})
