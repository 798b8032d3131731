/** The server around the replicas: routers, the bounded queue, lost patience, retries, and what never fits. */
import { describe, expect, test } from "vitest"
import {
  type RequestClass,
  type RouterName,
  requestStates,
  type ServingLog,
  simulateServing
} from "../../src/serving/index.ts"
import { listed, servingJob, workload } from "./jobs.ts"

const statesOf = ({ requests }: ServingLog): readonly string[] =>
  [...requests.state].map((state) => requestStates[state]!)

const patient = (patienceSeconds: number): readonly RequestClass[] => [{ ...workload.classes[0]!, patienceSeconds }]

describe("a router", () => {
  const route = (router: RouterName, rows: Parameters<typeof listed>[0]): readonly number[] => [
    ...simulateServing(servingJob({ queue: { router }, job: { replicas: 3 } }), { source: listed(rows) }).requests
      .replica
  ]

  test("round-robin takes turns", () => {
    expect(
      route(
        "round-robin",
        Array.from({ length: 7 }, () => [0, 1, 1] as const)
      )
    ).toEqual([0, 1, 2, 0, 1, 2, 0])
  })

  test("least-requests goes where the fewest are", () => {
    expect(
      route("least-requests", [
        [0, 1, 9],
        [0, 1, 2],
        [0, 1, 9],
        [2.5, 1, 9],
        [2.75, 1, 1]
      ])
    ).toEqual([0, 1, 2, 1, 0])
  })

  test("least-tokens goes where the fewest tokens are", () => {
    expect(
      route("least-tokens", [
        [0, 100, 10],
        [0, 10, 50],
        [0, 10, 10],
        [0.5, 10, 10],
        [0.75, 10, 20]
      ])
    ).toEqual([0, 1, 2, 2, 2])
  })

  test("power-of-two evens out what random leaves uneven", () => {
    const rows = Array.from({ length: 3000 }, (_, index) => [index * 0.01, 1, 1] as const)
    const spread = (router: RouterName): number => {
      const counts = [0, 0, 0]
      for (const replica of route(router, rows)) counts[replica]!++
      return Math.max(...counts) - Math.min(...counts)
    }
    expect(spread("random")).toBeGreaterThan(20)
    expect(spread("power-of-two")).toBeLessThan(spread("random") / 2)
  })
})

describe("a bounded queue", () => {
  const one = { policy: "none" } as const

  test("turns away who finds it full", () => {
    const log = simulateServing(servingJob({ batching: one, queue: { limit: 1 } }), {
      source: listed([
        [0, 1, 5],
        [1.5, 1, 1],
        [2.5, 1, 1]
      ])
    })
    expect(statesOf(log)).toEqual(["finished", "finished", "rejected"])
    expect(log.rejectedTries).toBe(1)
  })

  test("counts only who cannot start at once", () => {
    const rows = Array.from({ length: 7 }, () => [0, 1, 1] as const)
    const log = simulateServing(servingJob({ batching: { maximumSequences: 4 }, queue: { limit: 2 } }), {
      source: listed(rows)
    })
    expect(statesOf(log).filter((state) => state === "rejected")).toHaveLength(1)
  })

  test("takes who tries again later, twice as late each time", () => {
    const queue = { limit: 1, retries: 2, retrySeconds: 1 }
    const rows = [
      [0, 1, 5],
      [1.5, 1, 1],
      [2.5, 1, 1]
    ] as const
    const log = simulateServing(servingJob({ batching: one, queue }), { source: listed(rows) })
    // Tries at 2.5, 3.5 and 5.5 s; at 5 s the first ended and the second started.
    expect(statesOf(log)).toEqual(["finished", "finished", "finished"])
    expect(log.rejectedTries).toBe(2)
    expect(log.requests.scheduled[2]).toBe(6)
    const impatient = simulateServing(servingJob({ batching: one, queue: { ...queue, retries: 1 } }), {
      source: listed(rows)
    })
    expect(statesOf(impatient)).toEqual(["finished", "finished", "rejected"])
  })

  test("drops who waits too long for a first step", () => {
    const log = simulateServing(servingJob({ batching: one, queue: { timeoutSeconds: 3 } }), {
      source: listed([
        [0, 1, 5],
        [1, 1, 1],
        [3, 1, 1]
      ])
    })
    expect(statesOf(log)).toEqual(["finished", "failed", "finished"])
    expect(log.requests.scheduled[2]).toBe(5)
  })
})

describe("a client who gives up", () => {
  test("while it runs leaves at the end of the step", () => {
    const log = simulateServing(
      servingJob({ batching: { maximumSequences: 1 }, workload: { classes: patient(4.5) } }),
      {
        source: listed([
          [0, 1, 4],
          [0.25, 1, 4],
          [1.75, 1, 1]
        ])
      }
    )
    // The second starts at 4 s and would need until 8 s; it is gone at 4.75 s, and when its step ends the third comes in.
    expect(statesOf(log)).toEqual(["finished", "cancelled", "finished"])
    expect(log.requests.scheduled[2]).toBe(5)
    expect(log.requests.generated[1]).toBe(1)
    expect(log.requests.finished[1]).toBeNaN()
  })

  test("in the middle of a leap frees its blocks at the end of the step", () => {
    const log = simulateServing(
      servingJob({ cache: { blockTokens: 4, blocks: 6 }, workload: { classes: patient(10.5) } }),
      {
        source: listed([
          [0, 4, 20],
          [0.5, 20, 4]
        ])
      }
    )
    // 4 + 19 tokens take all six blocks; the second has to wait for them, and gives up before it had a turn to finish.
    expect(statesOf(log)).toEqual(["cancelled", "cancelled"])
    expect(log.requests.generated[0]).toBe(11)
    expect(log.replicas[0]!.totals.heldBlocks).toBe(0)
  })

  test("leaves a fixed batch as it is", () => {
    const log = simulateServing(
      servingJob({ batching: { policy: "static", maximumSequences: 2 }, workload: { classes: patient(4.5) } }),
      {
        source: listed([
          [0, 1, 8],
          [0, 1, 2]
        ])
      }
    )
    expect(statesOf(log)).toEqual(["cancelled", "cancelled"])
    expect(log.replicas[0]!.totals.steps).toBe(8)
  })
})

describe("a request", () => {
  test("that could never have the blocks it needs fails at once", () => {
    const log = simulateServing(servingJob({ cache: { blockTokens: 4, blocks: 4 } }), {
      source: listed([
        [0, 10, 7], // 16 tokens cached at the end: four blocks
        [0, 10, 8]
      ])
    })
    expect(statesOf(log)).toEqual(["finished", "failed"])
  })

  test("longer than the longest sequence is refused, and an answer ends there", () => {
    const log = simulateServing(servingJob({ maximumSequence: 20 }), {
      source: listed([
        [0, 20, 1],
        [0, 15, 100]
      ])
    })
    expect(statesOf(log)).toEqual(["failed", "finished"])
    expect(log.requests.generated[1]).toBe(5)
    expect(log.requests.output[1]).toBe(100)
  })

  test("gets its first and last token later by what the API server takes", () => {
    const log = simulateServing(servingJob({ law: { fixed: 1, perToken: 0, perContext: 0, firstToken: 0.25 } }), {
      source: listed([[0, 4, 3]])
    })
    expect(log.requests.firstToken[0]).toBe(1.25)
    expect(log.requests.finished[0]).toBe(3.25)
    expect(log.seconds).toBe(3)
  })
})

test("a run can be watched, and stopped with what is done", () => {
  const job = servingJob({ workload: { requests: 20_000 }, job: { leap: "off" } })
  const seen: (readonly [number, number, number])[] = []
  const log = simulateServing(job, {
    progress: (now, ended, arrived) => seen.push([now, ended, arrived]),
    stop: () => seen.length === 3
  })
  expect(seen).toHaveLength(3)
  const [now, ended, arrived] = seen[2]!
  expect(log.isCut).toBe(true)
  expect(log.seconds).toBe(now)
  expect(arrived).toBe(20_000)
  expect(statesOf(log).filter((state) => state === "finished")).toHaveLength(ended)
})
