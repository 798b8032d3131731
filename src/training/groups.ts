/**
 * The communicators of a layout, as shapes on the fabric: who talks over which wires.
 */
import {
  groupOf,
  planCollective,
  type CollectiveAlgorithm,
  type CollectiveKind,
  type CollectiveOptions,
  type CollectivePlan,
  type Fabric,
  type Group
} from "../cluster/index.ts"
import { constantOf } from "../catalog/index.ts"
import { groupRanks, type Layout } from "../parallel/index.ts"

export interface Communicator {
  readonly group: Group
  /** Groups of the same kind that run at once over the NICs of one domain. */
  readonly concurrent: number
}

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

const communicator = (fabric: Fabric, ranks: readonly number[]): Communicator => {
  const group = groupOf(ranks, fabric)
  return { group, concurrent: Math.max(1, Math.floor(fabric.scaleUp.domain / group.perDomain)) }
}

/** The communicators of a layout's first ranks; the others are alike by construction of the placement. */
export const communicators = (fabric: Fabric, layout: Layout, shardGroup: number | undefined): Communicators => {
  const of = (kind: Parameters<typeof groupRanks>[1]): readonly number[] => groupRanks(layout, kind, 0)
  const data = of("dataContext")
  const shardSize = Math.min(shardGroup ?? data.length, data.length)
  return {
    tensor: communicator(fabric, of("tensor")),
    context: communicator(fabric, of("context")),
    expert: communicator(fabric, of("expert")),
    expertTensor: communicator(fabric, of("expertTensor")),
    data: communicator(fabric, data),
    expertData: communicator(fabric, of("expertData")),
    shard: communicator(fabric, data.slice(0, shardSize)),
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
}

/** What sums in the network's switches, or in two levels, is forced upon the groups that have them; others choose. */
const isBetweenDomains = (algorithm: string, { domains, perDomain }: Group): boolean =>
  algorithm === "sharp" ? domains > 1 : algorithm === "hierarchical" ? domains > 1 && perDomain > 1 : true

/** A collective of a communicator on an idle fabric. */
export const plan = (
  fabric: Fabric,
  kind: CollectiveKind,
  bytes: number,
  { group, concurrent }: Communicator,
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
  if (kind === "allToAll") return throttled(found, allToAllShare(fabric))
  return throttled(found, wire.networkShare ?? 1)
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
