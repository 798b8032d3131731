/** How the highest load within goals answers to resources, where a closed form says how. */
import { describe, expect, test } from "vitest"
import {
  drivenHere,
  highestLoad,
  loadSensitivity,
  simulateFleet,
  type FleetOutcome,
  type FleetRequest,
  type LatencyGoal,
  type LoadOutcome,
  type NoSensitivity
} from "../../src/planner/index.ts"
import {
  resolveServing,
  scenarioFromData,
  type ResolvedServing,
  type ServingScenario
} from "../../src/scenario/index.ts"
import { serving, smallServer } from "../report/resolved.ts"

const goal = (seconds: number, statistic: LatencyGoal["statistic"] = "p99"): LatencyGoal => ({
  metric: "ttft",
  statistic,
  seconds
})

const found = (outcome: LoadOutcome | NoSensitivity): LoadOutcome => {
  if ("reason" in outcome) throw new Error(outcome.reason)
  return outcome
}

const responseTo = ({ sensitivity }: LoadOutcome, resource: string) =>
  sensitivity.effects.find((effect) => effect.resource === resource)!.responses[0]!

/** What a queue of exponential service at `rateOf` a second answers: its 99th percentile is log(100) / (rate - load). */
const queue =
  (rateOf: (scenario: ServingScenario) => number) =>
  ({ scenario, rate }: FleetRequest): FleetOutcome => {
    const left = rateOf(scenario) - rate
    const seconds = left > 0 ? Math.log(100) / left : Infinity
    const all = { mean: seconds, p50: seconds, p90: seconds, p95: seconds, p99: seconds, p999: seconds }
    return {
      kind: "served",
      latencies: { ttft: all, tpot: all, e2e: all },
      answered: 1,
      isOverloaded: left <= 0,
      requestsPerSecond: rate,
      promptTokensPerSecond: 0,
      outputTokensPerSecond: 0,
      busy: 0,
      watts: 0
    }
  }

const answered = (
  resolved: ResolvedServing,
  goals: readonly LatencyGoal[],
  simulate: (request: FleetRequest) => FleetOutcome,
  start = 1
): LoadOutcome | NoSensitivity => {
  const search = loadSensitivity({ resolved, goals, requests: 100, start, by: 0.1 })
  let step = search.next()
  while (step.done !== true) step = search.next(step.value.map(simulate))
  return step.value
}

describe("the load of a queue within a percentile", () => {
  const resolved = serving(smallServer)
  // 100 a second on FLOP/s as they are, to the power of a half.
  const simulate = queue(({ resources }) => 100 * Math.sqrt(resources?.flops ?? 1))
  const loadAt = (rate: number, seconds: number): number => rate - Math.log(100) / seconds
  const outcome = found(answered(resolved, [goal(0.1)], simulate))

  test("is rate - log(100) / goal", () => {
    expect(outcome.rate / loadAt(100, 0.1)).toBeCloseTo(1, 2)
    expect(outcome.notes?.[0]).toMatch(
      /^5[34][.\d]* requests\/s are served within the goals; beyond them ttft\.p99 < 100 ms is missed$/
    )
  })

  test("moves with what the rate depends on, and with the seconds that are allowed", () => {
    const base = loadAt(100, 0.1)
    const flops = responseTo(outcome, "flops")
    expect(flops.withMore).toBeCloseTo(loadAt(100 * Math.sqrt(1.1), 0.1) / base - 1, 2)
    expect(flops.withLess).toBeCloseTo(loadAt(100 / Math.sqrt(1.1), 0.1) / base - 1, 2)
    // The derivative: half of rate / load.
    expect(flops.elasticity).toBeCloseTo((0.5 * 100) / base, 1)
    expect(responseTo(outcome, "ttft.p99").elasticity).toBeCloseTo(Math.log(100) / 0.1 / base, 1)
  })

  test("does not move at all with what it does not depend on", () => {
    for (const resource of ["memoryRate", "host", "prompt", "output", "maxBatchSize"])
      expect(responseTo(outcome, resource)).toMatchObject({ elasticity: 0, withMore: 0, withLess: 0 })
    expect(outcome.sensitivity.effects.map(({ resource }) => resource)).not.toContain("load")
  })

  test("is told of a scenario's own factors as well, and not of its load, which is found", () => {
    const faster = serving({ ...smallServer, resources: { flops: 4, load: 3 } })
    const twice = found(answered(faster, [goal(0.1)], simulate))
    expect(twice.rate / loadAt(200, 0.1)).toBeCloseTo(1, 2)
  })

  test("that no load keeps is refused with the goal that is missed", () => {
    expect(answered(resolved, [goal(1e-3)], simulate)).toMatchObject({
      reason: "no load is served within the goals: ttft.p99 < 1 ms is missed even when idle"
    })
  })
})

/** Equal requests, one at a time: M/D/1. */
const single = (resources: object = {}): ServingScenario => {
  const loaded = scenarioFromData({
    name: "test",
    data: {
      cluster: { system: "dgx-h100", accelerators: 1 },
      model: "llama-3-8b",
      serving: { batching: { policy: "none" } },
      workload: { arrivals: { poisson: { rate: 1 } }, prompt: 2000, output: 1 },
      resources
    }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded.scenario as ServingScenario
}

test("a server of one request at a time answers to FLOP/s as M/D/1 does (Pollaczek-Khinchine)", () => {
  const measured = (resources: object) => {
    const fleet = { scenario: single(resources), candidate: null, replicas: 1, seed: 1 }
    const idle = simulateFleet({ ...fleet, rate: 1e-3, requests: 50 })
    const full = simulateFleet({ ...fleet, rate: 1e4, requests: 500 })
    if (idle.kind === "none" || full.kind === "none") throw new Error("refused")
    return { alone: idle.latencies.ttft.mean, service: 1 / full.requestsPerSecond }
  }
  const own = measured({})
  const seconds = own.alone + 1.5 * own.service
  // A mean wait w of rho S / (2 (1 - rho)) seconds allows 2 w / (S² + 2 w S) requests a second.
  const loadOf = (resources: object): number => {
    const { alone, service } = measured(resources)
    const wait = seconds - alone
    return (2 * wait) / (service ** 2 + 2 * wait * service)
  }
  const loaded = scenarioFromData({ name: "test", data: single() })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  const outcome = found(
    drivenHere(
      loadSensitivity({ resolved, goals: [goal(seconds, "mean")], requests: 3000, start: 0.5 / own.service, by: 0.1 })
    )
  )
  expect(outcome.rate / loadOf({})).toBeCloseTo(1, 1)
  const flops = responseTo(outcome, "flops")
  const expected = Math.log(loadOf({ flops: 1.1 }) / loadOf({ flops: 1 / 1.1 })) / Math.log(1.21)
  expect(expected).toBeGreaterThan(1.05)
  expect(Math.abs(flops.elasticity! - expected)).toBeLessThan(0.06)
  expect(Math.abs(flops.withMore! - (loadOf({ flops: 1.1 }) / loadOf({}) - 1))).toBeLessThan(0.01)
})

test("everything c times as fast, goals included, serves c times the load, to the last digit of the search", () => {
  const c = 1.25
  const at = (resources: object, by: number) => {
    const scenario = { ...serving(smallServer).scenario, resources } as ServingScenario
    const fleet = { scenario, candidate: null, replicas: 1, requests: 300, seed: 3 }
    return drivenHere(highestLoad(fleet, [goal(0.2 / by), { ...goal(0.02 / by), metric: "tpot" }], 5 * by, 0.01)).rate
  }
  const faster = { flops: c, memoryRate: c, scaleUpRate: c, networkRate: c, hostRate: c, latency: 1 / c, launch: 1 / c, host: 1 / c } // prettier-ignore
  const base = at({}, 1)
  expect(base).toBeGreaterThan(0)
  expect(at(faster, c) / base).toBeCloseTo(c, 9)
})
