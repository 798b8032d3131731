import { describe, expect, test } from "vitest"
import type { Batching } from "../../../src/serving/types.ts"
import { meanLongest, modelledCapacity } from "../../../src/serving/result/capacity.ts"
import { requestMix } from "../../../src/serving/result/mix.ts"
import { linearSteps, makeJob, requestLog } from "./hand.ts"

// Prompts of 100 tokens, answers of 11: 10 decode steps each. A step takes 10 ms and 0.1 ms a prompt token.
const requests = requestLog(Array.from({ length: 50 }, (_, index) => ({ arrival: index })))
const mix = requestMix(requests, requests.output, Infinity)
const capacity = (
  batching: Partial<Batching>,
  blocks = 1000,
  replicas = 1,
  steps = linearSteps(0.01, 1e-4)
): number => {
  const job = makeJob()
  return modelledCapacity(
    {
      ...job,
      replicas,
      steps,
      batching: { ...job.batching, ...batching },
      cache: { ...job.cache, blocks }
    },
    mix,
    requests.output
  )
}

describe("the mean request", () => {
  test("of 100 prompt tokens and 11 out attends to 1,055 tokens in 10 decodes", () => {
    // 101 + 102 ... + 110
    expect(mix).toMatchObject({
      prompt: 100,
      prefill: 100,
      output: 11,
      decodeSteps: 10,
      decodeContext: 1055,
      decodeWindow: 1055
    })
    // 100 x 101 / 2
    expect(mix.prefillPairs).toBe(5050)
    expect(mix.finalTokens).toBe(110)
  })

  test("sees a window of 104 tokens no further than that", () => {
    // 101 + 102 + 103 + 104 x 7
    expect(requestMix(requests, requests.output, 104).decodeWindow).toBe(1034)
    expect(requestMix(requests, requests.output, 64).decodeWindow).toBe(640)
  })

  test("computes what the cache does not hold", () => {
    const cached = requestLog([
      { arrival: 0, scheduled: 0, cached: 60 },
      { arrival: 1, scheduled: 1, cached: 20 },
      { arrival: 2, state: "waiting" }
    ])
    // 40, 80, and 60 for the one that would find 40.
    expect(requestMix(cached, cached.output, Infinity)).toMatchObject({ prefill: 60, cached: 40 })
    // 40 tokens after 60: 40 x (60 + 20.5) = 3,220.
    const one = requestLog([{ arrival: 0, scheduled: 0, cached: 60 }])
    expect(requestMix(one, one.output, Infinity).prefillPairs).toBe(3220)
  })
})

describe("the modelled capacity", () => {
  test("of one at a time is the inverse of 20 ms of prefill and 10 decodes of 10 ms", () => {
    expect(capacity({ policy: "none" })).toBeCloseTo(1 / 0.12, 9)
    expect(capacity({ policy: "none" }, 1000, 3)).toBeCloseTo(3 / 0.12, 9)
  })

  test("of static batches of 4 is 4 over 50 ms of prefill and 10 decodes", () => {
    expect(capacity({ policy: "static", maximumSequences: 4 })).toBeCloseTo(4 / 0.15, 9)
  })

  test("of prompts in steps of their own, 20 sequences at once", () => {
    // Two become free a step: 30 ms for two prompts, and a twentieth of 10 steps of 10 ms.
    expect(capacity({ policy: "continuous", maximumSequences: 20 })).toBeCloseTo(1 / (0.015 + 0.005), 9)
  })

  test("of prompts beside decodes, 22 sequences at once", () => {
    // A request stays for 11 steps, so 2 begin in each: 10 ms + 200 tokens x 0.1 ms.
    expect(capacity({ policy: "continuous-chunked", maximumSequences: 22 })).toBeCloseTo(2 / 0.03, 9)
  })

  test("is bounded by the tokens of a step", () => {
    // 55 tokens a step are half a request's 110: half a prompt's tokens and 5 decodes.
    expect(capacity({ policy: "continuous-chunked", maximumSequences: 1000, maximumStepTokens: 55 })).toBeCloseTo(
      0.5 / 0.015,
      9
    )
    expect(capacity({ policy: "sarathi", maximumSequences: 1000, chunkTokens: 55 })).toBeCloseTo(0.5 / 0.015, 9)
  })

  test("is bounded by the KV cache: blocks as they fill, as the request needs, or as the longest could", () => {
    // 113 x 11 tokens / 16 hold 11 requests of 105.5 tokens on average and half a block.
    expect(capacity({ policy: "continuous-chunked", maximumSequences: 999 }, (113 * 11) / 16)).toBeCloseTo(1 / 0.02, 9)
    // 111 tokens and half a block each.
    expect(capacity({ policy: "in-flight", maximumSequences: 999 }, (118.5 * 11) / 16)).toBeCloseTo(1 / 0.02, 9)
    expect(capacity({ policy: "orca", maximumSequences: 999 }, (8192 * 11) / 16)).toBeCloseTo(1 / 0.02, 9)
  })

  test("of a pipeline: one batch pays all stages, four only the slowest", () => {
    const pipeline = { ...linearSteps(0.01, 1e-4), stages: 4, hopSeconds: () => 0.001 }
    const batching = { policy: "continuous-chunked", maximumSequences: 88 } as const
    // 8 requests a step: 4 stages of 90 ms and 3 hops.
    expect(capacity({ ...batching, batchesInFlight: 1 }, 1e6, 1, pipeline)).toBeCloseTo(8 / (4 * 0.09 + 0.003), 9)
    // Four batches of 22: 2 requests every 30 ms of a stage, or 8 a turn of 123 ms, which is less.
    expect(capacity({ ...batching, batchesInFlight: 4 }, 1e6, 1, pipeline)).toBeCloseTo(8 / 0.123, 9)
  })

  test("of a static batch lasts as long as its longest answer is expected to", () => {
    // Of two dice: 161 / 36.
    expect(meanLongest(Int32Array.of(1, 2, 3, 4, 5, 6), 2)).toBeCloseTo(161 / 36, 12)
    expect(meanLongest(Int32Array.of(9), 5)).toBe(9)
  })
})
