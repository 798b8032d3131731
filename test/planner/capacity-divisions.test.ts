/** Pools that are apart on given machines: the highest load over all divisions, spares of both pools, what each hour needs. */
import { describe, expect, test } from "vitest"
import {
  candidatesOf,
  cheaperOf,
  changesOf,
  dayOf,
  divisionsOf,
  drivenHere,
  hourlyRates,
  isWithin,
  largestSizes,
  ratedPairs,
  redundancyApart,
  runsOf,
  searchCapacity,
  searchHighest,
  simulateFleet,
  survivedApart,
  type CapacityRequest,
  type CapacitySpace,
  type PairSize,
  type ReplicaKind,
  type SizedFleet
} from "../../src/planner/index.ts"
import { sideSpace } from "../../src/planner/capacity/space.ts"
import { chatOf } from "./capacity-setup.ts"

const space: CapacitySpace = {
  systems: ["dgx-h100", "dgx-a100"],
  tensor: [1, 2],
  pipeline: [1],
  precisions: ["bf16"],
  batchSequences: [null],
  batchTokens: [null],
  disaggregation: ["together", "apart"]
}

const request: CapacityRequest = {
  scenario: chatOf([200, 1800]),
  rate: 90,
  goals: [
    { metric: "ttft", statistic: "p99", seconds: 0.3 },
    { metric: "tpot", statistic: "p99", seconds: 0.012 }
  ],
  objective: "accelerators",
  space,
  prices: {},
  priceAt: "middle",
  available: 6,
  requests: 400,
  seed: 1,
  confirmations: 0
}

const sizeOf = ({ tensor, pipeline }: ReplicaKind): number => tensor * pipeline

/** Every number of replicas of both that six accelerators make, however much of them is left. */
const allSizes = (prefill: ReplicaKind, decode: ReplicaKind): readonly PairSize[] =>
  [1, 2, 3, 4, 5].flatMap((prompts) =>
    [1, 2, 3, 4, 5].flatMap((answers) =>
      prompts * sizeOf(prefill) + answers * sizeOf(decode) <= 6 ? [{ prefill: prompts, decode: answers }] : []
    )
  )

describe("the highest load of six accelerators", () => {
  const plan = drivenHere(searchHighest(request))
  const { scenario, requests, seed, goals } = request
  const common = { scenario, requests, seed }
  const together = candidatesOf(space).map((candidate) => ({ ...common, candidate, replicas: 6 / sizeOf(candidate) }))
  const apart = candidatesOf(sideSpace(space, "prefill")).flatMap((prefill) =>
    candidatesOf(sideSpace(space, "decode")).flatMap((decode) =>
      prefill.system === decode.system
        ? allSizes(prefill, decode).map((size) => ({
            ...{ ...common, candidate: decode, replicas: size.decode },
            prefill: { candidate: prefill, replicas: size.prefill }
          }))
        : []
    )
  )
  const best = plan.fleets[0]!

  test("is served by the first, and nothing that can be made of them serves more", () => {
    const { rated, replicas, prefill: prompts, found } = best
    const named = (candidate: ReplicaKind, count: number, other: unknown): string =>
      JSON.stringify([candidate, count, other])
    const name = named(rated.candidate, replicas, { candidate: prompts?.rated.candidate, replicas: prompts?.replicas })
    const own = apart.find((one) => named(one.candidate, one.replicas, one.prefill) === name)
    expect(isWithin(simulateFleet({ ...own!, rate: found.rate }), goals)).toBe(true)
    // Bisections end within 1 %, and how 400 requests fall together lets a fleet hold a rate just above one that it does not.
    const rate = found.rate * 1.04
    expect([...together, ...apart].filter((one) => isWithin(simulateFleet({ ...one, rate }), goals))).toEqual([])
    expect(apart.length).toBeGreaterThan(50)
  })
  test("is higher than that of the best that does both on every replica", () => {
    const whole = plan.fleets.filter(({ prefill }) => prefill === undefined).map(({ found }) => found.rate)
    expect(best.found.rate).toBeGreaterThan(Math.max(...whole))
  })
  test("accounts for every pair and every division", () => {
    const { apart: counts } = plan
    expect(counts?.pairs).toBe(16)
    // Pairs of H100 and A100 would take twelve accelerators.
    expect(counts?.impossible).toBe(8)
    // Of each system 1+1: 5 ways, 1+2, 2+1 and 2+2: 2 each (below); kinds that a bound rules out for the goals have none.
    expect(counts?.divisions).toBeLessThanOrEqual(2 * 11)
    expect(counts?.divisions).toBe(divisionsOf({ ...request, rate: 1e-6 }, {}).divisions.length)
    const sought = plan.fleets.filter(({ prefill }) => prefill !== undefined).length
    expect((counts?.byBound ?? 0) + (counts?.bySimulation ?? 0) + sought).toBe(counts?.divisions)
    expect(counts?.byBound).toBeGreaterThan(0)
  })
  test("no division serves more than its bound", () => {
    const { divisions } = divisionsOf({ ...request, rate: 1e-6 }, {})
    const run = runsOf({ ...request, rate: 1 })
    const above = divisions.map(({ pair, size, bound }) =>
      simulateFleet({ ...run.apart(pair, size), rate: bound * 1.001 })
    )
    expect(above.filter((outcome) => isWithin(outcome, goals))).toEqual([])
    expect(divisions.length).toBeGreaterThan(15)
  })
  test("pools on two systems are pairs where the pools are said to choose from other systems", () => {
    const split = { ...request, space: { ...space, decode: { systems: ["dgx-a100"] } } }
    const { divisions } = divisionsOf({ ...split, rate: 1e-6 }, {})
    const mixed = divisions.filter(({ pair }) => pair.prefill.candidate.system === "dgx-h100")
    expect(mixed.map(({ size, pair }) => [pair.prefill, pair.decode].map(({ candidate }, side) => sizeOf(candidate) * (side === 0 ? size.prefill : size.decode)))).toEqual(mixed.map(() => [6, 6])) // prettier-ignore
    expect(mixed).toHaveLength(4)
  })
})

describe("divisions of machines", () => {
  const at = (tensors: readonly [number, number]) =>
    ratedPairs({ ...request, rate: 1e-6 }).pairs.find(
      ({ prefill, decode }) =>
        prefill.candidate.system === "dgx-h100" &&
        decode.candidate.system === "dgx-h100" &&
        prefill.candidate.tensor === tensors[0] &&
        decode.candidate.tensor === tensors[1]
    )!
  test.each([
    [[1, 1], [[1, 5], [2, 4], [3, 3], [4, 2], [5, 1]]], // prettier-ignore
    // 1 + 2 x 2 leaves an accelerator: two for prompts are there beside the same two for answers.
    [[1, 2], [[2, 2], [4, 1]]], // prettier-ignore
    [[2, 1], [[1, 4], [2, 2]]], // prettier-ignore
    [[2, 2], [[1, 2], [2, 1]]] // prettier-ignore
  ] as const)("of replicas of %j leave none that could be used", (tensors, sizes) => {
    expect(largestSizes(at(tensors)).map(({ prefill, decode }) => [prefill, decode])).toEqual(sizes)
  })
})

const planned = drivenHere(
  searchCapacity({ ...request, available: 64, space: { ...space, systems: ["dgx-h100"], disaggregation: ["apart"] } })
)
const [first] = planned.sized
if (first?.prefill === undefined) throw new Error("two pools")
const best: SizedFleet = first
const { prefill } = first

describe("which fleet costs less in the end", () => {
  test("of two pools both are off alike, in whole replicas", () => {
    const both = prefill.replicas * prefill.rated.worth + best.replicas * best.rated.worth
    const twice: SizedFleet = { ...best, prefill: { rated: prefill.rated, replicas: 2 * prefill.replicas }, replicas: 2 * best.replicas, value: 2 * both } // prettier-ignore
    const isCheaper = cheaperOf(request.rate, best, twice)
    expect(best.value).toBeCloseTo(both, 9)
    expect(isCheaper(0, 0)).toBe(1)
    // Half of the capacity that was predicted takes twice the replicas, or one fewer where there was some to spare.
    expect(isCheaper(Math.log(4), 0)).toBe(0)
    expect(isCheaper(0, Math.log(4))).toBe(1)
    expect(cheaperOf(request.rate, best, best)(0.1, 0.1)).toBe(0.5)
  })
})

describe("spares of both pools", () => {
  test("each pool has those of k nodes: whichever k nodes are down, the goals hold", () => {
    const shape = { acceleratorsPerReplica: 2, acceleratorsPerNode: 8 }
    const found = redundancyApart(
      { ...shape, needed: 6 },
      { ...shape, acceleratorsPerReplica: 16, needed: 2 },
      { spareNodes: 1, nodeHoursBetweenFailures: 990, repairHours: 10 }
    )
    // 10 x 2 accelerators are 3 nodes, 3 x 16 are 6; a node is down 1 % of the time.
    expect(found).toMatchObject({
      replicas: 3,
      spareReplicas: 1,
      prefill: { replicas: 10, spareReplicas: 4 },
      nodes: 9
    })
    expect(found.availability).toBeCloseTo(0.99 ** 9 + 9 * 0.01 * 0.99 ** 8, 12)
    // Without: 12 accelerators are 2 nodes, 32 are 4.
    expect(found.availabilityWithout).toBeCloseTo(0.99 ** 6, 12)
  })

  test("fail in the pool that is said, and stay down", () => {
    const run = runsOf({ ...request, requests: 400 }).apart(
      { prefill: prefill.rated, decode: best.rated },
      { prefill: prefill.replicas, decode: best.replicas }
    )
    const all = (failingSide: "prefill" | "decode") =>
      simulateFleet({
        ...run,
        failing: failingSide === "prefill" ? prefill.replicas - 1 : best.replicas - 1,
        failingSide
      })
    const [whole, prompts, answers] = [simulateFleet(run), all("prefill"), all("decode")]
    if (whole.kind === "none" || prompts.kind === "none" || answers.kind === "none") throw new Error("served")
    expect(whole).toEqual(best.point)
    // Prompts wait where one replica is left for them, tokens don't; and the other way round.
    if (prefill.replicas > 1) {
      expect(prompts.latencies.ttft.p99).toBeGreaterThan(3 * whole.latencies.ttft.p99)
      expect(prompts.latencies.tpot.p50).toBeLessThanOrEqual(1.2 * whole.latencies.tpot.p50)
    }
    if (best.replicas > 1) expect(answers.latencies.e2e.p99).toBeGreaterThan(1.5 * whole.latencies.e2e.p99)
    expect(prefill.replicas + best.replicas).toBeGreaterThan(2)
    const [changed] = [changesOf(run.scenario, { ...run, failing: 1, failingSide: "decode" })]
    expect(changed["serving.pools"]).toMatchObject([
      { role: "prefill" },
      { role: "decode", failures: { at: [[expect.closeTo((0.25 * 400) / 90, 9), 0]], requests: "retry" } }
    ])
    expect((changed["serving.pools"] as readonly object[])[0]).not.toHaveProperty("failures")
  })

  test("the fleet holds while either pool's spares are gone, or grows until it does", () => {
    const shape = { acceleratorsPerNode: 1, acceleratorsPerReplica: 1 }
    const redundancy = redundancyApart(
      { ...shape, needed: prefill.replicas },
      { ...shape, needed: best.replicas },
      { spareNodes: 1, nodeHoursBetweenFailures: 990, repairHours: 10 }
    )
    const wide = { ...request, available: 64 }
    const found = drivenHere(survivedApart(wide, best, redundancy))
    expect(found.holds).toBe(true)
    const sizes = { prefill: found.prefill!, decode: found.replicas }
    expect(sizes.prefill).toBeGreaterThanOrEqual(prefill.replicas + 1)
    expect(sizes.decode).toBeGreaterThanOrEqual(best.replicas + 1)
    for (const failingSide of ["prefill", "decode"] as const) {
      const run = runsOf(wide).apart({ prefill: prefill.rated, decode: best.rated }, sizes)
      const outcome = simulateFleet({ ...run, failing: 1, failingSide })
      expect(isWithin(outcome, wide.goals)).toBe(true)
      if (failingSide === found.side) expect(found.outcome).toEqual(outcome)
    }
  })

  test("says where no few replicas more hold", () => {
    const tight = { ...request, available: 64, goals: [{ ...request.goals[0]!, seconds: 0.001 }] }
    const redundancy = { ...{ spareReplicas: 1, replicas: best.replicas + 1, nodes: 2 }, availability: 1, availabilityWithout: 1, prefill: { replicas: prefill.replicas + 1, spareReplicas: 1 } } // prettier-ignore
    const found = drivenHere(survivedApart(tight, best, redundancy))
    expect(found).toMatchObject({ holds: false, replicas: best.replicas + 1, prefill: prefill.replicas + 1 })
  })
})

describe("a day of two pools", () => {
  const curve = { peak: 90, trough: 15 }
  const quiet = { ...request, available: 64 }
  const day = drivenHere(dayOf(quiet, curve, best))

  test("each hour has the smallest pools that serve it, as trying all sizes finds them", () => {
    const costOf = ({ prefill: prompts, decode }: PairSize): number =>
      prompts * prefill.rated.worth + decode * best.rated.worth
    const sizes = Array.from({ length: prefill.replicas }, (_, prompts) =>
      Array.from({ length: best.replicas }, (__, answers) => ({ prefill: prompts + 1, decode: answers + 1 }))
    ).flat()
    // Six levels from night to peak; an hour takes the next that is no lower.
    const levels = [1, 2, 3, 4, 5].map((step) => 15 + (step / 6) * 75)
    const leastAt = levels.map((rate) => {
      const run = runsOf({ ...quiet, rate, requests: 2000 })
      const served = sizes.filter((size) =>
        isWithin(simulateFleet(run.apart({ prefill: prefill.rated, decode: best.rated }, size)), quiet.goals)
      )
      return Math.min(costOf({ prefill: prefill.replicas, decode: best.replicas }), ...served.map(costOf))
    })
    for (const { hour, rate, prefill: prompts = 0, replicas } of day.hours) {
      expect(rate).toBeCloseTo(hourlyRates(curve)[hour]!, 9)
      const level = levels.findIndex((one) => one >= rate - 1e-9)
      const least = level < 0 ? costOf({ prefill: prefill.replicas, decode: best.replicas }) : leastAt[level]!
      expect(costOf({ prefill: prompts, decode: replicas })).toBeCloseTo(least, 9)
    }
  })
  test("a fleet that follows takes its share of accelerator-hours", () => {
    const taken = ({ prefill: prompts = 0, replicas }: { readonly prefill?: number; readonly replicas: number }) =>
      prompts * sizeOf(prefill.rated.candidate) + replicas * sizeOf(best.rated.candidate)
    const whole = taken({ prefill: prefill.replicas, replicas: best.replicas })
    const mean = day.hours.reduce((sum, hour) => sum + taken(hour), 0) / 24
    expect(day.followed).toBeCloseTo(mean / whole, 12)
    expect(day.followed).toBeLessThan(1)
    expect(day.meanLoad).toBeCloseTo(52.5 / 90, 12)
  })
})
