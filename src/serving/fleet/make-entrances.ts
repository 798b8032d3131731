/** The entrances of a fleet, one for each model and side, and which of them each class of requests takes. */
import type { Entrance, Weights, RunPool } from "../replica/replica.ts"
import { makeRouter } from "../server/router.ts"
import type { RouterName, ServingJob } from "../types.ts"
import type { GrowingRequestLog } from "../live/request-log.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import { makeBelief } from "../server/routing/belief.ts"
import { cachesPrefixes } from "./entrance.ts"
import { makeMixing } from "./mixing/mixing.ts"
import { coursesOf, type Course } from "./pools.ts"

/** By class: where its requests come in. */
export const makeEntrances = (
  job: ServingJob,
  pools: readonly RunPool[],
  { live, log }: { readonly live: LiveRequests; readonly log: GrowingRequestLog }
): readonly Entrance[] => {
  const { loadWeight = 1, knows = "index", indexBlocks = 0, isLogged = false } = job.routing ?? {}
  const looksAtCaches = job.queue.router === "prefix-aware" || job.queue.router === "least-ttft"
  const asksCaches = isLogged || looksAtCaches || job.workload.classes.some(({ admission }) => admission !== undefined)
  const known = new Map<Course, Entrance>()
  let made = 0
  const runPools = (servers: Course["front"]): readonly RunPool[] =>
    pools.filter(({ server }) => servers.some(({ name }) => name === server.name))
  const make = (of: readonly RunPool[], router: RouterName, behind: Entrance | null): Entrance => {
    const replicas = of.flatMap((pool) => pool.replicas)
    const sequences = of.map(({ server }) => server.target.maximumSequence)
    const base = {
      pools: of,
      replicas,
      open: replicas,
      behind,
      longest: Math.min(...sequences, behind?.longest ?? Infinity)
    }
    const isCaching = asksCaches && cachesPrefixes(base)
    const belief = isCaching ? makeBelief(live, { knows, indexBlocks }) : null
    const entrance = { ...base, belief } as Omit<Entrance, "router"> as Entrance
    for (const pool of of) pool.entrance = entrance
    const stream = made++ === 0 ? "router" : `router ${made}`
    entrance.router = makeRouter(router, entrance, {
      seed: job.seed,
      stream,
      weights: weightsOf(job, of),
      knowing: { live, log, belief, loadWeight }
    })
    return entrance
  }
  return coursesOf(job).map((course) => {
    const found = known.get(course)
    if (found !== undefined) return found
    const behind = runPools(course.behind)
    const next = behind.length === 0 ? null : make(behind, job.handover?.router ?? "least-requests", null)
    const entrance = make(runPools(course.front), job.queue.router, next)
    const promptTokens = job.handover?.mixing?.promptTokens
    if (next !== null && promptTokens !== undefined) {
      const mixing = makeMixing(entrance, next, promptTokens, looksAtCaches)
      for (const pool of [...entrance.pools, ...next.pools]) pool.mixing = mixing
    }
    known.set(course, entrance)
    return entrance
  })
}

const weightsOf = ({ isWeighed }: ServingJob, pools: readonly RunPool[]): Weights => {
  if (isWeighed !== true || pools.every(({ server }) => server.weight === pools[0]!.server.weight)) return null
  return ({ pool }) => pool.server.weight
}
