/** What holds in every fleet whose replicas come, go and fail, behind every router: leaps give what steps give, nothing is lost or doubled, Little's law. */
import { expect, test } from "vitest"
import { poolsOf, type ServingJob, simulateServing } from "../../../src/serving/index.ts"
import { bothWays } from "../both-ways.ts"
import { drawnTiers } from "../tiers/drawn-tiers.ts"
import { drawnLiving, everyRouter } from "./drawn-living.ts"
import { patient, requestSeconds } from "./little.ts"

const seeds = Array.from({ length: Number(process.env["FLEETS"] ?? 120) }, (_, index) => index + 1)

test("leaps give what steps give, and nothing is lost or doubled", () => {
  const seen = { failures: 0, lost: 0, resent: 0, discarded: 0, starts: 0, held: 0, deferred: 0, refused: 0, leapt: 0 }
  const routers = new Set<string>()
  for (const seed of seeds) {
    const job = drawnLiving(seed)
    const { leaping, stepping, leapt } = bothWays(job, seed)
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
    seen.leapt += leapt
  }
  // The lots contain everything that can happen.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(30)
  expect([...routers].sort()).toEqual([...everyRouter].sort())
})

test("the same where prefill and decode replicas stand in for one another", () => {
  const seen = { failures: 0, resent: 0, starts: 0, held: 0, deferred: 0, refused: 0, leapt: 0, entered: 0, stayed: 0, fetched: 0, whole: 0 } // prettier-ignore
  const routers = new Set<string>()
  for (const job of [...seeds.map((seed) => drawnLiving(seed, true)), ...foundMixing()]) {
    const { leaping, leapt } = bothWays(job, job.seed, 20)
    const { life, door, mixing, requests } = leaping
    routers.add(job.queue.router)
    seen.failures += life?.failures ?? 0
    seen.resent += life?.resentRequests ?? 0
    seen.starts += life?.starts.length ?? 0
    seen.held += door?.held ?? 0
    seen.deferred += door?.deferred ?? 0
    seen.refused += door?.refused ?? 0
    seen.entered += mixing!.entered
    seen.stayed += mixing!.stayed
    seen.fetched += requests.fetches?.tokens.filter((tokens) => tokens > 0).length ?? 0
    seen.whole += poolsOf(job).filter(({ role }) => role === "both").length
    seen.leapt += leapt
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(what === "whole" ? 10 : 30)
  expect([...routers].sort()).toEqual([...everyRouter].sort())
})

/** Fleets that came out differently once. */
const foundMixing = (): readonly ServingJob[] => [
  // Prompts on idle replicas come to wait for each other's blocks.
  drawnLiving(1383, true, true),
  // Keys and values arrive at the very moment at which their replica's step ends.
  drawnLiving(3034, true, true),
  // Replicas that were sent prompts at the same moment have steps that end at the same moment.
  ...[534, 1730, 3019].map((seed) => drawnLiving(seed, true)),
  // A deferred request can come in when another has moved on with the start of a step.
  drawnLiving(2523, true),
  // The time limit finds requests with blocks that wait for others from a tier.
  drawnLiving(1846, true),
  // Who is preempted finds in a tier, back again, what was not there before.
  drawnLiving(3298, true),
  // A replica goes at the moment at which what it wrote to a tier arrives.
  ...[10064, 10888].map((seed) => drawnLiving(seed, true)),
  // A batch of a fixed size waits for its time while another one is in the pipeline.
  drawnLiving(1292, true)
]

test("the same in fleets that came out differently once", () => {
  const jobs = [
    // Steps of two replicas end at the same moment, and either lets in a request from the door.
    drawnLiving(3636),
    // A request goes on with the tokens that it has where batches are fixed.
    drawnLiving(16),
    // Keys and values arrive when a step of the replica that they go to ends; a fetch is planned when another's step ends.
    ...[2223, 6159, 8734].map((seed) => drawnTiers(seed)),
    // The time limit cuts a leap in which blocks have arrived that are to be written to a tier.
    drawnTiers(8981)
  ]
  for (const job of jobs) bothWays(job, job.seed)
})

test("Little's law holds exactly while nobody gives up", () => {
  const kinds = [
    (seed: number) => drawnLiving(seed),
    (seed: number) => drawnLiving(seed, true),
    (seed: number) => drawnTiers(seed)
  ]
  for (const draw of kinds)
    for (const seed of seeds.slice(0, 40)) {
      const job = patient(draw(seed))
      const { counted, told } = requestSeconds(simulateServing(job))
      expect(counted / told, `seed ${seed}`).toBeCloseTo(1, 9)
    }
})

test("the same fleet gives the same log to the bit", () => {
  for (const seed of seeds.slice(0, 15)) {
    const job = drawnLiving(seed)
    expect(simulateServing(job)).toEqual(simulateServing(job))
  }
})
