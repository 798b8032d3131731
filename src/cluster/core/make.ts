/**
 * The core of a fabric's network, where the scenario gives it a topology.
 */
import type { FatTree, NetworkTopology, RailOptimised } from "../../catalog/index.ts"
import type { Fabric, Network } from "../fabric.ts"
import { degrade, type UnknownLink } from "./degraded.ts"
import { makeDragonfly } from "./dragonfly.ts"
import { makeLeafSpine } from "./leaf-spine.ts"
import { makeTorus } from "./torus.ts"
import type { Core, CoreSite } from "./types.ts"

/** Ports of a node: its network cards, or bundles of them where it has more than accelerators. */
export const railsOf = ({ network, acceleratorsPerNode }: Pick<Fabric, "network" | "acceleratorsPerNode">): number =>
  network === null ? 0 : Math.max(1, Math.min(network.nicsPerNode, acceleratorsPerNode))

/** Attainable bytes/s of all cards of a node: nominal times the best share that any traffic was seen to reach. */
export const nodeRate = ({ link, bytesPerSecond, nicsPerNode }: Network): number =>
  bytesPerSecond * nicsPerNode * Math.max(link.collectiveShare, link.pointToPointShare)

/** Nodes that a network of this kind has ports for, where its own sizes say so. */
export const portsOf = ({ torus, dragonfly }: NetworkTopology): number | undefined => {
  if (torus !== undefined) return torus.dimensions.reduce((product, size) => product * size, 1)
  return dragonfly?.groups === undefined
    ? undefined
    : dragonfly.groups * dragonfly.routersPerGroup * dragonfly.nodesPerRouter
}

const fatTree = (site: CoreSite, shape: FatTree, network: Network): Core => {
  const { oversubscription = 1, spread = "balanced", flowsPerConnection = 1, nodesPerLeaf } = shape
  const [atLeaf, atPod] = typeof oversubscription === "number" ? [oversubscription, 1] : oversubscription
  const leaves = Math.ceil(site.nodes / nodesPerLeaf)
  const leafUp = (nodesPerLeaf * nodeRate(network)) / atLeaf
  const spines = shape.spines ?? Math.max(1, Math.round((nodesPerLeaf * network.nicsPerNode) / atLeaf))
  const { leavesPerPod } = shape
  const leafOf = (node: number): number => Math.floor(node / nodesPerLeaf)
  return makeLeafSpine(site, {
    leaves,
    leavesPerPod: leavesPerPod ?? leaves,
    spines,
    cores: leavesPerPod === undefined ? 0 : Math.max(1, Math.round(leavesPerPod / atPod)),
    leafUp,
    podUp: ((leavesPerPod ?? 0) * leafUp) / atPod,
    spread,
    flowsPerConnection,
    leafOf: ({ node }) => leafOf(node),
    nodeLeaf: leafOf,
    nodePod: (node) => Math.floor(leafOf(node) / (leavesPerPod ?? leaves))
  })
}

const railOptimised = (site: CoreSite, shape: RailOptimised, network: Network): Core => {
  const { oversubscription = 1, spread = "balanced", flowsPerConnection = 1, nodesPerPod } = shape
  const leaves = Math.ceil(site.nodes / nodesPerPod) * site.rails
  const podOf = (node: number): number => Math.floor(node / nodesPerPod)
  return makeLeafSpine(site, {
    leaves,
    leavesPerPod: leaves,
    spines:
      shape.spines ?? Math.max(1, Math.round((nodesPerPod * network.nicsPerNode) / site.rails / oversubscription)),
    cores: 0,
    leafUp: (nodesPerPod * site.port) / oversubscription,
    podUp: 0,
    spread,
    flowsPerConnection,
    leafOf: ({ node, rail }) => podOf(node) * site.rails + rail,
    nodeLeaf: podOf,
    nodePod: podOf
  })
}

const kindOf = (site: CoreSite, topology: NetworkTopology, network: Network): Core | null => {
  if (topology.fatTree !== undefined) return fatTree(site, topology.fatTree, network)
  if (topology.railOptimised !== undefined) return railOptimised(site, topology.railOptimised, network)
  if (topology.dragonfly !== undefined) return makeDragonfly(site, topology.dragonfly)
  return topology.torus === undefined ? null : makeTorus(site, topology.torus)
}

/** Nodes of the machine room up to the last one in use. */
const nodesUsed = ({ nodes, nodesAt }: Fabric): number =>
  nodesAt === undefined ? nodes : nodesAt.reduce((most, node) => Math.max(most, node + 1), 0)

/** The core and what of its degraded links it does not have; null without a topology. */
export const checkedCore = (fabric: Fabric): { readonly core: Core; readonly unknown?: UnknownLink } | null => {
  const { network } = fabric
  if (network?.topology === undefined) return null
  const rails = railsOf(fabric)
  const site: CoreSite = {
    nodes: Math.max(nodesUsed(fabric), portsOf(network.topology) ?? 0),
    rails,
    port: nodeRate(network) / rails,
    seed: fabric.seed ?? 1
  }
  const core = kindOf(site, network.topology, network)
  if (core === null) return null
  const unknown = degrade(core, network.degraded ?? [])
  return unknown === undefined ? { core } : { core, unknown }
}

/** The core of a fabric's network; null without a topology. */
export const makeCore = (fabric: Fabric): Core | null => checkedCore(fabric)?.core ?? null
