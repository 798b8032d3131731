/** What holds in every fleet: leaps give what steps give, nothing is lost, and Little's law. */
import { expect, test } from "vitest"
import { requestStates, simulateServing } from "../../../src/serving/index.ts"
import { bothWays } from "../both-ways.ts"
import { drawnFleet } from "./drawn-fleets.ts"

const seeds = Array.from({ length: 150 }, (_, index) => index + 1)

test("leaps give what steps give, and nothing is lost", () => {
  const seen = { leapt: 0, moved: 0, preempted: 0, abandoned: 0, loads: 0, cut: 0, cancelled: 0 }
  for (const seed of seeds) {
    const job = drawnFleet(seed)
    const { leaping, leapt } = bothWays(job, seed)
    seen.leapt += leapt
    if (leaping.isCut) seen.cut++
    seen.moved += leaping.transfers?.count ?? 0
    if ((leaping.transfers?.abandonedSeconds ?? 0) > 0) seen.abandoned++
    for (const { totals } of leaping.replicas) {
      seen.preempted += totals.preemptions
      seen.loads += totals.adapterLoads!
    }
    seen.cancelled += leaping.requests.state.filter((state) => requestStates[state] === "cancelled").length
  }
  // The lots contain everything that can happen.
  expect(seen.leapt).toBeGreaterThan(50)
  expect(seen.moved).toBeGreaterThan(2000)
  expect(seen.preempted).toBeGreaterThan(100)
  expect(seen.abandoned).toBeGreaterThan(10)
  expect(seen.loads).toBeGreaterThan(300)
  expect(seen.cut).toBeGreaterThan(10)
  expect(seen.cancelled).toBeGreaterThan(30)
})

test("with replicas that stand in for one another leaps give what steps give as well, and nothing is lost", () => {
  const seen = { leapt: 0, moved: 0, entered: 0, prompts: 0, answers: 0, stayed: 0, preempted: 0, cancelled: 0 }
  // In the last, a prefill and a decode replica have steps that end at the same moment.
  for (const seed of [...seeds, 2137]) {
    const job = drawnFleet(seed, true, seed > seeds.length)
    const { leaping, stepping, leapt } = bothWays(job, seed)
    const { replicaSeconds, ...counts } = leaping.mixing!
    expect(stepping.mixing, `seed ${seed}`).toMatchObject(counts)
    expect(stepping.mixing!.replicaSeconds).toBeCloseTo(replicaSeconds, 6)
    seen.leapt += leapt
    seen.moved += leaping.transfers!.count
    seen.entered += leaping.mixing!.entered
    seen.prompts += leaping.mixing!.promptsBehind
    seen.answers += leaping.mixing!.answersInFront
    seen.stayed += leaping.mixing!.stayed
    for (const { totals } of leaping.replicas) seen.preempted += totals.preemptions
    seen.cancelled += leaping.requests.state.filter((state) => requestStates[state] === "cancelled").length
  }
  expect(seen.leapt).toBeGreaterThan(50)
  expect(seen.moved).toBeGreaterThan(2000)
  expect(seen.entered).toBeGreaterThan(500)
  expect(seen.prompts).toBeGreaterThan(500)
  expect(seen.answers).toBeGreaterThan(300)
  expect(seen.stayed).toBeGreaterThan(300)
  expect(seen.preempted).toBeGreaterThan(100)
  expect(seen.cancelled).toBeGreaterThan(30)
})

test("the same fleet gives the same log to the bit", () => {
  for (const seed of seeds.slice(0, 10)) {
    const job = drawnFleet(seed, seed % 2 === 0)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})
