/**
 * The ways of blocks between a replica's accelerators and its tiers, as links of the wires.
 *
 *   host     the replica's link to its hosts' memory
 *   NVMe     that link, and the drives of its node, which all its replicas share
 *   remote   the replica's NICs, the network's core where it is narrow, and the pool itself where its rate is given
 */
import type { Pool } from "../../types.ts"
import type { CacheTier } from "./types.ts"

export interface TierWay {
  /** Replicas with the same key and kind of tier keep their blocks together. */
  readonly key: string
  readonly capacityBytes: number
  /** From the accelerators into the tier, out of it to them, and into it from the tier above. */
  readonly down: readonly number[]
  readonly up: readonly number[]
  readonly onward: readonly number[]
  /** Out of the tier itself. */
  readonly out: readonly number[]
  readonly latencySeconds: number
  /** Bytes/s of one request: its keys and values are on the accelerators of one data-attention group. */
  readonly rateCap: number
}

/** A replica as the wires know it; pairs of links are (out, in) as seen from the accelerators. */
export interface ReplicaWires {
  readonly replica: number
  readonly pool: Pool
  /** Its first accelerator, and how many it has. */
  readonly first: number
  readonly count: number
  readonly host: readonly [number, number]
  readonly hostRate: number
  readonly hostLatencySeconds: number
  readonly nic: readonly [number, number] | null
  readonly nicRate: number
  readonly core: readonly number[]
  /** Makes a pair of links, or finds it by its key. */
  readonly pair: (key: string, bytesPerSecond: number) => readonly [number, number]
}

/** The ways to the tiers of a replica, in their order. Who has no NIC has no way to a remote pool: a scenario is refused before. */
export const tierWaysOf = (wires: ReplicaWires): readonly TierWay[] =>
  (wires.pool.cache.tiers?.tiers ?? []).map((tier) => wayTo[tier.in](tier, wires))

const wayTo: Readonly<Record<CacheTier["in"], (tier: CacheTier, wires: ReplicaWires) => TierWay>> = {
  host: (tier, { replica, pool, count, host, hostRate, hostLatencySeconds, pair }) => {
    const own = tier.bytesPerSecond === null ? [] : pair(`host tier ${replica}`, count * tier.bytesPerSecond)
    return {
      key: `host ${replica}`,
      capacityBytes: tier.capacityBytes,
      down: [host[0], ...own.slice(0, 1)],
      up: [...own.slice(1), host[1]],
      onward: own.slice(0, 1),
      out: own.slice(1),
      latencySeconds: hostLatencySeconds + tier.latencySeconds,
      rateCap: hostRate / pool.target.layout.dataAttention
    }
  },
  nvme: (tier, { pool, first, count, host, hostRate, hostLatencySeconds, pair }) => {
    const { acceleratorsPerNode } = pool.target.fabric
    const node = Math.floor(first / acceleratorsPerNode)
    const nodes = Math.max(1, Math.ceil(count / acceleratorsPerNode))
    const key = `NVMe ${pool.machines}/${node}`
    const [into, out] = pair(key, nodes * (tier.bytesPerSecond ?? Infinity))
    return {
      key,
      capacityBytes: nodes * tier.capacityBytes,
      down: [host[0], into],
      up: [out, host[1]],
      onward: [into],
      out: [out],
      latencySeconds: hostLatencySeconds + tier.latencySeconds,
      rateCap: hostRate / pool.target.layout.dataAttention
    }
  },
  remote: (tier, { pool, nic, nicRate, core, pair }) => {
    const own = tier.bytesPerSecond === null ? [] : pair("remote pool", tier.bytesPerSecond)
    const into = [...(nic === null ? [] : [nic[0]]), ...core, ...own.slice(0, 1)]
    return {
      key: "remote",
      capacityBytes: tier.capacityBytes,
      down: into,
      up: [...own.slice(1), ...core, ...(nic === null ? [] : [nic[1]])],
      onward: into,
      out: own.slice(1),
      latencySeconds: (pool.target.fabric.network?.latencySeconds ?? 0) + tier.latencySeconds,
      rateCap: nicRate / pool.target.layout.dataAttention
    }
  }
}
