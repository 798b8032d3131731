/**
 * What one collective costs on an idle fabric, in the form of NCCL's own model (tuning.cc v2.30.7):
 *
 *   seconds = latency + max(scale-up bytes / scale-up rate, network bytes / network rate)
 *
 * The algorithm and the protocol are those of least cost, as NCCL picks them. The latency part occupies no wire; the
 * byte counts are what a flow network has to carry when the wires are shared.
 */
import type { CollectiveAlgorithm, CollectiveKind, Move, Request } from "./algorithms.ts"
import { algorithms, candidates } from "./algorithms.ts"
import type { Fabric, Group } from "./fabric.ts"
import { nicsPerDomain } from "./fabric.ts"
import { ImpossibleCollective } from "./impossible.ts"
import { measuredFor, measuredRatio } from "./measured.ts"
import type { NcclConstants, Protocol } from "./nccl.ts"
import { ncclConstants, networkHop, pcieHop, slowerHops, slowerLibrary } from "./nccl.ts"

export interface CollectivePlan {
  readonly kind: CollectiveKind
  readonly algorithm: CollectiveAlgorithm
  readonly protocol: Protocol
  /** Seconds in which no wire is busy: launch, hops and filling the pipeline of chunks. */
  readonly latencySeconds: number
  /** Bytes that each member puts on its scale-up port. */
  readonly scaleUpBytes: number
  /** Bytes that each scale-up domain (node) puts on its NICs for this one group. */
  readonly networkBytes: number
  /** Attainable bytes/s of one member's scale-up port; 0 where no byte uses it. */
  readonly scaleUpRate: number
  /** Attainable bytes/s of the NICs of one domain for this group; 0 where no byte uses them. */
  readonly networkRate: number
  /** Seconds on an idle fabric. */
  readonly seconds: number
}

export interface CollectiveOptions {
  readonly algorithm?: CollectiveAlgorithm
  readonly protocol?: Protocol
  /** Groups of the same kind that share each domain's NICs at the same time, e.g. 8 rail groups of one member each. */
  readonly concurrentGroups?: number
  /** Constants of the library in place of those of the accelerators' generation; a fit tries them. */
  readonly constants?: NcclConstants
}

/**
 * A full mesh splits a port over its peers, so a group of m in a domain of d reaches (m - 1) / (d - 1) of it
 * (MI300X: 48 GB/s for 2 GPUs, 313 for 8; stas00/ml-engineering).
 */
const portOf = (fabric: Fabric, members: number): number => {
  const { bytesPerSecond, topology, domain } = fabric.scaleUp
  return topology === "mesh" && domain > 1
    ? (bytesPerSecond * Math.min(members, domain) - bytesPerSecond) / (domain - 1)
    : bytesPerSecond
}

/** A member drives its own share of the domain's NICs, at least one; groups that run at once divide them all. */
const wireOf = (fabric: Fabric, group: Group, concurrentGroups: number): number => {
  if (fabric.network === null) return 0
  const nics = nicsPerDomain(fabric)
  const own = group.perDomain * Math.max(1, nics / fabric.scaleUp.domain)
  return Math.min(own, nics / concurrentGroups, nics) * fabric.network.bytesPerSecond
}

const settle = (
  { constants, group, kind }: Request,
  algorithm: CollectiveAlgorithm,
  move: Move,
  protocol: Protocol
): CollectivePlan => {
  const cap =
    protocol === "LL" ? constants.lowLatencyRate[group.domains === 1 ? 0 : group.domains < 4 ? 1 : 2] : Infinity
  const scaleUpRate = Math.min(move.scaleUp.rate * move.share[protocol], cap)
  const networkRate = Math.min(move.network.rate * move.share[protocol], cap)
  const wireSeconds = Math.max(
    move.scaleUp.bytes === 0 ? 0 : move.scaleUp.bytes / scaleUpRate,
    move.network.bytes === 0 ? 0 : move.network.bytes / networkRate
  )
  const ramp = protocol === "Simple" ? Math.sqrt(constants.rampSeconds * wireSeconds) : 0
  const latencySeconds = move.latency(protocol) + ramp
  return {
    kind,
    algorithm,
    protocol,
    latencySeconds,
    scaleUpBytes: move.scaleUp.bytes,
    networkBytes: move.network.bytes,
    scaleUpRate,
    networkRate,
    seconds: latencySeconds + wireSeconds
  }
}

/**
 * The plan of least cost for one collective on an idle fabric.
 *
 * @param bytes allReduce, broadcast: the buffer on each rank; allGather, reduceScatter: the gathered size; allToAll:
 *              what each rank sends in all, itself included; sendReceive: the message
 * @throws ImpossibleCollective for a forced algorithm or protocol that cannot run, or a group that no network joins
 */
export const planCollective = (
  fabric: Fabric,
  kind: CollectiveKind,
  bytes: number,
  group: Group,
  options: CollectiveOptions = {}
): CollectivePlan => {
  if (group.ranks < 2) return idle(kind)
  if (group.domains > 1 && fabric.network === null)
    throw new ImpossibleCollective(kind, `no network joins the ${group.domains} scale-up domains of the group`)
  const { constants, hops } = libraryOf(fabric, options.constants)
  const request: Request = {
    fabric,
    constants,
    kind,
    bytes,
    group,
    port: portOf(fabric, group.perDomain),
    wire: wireOf(fabric, group, options.concurrentGroups ?? 1),
    hop: fabric.scaleUp.topology === "pcie" ? hops.pcie : constants.hop,
    networkHop: hops.network
  }
  let best: CollectivePlan | undefined
  let reason = ""
  for (const algorithm of options.algorithm === undefined ? candidates(kind, group, fabric) : [options.algorithm]) {
    const move = algorithms[algorithm](request)
    if (typeof move === "string") {
      reason = move
      continue
    }
    for (const protocol of move.protocols) {
      if (options.protocol !== undefined && options.protocol !== protocol) continue
      const plan = settle(request, algorithm, move, protocol)
      if (best === undefined || plan.seconds < best.seconds) best = plan
    }
    reason = `${algorithm} does not run in the ${options.protocol ?? ""} protocol`
  }
  if (best === undefined) throw new ImpossibleCollective(kind, reason)
  return options.constants === undefined && options.algorithm === undefined && options.protocol === undefined
    ? asMeasured(fabric, group, bytes, best)
    : best
}

const usualHops = { network: networkHop, pcie: pcieHop }

/** The library's constants on a fabric, whose messages may take so many times as long. */
const libraryOf = ({ scaleUp, changed }: Fabric, tried: NcclConstants | undefined) => {
  const constants = tried ?? ncclConstants[scaleUp.generation]
  const latency = changed?.latency ?? 1
  return latency === 1
    ? { constants, hops: usualHops }
    : { constants: slowerLibrary(constants, latency), hops: slowerHops(latency) }
}

/** A plan whose latency and rates are those that were measured on this fabric, where they were. */
const asMeasured = (fabric: Fabric, group: Group, bytes: number, plan: CollectivePlan): CollectivePlan => {
  const table = measuredFor(fabric, plan.kind, group)
  if (table === undefined) return plan
  // Of a variation, the fabric that it varies was measured.
  const { measured: _measured, ...alone } = fabric.changed?.of ?? fabric
  const factor = measuredRatio(table, bytes, (size) => planCollective(alone, plan.kind, size, group).seconds)
  return {
    ...plan,
    latencySeconds: plan.latencySeconds * factor,
    scaleUpRate: plan.scaleUpRate / factor,
    networkRate: plan.networkRate / factor,
    seconds: plan.seconds * factor
  }
}

/** One rank alone has nobody to wait for. */
const idle = (kind: CollectiveKind): CollectivePlan => ({
  kind,
  algorithm: "direct",
  protocol: "Simple",
  latencySeconds: 0,
  scaleUpBytes: 0,
  networkBytes: 0,
  scaleUpRate: 0,
  networkRate: 0,
  seconds: 0
})
