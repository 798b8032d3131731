/**
 * The cluster as a graph of directed links, for flows that share wires: accelerators, scale-up switches (or a mesh),
 * NICs on rails, one leaf switch per rail and pod, and a spine.
 *
 * Rail-optimised fat tree: NIC i of every node of a pod hangs on leaf i of that pod, so traffic between equal local
 * ranks is one leaf hop; traffic to another rail first crosses the scale-up switch to the accelerator on that rail
 * (NCCL's PXN), or the spine where there is no such switch. Oversubscription r leaves a leaf 1 / r of its nodes' rate
 * towards the spine. The spine itself blocks nothing. Capacities are attainable bytes/s: nominal times the best share
 * that any traffic was seen to reach; a flow's own cap says what its kind reaches.
 *
 * Where the network has a topology of its own (`fabric.network.topology`), its core takes the place of leaves and spine.
 */
import type { Link } from "../catalog/index.ts"
import { makeCore, railsOf } from "./core/make.ts"
import { portOfRank, wayBetween } from "./core/traffic.ts"
import type { Core, Path } from "./core/types.ts"
import type { Fabric } from "./fabric.ts"
import { ncclConstants } from "./nccl.ts"

export type LinkKind =
  | "accelerator-out"
  | "accelerator-in"
  | "mesh"
  | "nic-out"
  | "nic-in"
  | "leaf-to-spine"
  | "spine-to-leaf"
  | "core"

export interface Topology {
  readonly fabric: Fabric
  readonly accelerators: number
  /** Bytes/s that a link carries, by link id. */
  readonly capacities: Float64Array
  readonly nodesPerPod: number
  /** Network ports of a node: its NICs, or bundles of them where a node has more NICs than accelerators. */
  readonly rails: number
  /** Rail of each accelerator. */
  readonly railOf: Int32Array
  /** What joins the nodes where the network has a topology; else null. */
  readonly core: Core | null
  /** First link id of each kind; links of a kind are contiguous. */
  readonly first: Readonly<Record<LinkKind, number>>
}

export interface TopologyOptions {
  /** Nodes on one leaf of a rail; default 32, the scalable unit of NVIDIA's DGX H100 SuperPOD reference design. */
  readonly nodesPerPod?: number
}

const bestShare = (link: Link): number => Math.max(link.collectiveShare, link.pointToPointShare)

/** The graph of a fabric; link ids run from 0 to capacities.length - 1. */
export const makeTopology = (fabric: Fabric, options: TopologyOptions = {}): Topology => {
  const { acceleratorsPerNode, nodes, scaleUp, network } = fabric
  const accelerators = acceleratorsPerNode * nodes
  const nodesPerPod = options.nodesPerPod ?? 32
  const rails = railsOf(fabric)
  const core = makeCore(fabric)
  const pods = core === null ? Math.ceil(nodes / nodesPerPod) : 0
  const isMesh = scaleUp.topology === "mesh"
  const ports = isMesh ? 0 : accelerators
  const counts: Readonly<Record<LinkKind, number>> = {
    "accelerator-out": ports,
    "accelerator-in": ports,
    mesh: isMesh ? accelerators * scaleUp.domain : 0,
    "nic-out": nodes * rails,
    "nic-in": nodes * rails,
    "leaf-to-spine": pods * rails,
    "spine-to-leaf": pods * rails,
    core: core?.capacities.length ?? 0
  }
  const out = 0
  const into = out + counts["accelerator-out"]
  const mesh = into + counts["accelerator-in"]
  const nicOut = mesh + counts.mesh
  const nicIn = nicOut + counts["nic-out"]
  const up = nicIn + counts["nic-in"]
  const down = up + counts["leaf-to-spine"]
  const above = down + counts["spine-to-leaf"]
  const capacities = new Float64Array(above + counts.core)
  const switchedShare = scaleUp.topology === "switch" ? ncclConstants[scaleUp.generation].allToAllShare : 0
  const port = scaleUp.bytesPerSecond * Math.max(bestShare(scaleUp.link), switchedShare)
  capacities.fill(port, out, mesh)
  capacities.fill(port / Math.max(1, scaleUp.domain - 1), mesh, nicOut)
  if (network !== null) {
    const nic = ((network.bytesPerSecond * network.nicsPerNode) / rails) * bestShare(network.link)
    capacities.fill(nic, nicOut, up)
    for (let pod = 0; pod < pods; pod++) {
      const members = Math.min(nodesPerPod, nodes - pod * nodesPerPod)
      const trunk = (members * nic) / network.oversubscription
      capacities.fill(trunk, up + pod * rails, up + (pod + 1) * rails)
      capacities.fill(trunk, down + pod * rails, down + (pod + 1) * rails)
    }
  }
  if (core !== null) capacities.set(core.capacities, above)
  const railOf = new Int32Array(accelerators)
  for (let rank = 0; rank < accelerators; rank++)
    railOf[rank] = Math.floor(((rank % acceleratorsPerNode) * rails) / acceleratorsPerNode)
  return {
    fabric,
    accelerators,
    capacities,
    nodesPerPod,
    rails,
    railOf,
    core,
    first: {
      "accelerator-out": out,
      "accelerator-in": into,
      mesh,
      "nic-out": nicOut,
      "nic-in": nicIn,
      "leaf-to-spine": up,
      "spine-to-leaf": down,
      core: above
    }
  }
}

/** What a link joins, for traces and messages. */
export const linkKind = (topology: Topology, link: number): LinkKind => {
  const { first } = topology
  if (link >= first.core) return "core"
  if (link >= first["spine-to-leaf"]) return "spine-to-leaf"
  if (link >= first["leaf-to-spine"]) return "leaf-to-spine"
  if (link >= first["nic-in"]) return "nic-in"
  if (link >= first["nic-out"]) return "nic-out"
  if (link >= first.mesh) return "mesh"
  return link >= first["accelerator-in"] ? "accelerator-in" : "accelerator-out"
}

/** Pushes the links between two accelerators of one scale-up domain. */
const pushScaleUp = ({ fabric, first }: Topology, from: number, to: number, links: number[]): void => {
  const { domain, topology } = fabric.scaleUp
  if (topology === "mesh") links.push(first.mesh + from * domain + (to % domain))
  else links.push(first["accelerator-out"] + from, first["accelerator-in"] + to)
}

/** The accelerator of a node and domain that sits on a rail, or -1; the first of several. */
const onRail = ({ fabric, railOf }: Topology, rank: number, rail: number): number => {
  const start = rank - (rank % fabric.acceleratorsPerNode)
  const domain = Math.floor(rank / fabric.scaleUp.domain)
  for (let other = start; other < start + fabric.acceleratorsPerNode; other++)
    if (railOf[other] === rail && Math.floor(other / fabric.scaleUp.domain) === domain) return other
  return -1
}

/**
 * The links from one accelerator to another, in the order in which a byte crosses them; none from a rank to itself.
 * Returns null where no wire joins the two (different domains and no network).
 */
export const route = (topology: Topology, from: number, to: number): readonly number[] | null => {
  const links: number[] = []
  if (from === to) return links
  const { fabric, first, rails, nodesPerPod, railOf } = topology
  const { domain } = fabric.scaleUp
  if (Math.floor(from / domain) === Math.floor(to / domain)) {
    pushScaleUp(topology, from, to, links)
    return links
  }
  if (fabric.network === null) return null
  const toRail = railOf[to]!
  let fromRail = railOf[from]!
  if (fromRail !== toRail && fabric.scaleUp.topology !== "pcie") {
    const proxy = onRail(topology, from, toRail)
    if (proxy >= 0) {
      pushScaleUp(topology, from, proxy, links)
      fromRail = toRail
    }
  }
  const fromNode = Math.floor(from / fabric.acceleratorsPerNode)
  const toNode = Math.floor(to / fabric.acceleratorsPerNode)
  const fromPod = Math.floor(fromNode / nodesPerPod)
  const toPod = Math.floor(toNode / nodesPerPod)
  links.push(first["nic-out"] + fromNode * rails + fromRail)
  if (topology.core !== null) {
    const way = coreWay(topology, topology.core, from, to)
    for (const link of way.links) links.push(first.core + link)
    links.push(first["nic-in"] + toNode * rails + toRail)
    return links
  }
  if (fromRail !== toRail || fromPod !== toPod)
    links.push(first["leaf-to-spine"] + fromPod * rails + fromRail, first["spine-to-leaf"] + toPod * rails + toRail)
  links.push(first["nic-in"] + toNode * rails + toRail)
  return links
}

const coreWay = ({ fabric }: Topology, core: Core, from: number, to: number): Path =>
  wayBetween(core, fabric, portOfRank(fabric, from), portOfRank(fabric, to), "sendReceive")

/** The same with the share of the bytes that each link carries: a core may spread a flow over several ways. */
export const path = (topology: Topology, from: number, to: number): Path | null => {
  const links = route(topology, from, to)
  if (links === null) return null
  const { core, first } = topology
  if (core === null || !links.some((link) => link >= first.core)) return { links, weights: links.map(() => 1) }
  const way = coreWay(topology, core, from, to)
  const before = links.findIndex((link) => link >= first.core)
  return {
    links,
    weights: links.map((_, index) => way.weights[index - before] ?? 1)
  }
}
