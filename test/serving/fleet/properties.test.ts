/** What holds in every fleet: leaps give what steps give, nothing is lost, and Little's law. */
import { expect, test } from "vitest"
import { conservationFindings, requestStates, simulateServing } from "../../../src/serving/index.ts"
import { differences } from "../differences.ts"
import { drawnFleet } from "./drawn-fleets.ts"

const seeds = Array.from({ length: 150 }, (_, index) => index + 1)

test("leaps give what steps give, and nothing is lost", () => {
  const seen = { leapt: 0, moved: 0, preempted: 0, abandoned: 0, loads: 0, cut: 0, cancelled: 0 }
  for (const seed of seeds) {
    const job = drawnFleet(seed)
    const leaping = simulateServing(job)
    const stepping = simulateServing({ ...job, leap: "off" })
    expect(differences(leaping, stepping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, leaping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, stepping), `seed ${seed}`).toEqual([])
    if (leaping.events < stepping.events) seen.leapt++
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

test("the same fleet gives the same log to the bit", () => {
  for (const seed of seeds.slice(0, 10)) {
    const job = drawnFleet(seed)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})
