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

test("the same where prefill and decode replicas stand in for one another", () => {
  const seen = { failures: 0, resent: 0, starts: 0, held: 0, deferred: 0, refused: 0, leapt: 0, entered: 0, stayed: 0 }
  // In 1383, prompts on idle replicas come to wait for each other's blocks; in 534, 1730 and 1918, replicas that were
  // sent prompts at the same moment have steps that end at the same moment; in 2523, a deferred request can come in when another
  // has moved on with the start of a step; in 3034, keys and values arrive at the very moment at which their replica's step ends.
  for (const seed of [...seeds, 1383, 534, 1730, 1918, 2523, 3034]) {
    const job = drawnLiving(seed, true)
    let looks = 0
    const leaping = simulateServing(job, { stop: () => ++looks > 20 })
    expect(looks, `seed ${seed} ends`).toBeLessThan(20)
    const stepping = simulateServing({ ...job, leap: "off" })
    expect(differences(leaping, stepping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, leaping), `seed ${seed}`).toEqual([])
    expect(conservationFindings(job, stepping), `seed ${seed}`).toEqual([])
    const { life, door, mixing } = leaping
    seen.failures += life?.failures ?? 0
    seen.resent += life?.resentRequests ?? 0
    seen.starts += life?.starts.length ?? 0
    seen.held += door?.held ?? 0
    seen.deferred += door?.deferred ?? 0
    seen.refused += door?.refused ?? 0
    seen.entered += mixing!.entered
    seen.stayed += mixing!.stayed
    if (leaping.events < stepping.events) seen.leapt++
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(30)
})

test("the same fleet gives the same log to the bit", () => {
  for (const seed of seeds.slice(0, 15)) {
    const job = drawnLiving(seed)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})
