/** Servers and fleets with tiers of the cache, drawn by lot: all policies of writing and fetching, slow and fast ways, small and large tiers. */
import { randomStream } from "../../../src/random/index.ts"
import type { CacheTier, CacheTiers, Pool, ServingJob } from "../../../src/serving/index.ts"
import { drawnFleet } from "../fleet/drawn-fleets.ts"

/** Bytes of a token are 2 x 4 x layers. */
const blockBytes = ({ cache, target }: Pool): number => cache.blockTokens * 8 * target.model.layers

/**
 * @param seed  of everything that is drawn, and of the run
 * @param job   a fleet of pools, to which tiers are added
 */
export const drawnTiers = (seed: number, job: ServingJob = drawnFleet(seed)): ServingJob => {
  const draw = randomStream(seed, "tiers")
  const chance = (share: number): boolean => draw() < share
  const oneOf = <A>(items: readonly A[]): A => items[Math.floor(draw() * items.length)]!
  const bytes = 3000 * 10 ** (2 * draw())
  const remote: CacheTier = {
    in: "remote",
    capacityBytes: bytes * oneOf([0.3, 10]),
    bytesPerSecond: chance(0.5) ? null : 10 ** (3 + 4 * draw()),
    latencySeconds: chance(0.5) ? 0 : 0.001
  }
  const hasRemote = chance(0.6)
  const policy: Pick<CacheTiers, "writeAfterUses" | "fetch" | "overlap"> = {
    writeAfterUses: oneOf([Infinity, Infinity, 1, 2, 3]),
    fetch: oneOf(["cost", "always"]),
    overlap: oneOf(["none", "none", "layer-wise"])
  }
  const tiersOf = (pool: Pool): CacheTiers | undefined => {
    const size = Math.max(blockBytes(pool), bytes)
    const tiers: CacheTier[] = []
    if (chance(0.7))
      tiers.push({ in: "host", capacityBytes: size, bytesPerSecond: 10 ** (3 + 5 * draw()), latencySeconds: 0 })
    if (chance(0.4))
      tiers.push({ in: "nvme", capacityBytes: 3 * size, bytesPerSecond: 10 ** (3 + 4 * draw()), latencySeconds: 1e-4 })
    if (hasRemote) tiers.push({ ...remote, capacityBytes: Math.max(remote.capacityBytes, 3000) })
    return tiers.length === 0 ? undefined : { tiers, ...policy }
  }
  const pools = job.pools!.map((pool): Pool => {
    // Fixed batches look for no prefixes.
    if (pool.batching.policy === "static" || pool.batching.policy === "dynamic") return pool
    const tiers = tiersOf(pool)
    return {
      ...pool,
      cache: { ...pool.cache, prefixCaching: true, ...(tiers === undefined ? {} : { tiers }) }
    }
  })
  return {
    ...job,
    pools,
    cache: pools[0]!.cache,
    workload: {
      ...job.workload,
      classes: job.workload.classes.map((each, place) => ({
        ...each,
        sharedPrefix: { tokens: 20 + 60 * place, count: 8, exponent: 0.5 },
        conversation:
          place === 0 ? { turns: { kind: "constant", value: 4 }, thinkTime: { kind: "exponential", mean: 0.5 } } : null
      }))
    }
  }
}
