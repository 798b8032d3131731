/** What holds in every fleet whose replicas come, go and fail, behind every router: leaps give what steps give, nothing is lost or doubled, Little's law. */
import { expect, test } from "vitest"
import { conservationFindings, simulateServing } from "../../../src/serving/index.ts"
import { differences } from "../differences.ts"
import { drawnLiving, everyRouter } from "./drawn-living.ts"

const seeds = Array.from({ length: Number(process.env["FLEETS"] ?? 120) }, (_, index) => index + 1)

test("leaps give what steps give, and nothing is lost or doubled", () => {
  const seen = { failures: 0, lost: 0, resent: 0, discarded: 0, starts: 0, held: 0, deferred: 0, refused: 0, leapt: 0 }
  const routers = new Set<string>()
  for (const seed of seeds) {
    const job = drawnLiving(seed)
    const leaping = simulateServing(job)
    const stepping = simulateServing({ ...job, leap: "off" })
    expect(differences(leaping, stepping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, leaping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, stepping), `seed ${seed}`).toEqual([])
    const { life, door } = leaping
    expect(life?.events.map(({ replica, to }) => [replica, to])).toEqual(
      stepping.life?.events.map(({ replica, to }) => [replica, to])
    )
    routers.add(job.queue.router)
    seen.failures += life?.failures ?? 0
    seen.lost += life?.lostRequests ?? 0
    seen.resent += life?.resentRequests ?? 0
    seen.discarded += life?.discardedTokens ?? 0
    seen.starts += life?.starts.length ?? 0
    seen.held += door?.held ?? 0
    seen.deferred += door?.deferred ?? 0
    seen.refused += door?.refused ?? 0
    if (leaping.events < stepping.events) seen.leapt++
  }
  // The lots contain everything that can happen.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(30)
  expect([...routers].sort()).toEqual([...everyRouter].sort())
})

test("the same fleet gives the same log to the bit", () => {
  for (const seed of seeds.slice(0, 15)) {
    const job = drawnLiving(seed)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})
