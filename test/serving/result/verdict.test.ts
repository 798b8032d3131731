import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import type { ServingJob } from "../../../src/serving/types.ts"
import { summariseServing } from "../../../src/serving/result/index.ts"
import { linearSteps, makeJob, makeLog, oneAtATime, type Row } from "./hand.ts"

/** Arrival times of a Poisson process whose rate may change with time. */
const poisson = (seed: number, rate: (time: number) => number, highest: number, until: number): readonly number[] => {
  const draw = randomStream(seed, "arrivals")
  const times: number[] = []
  for (let time = 0; ;) {
    time += -Math.log(1 - draw()) / highest
    if (time >= until) return times
    if (draw() * highest < rate(time)) times.push(time)
  }
}

const steady = (seed: number, rate: number, until: number): readonly number[] => poisson(seed, () => rate, rate, until)

/** A job of one request at a time, each of 11 steps of 0.1 s / 11: 10 requests/s at most. */
const single = makeJob({ steps: linearSteps(0.1 / 11) })
const verdictOf = (arrivals: readonly number[], job: ServingJob = single, limit = Infinity) =>
  summariseServing(job, oneAtATime(arrivals, 0.1, limit)).verdict

describe("a server of 10 requests/s", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("at half load is stable (seed %i)", (seed) => {
    const verdict = verdictOf(steady(seed, 5, 400))
    expect(verdict.kind).toBe("stable")
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 9)
    expect(verdict.capacityBasis).toBe("modelled")
    expect(verdict.offeredRequestsPerSecond).toBeCloseTo(5, 0)
  })

  test("at 90 % load is nearly always called stable, and never overloaded", () => {
    const kinds = Array.from({ length: 100 }, (_, seed) => verdictOf(steady(seed, 9, 300)).kind)
    expect(kinds.filter((kind) => kind === "stable").length).toBeGreaterThanOrEqual(95)
    expect(kinds).not.toContain("overloaded")
  })

  test.each([12, 15, 30, 100])("that %i/s reach is overloaded, and turns at 10", (rate) => {
    const verdict = verdictOf(steady(7, rate, 300))
    expect(verdict.kind).toBe("overloaded")
    expect(verdict.capacityBasis).toBe("measured while saturated")
    expect(verdict.estimatedCapacityRequestsPerSecond / 10).toBeCloseTo(1, 1)
    expect(verdict.offeredShareOfCapacity).toBeGreaterThan(1.1)
    expect(verdict.reasons[0]).toMatch(/^the queue grew by \d+ requests over the whole time of arrivals$/)
  })

  test("that its time limit stops is overloaded too, with the rate that it would bear", () => {
    const verdict = verdictOf(steady(7, 20, 1000), single, 60)
    expect(verdict.kind).toBe("overloaded")
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 0)
    expect(verdict.offeredRequestsPerSecond).toBeCloseTo(20, -1)
  })

  test("that a burst of 40/s for 20 s reaches is backlogged when the burst is served in time", () => {
    const verdict = verdictOf(poisson(3, (time) => (time > 60 && time < 80 ? 40 : 4), 40, 400))
    expect(verdict.kind).toBe("backlogged")
    expect(verdict.reasons[0]).toMatch(/^the queue rose to \d+ requests and went down again$/)
  })

  test("whose load rises from 0 to 20/s is overloaded at the end", () => {
    const verdict = verdictOf(poisson(3, (time) => time / 20, 20, 400))
    expect(verdict.kind).toBe("overloaded")
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 0)
  })

  test("with a warm-up in overload is judged by what follows", () => {
    const job = { ...single, workload: { ...single.workload, warmUpSeconds: 150 } }
    expect(
      verdictOf(
        poisson(3, (time) => (time < 20 ? 40 : 3), 40, 600),
        job
      ).kind
    ).toBe("stable")
  })
})

describe("closed loops and batches", () => {
  test("are closed, whatever waits", () => {
    const users = makeJob({
      workload: {
        ...single.workload,
        arrivals: { kind: "closedLoop", users: 10, thinkTime: { kind: "constant", value: 0 } }
      }
    })
    expect(verdictOf(steady(1, 20, 50), users).kind).toBe("closed")
    const batch = makeJob({ workload: { ...single.workload, arrivals: { kind: "batch" } } })
    const verdict = verdictOf(
      Array.from({ length: 200 }, () => 0),
      batch
    )
    expect(verdict.kind).toBe("closed")
    expect(verdict.offeredRequestsPerSecond).toBeNaN()
    // 200 requests of 0.1 s, one after another.
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(10, 1)
  })
})

describe("requests that are turned away", () => {
  const lossy = (every: number, busySeconds = 111) =>
    makeLog(
      Array.from({ length: 1000 }, (_, index): Row => {
        const arrival = index / 9
        return index % every === 0
          ? { arrival, state: "rejected" }
          : { arrival, scheduled: arrival, firstToken: arrival + 0.01, finished: arrival + 0.05 }
      }),
      111.2,
      {},
      { busySeconds, stageSeconds: busySeconds }
    )

  test("by the fifth mean overload though the queue never grows", () => {
    const verdict = summariseServing(single, lossy(5)).verdict
    expect(verdict.kind).toBe("overloaded")
    expect(verdict.reasons[0]).toBe("20 % of the requests were turned away or gave up in the second half")
    // 9 arrive and four of five are served.
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeCloseTo(7.2, 1)
  })

  test("though there is little to do mean limits that are too tight", () => {
    const verdict = summariseServing(single, lossy(5, 33.36)).verdict
    expect(verdict.kind).toBe("backlogged")
    expect(verdict.reasons[1]).toBe(
      "a replica has work only 30 % of the time: limits and timeouts turn requests away, not the load"
    )
  })

  test("by the fiftieth mean a backlog, by the five hundredth nothing", () => {
    expect(summariseServing(single, lossy(50)).verdict.kind).toBe("backlogged")
    expect(summariseServing(single, lossy(500)).verdict.kind).toBe("stable")
  })
})

describe("runs too short to say", () => {
  test("one request is stable, without a rate", () => {
    const verdict = verdictOf([0])
    expect(verdict.kind).toBe("stable")
    expect(verdict.reasons).toEqual(["too few requests arrived to speak of a rate"])
  })

  test("arrivals that end before the first answer are a backlog while the model could serve them", () => {
    // All run at once from their arrival, for a minute, while 200 arrive in 10 s.
    const job = makeJob({
      steps: linearSteps(0.1),
      batching: { ...single.batching, policy: "continuous-chunked", maximumSequences: 10_000 },
      cache: { ...single.cache, blocks: 1e6 }
    })
    const rows = Array.from({ length: 200 }, (_, index): Row => {
      const arrival = index / 20
      return { arrival, scheduled: arrival, firstToken: arrival + 1, finished: arrival + 60 }
    })
    const verdict = summariseServing(job, makeLog(rows, 70)).verdict
    expect(verdict.kind).toBe("backlogged")
    expect(verdict.reasons[2]).toBe("the run is too short to reach a steady state")
  })

  test("nothing at all has neither rate nor capacity", () => {
    const verdict = summariseServing(single, makeLog([], 0)).verdict
    expect(verdict.kind).toBe("stable")
    expect(verdict.estimatedCapacityRequestsPerSecond).toBeNaN()
  })
})
