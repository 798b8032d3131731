/** A batching policy as a function: an example, and what its plans may not do. */
import { describe, expect, test } from "vitest"
import { BadPlan, type BatchPlan, type BatchPolicyFunction, simulateServing } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"
import { listed, servingJob } from "./jobs.ts"
import { stepTable } from "./step-table.ts"

/** Shortest prompt first: everybody who runs decodes, and whole prompts join, the shortest before the others. */
const shortestFirst: BatchPolicyFunction = ({ waiting, running, freeBlocks, blockTokens, maximumSequences }) => {
  // Those who decode may need a block each.
  let free = freeBlocks - running.length
  const prefill: { readonly id: number; readonly tokens: number }[] = []
  for (const { id, prefillLeft } of waiting.toSorted((a, b) => a.prefillLeft - b.prefillLeft)) {
    const blocks = Math.ceil(prefillLeft / blockTokens)
    if (blocks > free || running.length + prefill.length === maximumSequences) break
    free -= blocks
    prefill.push({ id, tokens: prefillLeft })
  }
  return { prefill }
}

test("shortest prompt first", () => {
  const job = servingJob({ batching: { policy: shortestFirst, maximumSequences: 1 } })
  const rows = [
    [0, 5, 1],
    [0.5, 9, 1],
    [0.5, 3, 1],
    [0.5, 6, 1]
  ] as const
  const { steps, log } = stepTable(job, listed(rows))
  expect(steps.map(([, tokens]) => tokens)).toEqual([5, 3, 6, 9])
  expect([...log.requests.finished]).toEqual([1, 4, 2, 3])
})

test("it may leave decodes out, preempt, and wait", () => {
  const plans: readonly BatchPlan[] = [
    { waitUntil: 2 },
    { prefill: [{ id: 0, tokens: 4 }, { id: 1, tokens: 3 }] }, // prettier-ignore
    { decode: [0], prefill: [{ id: 1, tokens: 1 }] },
    { decode: [1] },
    { preempt: [1], decode: [0] },
    { prefill: [{ id: 1, tokens: 6 }] },
    {}
  ]
  let asked = 0
  const job = servingJob({ batching: { policy: () => plans[asked++] ?? {} } })
  const { steps, log } = stepTable(
    job,
    listed([
      [0, 4, 3],
      [0, 4, 4]
    ])
  )
  expect(steps).toEqual([
    [2, 7, 0, 0],
    [1, 1, 1, 5],
    [0, 0, 1, 5], // the second alone
    [0, 0, 1, 6], // the first alone: done
    [1, 6, 0, 0], // prompt and two answers of the second again
    [0, 0, 1, 7]
  ])
  expect([...log.requests.finished]).toEqual([6, 8])
  expect([...log.requests.preemptions]).toEqual([0, 1])
})

test("first come first served with whole prompts agrees with in-flight batching", () => {
  const fcfs: BatchPolicyFunction = ({ waiting, running, maximumSequences, maximumStepTokens }) => {
    let left = maximumStepTokens - running.length
    const prefill: { readonly id: number; readonly tokens: number }[] = []
    for (const { id, prefillLeft } of waiting) {
      if (prefillLeft > left || running.length + prefill.length === maximumSequences) break
      left -= prefillLeft
      prefill.push({ id, tokens: prefillLeft })
    }
    return { prefill }
  }
  const changes = {
    law: { fixed: 0.01, perToken: 0.0001, perContext: 0.00001 },
    workload: { arrivals: { kind: "poisson", rate: { kind: "constant", rate: 20 } }, requests: 300 }
  } as const
  const own = simulateServing(servingJob({ ...changes, batching: { policy: fcfs, maximumSequences: 4 } }))
  const built = simulateServing(servingJob({ ...changes, batching: { policy: "in-flight", maximumSequences: 4 } }))
  // Blocks are reserved by the one and grow with the other.
  expect(differences(own, built).filter((line) => !/block/i.test(line))).toEqual([])
})

describe("a plan is refused that", () => {
  const rows = [
    [0, 10, 5],
    [0, 10, 5]
  ] as const
  const refused: readonly (readonly [string, readonly BatchPlan[], RegExp])[] = [
    ["names nobody", [{ prefill: [{ id: 7, tokens: 1 }] }], /prefill of request 7/],
    ["exceeds the prompt", [{ prefill: [{ id: 0, tokens: 11 }] }], /11 prompt tokens of request 0.*the 10 left/],
    ["splits a token", [{ prefill: [{ id: 0, tokens: 0.5 }] }], /0.5 prompt tokens/],
    ["names a prompt twice", [{ prefill: [{ id: 0, tokens: 2 }, { id: 0, tokens: 2 }] }], /once/], // prettier-ignore
    ["takes more blocks than are free", [{ prefill: [{ id: 0, tokens: 10 }, { id: 1, tokens: 10 }] }], /free blocks/], // prettier-ignore
    ["decodes who has prompt left", [{ prefill: [{ id: 0, tokens: 5 }] }, { decode: [0] }], /decode of index 0/],
    ["preempts who does not run", [{ preempt: [0] }], /preempt of request 0/],
    ["waits for the past", [{ waitUntil: 0 }], /waitUntil 0/],
    ["holds too many tokens", [{ prefill: [{ id: 0, tokens: 9 }] }], /9 tokens.*maximumStepTokens = 8/]
  ]
  test.each(refused)("%s", (_what, plans, message) => {
    let asked = 0
    const policy = (): BatchPlan => plans[asked++] ?? {}
    const tokens = message.source.includes("maximumStepTokens") ? 8 : 512
    const job = servingJob({ batching: { policy, maximumStepTokens: tokens }, cache: { blockTokens: 4, blocks: 4 } })
    const run = (): unknown => simulateServing(job, { source: listed(rows) })
    expect(run).toThrow(BadPlan)
    asked = 0
    expect(run).toThrow(message)
  })

  test("forgets somebody for ever", () => {
    const job = servingJob({ batching: { policy: () => ({}) } })
    expect(() => simulateServing(job, { source: listed(rows) })).toThrow(/2 requests are left/)
  })
})
