/**
 * The search for a fleet: the same winner as trying everything, bounds that hold, closed forms of its parts.
 */
import { describe, expect, test } from "vitest"
import {
  boundsOf,
  candidatesOf,
  drawnRequests,
  drivenHere,
  highestLoad,
  isWithin,
  outOfReach,
  paretoFront,
  parseGoals,
  parseLoad,
  redundancyOf,
  resolvedFleet,
  runsOf,
  searchCapacity,
  sheetOf,
  simulateFleet,
  smallest,
  survived,
  usualPrices,
  waysOf,
  type CapacityRequest
} from "../../src/planner/index.ts"
import { randomStream } from "../../src/random/index.ts"
import type { ServingScenario } from "../../src/scenario/index.ts"
import { chatOf, goals } from "./capacity-setup.ts"

const scenarioOf = (data?: Record<string, unknown>): ServingScenario => chatOf([100, 900], data)

const requestOf = (changes: Partial<CapacityRequest> = {}): CapacityRequest => ({
  scenario: scenarioOf(),
  rate: 150,
  goals: goals("ttft.p99 < 500 ms, tpot.p99 < 20 ms"),
  objective: "cost",
  space: {
    systems: ["dgx-a100", "dgx-h100", "l40s-8x-pcie"],
    tensor: [1, 2],
    pipeline: [1],
    precisions: ["bf16", "fp8"],
    batchSequences: [null],
    batchTokens: [null, 1024]
  },
  prices: {},
  priceAt: "middle",
  available: 64,
  requests: 800,
  seed: 1,
  confirmations: 0,
  ...changes
})

describe("goals and loads", () => {
  test("percentiles are read with their units, p99 where none is named", () => {
    expect(goals("ttft.p99 < 1 s, tpot <= 50 ms and e2e.mean<2min")).toEqual([
      { metric: "ttft", statistic: "p99", seconds: 1 },
      { metric: "tpot", statistic: "p99", seconds: 0.05 },
      { metric: "e2e", statistic: "mean", seconds: 120 }
    ])
  })
  test.each([
    ["ttf.p99 < 1 s", "ttf"],
    ["ttft.p98 < 1 s", "p98"],
    ["ttft.p99 < 1 GB", "1 GB"],
    ["ttft.p99 > 1 s", "ttft.p99 > 1 s"],
    ["ttft < 1 s, ttft.p99 < 2 s", "ttft.p99 twice"],
    ["", ""]
  ])("%s is refused with what was given", (text, given) => {
    expect(parseGoals(text)).toMatchObject({ given })
  })
  test("loads are of a second, a minute, an hour or a day", () => {
    expect(["200 req/s", "200", "12,000 req/min", "720k requests/h", "86400/day", "5 rps"].map(parseLoad)).toEqual([
      200, 200, 200, 200, 1, 5
    ])
    expect(parseLoad("fast")).toMatchObject({ given: "fast" })
    expect(parseLoad("0 req/s")).toMatchObject({ given: "0 req/s" })
  })
})

describe("the search", () => {
  const request = requestOf()
  const plan = drivenHere(searchCapacity(request))
  const brute = candidatesOf(request.space).flatMap((candidate) => {
    // One replica more until it does: no bound, no bisection.
    for (let replicas = 1; replicas <= 20; replicas++) {
      const outcome = simulateFleet({ ...request, candidate, replicas })
      if (outcome.kind === "none") return []
      if (isWithin(outcome, request.goals)) return [{ candidate, replicas }]
    }
    return []
  })
  const price = { "dgx-a100": Math.sqrt(0.8 * 3), "dgx-h100": Math.sqrt(1.99 * 6.88), "l40s-8x-pcie": 1.55 } as const
  const valueOf = ({ candidate, replicas }: (typeof brute)[number]): number =>
    replicas * candidate.tensor * price[candidate.system as keyof typeof price]
  const cheapest = brute.toSorted((one, other) => valueOf(one) - valueOf(other))[0]!

  test("finds what trying everything finds", () => {
    expect(plan.sized[0]!.value).toBeCloseTo(valueOf(cheapest), 6)
    expect(plan.sized[0]!.rated.candidate).toEqual(cheapest.candidate)
    expect(plan.sized[0]!.replicas).toBe(cheapest.replicas)
  })
  test("accounts for every kind of replica", () => {
    expect(plan.layouts).toBe(24)
    expect(plan.pruned.length + plan.sized.length + plan.beaten.length).toBe(24)
    expect(plan.tried.length).toBe(plan.simulations)
  })
  test("what a bound took out, trying everything does not serve either", () => {
    for (const { candidate, cause } of plan.pruned)
      if (cause !== "available") expect(brute.find((one) => one.candidate === candidate)).toBeUndefined()
    for (const { rated, tried } of plan.beaten) {
      const found = brute.find(({ candidate }) => JSON.stringify(candidate) === JSON.stringify(rated.candidate))
      if (found !== undefined) expect(valueOf(found)).toBeGreaterThanOrEqual(plan.sized[0]!.value - 1e-9)
      if (tried === null && found !== undefined) expect(found.replicas).toBeGreaterThanOrEqual(rated.least)
    }
  })
  test("the front begins with the cheapest, and none on it is cheaper and quicker than another", () => {
    const front = paretoFront(plan, request.goals)
    expect(front[0]!.value).toBeCloseTo(plan.sized[0]!.value, 9)
    for (let place = 1; place < front.length; place++) {
      expect(front[place]!.value).toBeGreaterThan(front[place - 1]!.value)
      expect(front[place]!.point.latencies.e2e.p50).toBeLessThan(front[place - 1]!.point.latencies.e2e.p50)
    }
  })
  test("with other seeds the answer may only grow", () => {
    const confirmed = drivenHere(searchCapacity({ ...request, confirmations: 2 }))
    expect(confirmed.sized[0]!.seeds).toBe(3)
    expect(confirmed.sized[0]!.value).toBeGreaterThanOrEqual(plan.sized[0]!.value)
  })
})

test("bounds hold for kinds of replicas drawn by lot", () => {
  const draw = randomStream(7, "kinds")
  const pick = <T>(of: readonly T[]): T => of[Math.floor(draw() * of.length)]!
  const scenario = scenarioOf()
  const own = goals("ttft.p99 < 1 s, tpot.p99 < 30 ms")
  for (let round = 0; round < 6; round++) {
    const candidate = {
      system: pick(["dgx-a100", "dgx-h100", "l40s-8x-pcie"]),
      tensor: pick([1, 2, 4]),
      pipeline: pick([1, 2]),
      precision: pick(["bf16", "fp8"]),
      batchSequences: pick([null, 32]),
      batchTokens: pick([null, 512])
    }
    const fleet = { scenario, candidate, replicas: 1, requests: 600, seed: 3 }
    const resolved = resolvedFleet({ ...fleet, rate: 1 })
    if ("kind" in resolved) throw new Error(resolved.reason)
    const { job } = resolved.resolved
    const bounds = boundsOf(job, drawnRequests(job, 600), own)
    const found = drivenHere(highestLoad(fleet, own, 10, 0.05))
    expect(found.rate, JSON.stringify(candidate)).toBeGreaterThan(0)
    expect(found.rate, JSON.stringify(candidate)).toBeLessThanOrEqual(bounds.mostPerSecond)
    expect(found.point!.latencies.tpot.p50).toBeGreaterThanOrEqual(bounds.tokenSeconds)
    expect(found.point!.latencies.ttft.p99).toBeGreaterThanOrEqual(bounds.firstSeconds)
  }
})

test("the highest load of a server of one request at a time is that of M/D/1", () => {
  // Equal requests, one at a time: a mean wait of rho S / (2 (1 - rho)) before S seconds of service (Pollaczek-Khinchine).
  const scenario = scenarioOf({
    cluster: { system: "dgx-h100", accelerators: 1 },
    serving: { batching: { policy: "none" } },
    workload: { arrivals: { poisson: { rate: 1 } }, prompt: 500, output: 1 }
  })
  const fleet = { scenario, candidate: null, replicas: 1, requests: 30_000, seed: 1 }
  const idle = simulateFleet({ ...fleet, rate: 1e-3, requests: 100 })
  if (idle.kind === "none") throw new Error(idle.reason)
  const alone = idle.latencies.e2e.mean
  // Seconds of service are what a queue of equal requests is served at: from the most that finish a second.
  const full = simulateFleet({ ...fleet, rate: 1e4, requests: 3000 })
  if (full.kind === "none") throw new Error(full.reason)
  const service = 1 / full.requestsPerSecond
  const load = 0.7
  const mean = alone + (load * service) / (2 * (1 - load))
  const found = drivenHere(
    highestLoad(fleet, [{ metric: "ttft", statistic: "mean", seconds: mean }], 1 / service / 3, 0.002)
  )
  expect(found.rate * service).toBeGreaterThan(0.68)
  expect(found.rate * service).toBeLessThan(0.72)
})

test("more load never takes fewer replicas, and less never more", () => {
  const candidate = {
    system: "dgx-h100",
    tensor: 1,
    pipeline: 1,
    precision: "bf16",
    batchSequences: null,
    batchTokens: 1024
  }
  const replicas = [40, 80, 160, 320].map(
    (rate) => drivenHere(smallest(runsOf(requestOf({ rate })), { candidate }, 1, 64, 3)).replicas
  )
  expect(replicas).toEqual(replicas.toSorted((one, other) => one - other))
  expect(replicas.at(-1)).toBeGreaterThan(replicas[0]!)
})

test("two loads have the same requests: their lengths are the same, one by one", () => {
  const lengths = [10, 70].map((rate) => {
    const fleet = resolvedFleet({ scenario: scenarioOf(), candidate: null, replicas: 1, rate, requests: 500, seed: 5 })
    if ("kind" in fleet) throw new Error(fleet.reason)
    return drawnRequests(fleet.resolved.job, 500)
  })
  expect(lengths[0]!.prompts).toEqual(lengths[1]!.prompts)
  expect(lengths[0]!.outputs).toEqual(lengths[1]!.outputs)
})

describe("goals out of reach", () => {
  test("say which of them cannot be met, and the nearest that can is then met", () => {
    const request = requestOf({ rate: 2, goals: goals("ttft.p99 < 2 s, tpot.p99 < 1 ms") })
    const plan = drivenHere(searchCapacity(request))
    expect(plan.sized).toEqual([])
    const reach = drivenHere(outOfReach(request, plan))!
    expect(reach.missed).toEqual([{ metric: "tpot", statistic: "p99", seconds: 0.001 }])
    expect(reach.reachable[0]!.seconds).toBeGreaterThan(0.001)
    const outcome = simulateFleet({
      scenario: request.scenario,
      candidate: reach.candidate,
      replicas: reach.replicas,
      rate: 0.02,
      requests: 600,
      seed: 1
    })
    expect(isWithin(outcome, [request.goals[0]!, ...reach.reachable])).toBe(true)
    expect(isWithin(outcome, request.goals)).toBe(false)
  })
  test("a space in which nothing fits has no nearest", () => {
    const request = requestOf({ scenario: scenarioOf({ model: "llama-3-405b" }) })
    const plan = drivenHere(searchCapacity(request))
    expect(plan.pruned.map(({ cause }) => cause)).toEqual(Array.from({ length: 24 }, () => "memory"))
    expect(drivenHere(outOfReach(request, plan))).toBeUndefined()
  })
})

describe("what hangs on a fleet", () => {
  test("rented, bought and by the token", () => {
    const ways = waysOf(
      {
        accelerators: 10,
        perHour: 2,
        purchase: 30_000,
        watts: 10_000,
        promptTokensPerSecond: 20_000,
        outputTokensPerSecond: 5000
      },
      { ...usualPrices, depreciationYears: 5, serverShare: 0.4, api: { prompt: 0.5, output: 1 } }
    )
    expect(ways.rented).toEqual({ perHour: 20, perMillionOutput: 20 / 18 })
    // 10 x 30,000 x 1.4 over 43,830 h, and 10 kW x 1.3 x 0.1 $.
    expect(ways.bought!.upFront).toBeCloseTo(420_000)
    expect(ways.bought!.perHour).toBeCloseTo(9.5825 + 1.3, 3)
    // 72 M prompt tokens and 18 M output tokens an hour.
    expect(ways.api!.perHour).toBeCloseTo(36 + 18)
    expect(ways.apiPaysBelow.bought).toBeCloseTo(10.8825 / 54, 4)
    expect(ways.apiPaysBelow.rented).toBeCloseTo(20 / 54, 4)
    expect(ways.rentBelowShare).toBeCloseTo(10.8825 / 20, 4)
  })
  test("a spare node is as many replicas as a node has, and makes the fleet last", () => {
    const { replicas, spareReplicas, nodes, availability, availabilityWithout } = redundancyOf(6, 4, 8, {
      spareNodes: 1,
      nodeHoursBetweenFailures: 99,
      repairHours: 1
    })
    expect([replicas, spareReplicas, nodes]).toEqual([8, 2, 4])
    expect(availabilityWithout).toBeCloseTo(0.99 ** 3)
    expect(availability).toBeCloseTo(0.99 ** 4 + 4 * 0.01 * 0.99 ** 3)
    expect(redundancyOf(3, 16, 8, { spareNodes: 2, nodeHoursBetweenFailures: 99, repairHours: 1 }).spareReplicas).toBe(
      2
    )
  })
  test("a fleet keeps its goals while its spare fails, and does not without the spare", () => {
    const request = requestOf({
      space: { ...requestOf().space, systems: ["dgx-h100"], tensor: [1], precisions: ["bf16"], batchTokens: [1024] }
    })
    const [best] = drivenHere(searchCapacity(request)).sized
    const { holds, replicas, outcome } = drivenHere(survived(request, best!, best!.replicas + 1, 1))
    expect(holds).toBe(true)
    expect(replicas).toBeGreaterThan(best!.replicas)
    // Nobody is lost: the failed replica's requests were answered elsewhere, later than they would have been.
    expect(outcome).toMatchObject({ answered: 1 })
    const without = simulateFleet({
      ...request,
      candidate: best!.rated.candidate,
      replicas: best!.replicas,
      failing: 1
    })
    expect(isWithin(without, request.goals)).toBe(false)
  })
  test("models share a budget in proportion to their loads", () => {
    const rows = [
      { model: "a", rate: 10, replicas: 4, replicaDollars: 10, replicaAccelerators: 4 },
      { model: "b", rate: 5, replicas: 2, replicaDollars: 5, replicaAccelerators: 1 }
    ]
    expect(sheetOf(rows, undefined)).toMatchObject({ dollars: 50, accelerators: 18, share: 1, replicas: [4, 2] })
    expect(sheetOf(rows, 50)).toMatchObject({ share: 1 })
    // Three quarters of the loads: 3 + 2 replicas; a half: 2 + 1.
    expect(sheetOf(rows, 45)).toMatchObject({ share: 0.75, replicas: [3, 2] })
    expect(sheetOf(rows, 39)).toMatchObject({ share: 0.5, replicas: [2, 1] })
    expect(sheetOf(rows, 14)).toMatchObject({ share: 0, replicas: [0, 0] })
  })
})
