/**
 * Requests whose prompts begin in a tier: they leave the waiting line with device blocks for the whole prompt, wait for the
 * bytes, and then for a place in a step, ahead of everybody who waits in line: they hold blocks, and nobody could preempt them.
 */
import { phase } from "../../live/live-requests.ts"
import { removeFrom } from "../../policy/preemption.ts"
import type { Scheduler } from "../../policy/scheduler.ts"
import { accrue } from "../../replica/replica.ts"
import type { Run } from "../../server/run.ts"
import { disturb, touch } from "../../server/touch.ts"
import { cutOf, expectedRate } from "./fetch-plan.ts"
import type { Fetch, Fetcher, FetchPlan, SchedulerTiers } from "./scheduler-tiers.ts"

const schedulerOf = ({ replicas, live }: Run, own: SchedulerTiers, slot: number): Scheduler =>
  replicas[own.replica]!.schedulers[live.group[slot]!]!

/** @param runOf  the run, once it is made */
export const makeFetcher = (runOf: () => Run): Fetcher => ({
  plan: (own, slot, hits, total) => planFetch(runOf(), own, slot, hits, total),
  protect: (own, slot, hits, { end }) => {
    const keys = schedulerOf(runOf(), own, slot).cache.sharedKeys(slot)
    for (let block = end - 1; block >= hits; block--) own.touch(keys[2 * block]!, keys[2 * block + 1]!)
  },
  start: (own, slot, hits, plan, now) => startFetch(runOf(), own, slot, hits, plan, now),
  taken: (own, slot, isFirst) => countFetch(runOf(), own, slot, isFirst)
})

const countFetch = ({ tiers, log, live }: Run, own: SchedulerTiers, slot: number, isFirst: boolean): void => {
  const { tokensOf } = own.fetches.get(slot)!
  own.fetches.delete(slot)
  const request = live.request[slot]!
  const { tokens } = log.fetches!
  for (const [tier, place] of tiers!.placesOf(own.replica).entries()) {
    tokens[request]! += tokensOf[tier]!
    if (isFirst) tiers!.counts[place].hitTokens += tokensOf[tier]!
  }
}

const tiersOfRuns: number[] = []
const endsOfRuns: number[] = []

const planFetch = (run: Run, own: SchedulerTiers, slot: number, hits: number, total: number): FetchPlan | null => {
  const { tiers, replicas } = run
  const { cache, rules } = schedulerOf(run, own, slot)
  const limit = cache.sharedLimit(slot)
  if (limit <= hits) return null
  const keys = cache.sharedKeys(slot)
  let count = 0
  let end = hits
  for (; end < limit; end++) {
    const tier = own.tierOf(keys[2 * end]!, keys[2 * end + 1]!)
    if (tier < 0) break
    if (count === 0 || tiersOfRuns[count - 1] !== tier) tiersOfRuns[count++] = tier
    endsOfRuns[count - 1] = end + 1
  }
  if (count === 0) return null
  tiersOfRuns.length = count
  endsOfRuns.length = count
  const { pool, steps } = replicas[own.replica]!
  const ways = tiers!.waysOf(own.replica)
  const { flowsOn, wires } = tiers!
  const plan = cutOf({
    runs: { tiers: tiersOfRuns, ends: endsOfRuns },
    hits,
    blockTokens: cache.blockTokens,
    blockBytes: own.blockBytes,
    total,
    budget: rules.budget,
    steps,
    ways,
    rateOf: (tier) => expectedRate(wires, flowsOn, ways[tier]!.up, ways[tier]!.rateCap),
    isAlways: pool.server.cache.tiers!.fetch === "always",
    layers: pool.server.cache.tiers!.overlap === "layer-wise" ? pool.server.target.model.layers : 1
  })
  const cut = plan?.end ?? hits
  if (cut < end) {
    let start = hits
    for (let run = 0; run < count; run++) {
      const place = tiers!.placesOf(own.replica)[tiersOfRuns[run]!]!
      tiers!.counts[place].declinedTokens += Math.max(0, endsOfRuns[run]! - Math.max(start, cut)) * cache.blockTokens
      start = endsOfRuns[run]!
    }
  }
  return plan
}

const startFetch = (
  run: Run,
  own: SchedulerTiers,
  slot: number,
  hits: number,
  { end, blocksOf, share }: FetchPlan,
  now: number
): void => {
  const { tiers, handlers, live } = run
  const { cache } = schedulerOf(run, own, slot)
  const { replica, blockBytes } = own
  const ways = tiers!.waysOf(replica)
  const fetch: Fetch = {
    id: tiers!.made++,
    slot,
    start: now,
    tokens: end * cache.blockTokens,
    tokensOf: blocksOf.map((blocks) => blocks * cache.blockTokens),
    share,
    flows: blocksOf.map(() => -1),
    flowsLeft: 0,
    isThere: false
  }
  own.fetches.set(slot, fetch)
  tiers!.byId.set(fetch.id, { fetch, own })
  live.phase[slot] = phase.fetching
  live.computed[slot] = hits * cache.blockTokens
  for (const [tier, blocks] of blocksOf.entries()) {
    if (blocks === 0) continue
    const { up: links, rateCap, latencySeconds } = ways[tier]!
    const bytes = share * blocks * blockBytes
    tiers!.counts[tiers!.placesOf(replica)[tier]!].readBytes += bytes
    for (const link of links) tiers!.flowsOn[link]! += 1
    fetch.flowsLeft++
    const flow = { bytes, links, rateCap, latencySeconds }
    fetch.flows[tier] = tiers!.wires.network.start(flow, handlers.fetched, fetch.id * 4 + tier)
  }
}

/** The bytes of a fetch have arrived from one tier. */
export const fetchedFrom = (run: Run, argument: number, now: number): void => {
  const { tiers, replicas, live, log } = run
  const tier = argument % 4
  const id = Math.floor(argument / 4)
  const found = tiers!.byId.get(id)
  // Given up meanwhile.
  if (found === undefined) return
  const { fetch, own } = found
  free(run, own.replica, tier)
  fetch.flows[tier] = -1
  if (fetch.share < 1) sendLater(run, fetch, own, tier)
  if (--fetch.flowsLeft > 0) return
  const { slot } = fetch
  const replica = replicas[own.replica]!
  const scheduler = replica.schedulers[live.group[slot]!]!
  accrue(replica, now)
  tiers!.byId.delete(id)
  fetch.isThere = true
  live.computed[slot] = fetch.tokens
  log.fetches!.seconds[live.request[slot]!]! += now - fetch.start
  scheduler.cache.keepShared(slot, fetch.tokens)
  own.ready.push(slot)
  touch(run, replica)
  disturb(run, replica, now)
}

/** The layers that the first step need not wait for. */
const sendLater = (
  { tiers, live, replicas }: Run,
  { slot, share, tokensOf }: Fetch,
  own: SchedulerTiers,
  tier: number
) => {
  const { blockTokens } = replicas[own.replica]!.schedulers[live.group[slot]!]!.cache
  const bytes = ((1 - share) * tokensOf[tier]! * own.blockBytes) / blockTokens
  tiers!.counts[tiers!.placesOf(own.replica)[tier]!].readBytes += bytes
  tiers!.follow(own.replica, tier, bytes)
}

const free = ({ tiers }: Run, replica: number, tier: number): void => {
  for (const link of tiers!.waysOf(replica)[tier]!.up) tiers!.flowsOn[link]! -= 1
}

/** Takes a request out that waits for blocks, or with them; its blocks are the caller's to give back. */
export const takeFetching = (run: Run, scheduler: Scheduler, slot: number): void => {
  const { tiers } = run
  const own = scheduler.tiers!
  const fetch = own.fetches.get(slot)!
  own.fetches.delete(slot)
  if (fetch.isThere) return removeFrom(own.ready, slot)
  tiers!.byId.delete(fetch.id)
  const { network } = tiers!.wires
  const places = tiers!.placesOf(own.replica)
  for (const [tier, flow] of fetch.flows.entries()) {
    if (flow < 0) continue
    tiers!.counts[places[tier]!].readBytes -= network.remainingOf(flow)
    network.cancel(flow)
    free(run, own.replica, tier)
  }
}
