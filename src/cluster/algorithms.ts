/**
 * The algorithms of a collective library: bytes on the wires, rates and hops of each, in the forms of NCCL's cost model
 * (tuning.cc v2.30.7).
 */
import type { Fabric, Group } from "./fabric.ts"
import type { CollectiveKind } from "./measured-collective.ts"
import type { NcclConstants, NetworkHop, Protocol } from "./nccl.ts"
import { largestNodeDomain, networkRingFactor, pcieAllToAll, peersPerRound, protocolShare } from "./nccl.ts"

export type { CollectiveKind }
export type CollectiveAlgorithm = "ring" | "tree" | "nvls" | "sharp" | "hierarchical" | "direct"

/** What an algorithm needs to know, gathered once. */
export interface Request {
  readonly fabric: Fabric
  readonly constants: NcclConstants
  readonly kind: CollectiveKind
  readonly bytes: number
  readonly group: Group
  /** Nominal bytes/s of a member's port towards the other members of its domain. */
  readonly port: number
  /** Nominal bytes/s of the NICs that the members of one domain may use. */
  readonly wire: number
  /** Seconds a hop inside the domain. */
  readonly hop: Readonly<Record<Protocol, number>>
  /** Seconds a hop over the network, the link's own latency left out. */
  readonly networkHop: NetworkHop
}

/** Bytes to move and at which rates; `planCollective` makes the plan of it. */
export interface Move {
  readonly protocols: readonly Protocol[]
  readonly latency: (protocol: Protocol) => number
  readonly scaleUp: { readonly bytes: number; readonly rate: number }
  readonly network: { readonly bytes: number; readonly rate: number }
  /** Share of those rates that a protocol reaches. */
  readonly share: Readonly<Record<Protocol, number>>
}

const nothing = { bytes: 0, rate: 0 } as const
const everyProtocol: readonly Protocol[] = ["LL", "LL128", "Simple"]
const simpleOnly: readonly Protocol[] = ["Simple"]

const networkLatency = ({ fabric }: Request): number => fabric.network?.latencySeconds ?? 0
const networkShare = ({ fabric }: Request): number => fabric.network?.link.collectiveShare ?? 0
const protocolsOf = ({ fabric }: Request): readonly Protocol[] =>
  fabric.scaleUp.topology === "pcie" ? ["LL", "Simple"] : everyProtocol

/** Times the buffer that a ring puts on every one of its edges (Patarasuk & Yuan 2009, section 3). */
export const ringShare = (kind: CollectiveKind, ranks: number): number =>
  kind === "broadcast" ? 1 : ((kind === "allReduce" ? 2 : 1) * (ranks - 1)) / ranks

/**
 * Share of a transfer's time that the copy of a rank's own part adds (see `copyCost`); `moved` is the buffer's multiple
 * on the wire. The copy runs at the speed of a whole port even where a mesh gives the group only a part of it.
 */
const copyShare = ({ fabric, constants, group, port }: Request, moved: number): number =>
  (constants.copyCost * Math.max(0, 1 / group.ranks - 1 / 8) * port) / (fabric.scaleUp.bytesPerSecond * moved)

/** Bytes/s on the ring's edges inside a domain. */
const ringRate = (request: Request): number => {
  const { fabric, group, kind, port } = request
  const rate = port * fabric.scaleUp.link.collectiveShare
  return kind === "broadcast" ? rate : rate / (1 + copyShare(request, ringShare(kind, group.ranks)))
}

const ring = (request: Request): Move => {
  const { constants, kind, bytes, group, hop } = request
  const passes = kind === "allReduce" ? 2 : 1
  const moved = bytes * ringShare(kind, group.ranks)
  const between = passes * (group.domains - 1)
  const inside = passes * (group.ranks - 1) - between
  const slower = (protocol: Protocol): number =>
    kind === "allReduce" && group.domains > 1 && protocol === "Simple" ? networkRingFactor : 1
  return {
    protocols: protocolsOf(request),
    latency: (protocol) =>
      slower(protocol) *
      (constants.base[protocol] +
        inside * hop[protocol] +
        between * (request.networkHop.ring[protocol] + networkLatency(request))),
    scaleUp: group.perDomain > 1 ? { bytes: moved, rate: ringRate(request) } : nothing,
    network: group.domains > 1 ? { bytes: moved, rate: request.wire * networkShare(request) } : nothing,
    share: protocolShare.ring
  }
}

/**
 * Double binary tree between domains (Sanders, Speck & Träff 2009): an inner domain sends half the buffer up and half
 * to each of two children in one tree and half up in the other, so twice the buffer; two domains exchange it once.
 * Inside a domain a chain, or the switch where it can reduce (NVLSTree).
 */
const tree = (request: Request): Move | string => {
  const { fabric, constants, kind, bytes, group, hop, port } = request
  if (kind !== "allReduce") return "a tree runs only all-reduce"
  const levels = Math.log2(group.domains)
  const wire = {
    bytes: group.domains === 1 ? 0 : group.domains === 2 ? bytes : 2 * bytes,
    rate: group.domains === 1 ? 0 : request.wire * networkShare(request)
  }
  const switched = reducesInSwitch(request) ? constants.nvls : null
  if (switched !== null && group.domains > 1)
    return {
      protocols: simpleOnly,
      latency: () => switched.latency + 2 * levels * (request.networkHop.nvlsTree + networkLatency(request)),
      scaleUp: { bytes: (bytes * (group.perDomain + 1)) / group.perDomain, rate: port * switchShare(fabric, switched) },
      network: wire,
      share: protocolShare.ring
    }
  return {
    protocols: protocolsOf(request),
    latency: (protocol) =>
      constants.base[protocol] +
      2 * (group.perDomain - 1) * hop[protocol] +
      2 * levels * (request.networkHop.tree[protocol] + networkLatency(request)),
    scaleUp: group.perDomain > 1 ? { bytes: 2 * bytes, rate: port * fabric.scaleUp.link.collectiveShare } : nothing,
    network: wire,
    share: protocolShare.tree
  }
}

const switchShare = (fabric: Fabric, constants: NonNullable<NcclConstants["nvls"]>): number =>
  fabric.scaleUp.domain > largestNodeDomain ? constants.rackShare : constants.share

const reducesInSwitch = ({ fabric, constants, group }: Request): boolean =>
  fabric.scaleUp.link.inNetworkReduction && constants.nvls !== null && group.perDomain >= constants.nvls.minimumRanks

/** NVLink SHARP: each port carries its own buffer and one part of n of the sum: (n + 1) / n of the buffer. */
const nvls = (request: Request): Move | string => {
  const { fabric, constants, kind, bytes, group, port } = request
  if (kind !== "allReduce") return "in-switch reduction runs only all-reduce"
  if (group.domains > 1) return "in-switch reduction stays inside one scale-up domain"
  if (!reducesInSwitch(request) || constants.nvls === null)
    return "the switch reduces only for larger groups, on Hopper and later"
  const switched = constants.nvls
  return {
    protocols: simpleOnly,
    latency: () => switched.latency,
    scaleUp: { bytes: (bytes * (group.ranks + 1)) / group.ranks, rate: port * switchShare(fabric, switched) },
    network: nothing,
    share: protocolShare.ring
  }
}

/**
 * The network's switches sum (InfiniBand SHARP; NCCL's CollNet): a domain sends its sum up the tree of switches once and
 * receives the total once, however many domains there are. Inside, each member sums one part of the buffer and hands
 * out its total (CollNetDirect), or the NVLink switch does both.
 */
const sharp = (request: Request): Move | string => {
  const { fabric, constants, kind, bytes, group, hop, port } = request
  if (kind !== "allReduce") return "switches of the network sum only an all-reduce"
  if (group.domains === 1) return "the network's switches sum between scale-up domains; this group stays inside one"
  if (fabric.network?.link.inNetworkReduction !== true)
    return `the switches of ${fabric.network?.link.name ?? "no network"} cannot sum`
  const switched = reducesInSwitch(request) ? constants.nvls : null
  const inside =
    group.perDomain === 1
      ? nothing
      : switched === null
        ? { bytes: bytes * ringShare("allReduce", group.perDomain), rate: ringRate(request) }
        : { bytes: (bytes * (group.perDomain + 1)) / group.perDomain, rate: port * switchShare(fabric, switched) }
  return {
    protocols: simpleOnly,
    latency: () =>
      (switched?.latency ?? constants.base.Simple + (group.perDomain > 1 ? 2 * hop.Simple : 0)) +
      request.networkHop.inSwitch +
      networkLatency(request),
    scaleUp: inside,
    network: { bytes, rate: request.wire * networkShare(request) },
    share: protocolShare.ring
  }
}

/**
 * Reduce-scatter inside each domain, all-reduce of one part of m on each rail, all-gather inside; pipelined, so the
 * slowest part counts. NCCL does not run it (24 A100 on 3 nodes reach a ring's 96 GB/s: nccl-tests issue 119).
 */
const hierarchical = (request: Request): Move | string => {
  const { constants, kind, bytes, group, hop } = request
  if (kind !== "allReduce") return "the hierarchical algorithm runs only all-reduce"
  if (group.domains === 1 || group.perDomain === 1) return "a hierarchy needs several members in several domains"
  return {
    protocols: protocolsOf(request),
    latency: (protocol) =>
      constants.base[protocol] +
      2 * (group.perDomain - 1) * hop[protocol] +
      2 * (group.domains - 1) * (request.networkHop.ring[protocol] + networkLatency(request)),
    scaleUp: { bytes: bytes * ringShare("allReduce", group.perDomain), rate: ringRate(request) },
    network: {
      bytes: bytes * ringShare("allReduce", group.domains),
      rate: request.wire * networkShare(request)
    },
    share: protocolShare.ring
  }
}

/** Every pair exchanges its part; parts for other rails cross the scale-up switch first (PXN). */
const allToAll = (request: Request): Move => {
  const { fabric, constants, bytes, group, hop, port } = request
  const { link, topology } = fabric.scaleUp
  const share =
    topology === "pcie" && group.perDomain > pcieAllToAll.socket
      ? pcieAllToAll.share
      : topology === "switch"
        ? constants.allToAllShare
        : link.collectiveShare
  const rounds = Math.ceil((group.ranks - group.perDomain) / peersPerRound)
  const left = (group.perDomain - 1) / group.perDomain
  return {
    protocols: ["LL", "Simple"],
    latency: (protocol) =>
      constants.base[protocol] +
      (group.perDomain - 1) * hop[protocol] +
      rounds * (request.networkHop.ring[protocol] + networkLatency(request)),
    scaleUp:
      group.perDomain > 1 ? { bytes: bytes * left, rate: (port * share) / (1 + copyShare(request, left)) } : nothing,
    network:
      group.domains > 1
        ? {
            bytes: (bytes * group.perDomain * (group.ranks - group.perDomain)) / group.ranks,
            rate: (request.wire * networkShare(request)) / Math.max(1, fabric.network?.oversubscription ?? 1)
          }
        : nothing,
    share: protocolShare.ring
  }
}

/** On a mesh a pair has one link, whatever share of the whole port the catalogue gives it. */
const pairRate = ({ fabric, port }: Request): number => {
  const { link, topology, bytesPerSecond } = fabric.scaleUp
  const whole = bytesPerSecond * link.pointToPointShare
  return topology === "mesh" ? Math.min(whole, port * link.collectiveShare) : whole
}

const sendReceive = (request: Request): Move => {
  const { fabric, constants, bytes, group, hop } = request
  const far = group.domains > 1
  return {
    protocols: ["LL", "Simple"],
    latency: (protocol) =>
      constants.base[protocol] + (far ? request.networkHop.ring[protocol] + networkLatency(request) : hop[protocol]),
    scaleUp: far ? nothing : { bytes, rate: pairRate(request) },
    network: far ? { bytes, rate: request.wire * (fabric.network?.link.pointToPointShare ?? 0) } : nothing,
    share: protocolShare.ring
  }
}

const direct = (request: Request): Move | string =>
  request.kind === "allToAll"
    ? allToAll(request)
    : request.kind === "sendReceive"
      ? sendReceive(request)
      : "direct exchange runs only all-to-all and send/receive"

const ringAlgorithm = (request: Request): Move | string =>
  request.kind === "allToAll" || request.kind === "sendReceive" ? "a ring does not run this" : ring(request)

export const algorithms: Readonly<Record<CollectiveAlgorithm, (request: Request) => Move | string>> = {
  ring: ringAlgorithm,
  tree,
  nvls,
  sharp,
  hierarchical,
  direct
}

/**
 * What NCCL chooses among, in the order in which it breaks ties. It leaves the network's switches alone unless the
 * cluster has them summing (NCCL_COLLNET_ENABLE is 0 by default).
 */
export const candidates = (kind: CollectiveKind, group: Group, fabric: Fabric): readonly CollectiveAlgorithm[] => {
  if (kind === "allToAll" || kind === "sendReceive") return ["direct"]
  if (kind !== "allReduce") return ["ring"]
  if (group.domains === 1) return ["ring", "nvls"]
  return fabric.network?.sumsInNetwork === true ? ["ring", "tree", "sharp"] : ["ring", "tree"]
}
