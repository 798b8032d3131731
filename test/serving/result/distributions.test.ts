import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { summariseServing } from "../../../src/serving/result/index.ts"
import { quantile } from "../../../src/statistics/index.ts"
import { makeJob, makeLog, type Row } from "./hand.ts"

const resultOf = (rows: readonly Row[], seconds: number, warmUpSeconds = 0) => {
  const job = makeJob()
  return summariseServing({ ...job, workload: { ...job.workload, warmUpSeconds } }, makeLog(rows, seconds))
}

describe("distributions", () => {
  test("of first tokens after 1, 2 ... 101 s are those numbers, and per token a tenth of the 5 s after them", () => {
    const rows = Array.from({ length: 101 }, (_, index) => {
      const firstToken = index + 1 + index
      return { arrival: index, scheduled: index + 0.5, firstToken, finished: firstToken + 5 }
    })
    const { ttft, tpot, e2e, queueing } = resultOf(rows, 300).distributions
    expect([ttft.length, e2e.length]).toEqual([101, 101])
    ttft.forEach((seconds, index) => expect(seconds).toBeCloseTo(index + 1, 9))
    e2e.forEach((seconds, index) => expect(seconds).toBeCloseTo(index + 6, 9))
    expect(tpot).toHaveLength(101)
    expect([tpot[0], tpot[50], tpot[100]]).toEqual([0.5, 0.5, 0.5])
    expect([queueing[0], queueing[100]]).toEqual([0.5, 0.5])
  })

  test("leave out the warm-up and what did not finish; answers of one token have no time per token", () => {
    const { distributions } = resultOf(
      [
        { arrival: 1, scheduled: 1, firstToken: 100, finished: 100, output: 1 },
        { arrival: 10, scheduled: 10, firstToken: 12, finished: 12, output: 1 },
        { arrival: 11, state: "rejected" }
      ],
      200,
      5
    )
    expect(new Set(distributions.ttft)).toEqual(new Set([2]))
    expect(distributions.tpot).toEqual([])
    expect(resultOf([{ arrival: 0, state: "rejected" }], 1).distributions.ttft).toEqual([])
  })

  test("drawn by lot, they agree with the summary's quantiles", () => {
    const draw = randomStream(3, "latencies")
    let arrival = 0
    const rows = Array.from({ length: 5000 }, () => {
      arrival += draw()
      const firstToken = arrival + 10 ** (3 * draw() - 2)
      return { arrival, scheduled: arrival, firstToken, finished: firstToken + 10 * draw() }
    })
    const { distributions, latency } = resultOf(rows, 10_000)
    for (const [index, name] of [
      [50, "p50"],
      [90, "p90"],
      [95, "p95"],
      [99, "p99"],
      [100, "greatest"]
    ] as const) {
      expect(distributions.ttft[index]).toBeCloseTo(latency.ttft[name], 12)
      expect(distributions.e2e[index]).toBeCloseTo(latency.e2e[name], 12)
    }
  })
})

describe("latencies over time", () => {
  const rows: readonly Row[] = [
    // The first of 60 windows of 1 s: first tokens after 1 and 3 s, answers of 11 tokens within 1 and 2 s after them.
    { arrival: 0.25, scheduled: 0.25, firstToken: 1.25, finished: 2.25 },
    { arrival: 0.75, scheduled: 0.75, firstToken: 3.75, finished: 5.75 },
    // The last, at its very end.
    { arrival: 59.5, scheduled: 59.5, firstToken: 59.75, finished: 60 }
  ]
  const { overTime } = resultOf(rows, 60)

  test("are those of the requests that arrived in a window", () => {
    expect(overTime.until).toEqual(Array.from({ length: 60 }, (_, window) => window + 1))
    expect([overTime.requests[0], overTime.requests[1], overTime.requests[59]]).toEqual([2, 0, 1])
    expect([overTime.ttft.mean[0], overTime.ttft.p50[0]]).toEqual([2, 2])
    expect(overTime.ttft.p99[0]).toBeCloseTo(2.98, 12)
    expect(overTime.tpot.mean[0]).toBeCloseTo(0.15, 12)
    expect(overTime.ttft.mean[1]).toBeNaN()
    expect(overTime.tpot.p99[59]).toBeCloseTo(0.025, 12)
  })

  test("stand beside what finished in it", () => {
    expect([2, 5, 59].map((window) => overTime.finishedPerSecond[window])).toEqual([1, 1, 1])
    expect(overTime.outputTokensPerSecond[5]).toBe(11)
    expect(overTime.finishedPerSecond.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(3, 12)
  })

  test("of a request drawn by lot lie within its window's", () => {
    const draw = randomStream(9, "windows")
    const drawn = Array.from({ length: 400 }, () => draw() * 30)
      .sort((a, b) => a - b)
      .map((arrival): Row => {
        const firstToken = arrival + draw()
        return { arrival, scheduled: arrival, firstToken, finished: firstToken + draw() }
      })
    const found = resultOf(drawn, 32).overTime
    expect(found.requests.reduce((a, b) => a + b, 0)).toBe(400)
    found.until.forEach((until, window) => {
      const own = drawn.filter(({ arrival }) => Math.floor((arrival / 32) * 60) === window)
      expect(found.requests[window]).toBe(own.length)
      if (own.length === 0) return
      const ttfts = own.map(({ arrival, firstToken }) => firstToken! - arrival)
      expect(found.ttft.p99[window]).toBeCloseTo(quantile(ttfts, 0.99), 12)
      expect(until).toBeCloseTo(((window + 1) * 32) / 60, 12)
    })
  })

  test("of a run without time are none", () => {
    expect(resultOf([{ arrival: 0, state: "rejected" }], 0).overTime.until).toEqual([])
  })
})
