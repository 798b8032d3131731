/** Preemption computed by hand: every step takes one second, four blocks of four tokens. */
import { describe, expect, test } from "vitest"
import type { Batching, KeyValueCache, RequestClass } from "../../src/serving/index.ts"
import { listed, servingJob, workload } from "./jobs.ts"
import { stepTable } from "./step-table.ts"

const tight = { blockTokens: 4, blocks: 4 }

const run = (rows: Parameters<typeof listed>[0], cache: Partial<KeyValueCache>, batching: Partial<Batching> = {}) => {
  const classes: readonly RequestClass[] = [0, 1, 2].map((priority) => ({ ...workload.classes[0]!, priority }))
  return stepTable(servingJob({ batching, cache: { ...tight, ...cache }, workload: { classes } }), listed(rows))
}

/** Each prompt takes one block. */
const three: Parameters<typeof listed>[0] = [
  [0, 4, 8],
  [0, 4, 8],
  [0, 4, 3]
]

describe("by recomputation", () => {
  const { steps, log } = run(three, {})

  test("the last admitted goes first, and comes back before everybody who waits", () => {
    expect(steps).toEqual([
      [3, 12, 0, 0],
      [0, 0, 2, 10], // each needs a second block: the first takes the free one, the second the third's
      [0, 0, 2, 12],
      [0, 0, 2, 14],
      [0, 0, 2, 16],
      [0, 0, 1, 9], // the first needs a third block: the second is preempted, and now stands before the third
      [0, 0, 1, 10],
      [0, 0, 1, 11],
      [1, 9, 0, 0], // the second computes its prompt and 5 answers again; no room for the third
      [0, 0, 1, 10],
      [0, 0, 1, 11],
      [1, 5, 0, 0],
      [0, 0, 1, 6]
    ])
  })

  test("is counted, and the time set aside is known", () => {
    expect([...log.requests.preemptions]).toEqual([0, 1, 1])
    expect([...log.requests.preemptedSeconds!]).toEqual([0, 3, 10])
    expect([...log.requests.finished]).toEqual([8, 11, 13])
    const { totals } = log.replicas[0]!
    expect(totals.preemptions).toBe(2)
    // 8 tokens of the second and 4 of the third were thrown away.
    expect(totals.recomputedTokens).toBe(12)
    expect(totals.heldBlocks).toBe(0)
  })
})

test("with the prefix cache, what nobody took meanwhile is found again", () => {
  const { steps, log } = run(three, { prefixCaching: true })
  // The first took the second's last block; its first block, 4 tokens, was still there.
  expect(steps[8]).toEqual([1, 5, 0, 0])
  expect(log.replicas[0]!.totals.recomputedTokens).toBe(8)
  // Hits after preemption are not the workload's.
  expect([...log.requests.cached]).toEqual([0, 0, 0])
})

test("by priority, the lowest and of those the latest goes first", () => {
  const { log } = run(
    [
      [0, 4, 8, { classIndex: 2 }],
      [0, 4, 8, { classIndex: 0 }],
      [0, 4, 3, { classIndex: 1 }]
    ],
    {},
    { order: "priority" }
  )
  // By order of arrival it was [0, 1, 1]. The first comes back when the third has ended, and has to go again.
  expect([...log.requests.preemptions]).toEqual([2, 0, 0])
  expect([...log.requests.finished].slice(1)).toEqual([8, 3])
})

describe("by swapping", () => {
  test("blocks go to the host and come back, at a cost, and nothing is computed twice", () => {
    const { steps, log } = run(three, { preemption: "swap", swapBlocks: 100, swapSecondsPerToken: 0.125 })
    expect(steps.every(([, prefillTokens], step) => step === 0 || prefillTokens === 0)).toBe(true)
    const { totals } = log.replicas[0]!
    expect(totals.recomputedTokens).toBe(0)
    // The third's 4 tokens out and in, the second's 8 out and in.
    expect(totals.swappedTokens).toBe(24)
    expect(log.seconds).toBe(steps.length + 24 * 0.125)
  })

  test("recomputes when the host has no room", () => {
    const { log } = run(three, { preemption: "swap", swapBlocks: 1, swapSecondsPerToken: 0.125 })
    expect(log.replicas[0]!.totals.swappedTokens).toBe(8)
    expect(log.replicas[0]!.totals.recomputedTokens).toBe(8)
  })
})
