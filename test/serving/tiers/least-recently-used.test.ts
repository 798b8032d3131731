/**
 * The tiers against a replay that keeps lists: requests one after the other, so that what is found depends on the caches alone.
 */
import { expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { type CacheTiers, type ServingLog, simulateServing } from "../../../src/serving/index.ts"
import { fleet, pool } from "../fleet/jobs.ts"
import { listed } from "../jobs.ts"

const blockTokens = 4
const blockBytes = blockTokens * 8

/** Chains of block ids: conversations that go on, and texts that many begin with, some of them far more often than others. */
const chains = (): readonly (readonly number[])[] => {
  const draw = randomStream(7, "prefix trace")
  const whole = (below: number): number => Math.floor(draw() * below)
  let id = 1
  const fresh = (count: number): number[] => Array.from({ length: count }, () => id++)
  const beginnings = Array.from({ length: 6 }, () => fresh(1 + whole(5)))
  const known: (readonly number[])[] = []
  return Array.from({ length: 600 }, () => {
    const goesOn = known.length > 0 && draw() < 0.6
    const before = goesOn ? known[Math.max(0, known.length - 1 - whole(60))]! : beginnings[whole(whole(6) + 1)]!
    const chain = [...before, ...fresh(whole(4))].slice(0, 24)
    known.push(chain)
    return chain
  })
}

/** Blocks found at the start of each chain by a cache that keeps the `capacity` latest used; a chain's first block is its latest. */
const replayed = (trace: readonly (readonly number[])[], capacity: number): readonly number[] => {
  // Latest last.
  let kept: number[] = []
  return trace.map((chain) => {
    const gap = chain.findIndex((block) => !kept.includes(block))
    kept = [...kept.filter((block) => !chain.includes(block)), ...chain.toReversed()].slice(-capacity)
    return gap < 0 ? chain.length : gap
  })
}

const served = (trace: readonly (readonly number[])[], blocks: number, tiers: CacheTiers): ServingLog => {
  const only = pool("only", "both", { cache: { blockTokens, blocks, prefixCaching: true, tiers } })
  return simulateServing(fleet([only]), {
    // A token more than the blocks: the last one is always computed.
    source: listed(
      trace.map((chain, row) => [
        10 * row,
        chain.length * blockTokens + 1,
        1,
        { pieces: chain.map((id) => ({ id, tokens: blockTokens })) }
      ])
    )
  })
}

const found = (log: ServingLog): readonly number[] => [...log.requests.cached].map((tokens) => tokens / blockTokens)

const host = (blocks: number) =>
  ({ in: "host", capacityBytes: blocks * blockBytes, bytesPerSecond: 1e6, latencySeconds: 0 }) as const
const nvme = (blocks: number) =>
  ({ in: "nvme", capacityBytes: blocks * blockBytes, bytesPerSecond: 1e6, latencySeconds: 0 }) as const

const trace = chains()

test("a tier that gets every block finds what an exact LRU cache of its size finds", () => {
  for (const capacity of [30, 40, 57, 80, 120, 200, 333, 500, 800, 2000]) {
    const log = served(trace, 26, { tiers: [host(capacity)], writeAfterUses: 1, fetch: "always", overlap: "none" })
    expect(found(log), `${capacity} blocks`).toEqual(replayed(trace, capacity))
    expect(log.tiers![0]!.usedBytes).toBeLessThanOrEqual(capacity * blockBytes)
  }
})

test("of two tiers that get every block the larger decides", () => {
  for (const [small, large] of [
    [10, 60],
    [60, 300],
    [300, 60]
  ] as const) {
    const tiers = { tiers: [host(small), nvme(large)], writeAfterUses: 1, fetch: "always", overlap: "none" } as const
    expect(found(served(trace, 26, tiers))).toEqual(replayed(trace, Math.max(small, large, 25)))
  }
})

/** What the accelerator throws out goes to the first tier, what that throws out to the next; what is read stays where it is. */
const replayedEvictions = (
  blocks: number,
  capacities: readonly number[]
): { readonly found: readonly number[]; readonly fromTier: readonly number[] } => {
  // Free blocks of the accelerator, next to be taken first; 0 has no content.
  let free: number[] = Array.from({ length: blocks }, () => 0)
  const tiers: number[][] = capacities.map(() => [])
  const fromTier = capacities.map(() => 0)
  const put = (tier: number, block: number): void => {
    const kept = tiers[tier]
    if (kept === undefined) return
    const place = kept.indexOf(block)
    if (place >= 0) kept.splice(place, 1)
    else if (kept.length === capacities[tier]) put(tier + 1, kept.shift()!)
    kept.push(block)
  }
  const use = (block: number): void => {
    for (const kept of tiers) if (kept.includes(block)) kept.push(...kept.splice(kept.indexOf(block), 1))
  }
  const hits = trace.map((chain) => {
    let own = 0
    while (own < chain.length && free.includes(chain[own]!)) own++
    let end = own
    const sources: number[] = []
    for (; end < chain.length; end++) {
      const tier = tiers.findIndex((kept) => kept.includes(chain[end]!))
      if (tier < 0) break
      sources.push(tier)
    }
    for (const tier of sources) fromTier[tier]!++
    for (const block of chain.slice(0, end).toReversed()) use(block)
    const claimed = new Set(chain.slice(0, own))
    free = free.filter((block) => !claimed.has(block))
    for (const block of free.splice(0, chain.length + 1 - own)) if (block > 0) put(0, block)
    // Back again, the partial block first and the beginning last.
    for (const block of chain.toReversed()) use(block)
    free.push(0, ...chain.toReversed())
    return end
  })
  return { found: hits, fromTier }
}

test("tiers that get what is thrown out find what a replay with lists finds", () => {
  for (const [blocks, ...capacities] of [
    [26, 20],
    [26, 100],
    [40, 60, 100],
    [60, 7, 500],
    [200, 50, 50]
  ] as const) {
    const tiers = [host(capacities[0]), ...capacities.slice(1).map(nvme)]
    const log = served(trace, blocks, { tiers, writeAfterUses: Infinity, fetch: "always", overlap: "none" })
    const expected = replayedEvictions(blocks, capacities)
    expect(found(log), `${blocks} and ${capacities.join(", ")}`).toEqual(expected.found)
    expect(log.tiers!.map(({ hitTokens }) => hitTokens / blockTokens)).toEqual(expected.fromTier)
    expect(expected.fromTier[0]).toBeGreaterThan(50)
  }
})
