/**
 * The communicators of a layout, as shapes on the fabric: who talks over which wires.
 */
import {
  bottleneckOf,
  groupOf,
  makeCore,
  planCollective,
  type CollectiveAlgorithm,
  type CollectiveKind,
  type CollectiveOptions,
  type CollectivePlan,
  type Fabric,
  type Group
} from "../cluster/index.ts"
import { constantOf } from "../catalog/index.ts"
import { groupRanks, groupsOf, type GroupKind, type Layout } from "../parallel/index.ts"
import { wholeWires, type WireShares } from "./irregular/types.ts"

export interface Communicator {
  readonly group: Group
  /** Groups of the same kind that run at once over the NICs of one domain. */
  readonly concurrent: number
  /** Bytes/s that the core of the network leaves a domain for one group while all of the kind run; absent = any. */
  readonly core?: (collective: Pick<CollectivePlan, "kind" | "algorithm">) => number
}

/** Whose traffic is executed as flows, which find the core's limits by themselves. */
export const withoutCore = ({ group, concurrent }: Communicator): Communicator => ({ group, concurrent })

export interface Communicators {
  readonly tensor: Communicator
  readonly context: Communicator
  readonly expert: Communicator
  readonly expertTensor: Communicator
  /** Ranks that hold the same dense parameters: data x context. */
  readonly data: Communicator
  /** Ranks that hold the same expert parameters. */
  readonly expertData: Communicator
  /** Shard group of a hybrid sharded stack, and the replicas of a shard. */
  readonly shard: Communicator
  readonly replicas: Communicator
}

const communicator = (fabric: Fabric, ranks: readonly number[], core?: Communicator["core"]): Communicator => {
  const group = groupOf(ranks, fabric)
  return {
    group,
    concurrent: Math.max(1, Math.floor(fabric.scaleUp.domain / group.perDomain)),
    ...(core === undefined || group.domains < 2 ? {} : { core })
  }
}

/**
 * The communicators of a layout's first ranks; the others are alike by construction of the placement. What the core of
 * the network leaves them is that of the most loaded link, with the groups of all ranks at work.
 */
export const communicators = (fabric: Fabric, layout: Layout, shardGroup: number | undefined): Communicators => {
  const core = makeCore(fabric)
  const limited = (groups: () => readonly (readonly number[])[]): Communicator["core"] => {
    if (core === null) return undefined
    const known = new Map<string, number>()
    return ({ kind, algorithm }) => {
      const key = `${kind} ${algorithm}`
      const rate = known.get(key) ?? bottleneckOf(core, fabric, groups(), { kind, algorithm }).rate
      known.set(key, rate)
      return rate
    }
  }
  const of = (kind: GroupKind): Communicator =>
    communicator(
      fabric,
      groupRanks(layout, kind, 0),
      limited(() => groupsOf(layout, kind))
    )
  const data = groupRanks(layout, "dataContext", 0)
  const shardSize = Math.min(shardGroup ?? data.length, data.length)
  const shards = (): readonly (readonly number[])[] =>
    groupsOf(layout, "dataContext").flatMap((group) =>
      Array.from({ length: group.length / shardSize }, (_, index) =>
        group.slice(index * shardSize, (index + 1) * shardSize)
      )
    )
  return {
    tensor: of("tensor"),
    context: of("context"),
    expert: of("expert"),
    expertTensor: of("expertTensor"),
    data: of("dataContext"),
    expertData: of("expertData"),
    shard: communicator(fabric, data.slice(0, shardSize), limited(shards)),
    // Executed as flows.
    replicas: communicator(
      fabric,
      data.filter((_, index) => index % shardSize === 0)
    )
  }
}

export interface WireOptions {
  readonly algorithm?: string
  readonly protocol?: string
  /** Share of the fabric's network rate that the stack's collectives reach; 1 = all. */
  readonly networkShare?: number
  /** What degraded ports and NICs leave of the rates; absent = all. */
  readonly shares?: WireShares
}

/** What sums in the network's switches, or in two levels, is forced upon the groups that have them; others choose. */
const isBetweenDomains = (algorithm: string, { domains, perDomain }: Group): boolean =>
  algorithm === "sharp" ? domains > 1 : algorithm === "hierarchical" ? domains > 1 && perDomain > 1 : true

/** A collective of a communicator on an idle fabric. */
export const plan = (
  fabric: Fabric,
  kind: CollectiveKind,
  bytes: number,
  { group, concurrent, core }: Communicator,
  wire: WireOptions = {}
): CollectivePlan => {
  const options: CollectiveOptions = {
    concurrentGroups: concurrent,
    // A forced algorithm applies where several run the collective; point-to-point and all-to-all have one.
    ...(kind === "allReduce" && wire.algorithm !== undefined && isBetweenDomains(wire.algorithm, group)
      ? { algorithm: wire.algorithm as CollectiveAlgorithm }
      : {}),
    ...(wire.protocol !== undefined && !(kind === "allToAll" && wire.protocol === "LL128")
      ? { protocol: wire.protocol as "LL" | "LL128" | "Simple" }
      : {})
  }
  const found = planCollective(fabric, kind, bytes, group, options)
  const share = kind === "allToAll" ? allToAllShare(fabric) : (wire.networkShare ?? 1)
  return slowed(throughCore(throttled(found, share), core), wire.shares ?? wholeWires)
}

/** A plan at the rate that the core of the network leaves it. */
const throughCore = (found: CollectivePlan, core: Communicator["core"]): CollectivePlan => {
  if (core === undefined || found.networkBytes === 0) return found
  const rate = core(found)
  return rate >= found.networkRate ? found : slowed(found, { scaleUp: 1, network: rate / found.networkRate })
}

/** A plan on wires of which shares of the rates are left: the same bytes, the same latency. */
export const slowed = (found: CollectivePlan, { scaleUp, network }: WireShares): CollectivePlan => {
  if (scaleUp === 1 && network === 1) return found
  const scaleUpRate = found.scaleUpRate * scaleUp
  const networkRate = found.networkRate * network
  return {
    ...found,
    scaleUpRate,
    networkRate,
    seconds:
      found.latencySeconds +
      Math.max(
        found.scaleUpBytes === 0 ? 0 : found.scaleUpBytes / scaleUpRate,
        found.networkBytes === 0 ? 0 : found.networkBytes / networkRate
      )
  }
}

/** All-to-all between nodes reaches a smaller share of the NICs than a ring: many small messages, incast. */
const allToAllShare = (fabric: Fabric): number => {
  const share = constantOf("network.allToAllShare")?.value ?? 1
  return Math.min(1, share / (fabric.network?.link.collectiveShare ?? 1))
}

/** A plan whose network part runs at a share of the attainable rate. */
const throttled = (found: CollectivePlan, share: number): CollectivePlan => {
  if (found.networkBytes === 0 || share >= 1) return found
  const networkRate = found.networkRate * share
  const scaleUpSeconds = found.scaleUpBytes === 0 ? 0 : found.scaleUpBytes / found.scaleUpRate
  return {
    ...found,
    networkRate,
    seconds: found.latencySeconds + Math.max(scaleUpSeconds, found.networkBytes / networkRate)
  }
}
