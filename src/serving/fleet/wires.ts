/**
 * The wires between the replicas of a fleet, as links that flows share by max-min fairness.
 *
 * A replica sends and receives over its share of the NICs of its nodes, or over one NIC that it shares with its neighbours
 * where nodes have fewer NICs than replicas. Two replicas inside one scale-up domain use its links (NVLink, PCIe) instead. An
 * oversubscribed network has a core that all its flows share. Each replica has a link to its hosts' memory, one in either
 * direction. All at the attainable share of the nominal rate. What collectives inside a replica put on the same wires is
 * part of its steps and not here.
 */
import { find, isUnknownName, type Accelerator } from "../../catalog/index.ts"
import { makeFlowNetwork, type FlowNetwork } from "../../cluster/index.ts"
import type { Simulation } from "../../engine/index.ts"
import { acceleratorsOfLayout } from "../../inference/index.ts"
import { type TierWay, tierWaysOf } from "../cache/tiers/tier-ways.ts"
import type { Pool } from "../types.ts"

/** A way from one replica to another. */
export interface WirePath {
  readonly links: readonly number[]
  readonly latencySeconds: number
  /** Most bytes/s of one request: its keys and values are on the accelerators of one data-attention group. */
  readonly rateCap: number
}

export interface Wires {
  readonly network: FlowNetwork
  /** @throws NoPath where nothing joins the two */
  readonly path: (from: number, to: number) => WirePath
  /** The link from a replica's hosts to its accelerators, and the one back; `hostRate` is their rate. */
  readonly fromHost: (replica: number) => number
  readonly toHost: (replica: number) => number
  readonly hostRate: (replica: number) => number
  /** The ways to the tiers of a replica's KV cache, in their order. */
  readonly tiers: (replica: number) => readonly TierWay[]
  /** Bytes/s of a link, and how many there are. */
  readonly rate: (link: number) => number
  readonly links: number
}

/** Nothing joins two replicas: their machines have no network. A scenario is refused before it comes to that. */
export class NoPath extends Error {
  readonly _tag = "NoPath"
  constructor(from: string, to: string) {
    super(`nothing joins a replica of ${from} to one of ${to}: their machines have no network`)
  }
}

/** Where a replica is: accelerators first ... first + count - 1 of some machines. */
interface Place {
  readonly pool: Pool
  readonly first: number
  readonly count: number
}

/** Bytes/s between an accelerator and its host's memory, in one direction. */
export const hostRateOf = ({ host, attained }: Accelerator): number => {
  const link = find("links", host)
  return (isUnknownName(link) ? 20e9 : link.bytesPerSecond * link.pointToPointShare) * (attained?.hostRate ?? 1)
}

const hostLatencyOf = ({ host }: Accelerator): number => {
  const link = find("links", host)
  return isUnknownName(link) ? 0 : link.latencySeconds
}

const acceleratorsOf = ({ target: { layout } }: Pool): number => acceleratorsOfLayout(layout)

/** Pools on the same machines take their accelerators one after the other. */
const placesOf = (pools: readonly Pool[]): readonly Place[] => {
  const taken = new Map<number, number>()
  return pools.flatMap((pool) => {
    const count = acceleratorsOf(pool)
    return Array.from({ length: pool.replicas }, () => {
      const first = taken.get(pool.machines) ?? 0
      taken.set(pool.machines, first + count)
      return { pool, first, count }
    })
  })
}

export const makeWires = (simulation: Simulation, pools: readonly Pool[]): Wires => {
  const places = placesOf(pools)
  const rates: number[] = []
  const link = (bytesPerSecond: number): number => rates.push(bytesPerSecond) - 1
  /** A link out and a link in, by what they belong to. */
  const pairs = new Map<string, readonly [number, number]>()
  const pair = (key: string, bytesPerSecond: number): readonly [number, number] => {
    const known = pairs.get(key)
    if (known !== undefined) return known
    const made = [link(bytesPerSecond), link(bytesPerSecond)] as const
    pairs.set(key, made)
    return made
  }
  const nics = places.map(({ pool, first, count }, replica) => {
    const { network, acceleratorsPerNode } = pool.target.fabric
    if (network === null) return null
    const rate = network.bytesPerSecond * network.link.pointToPointShare
    const share = network.nicsPerNode / acceleratorsPerNode
    return share * count >= 1
      ? pair(`replica ${replica}`, share * count * rate)
      : pair(`NIC ${pool.machines}/${Math.floor(first * share + 1e-9)}`, rate)
  })
  const cores = new Map<number, number>()
  for (const { pool } of places) {
    const { network, nodes } = pool.target.fabric
    if (network === null || network.oversubscription <= 1 || cores.has(pool.machines)) continue
    const rate = network.bytesPerSecond * network.link.pointToPointShare
    cores.set(pool.machines, link((nodes * network.nicsPerNode * rate) / network.oversubscription))
  }
  const scaleUps = places.map(({ pool, count }, replica) => {
    const { scaleUp } = pool.target.fabric
    return pair(`scale-up ${replica}`, count * scaleUp.bytesPerSecond * scaleUp.link.pointToPointShare)
  })
  const hostRates = places.map(({ pool, count }) => count * hostRateOf(pool.target.accelerator))
  const hosts = hostRates.map((rate, replica) => pair(`host ${replica}`, rate))
  const tiers = places.map(({ pool, first, count }, replica) =>
    tierWaysOf({
      replica,
      pool,
      first,
      count,
      host: hosts[replica]!,
      hostRate: hostRates[replica]!,
      hostLatencySeconds: hostLatencyOf(pool.target.accelerator),
      nic: nics[replica]!,
      nicRate: rates[nics[replica]?.[0] ?? -1] ?? Infinity,
      core: [cores.get(pool.machines) ?? []].flat(),
      pair
    })
  )
  const network = makeFlowNetwork(simulation, Float64Array.from(rates))

  /** Bytes/s that the accelerators of one group send or receive, of a rate of the whole replica. */
  const ofGroup = (replica: number, bytesPerSecond: number): number =>
    bytesPerSecond / places[replica]!.pool.target.layout.dataAttention
  const isOneDomain = (a: Place, b: Place): boolean => {
    const { domain } = a.pool.target.fabric.scaleUp
    const domainOf = (accelerator: number): number => Math.floor(accelerator / domain)
    const only = domainOf(a.first)
    return (
      a.pool.machines === b.pool.machines &&
      [a.first + a.count - 1, b.first, b.first + b.count - 1].every((accelerator) => domainOf(accelerator) === only)
    )
  }
  const paths = new Map<number, WirePath>()
  const makePath = (from: number, to: number): WirePath => {
    const [source, target] = [places[from]!, places[to]!]
    const cap = (out: number, into: number): number => Math.min(ofGroup(from, rates[out]!), ofGroup(to, rates[into]!))
    if (isOneDomain(source, target)) {
      const [out, into] = [scaleUps[from]![0], scaleUps[to]![1]]
      const { link: wire } = source.pool.target.fabric.scaleUp
      return { links: [out, into], latencySeconds: wire.latencySeconds, rateCap: cap(out, into) }
    }
    const [out, into] = [nics[from]?.[0], nics[to]?.[1]]
    if (out === undefined || into === undefined) throw new NoPath(source.pool.name, target.pool.name)
    const latency = ({ pool }: Place): number => pool.target.fabric.network?.latencySeconds ?? 0
    const middle = [...new Set([source.pool.machines, target.pool.machines])].flatMap((one) => cores.get(one) ?? [])
    return {
      links: [out, ...middle, into],
      latencySeconds: Math.max(latency(source), latency(target)),
      rateCap: cap(out, into)
    }
  }
  return {
    network,
    path: (from, to) => {
      const key = from * places.length + to
      const known = paths.get(key)
      if (known !== undefined) return known
      const made = makePath(from, to)
      paths.set(key, made)
      return made
    },
    fromHost: (replica) => hosts[replica]![1],
    toHost: (replica) => hosts[replica]![0],
    hostRate: (replica) => hostRates[replica]!,
    tiers: (replica) => tiers[replica]!,
    rate: (link) => rates[link]!,
    links: rates.length
  }
}

/** Whether anything in a job goes over wires that are shared: only then they are made. */
export const needsWires = (pools: readonly Pool[]): boolean => pools.some(({ role }) => role === "decode")

/** Whether blocks go to tiers beyond the accelerators' memory, and come back over the same wires. */
export const hasTiers = (pools: readonly Pool[]): boolean => pools.some(({ cache }) => cache.tiers !== undefined)
