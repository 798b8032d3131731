/**
 * Prompts and answers on pools of their own: the same fleets as trying everything, bounds of pools that hold, and what costs
 * nothing to try.
 */
import { describe, expect, test } from "vitest"
import {
  boundsOf,
  candidatesOf,
  drawnRequests,
  drivenHere,
  highestLoad,
  isWithin,
  paretoFront,
  ratedPairs,
  resolvedFleet,
  searchCapacity,
  simulateFleet,
  type CapacityRequest,
  type FleetOutcome,
  type ReplicaKind
} from "../../src/planner/index.ts"
import { mostTelling, openRows, valueOf, type Lattice } from "../../src/planner/capacity/pair-lattice.ts"
import { sideSpace } from "../../src/planner/capacity/space.ts"
import { randomStream } from "../../src/random/index.ts"
import type { ServingScenario } from "../../src/scenario/index.ts"
import { chatOf, goals } from "./capacity-setup.ts"

const scenarioOf = (data?: Record<string, unknown>): ServingScenario => chatOf([200, 1800], data)

const requestOf = (changes: Partial<CapacityRequest> = {}): CapacityRequest => ({
  scenario: scenarioOf(),
  rate: 90,
  goals: goals("ttft.p99 < 300 ms, tpot.p99 < 15 ms"),
  objective: "cost",
  space: {
    systems: ["dgx-a100", "dgx-h100"],
    tensor: [1, 2],
    pipeline: [1],
    precisions: ["bf16"],
    batchSequences: [null],
    batchTokens: [null],
    disaggregation: ["together", "apart"],
    decode: { batchSequences: [64, 256] }
  },
  prices: {},
  priceAt: "middle",
  available: 64,
  requests: 500,
  seed: 1,
  confirmations: 0,
  ...changes
})

const price: Readonly<Record<string, number>> = {
  "dgx-a100": Math.sqrt(0.8 * 3),
  "dgx-h100": Math.sqrt(1.99 * 6.88)
}
const worth = ({ system, tensor }: ReplicaKind): number => tensor * price[system]!

interface Served {
  readonly value: number
  readonly answer: number
  readonly name: string
}

/** The cheapest size of every kind and every pair of kinds, each size simulated, no bound and no order used. */
const everything = (request: CapacityRequest, largest: number): readonly Served[] => {
  const found: Served[] = []
  const cheapest = (name: string, sizes: readonly { readonly value: number; readonly run: () => FleetOutcome }[]) => {
    for (const { value, run } of sizes.toSorted((one, other) => one.value - other.value)) {
      const outcome = run()
      if (outcome.kind === "none") return
      if (isWithin(outcome, request.goals)) {
        found.push({ name, value, answer: outcome.latencies.e2e.p50 })
        return
      }
    }
  }
  const counts = Array.from({ length: largest }, (_, index) => index + 1)
  for (const candidate of candidatesOf(request.space))
    cheapest(
      JSON.stringify([candidate, null]),
      counts.map((replicas) => ({
        value: replicas * worth(candidate),
        run: () => simulateFleet({ ...request, candidate, replicas })
      }))
    )
  for (const prefill of candidatesOf(sideSpace(request.space, "prefill")))
    for (const decode of candidatesOf(sideSpace(request.space, "decode")))
      cheapest(
        JSON.stringify([decode, prefill]),
        counts.flatMap((prompts) =>
          counts.map((answers) => ({
            value: prompts * worth(prefill) + answers * worth(decode),
            run: () =>
              simulateFleet({
                ...request,
                candidate: decode,
                replicas: answers,
                prefill: { candidate: prefill, replicas: prompts }
              })
          }))
        )
      )
  return found
}

const frontOf = (all: readonly Served[]): readonly Served[] => {
  const front: Served[] = []
  for (const one of all.toSorted((a, b) => a.value - b.value || a.answer - b.answer))
    if (front.length === 0 || one.answer < front.at(-1)!.answer) front.push(one)
  return front
}

describe("against trying everything", () => {
  const request = requestOf()
  const brute = everything(request, 5)
  const sizes = (all: readonly Served[]) => all.map(({ name, value }) => [name, value.toFixed(6)])
  const sizedOf = (plan: ReturnType<typeof planOf>): readonly Served[] =>
    plan.sized.map(({ rated, prefill, value, point }) => ({
      name: JSON.stringify([rated.candidate, prefill?.rated.candidate ?? null]),
      value,
      answer: point.latencies.e2e.p50
    }))
  const planOf = (changes: Partial<CapacityRequest> = {}) => drivenHere(searchCapacity({ ...request, ...changes }))
  const plan = planOf()

  test("the cheapest is the same, together and apart", () => {
    const isApart = ({ name }: Served): boolean => !name.endsWith(",null]")
    for (const which of [isApart, (one: Served) => !isApart(one)]) {
      const [cheapest] = frontOf(brute.filter(which))
      const [found] = frontOf(sizedOf(plan).filter(which))
      expect(found).toEqual({ ...cheapest, value: expect.closeTo(cheapest!.value, 9) })
    }
  })
  test("every pair is accounted for, and what a bound took out is dearer", () => {
    const { apart } = plan
    expect(apart!.pairs).toBe(4 * 8)
    const sized = plan.sized.filter(({ prefill }) => prefill !== undefined).length
    expect(apart!.impossible + apart!.byBound + apart!.simulated).toBe(apart!.pairs)
    expect(apart!.beaten.length + sized).toBe(apart!.pairs - apart!.impossible)
    expect(apart!.byBound).toBeGreaterThan(0)
    const best = Math.min(...plan.sized.filter(({ prefill }) => prefill !== undefined).map(({ value }) => value))
    for (const { pair, tried } of apart!.beaten) {
      const name = JSON.stringify([pair.decode.candidate, pair.prefill.candidate])
      const own = brute.find((one) => one.name === name)
      if (own === undefined) continue
      expect(own.value).toBeGreaterThanOrEqual(best - 1e-9)
      if (tried === null) expect(pair.bound).toBeGreaterThanOrEqual(best - 1e-9)
    }
  })
  test("a pair costs at least the sum of what its pools need by their bounds", () => {
    let compared = 0
    for (const { prefill, decode, bound } of ratedPairs(request).pairs) {
      const name = JSON.stringify([decode.candidate, prefill.candidate])
      const own = brute.find((one) => one.name === name)
      if (own === undefined) continue
      compared++
      expect(own.value).toBeGreaterThanOrEqual(bound - 1e-9)
      expect(bound).toBeCloseTo(prefill.least * prefill.worth + decode.least * decode.worth, 9)
    }
    expect(compared).toBeGreaterThan(8)
  })
  test("the front of cost against the time of an answer is the same", () => {
    const exact = planOf({ wantsFront: true })
    expect(sizes(frontOf(sizedOf(exact)))).toEqual(sizes(frontOf(brute)))
    expect(paretoFront(exact, request.goals)[0]!.value).toBeCloseTo(frontOf(brute)[0]!.value, 9)
  })
  test("far fewer fleets are simulated", () => {
    expect(plan.simulations).toBeLessThan((32 * 25 + 4 * 5) / 5)
  })
})

describe("bounds of a pool", () => {
  const own = goals("ttft.p99 < 500 ms, tpot.p99 < 40 ms")
  const dense = scenarioOf()
  const mixture = scenarioOf({
    model: "mixtral-8x7b",
    serving: { router: "least-requests", kvCache: { prefixCaching: true } },
    workload: {
      arrivals: { poisson: { rate: 1 } },
      sharedPrefix: { tokens: 800, count: 3 },
      prompt: { uniform: [200, 1800] },
      output: { uniform: [10, 150] }
    }
  })
  const kind = (changes: Partial<ReplicaKind>): ReplicaKind => ({
    system: "dgx-h100",
    tensor: 1,
    pipeline: 1,
    precision: "fp8",
    batchSequences: null,
    batchTokens: null,
    ...changes
  })
  const kinds = (pick: <T>(of: readonly T[]) => T, isMixture: boolean): ReplicaKind =>
    isMixture
      ? kind({ expert: 8, dataAttention: 8, batchSequences: pick([null, 16]), batchTokens: pick([null, 2048]) })
      : kind({ system: pick(["dgx-a100", "dgx-h100"]), tensor: pick([1, 2]), batchSequences: pick([null, 32]) })

  const draw = randomStream(11, "pools")
  const pick = <T>(of: readonly T[]): T => of[Math.floor(draw() * of.length)]!
  const boundOf = (scenario: ServingScenario, candidate: ReplicaKind, side: "prefill" | "decode", within = own) => {
    const alone = { scenario, candidate, side, replicas: 1, requests: 2000, seed: 3, rate: 1 }
    const resolved = resolvedFleet(alone)
    if ("kind" in resolved) throw new Error(resolved.reason)
    const { job } = resolved.resolved
    return boundsOf(job, drawnRequests(job, 2000), within, side)
  }
  /** One pool of one replica beside another that is never short. */
  const sides = [
    ["prefill", 1, 8],
    ["decode", 8, 1]
  ] as const

  test("hold for the load that a replica serves within goals", () => {
    for (let round = 0; round < 3; round++) {
      const [prefill, decode] = [kinds(pick, false), kinds(pick, false)]
      const bounds = { prefill: boundOf(dense, prefill, "prefill"), decode: boundOf(dense, decode, "decode") }
      for (const [side, prompts, answers] of sides) {
        const beside = { candidate: prefill, replicas: prompts }
        const fleet = {
          scenario: dense,
          candidate: decode,
          replicas: answers,
          prefill: beside,
          requests: 2000,
          seed: 3
        }
        const found = drivenHere(highestLoad(fleet, own, bounds[side].modelledPerSecond, 0.1))
        const name = JSON.stringify([side, prefill, decode])
        expect(found.rate, name).toBeGreaterThan(0)
        expect(found.rate, name).toBeLessThanOrEqual(bounds[side].mostPerSecond)
        expect(found.point!.latencies.tpot.p50, name).toBeGreaterThanOrEqual(bounds.decode.tokenSeconds)
        expect(found.point!.latencies.ttft.p99, name).toBeGreaterThanOrEqual(bounds.prefill.firstSeconds)
        expect(found.point!.latencies.e2e.p50, name).toBeGreaterThanOrEqual(bounds.decode.answerSeconds)
      }
    }
  })

  test("hold for what spread experts do under any load, with prompts that share text", () => {
    for (let round = 0; round < 3; round++) {
      const [prefill, decode] = [kinds(pick, true), kinds(pick, true)]
      for (const [side, prompts, answers] of sides) {
        const { mostPerSecond } = boundOf(mixture, side === "prefill" ? prefill : decode, side, [])
        const outcome = simulateFleet({
          scenario: mixture,
          candidate: decode,
          replicas: answers,
          prefill: { candidate: prefill, replicas: prompts },
          requests: 2000,
          seed: 3,
          rate: 1.5 * mostPerSecond
        })
        if (outcome.kind === "none") throw new Error(outcome.reason)
        expect(outcome.requestsPerSecond).toBeLessThanOrEqual(mostPerSecond)
        // Of prompts a bound that is near what a replica does.
        if (side === "prefill") expect(outcome.requestsPerSecond).toBeGreaterThan(mostPerSecond / 2)
      }
    }
  })
})

test("the lattice of sizes ends at the cheapest of any staircase, and looks at few", () => {
  const draw = randomStream(5, "staircases")
  const whole = (low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))
  let looks = 0
  for (let round = 0; round < 200; round++) {
    const most = 12
    // From so many decode replicas on it does, fewer with more prefill replicas.
    const stairs: number[] = []
    for (let prefill = 1, top = whole(3, most); prefill <= most; prefill++) {
      stairs.push(top)
      top = Math.max(1, top - whole(0, 3))
    }
    const worth = { prefill: 1 + draw(), decode: 1 + draw() }
    const values = stairs.map((decode, index) => valueOf({ worth }, { prefill: index + 1, decode }))
    const cheapest = values.indexOf(Math.min(...values))
    const near = (count: number): number => Math.min(most, Math.max(1, count + whole(-1, 1)))
    const lattice: Lattice = {
      least: { prefill: 1, decode: 1 },
      about: { prefill: near(cheapest + 1), decode: near(stairs[cheapest]!) },
      most: { prefill: most, decode: most },
      mostDecode: () => most,
      worth
    }
    const failed: { readonly prefill: number; readonly decode: number }[] = []
    let best = Infinity
    for (;;) {
      const size = mostTelling(lattice, openRows(lattice, failed, best === Infinity ? 1000 : best))
      if (size === undefined) break
      looks++
      if (size.decode >= stairs[size.prefill - 1]!) best = Math.min(best, valueOf(lattice, size))
      else failed.push(size)
    }
    expect(best).toBeCloseTo(values[cheapest]!, 9)
  }
  // Of 144 sizes each.
  expect(looks / 200).toBeLessThan(8)
})

describe("the scenario of a fleet that is apart", () => {
  const pools = [
    { name: "front", role: "prefill", cluster: { nodes: 9 }, batching: { maxBatchTokens: 4096 } },
    { name: "back", role: "decode", kvCache: { prefixCaching: false }, measured: { decodedTokensPerNode: 5 } }
  ]
  const fleet = resolvedFleet({
    scenario: scenarioOf({ serving: { precision: "bf16", pools } }),
    candidate: { system: "dgx-a100", tensor: 2, pipeline: 1, precision: "bf16", batchSequences: 64, batchTokens: null }, // prettier-ignore
    replicas: 3,
    prefill: {
      candidate: { system: "dgx-h100", tensor: 1, pipeline: 1, precision: "fp8", batchSequences: null, batchTokens: null }, // prettier-ignore
      replicas: 5
    },
    rate: 10,
    requests: 100,
    seed: 1
  })
  if ("kind" in fleet) throw new Error(fleet.reason)
  const [front, back] = fleet.resolved.job.pools!
  test("has its own pools' fields but for what the plan chose", () => {
    expect([front!.name, front!.role, front!.replicas, front!.batching.maximumStepTokens]).toEqual([
      "front",
      "prefill",
      5,
      4096
    ])
    expect([back!.name, back!.role, back!.replicas, back!.batching.maximumSequences]).toEqual(["back", "decode", 3, 64])
    expect([front!.target.precision, back!.target.layout.tensor, back!.cache.prefixCaching]).toEqual(["fp8", 2, false])
    expect(fleet.resolved.accelerators).toBe(5 * 1 + 3 * 2)
  })
})
