/**
 * The topology of a scenario's network and the placement of its nodes, checked and put on the fabric.
 */
import type { NetworkTopology, System } from "../catalog/index.ts"
import {
  checkedCore,
  nodesPerIsland,
  placedNodes,
  portsOf,
  type Core,
  type Fabric,
  type Network,
  type Placement
} from "../cluster/index.ts"
import { show, type Finding, type Path } from "./issue.ts"
import type { Scenario } from "./schema.ts"

type Cluster = Scenario["cluster"]
type Wired = Fabric & { readonly network: Network & { readonly topology: NetworkTopology } }

const path = ["cluster", "network", "topology"] as const
const placement = ["cluster", "placement"] as const

/** Links of a core beyond which it is not built. */
const mostLinks = 4e6

const refuse = (
  at: Path,
  problem: string,
  given: unknown,
  expected: string,
  nearest: readonly string[] = []
): Finding => ({
  path: at,
  problem,
  given: typeof given === "string" ? given : show(given),
  expected,
  ...(nearest.length === 0 ? {} : { nearest })
})

/** The topology that a scenario means, if any. */
const topologyOf = (cluster: Cluster, system: System): NetworkTopology | undefined | Finding => {
  const written = cluster.network?.topology
  if (written !== "system") return written
  return (
    system.network?.topology ??
    refuse(
      path,
      `the catalogue knows no topology of ${system.name}`,
      "system",
      "one of { fatTree: ... }, { railOptimised: ... }, { dragonfly: ... }, { torus: ... }"
    )
  )
}

/** A fabric with the topology, the degraded links and the placement of its scenario. */
export const throughTopology = (
  cluster: Cluster,
  system: System,
  fabric: Fabric,
  seed: number
): Fabric | readonly Finding[] => {
  const topology = topologyOf(cluster, system)
  if (topology !== undefined && "problem" in topology) return [topology]
  if (topology === undefined) return withoutTopology(cluster, fabric)
  if (fabric.network === null)
    return [refuse(path, "there is no network between nodes", topology, "cluster.network.link, or no topology")]
  const { network: written } = cluster
  const findings: Finding[] = []
  if (written?.oversubscription !== undefined)
    findings.push(
      refuse(
        ["cluster", "network", "oversubscription"],
        "a topology has an oversubscription of its own",
        written.oversubscription,
        "oversubscription inside of cluster.network.topology"
      )
    )
  if (fabric.network.sumsInNetwork === true && (topology.torus !== undefined || topology.dragonfly !== undefined))
    findings.push(
      refuse(
        ["cluster", "network", written?.sumsInNetwork === undefined ? "topology" : "sumsInNetwork"],
        topology.torus === undefined ? "the routers of a dragonfly do not sum here" : "a torus has no switches to sum",
        "sumsInNetwork: true",
        "sumsInNetwork: false, or a fat tree or rail-optimised network"
      )
    )
  const size = tooLarge(topology, fabric) ?? tooSmall(topology, fabric)
  if (size !== undefined) findings.push(size)
  if (findings.length > 0) return findings
  const { degraded } = written ?? {}
  const wired: Wired = {
    ...fabric,
    network: { ...fabric.network, topology, oversubscription: 1, ...(degraded === undefined ? {} : { degraded }) },
    seed
  }
  return placed(cluster, wired, seed)
}

const withoutTopology = (cluster: Cluster, fabric: Fabric): Fabric | readonly Finding[] => {
  const expected = "cluster.network.topology beside it"
  const without = (at: Path, value: unknown, problem: string): readonly Finding[] =>
    value === undefined ? [] : [refuse(at, problem, value, expected)]
  const findings = [
    ...without(placement, cluster.placement, "without a topology all nodes are alike"),
    ...without(
      ["cluster", "network", "degraded"],
      cluster.network?.degraded,
      "without a topology the network has no links"
    )
  ]
  return findings.length > 0 ? findings : fabric
}

const linksOf = (topology: NetworkTopology, nodes: number, rails: number): number => {
  const { fatTree, railOptimised, dragonfly, torus } = topology
  if (torus !== undefined) return 2 * torus.dimensions.length * (portsOf(topology) ?? 0)
  if (dragonfly !== undefined) {
    const { nodesPerRouter, routersPerGroup, globalLinks } = dragonfly
    const groups = dragonfly.groups ?? Math.ceil(nodes / (nodesPerRouter * routersPerGroup))
    const ways = dragonfly.routing === "valiant" ? groups : 1
    return groups * routersPerGroup * routersPerGroup + groups * groups * globalLinks * ways
  }
  if (railOptimised !== undefined) {
    const { nodesPerPod, spines = nodesPerPod, spread } = railOptimised
    return 2 * Math.ceil(nodes / nodesPerPod) * rails * (spread === "hashed" ? spines : 1)
  }
  const { nodesPerLeaf = 1, leavesPerPod = 0, spines = nodesPerLeaf * rails, spread } = fatTree ?? {}
  return 2 * Math.ceil(nodes / nodesPerLeaf) * (spread === "hashed" ? spines : 1) + 2 * spines * leavesPerPod
}

const tooLarge = (topology: NetworkTopology, { nodes, network }: Fabric): Finding | undefined => {
  const links = linksOf(topology, nodes, network?.nicsPerNode ?? 1)
  return links <= mostLinks
    ? undefined
    : refuse(
        path,
        `a network of ${Math.round(links / 1e6).toLocaleString("en")} million links is too large to build`,
        topology,
        `at most ${mostLinks / 1e6} million links: fewer nodes, or spread: balanced`
      )
}

const tooSmall = (topology: NetworkTopology, { nodes }: Fabric): Finding | undefined => {
  const ports = portsOf(topology)
  return ports === undefined || ports >= nodes
    ? undefined
    : refuse(
        [...path, topology.torus === undefined ? "dragonfly" : "torus"],
        `it has room for ${ports} nodes, the cluster has ${nodes}`,
        topology.torus?.dimensions ?? topology.dragonfly?.groups,
        `at least ${nodes} nodes`
      )
}

/** The fabric with its links checked and its nodes placed. */
const placed = (cluster: Cluster, fabric: Wired, seed: number): Fabric | readonly Finding[] => {
  const wanted = placementOf(cluster.placement ?? "packed", fabric, seed)
  if ("problem" in wanted) return [wanted]
  // Switches up to the last node that the placement may name.
  const last =
    wanted.kind === "listed"
      ? wanted.nodes.reduce((most, node) => Math.max(most, node), 0)
      : wanted.kind === "random"
        ? wanted.among - 1
        : fabric.nodes - 1
  const large = tooLarge(fabric.network.topology, { ...fabric, nodes: last + 1 })
  if (large !== undefined) return [large]
  const checked = checkedCore({ ...fabric, nodesAt: [last] })
  if (checked === null) return fabric
  if (checked.unknown !== undefined) {
    const { index, field, expected } = checked.unknown
    const given = fabric.network.degraded?.[index]?.[field]
    return [
      refuse(
        ["cluster", "network", "degraded", index, field],
        `this network has no ${field === "link" ? "such link" : field === "tier" ? "such tier" : "link of this index"}`,
        given,
        expected
      )
    ]
  }
  return wanted.kind === "packed" ? fabric : { ...fabric, nodesAt: nodesFor(fabric, checked.core, wanted) }
}

const nodesFor = (fabric: Fabric, core: Core, wanted: Placement): readonly number[] => placedNodes(fabric, core, wanted)

const placementOf = (written: NonNullable<Cluster["placement"]>, fabric: Wired, seed: number): Placement | Finding => {
  if (written === "packed") return { kind: "packed" }
  if (written === "round-robin") return { kind: "round-robin", over: "leaves" }
  if (written === "random") return { kind: "random", seed, among: fabric.nodes }
  if (written.roundRobin !== undefined) return { kind: "round-robin", over: written.roundRobin }
  const ports = portsOf(fabric.network.topology)
  if (written.random !== undefined) {
    const { among = fabric.nodes } = written.random
    if (among < fabric.nodes || (ports !== undefined && among > ports))
      return refuse(
        [...placement, "random", "among"],
        `${fabric.nodes} nodes cannot be drawn among ${among} of this network`,
        among,
        `a whole number from ${fabric.nodes}${ports === undefined ? "" : ` to ${ports}`}`
      )
    return { kind: "random", seed: written.random.seed ?? seed, among }
  }
  return listedNodes(written.listed ?? [], fabric, ports)
}

const listedNodes = (nodes: readonly number[], fabric: Wired, ports: number | undefined): Placement | Finding => {
  const at = [...placement, "listed"]
  if (nodes.length !== fabric.nodes)
    return refuse(
      at,
      `${nodes.length} nodes are listed, the cluster has ${fabric.nodes}`,
      nodes,
      `${fabric.nodes} nodes`
    )
  const twice = nodes.findIndex((node, index) => nodes.indexOf(node) !== index)
  if (twice >= 0) return refuse([...at, twice], `node ${nodes[twice]} is listed twice`, nodes[twice], "each node once")
  const outside = nodes.findIndex((node) => ports !== undefined && node >= ports)
  if (outside >= 0)
    return refuse(
      [...at, outside],
      `the network has ${ports} nodes`,
      nodes[outside],
      `a node from 0 to ${(ports ?? 1) - 1}`
    )
  const size = nodesPerIsland(fabric)
  const split = nodes.findIndex(
    (node, index) => node % size !== index % size || node - (index % size) !== nodes[index - (index % size)]
  )
  return split >= 0
    ? refuse(
        [...at, split],
        `${size} nodes of a scale-up domain stay together`,
        nodes[split],
        `nodes in runs of ${size} that begin at a multiple of ${size}`
      )
    : { kind: "listed", nodes }
}
