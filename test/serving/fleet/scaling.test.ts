/** Replicas that start, stop and fail, by hand-computed times. */
import { describe, expect, test } from "vitest"
import {
  requestStates,
  simulateServing,
  type Failures,
  type Lifecycle,
  type Scaling,
  type ServingLog,
  type StartUp
} from "../../../src/serving/index.ts"
import { listed, servingJob, type JobChanges } from "../jobs.ts"

const instant: StartUp = {
  nodeSeconds: 0,
  imageSeconds: 0,
  weightBytes: 0,
  readBytesPerSecond: 1,
  storageBytesPerSecond: 1,
  warmUpSeconds: 0
}

const scaling = (changes: Partial<Scaling>): Scaling => ({
  minimum: 1,
  maximum: 4,
  initial: 1,
  signal: "requests",
  target: 1,
  quantile: 0.9,
  windowSeconds: 10,
  everySeconds: 5,
  tolerance: 0.1,
  upCooldownSeconds: 0,
  downCooldownSeconds: 0,
  spare: 0,
  schedule: [],
  ...changes
})

const living = (replicas: number, lifecycle: Partial<Lifecycle>, changes: JobChanges = {}) =>
  servingJob({ ...changes, job: { replicas, lifecycle: { startUp: instant, ...lifecycle }, ...changes.job } })

const happened = ({ life }: ServingLog) =>
  life!.events.map(({ seconds, replica, to }) => [Math.round(seconds * 1e6) / 1e6, replica, to])

const finishedBetween = ({ requests }: ServingLog, from: number, to: number): number =>
  requests.finished.filter((time) => time >= from && time < to).length

test("a start takes its machine, its image, its share of the storage, and its warm-up", () => {
  const startUp = {
    nodeSeconds: 5,
    imageSeconds: 7,
    weightBytes: 100,
    readBytesPerSecond: 50,
    storageBytesPerSecond: 60,
    warmUpSeconds: 2
  }
  const job = living(4, { startUp, scaling: scaling({ signal: "schedule", schedule: [[0, 1], [10, 3], [30, 4]] }) }) // prettier-ignore
  const log = simulateServing(job, { source: listed([[0, 10, 100]]) })
  // Two share 60 bytes/s: 100 / 30 s each. The last has it alone, and reads no faster than 50.
  expect(
    [...log.life!.starts]
      .sort((a, b) => a.replica - b.replica)
      .map(({ replica, weightSeconds }) => [replica, Math.round(weightSeconds * 1e6) / 1e6])
  ).toEqual([
    [1, 3.333333],
    [2, 3.333333],
    [3, 2]
  ])
  expect(happened(log)).toEqual([
    [10, 1, "starting"],
    [10, 2, "starting"],
    [27.333333, 2, "up"],
    [27.333333, 1, "up"],
    [30, 3, "starting"],
    [46, 3, "up"]
  ])
  // Paid from when they are asked for, to the end at 100 s.
  expect(log.seconds).toBe(100)
  expect([...log.life!.paidSeconds]).toEqual([100, 90, 90, 70])
  expect(log.life!.upSeconds[3]).toBeCloseTo(54, 9)
})

test("scaled by hand, the fleet serves what its open replicas can", () => {
  // A request is ten steps of 0.1 s, alone; who finds all servers busy is turned away.
  const job = living(
    3,
    { scaling: scaling({ maximum: 3, signal: "schedule", schedule: [[0, 1], [100, 3], [200, 2]] }) }, // prettier-ignore
    {
      law: { fixed: 0.1, perToken: 0, perContext: 0 },
      batching: { policy: "none", maximumSequences: 1 },
      queue: { router: "least-requests", limit: 0 },
      workload: { arrivals: { kind: "poisson", rate: { kind: "constant", rate: 200 } }, requests: 1e6, seconds: 300 }
    }
  )
  const log = simulateServing(job)
  // 1 s of service and 5 ms until somebody comes: 0.995 requests/s of each.
  for (const [from, to, open] of [
    [0, 100, 1],
    [105, 200, 3],
    [205, 300, 2]
  ] as const)
    // prettier-ignore
    expect(finishedBetween(log, from, to) / (to - from) / open).toBeCloseTo(0.995, 1)
})

test("a closed loop of 24 users with 6 requests to a replica has four", () => {
  const job = living(8, { scaling: scaling({ maximum: 8, target: 6 }) }, {
    law: { fixed: 0.01, perToken: 0, perContext: 0 },
    queue: { router: "least-requests" },
    workload: {
      arrivals: { kind: "closedLoop", users: 24, thinkTime: { kind: "constant", value: 0 } },
      requests: 20_000
    }
  }) // prettier-ignore
  const log = simulateServing(job)
  expect(happened(log).filter(([, , to]) => to === "up").map(([, replica]) => replica)).toEqual([1, 2, 3]) // prettier-ignore
  expect(log.life!.events.filter(({ to }) => to === "draining")).toEqual([])
})

describe.each(["requests", "tokens", "busy", "queue", "ttft", "tpot"] as const)("scaled by %s", (signal) => {
  test("a fleet grows with a surge and shrinks after it", () => {
    const target = { requests: 4, tokens: 80, busy: 0.6, queue: 1, ttft: 0.5, tpot: 0.22 }[signal]
    const job = living(6, { scaling: scaling({ maximum: 6, signal, target }) }, {
      law: { fixed: 0.1, perToken: signal === "tpot" ? 0.02 : 0.001, perContext: 0 },
      batching: { maximumSequences: 8 },
      queue: { router: "least-requests" },
      workload: {
        arrivals: { kind: "poisson", rate: { kind: "steps", seconds: [0, 60, 160], rates: [0.5, 20, 0.5] } },
        requests: 1e6,
        seconds: 400
      }
    }) // prettier-ignore
    const { events } = simulateServing(job).life!
    const up = (until: number): number =>
      events.reduce(
        (count, { seconds, from, to }) =>
          seconds > until ? count : count + Number(to === "up") - Number(from === "up"),
        1
      )
    expect(up(60)).toBe(1)
    expect(up(160)).toBeGreaterThanOrEqual(3)
    expect(up(400)).toBeLessThanOrEqual(signal === "tpot" ? 3 : 2)
  })
})

test("the last replica goes when nothing is asked of it, and comes back for somebody at the door", () => {
  const job = living(1, {
    startUp: { ...instant, warmUpSeconds: 3 },
    scaling: scaling({ minimum: 0, maximum: 1, initial: 1, tolerance: 0 })
  })
  const log = simulateServing(job, { source: listed([[0, 10, 2], [31, 10, 2]]) }) // prettier-ignore
  expect(happened(log).slice(0, 4)).toEqual([
    [15, 0, "draining"],
    [15, 0, "off"],
    [35, 0, "starting"],
    [38, 0, "up"]
  ])
  expect(log.requests.firstToken[1]).toBe(39)
  expect(log.requests.fates!.held[1]).toBe(7)
})

describe("a replica that fails in the middle of a step", () => {
  const failing = (requests: Failures["requests"], retries = 3) =>
    simulateServing(
      living(1, {
        startUp: { ...instant, warmUpSeconds: 1 },
        failures: { meanSeconds: Infinity, at: [[4.5, 0]], repairSeconds: 2, requests, retries }
      }),
      { source: listed([[0, 10, 10]]) }
    )

  test("loses its requests, with what they had got", () => {
    for (const log of [failing("lost"), failing("retry", 0)]) {
      expect(requestStates[log.requests.state[0]!]).toBe("failed")
      expect(log.requests.generated[0]).toBe(4)
      expect(log.requests.fates!.left[0]).toBe(4.5)
      expect(log.life!.lostRequests).toBe(1)
    }
  })

  test("has them sent again as they came when it is back: repaired at 6.5, up at 7.5", () => {
    const { requests, life } = failing("retry")
    expect([requests.firstToken[0], requests.finished[0]]).toEqual([8.5, 17.5])
    expect([life!.resentRequests, life!.discardedTokens]).toEqual([1, 4])
    expect(requests.fates!.held[0]).toBe(3)
  })

  test("has them sent again with their tokens, whose keys and values are computed anew", () => {
    const { requests, life, replicas } = failing("resume")
    expect([requests.firstToken[0], requests.finished[0]]).toEqual([1, 13.5])
    expect(life!.discardedTokens).toBe(0)
    // The prompt and three tokens; the fourth was not computed yet.
    expect(replicas[0]!.totals.recomputedTokens).toBe(13)
  })
})

test("failures come at the mean time that was asked for", () => {
  const job = living(
    5,
    { failures: { meanSeconds: 50, at: [], repairSeconds: 5, requests: "resume", retries: 1000 } },
    {
      law: { fixed: 0.1, perToken: 0, perContext: 0 },
      workload: { arrivals: { kind: "deterministic", rate: 1 }, requests: 1e6, seconds: 4000 }
    }
  )
  const { life } = simulateServing(job)
  const up = life!.upSeconds.reduce((sum, seconds) => sum + seconds, 0)
  // About 364 failures: the mean is known to 5 %.
  expect(Math.abs(up / life!.failures / 50 - 1)).toBeLessThan(0.15)
  // Up 50 s of every 55 s.
  expect(Math.abs(up / (5 * 4000) / (50 / 55) - 1)).toBeLessThan(0.02)
})

test("with one to spare, another starts the moment that one fails", () => {
  const log = simulateServing(
    living(4, {
      startUp: { ...instant, warmUpSeconds: 1 },
      scaling: scaling({ signal: "schedule", schedule: [[0, 2]], initial: 3, spare: 1 }),
      failures: { meanSeconds: Infinity, at: [[5, 0]], repairSeconds: 10, requests: "retry", retries: 3 }
    }),
    { source: listed([[0, 10, 40]]) }
  )
  expect(happened(log)).toEqual([
    [5, 0, "failed"],
    [5, 3, "starting"],
    [6, 3, "up"],
    // Nobody needs it any more.
    [15, 0, "off"]
  ])
})

test("a rolling restart drains one replica after the other, and loses nobody", () => {
  const log = simulateServing(
    living(2, { startUp: { ...instant, nodeSeconds: 100, warmUpSeconds: 3 }, restart: { atSeconds: 10 } }),
    { source: listed([[0, 10, 12], [0, 10, 40], [11, 10, 5]]) } // prettier-ignore
  )
  // The machine is there: only the process starts anew.
  expect(happened(log)).toEqual([
    [10, 0, "draining"],
    [12, 0, "starting"],
    [15, 0, "up"],
    [15, 1, "draining"],
    [40, 1, "starting"]
  ])
  expect([...log.requests.finished]).toEqual([12, 40, 16])
  expect([...log.requests.state].map((state) => requestStates[state])).toEqual(["finished", "finished", "finished"])
})

test("the trace has counters of the replicas that are up and that are paid", () => {
  const job = living(
    2,
    { scaling: scaling({ maximum: 2, signal: "schedule", schedule: [[0, 1], [10, 2]] }), startUp: { ...instant, warmUpSeconds: 3 } }, // prettier-ignore
    { job: { trace: "full" } }
  )
  const { trace } = simulateServing(job, { source: listed([[0, 10, 30]]) })
  const valuesOf = (name: string): readonly (readonly [number, number])[] => {
    const { counters, samples, names } = trace!
    const wanted = counters.findIndex((counter) => names[counter.name] === name)
    return [...samples.counter].flatMap((counter, row) =>
      counter === wanted ? [[samples.time[row]!, samples.value[row]!] as const] : []
    )
  }
  expect(valuesOf("replicas up")).toEqual([[0, 1], [10, 1], [13, 2]]) // prettier-ignore
  expect(valuesOf("replicas paid")).toEqual([[0, 1], [10, 2], [13, 2]]) // prettier-ignore
})
