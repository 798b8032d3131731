/**
 * Tiers of the KV cache as written, with what the scenario leaves out.
 */
import { find, isUnknownName } from "../../catalog/index.ts"
import { acceleratorsOfLayout, modelKeyValueBytes, type InferenceTarget } from "../../inference/index.ts"
import {
  poolsOf,
  tierPlaces,
  type Batching,
  type CacheTier,
  type CacheTiers,
  type ServingJob
} from "../../serving/index.ts"
import { formatBytes } from "../../units/index.ts"
import type { Finding } from "../issue.ts"
import type { ServingScenario } from "../schema.ts"
import { refuse } from "../size-checks.ts"

type WrittenCache = NonNullable<ServingScenario["serving"]["kvCache"]>
type WrittenTier = NonNullable<WrittenCache["tiers"]>[number]

const path = ["serving", "kvCache"]

/** A drive on four of the sixteen lanes of PCIe 4: 6.3 GB/s. */
const driveRate = (): number => {
  const link = find("links", "pcie4x16")
  return isUnknownName(link) ? 6e9 : (link.bytesPerSecond * link.pointToPointShare) / 4
}
/** A random read of a data-centre NVMe drive; data sheets say 70 to 110 us. */
const driveLatency = 100e-6

const usualUses = 2

const tierOf = ({ in: place, capacity, rate, latency }: WrittenTier): CacheTier => ({
  in: place,
  capacityBytes: capacity,
  bytesPerSecond: rate ?? (place === "nvme" ? driveRate() : null),
  latencySeconds: latency ?? (place === "nvme" ? driveLatency : 0)
})

export interface TiersRequest {
  readonly kvCache: WrittenCache | undefined
  readonly target: InferenceTarget
  /** Of a node; null = unknown. */
  readonly hostMemoryBytes: number | null
  readonly batching: Batching
  readonly blockTokens: number
  readonly prefixCaching: boolean
}

/** Undefined where none are written. */
export const tiersOf = (request: TiersRequest): CacheTiers | undefined | readonly Finding[] => {
  const { kvCache = {} } = request
  const { tiers, write = "eviction", writeAfter = usualUses, fetch = "cost", overlap = "none" } = kvCache
  const findings = [...superfluous(kvCache), ...(tiers === undefined ? [] : findImpossible(tiers, request))]
  if (findings.length > 0) return findings
  if (tiers === undefined) return undefined
  return {
    tiers: tiers.map(tierOf),
    writeAfterUses: write === "eviction" ? Infinity : write === "always" ? 1 : writeAfter,
    fetch,
    overlap
  }
}

const superfluous = (kvCache: WrittenCache): readonly Finding[] => {
  const unused = (["write", "writeAfter", "fetch", "overlap"] as const).filter(
    (field) => kvCache[field] !== undefined && kvCache.tiers === undefined
  )
  if (unused.length > 0)
    return unused.map((field) => ({
      path: [...path, field],
      at: "key",
      problem: "there are no tiers",
      given: field,
      expected: "kvCache.tiers beside it, or nothing"
    }))
  if (kvCache.writeAfter === undefined || kvCache.write === "selective") return []
  return [
    {
      path: [...path, "writeAfter"],
      at: "key",
      problem: `write is ${kvCache.write ?? "eviction"}`,
      given: "writeAfter",
      expected: "write: selective beside it, or nothing"
    }
  ]
}

const findImpossible = (
  tiers: readonly WrittenTier[],
  { target, hostMemoryBytes, batching: { policy }, blockTokens, prefixCaching }: TiersRequest
): readonly Finding[] => {
  const findings: Finding[] = []
  if (!prefixCaching)
    findings.push({
      path: [...path, "tiers"],
      at: "key",
      problem: "without a prefix cache nothing that was computed is ever looked up",
      given: "prefixCaching: false",
      expected: "prefixCaching: true"
    })
  if (typeof policy === "function" || policy === "static" || policy === "dynamic")
    findings.push({
      path: [...path, "tiers"],
      at: "key",
      problem: "the batching policy admits requests without looking for their prefixes in tiers",
      given: typeof policy === "function" ? "a function" : policy,
      expected: "a policy such as continuous-chunked"
    })
  const blockBytes = Math.ceil(blockTokens * modelKeyValueBytes(target))
  for (const [index, { in: place, capacity }] of tiers.entries()) {
    const own = [...path, "tiers", index]
    const before = tiers[index - 1]
    if (before !== undefined && tierPlaces.indexOf(before.in) >= tierPlaces.indexOf(place))
      findings.push({
        path: [...own, "in"],
        problem: `${place} comes after ${before.in}`,
        given: place,
        expected: "each place once, the fastest first: host, nvme, remote"
      })
    if (capacity < blockBytes)
      findings.push(
        refuse(
          [...own, "capacity"],
          capacity,
          `a block of ${blockTokens} tokens has ${blockBytes} bytes`,
          `at least ${blockBytes}`,
          [blockBytes]
        )
      )
    // Replicas of a node, or the part of one that a node has.
    const perNode = target.fabric.acceleratorsPerNode / acceleratorsOfLayout(target.layout)
    if (place === "host" && hostMemoryBytes !== null && capacity * perNode > hostMemoryBytes)
      findings.push(
        refuse(
          [...own, "capacity"],
          capacity,
          `the replicas of a node would take ${formatBytes(capacity * perNode)} of ${formatBytes(hostMemoryBytes)} of host memory`,
          `at most ${formatBytes(hostMemoryBytes / perNode)} a replica`,
          [hostMemoryBytes / perNode]
        )
      )
    if (place === "remote" && target.fabric.network === null)
      findings.push({
        path: [...own, "in"],
        problem: "the machines have no network",
        given: "remote",
        expected: "host or nvme, or a cluster with a network"
      })
  }
  return findings
}

/** The remote pool is one: every pool of a fleet that has it says the same of it. */
export const findDifferentPools = (job: ServingJob): readonly Finding[] => {
  const remotes = poolsOf(job).flatMap(({ name, cache }, index) =>
    (cache.tiers?.tiers ?? []).flatMap((tier) => (tier.in === "remote" ? { name, index, tier } : []))
  )
  const [first] = remotes
  const other = remotes.find(
    ({ tier }) => tier.capacityBytes !== first!.tier.capacityBytes || tier.bytesPerSecond !== first!.tier.bytesPerSecond
  )
  if (other === undefined) return []
  return [
    {
      path: ["serving", "pools", other.index, "kvCache", "tiers"],
      problem: `the remote pool of ${other.name} is another than that of ${first!.name}; all replicas share one`,
      given: "another capacity or rate",
      expected: "the same remote tier in every pool"
    }
  ]
}
