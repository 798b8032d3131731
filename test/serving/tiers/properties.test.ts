/** What holds with tiers of the cache, whatever the fleet: leaps give what steps give, nothing is lost, no tier is overfull. */
import { expect, test } from "vitest"
import { bothWays } from "../both-ways.ts"
import { drawnLiving } from "../fleet/drawn-living.ts"
import { drawnTiers } from "./drawn-tiers.ts"

const seeds = Array.from({ length: 80 }, (_, index) => index + 1)

test("leaps give what steps give, and nothing is lost", () => {
  const seen = { leapt: 0, hits: 0, declined: 0, evictions: 0, waited: 0 }
  for (const seed of seeds) {
    const job = drawnTiers(seed)
    const { leaping, leapt } = bothWays(job, seed)
    seen.leapt += leapt
    for (const tier of leaping.tiers ?? []) {
      seen.hits += tier.hitTokens
      seen.declined += tier.declinedTokens
      seen.evictions += tier.evictions
    }
    seen.waited += leaping.requests.fetches?.seconds.filter((seconds) => seconds > 0).length ?? 0
  }
  // The lots contain everything that can happen.
  expect(seen.leapt).toBeGreaterThan(40)
  expect(seen.hits).toBeGreaterThan(5000)
  expect(seen.declined).toBeGreaterThan(1000)
  expect(seen.evictions).toBeGreaterThan(10_000)
  expect(seen.waited).toBeGreaterThan(100)
})

test("the same with replicas that come, go and fail", () => {
  const seen = { fleets: 0, hits: 0, failures: 0, resent: 0, restarts: 0, drained: 0, aborted: 0 }
  for (let seed = 1; seen.fleets < Number(process.env["FLEETS"] ?? 60); seed++) {
    const living = drawnLiving(seed)
    if (living.pools === undefined) continue
    seen.fleets++
    const job = drawnTiers(seed, living)
    const { leaping } = bothWays(job, seed)
    for (const { hitTokens, writtenBytes, readBytes } of leaping.tiers ?? []) {
      seen.hits += hitTokens
      expect(Math.min(writtenBytes, readBytes), `seed ${seed}`).toBeGreaterThanOrEqual(0)
      // Blocks have whole bytes: what is none was taken off the wires half-way.
      if (!Number.isInteger(writtenBytes)) seen.aborted++
    }
    seen.failures += leaping.life?.failures ?? 0
    seen.resent += leaping.life?.resentRequests ?? 0
    for (const { why } of leaping.life?.events ?? []) {
      if (why === "restart") seen.restarts++
      if (why === "drained") seen.drained++
    }
  }
  // The lots contain everything that can happen.
  expect(seen.hits).toBeGreaterThan(2000)
  expect(seen.failures).toBeGreaterThan(100)
  expect(seen.resent).toBeGreaterThan(300)
  expect(seen.restarts).toBeGreaterThan(20)
  expect(seen.drained).toBeGreaterThan(15)
  expect(seen.aborted).toBeGreaterThan(8)
})
