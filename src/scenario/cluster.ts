/**
 * The machines of a scenario: a system of the catalogue with its overrides, or one made of an accelerator and links.
 */
import type { Accelerator, Link, System } from "../catalog/index.ts"
import { find, isUnknownName } from "../catalog/index.ts"
import { makeFabric, type Fabric, type MeasuredCollective } from "../cluster/index.ts"
import type { Evidence } from "../training/index.ts"
import { entryOf, isFindings } from "./inline.ts"
import { show, type Finding } from "./issue.ts"
import type { ReadText } from "./load.ts"
import { measuredCollectives } from "./measured-collectives.ts"
import type { Scenario } from "./schema.ts"

export interface Machines {
  readonly system: System
  readonly accelerator: Accelerator
  readonly fabric: Fabric
  /** Accelerators in use; the last node may be partly idle. */
  readonly accelerators: number
  readonly evidence: readonly Evidence[]
  /** As it was written, measurements in place of their paths. */
  readonly cluster: Cluster
}

type Cluster = Scenario["cluster"]

/** @param readText reads what was measured on the machines; needed only where a scenario names such files */
export const machinesOf = (cluster: Cluster, readText?: ReadText): Machines | readonly Finding[] => {
  const named = cluster.system === undefined ? undefined : entryOf("systems", cluster.system, ["cluster", "system"])
  if (named !== undefined && isFindings(named)) return named
  const accelerator = acceleratorOf(cluster, named)
  if (isFindings(accelerator)) return accelerator
  const base = named ?? adHoc(accelerator, cluster)
  const perNode = cluster.acceleratorsPerNode ?? base.acceleratorsPerNode
  const scaleUp = scaleUpOf(cluster, base, accelerator, perNode)
  if (isFindings(scaleUp)) return scaleUp
  const network = networkOf(cluster, base)
  if (network !== null && isFindings(network)) return network
  const size = sizeOf(cluster, perNode)
  if (isFindings(size)) return size
  const system: System = {
    ...base,
    accelerator: accelerator.name,
    acceleratorsPerNode: perNode,
    scaleUp: scaleUp.wires,
    network: network === null ? null : network.wires
  }
  const { nodes, accelerators } = size
  if (network === null && accelerators > scaleUp.wires.domain)
    return [
      {
        path: ["cluster", cluster.accelerators === undefined ? "nodes" : "accelerators"],
        problem: `${accelerators} accelerators, but ${base.name} has no network between nodes`,
        given: String(cluster.nodes ?? accelerators),
        expected: `at most ${scaleUp.wires.domain} accelerators, or cluster.network`
      }
    ]
  const wires = makeFabric({ system, accelerator, scaleUp: scaleUp.link, network: network?.link ?? null, nodes })
  const evidence = named === undefined ? [assumedNodePower(system)] : []
  if (cluster.measuredCollectives === undefined)
    return { system, accelerator, fabric: wires, accelerators, evidence, cluster }
  const measured = measuredCollectives(cluster.measuredCollectives, readText)
  if (isFindings(measured)) return measured
  return {
    system,
    accelerator,
    fabric: { ...wires, measured: measured.tables },
    accelerators,
    evidence: [...evidence, ...measured.tables.map(measuredEvidence)],
    cluster: { ...cluster, measuredCollectives: measured.portable }
  }
}

const measuredEvidence = ({ name, kind, ranks, bytes }: MeasuredCollective): Evidence => ({
  name: `${kind} of ${ranks} ranks, sizes measured`,
  constant: { value: bytes.length, origin: "measured", source: name }
})

const acceleratorOf = (cluster: Cluster, system: System | undefined): Accelerator | readonly Finding[] => {
  const own =
    system === undefined ? undefined : entryOf("accelerators", system.accelerator, ["cluster", "system", "accelerator"])
  if (own !== undefined && isFindings(own)) return own
  if (cluster.accelerator !== undefined)
    return entryOf("accelerators", cluster.accelerator, ["cluster", "accelerator"], own)
  return (
    own ?? [
      {
        path: ["cluster"],
        at: "key",
        problem: "names no machines",
        given: show(cluster),
        expected: "system, or accelerator (see `windtunnel catalog systems`, `windtunnel catalog accelerators`)"
      }
    ]
  )
}

/** Watts of a node besides its accelerators, for each of them: 2.5 kW for the usual eight (see the catalogue's systems). */
const assumedWattsPerAccelerator = 312.5

const adHoc = (accelerator: Accelerator, cluster: Cluster): System => {
  const perNode = cluster.acceleratorsPerNode ?? 8
  return {
    name: `${accelerator.name} nodes`,
    title: `nodes of ${perNode} ${accelerator.title}`,
    accelerator: accelerator.name,
    acceleratorsPerNode: perNode,
    nodes: null,
    scaleUp: {
      link: accelerator.scaleUp,
      domain: perNode,
      topology: accelerator.scaleUp.startsWith("pcie") ? "pcie" : "switch"
    },
    network: null,
    nodeWatts: assumedWattsPerAccelerator * perNode,
    hostMemoryBytes: null,
    notes: [],
    sources: { default: "made of an accelerator given in the scenario" }
  }
}

const assumedNodePower = (system: System): Evidence => ({
  name: "power of a node besides its accelerators",
  constant: { value: system.nodeWatts, origin: "assumed", source: "2.5 kW for eight accelerators" }
})

interface Wires<W> {
  readonly link: Link
  readonly wires: W
}

const scaleUpOf = (
  cluster: Cluster,
  base: System,
  accelerator: Accelerator,
  perNode: number
): Wires<System["scaleUp"]> | readonly Finding[] => {
  const { link: written, domain, topology, peerToPeer = base.scaleUp.peerToPeer } = cluster.scaleUp ?? {}
  const own = find("accelerators", base.accelerator)
  // Links come with the accelerator: another accelerator in a system brings its own.
  const usual = !isUnknownName(own) && own.scaleUp === base.scaleUp.link ? accelerator.scaleUp : base.scaleUp.link
  const start = entryOf("links", usual, ["cluster", "scaleUp", "link"])
  if (isFindings(start)) return start
  const path = ["cluster", "scaleUp", "link"]
  const link = written === undefined ? start : entryOf("links", written, path, start)
  if (isFindings(link)) return link
  if (link.kind === "network") return [wrongKind(path, link, "a link inside a node (scale-up or host)")]
  const size = domain ?? (base.scaleUp.domain === base.acceleratorsPerNode ? perNode : base.scaleUp.domain)
  if (size % perNode !== 0 && perNode % size !== 0)
    return [
      {
        path: ["cluster", "scaleUp", "domain"],
        problem: `a domain of ${size} does not fit nodes of ${perNode}`,
        given: String(size),
        expected: `a divisor or a multiple of the ${perNode} accelerators of a node`,
        nearest: [String(perNode)]
      }
    ]
  const wires = { link: link.name, domain: size, topology: topology ?? base.scaleUp.topology }
  return { link, wires: peerToPeer === undefined ? wires : { ...wires, peerToPeer } }
}

const networkOf = (
  cluster: Cluster,
  base: System
): Wires<NonNullable<System["network"]>> | null | readonly Finding[] => {
  const path = ["cluster", "network", "link"]
  const { link: written, nicsPerNode, oversubscription, sumsInNetwork } = cluster.network ?? {}
  if (cluster.network === undefined && base.network === null) return null
  const start =
    base.network === null ? undefined : entryOf("links", base.network.link, ["cluster", "system", "network", "link"])
  if (start !== undefined && isFindings(start)) return start
  const link = written === undefined ? start : entryOf("links", written, path, start)
  if (link === undefined)
    return [
      {
        path,
        at: "key",
        problem: "is missing",
        given: "nothing",
        expected: "the link of the network, a name from `windtunnel catalog links`"
      }
    ]
  if (isFindings(link)) return link
  if (link.kind !== "network") return [wrongKind(path, link, "a network link")]
  if (sumsInNetwork === true && !link.inNetworkReduction)
    return [
      {
        path: ["cluster", "network", "sumsInNetwork"],
        problem: `the switches of ${link.name} cannot sum`,
        given: "true",
        expected: "false, or a link with in-network reduction such as ib-ndr"
      }
    ]
  return {
    link,
    wires: {
      link: link.name,
      nicsPerNode: nicsPerNode ?? base.network?.nicsPerNode ?? 1,
      oversubscription: oversubscription ?? base.network?.oversubscription ?? 1,
      ...(sumsInNetwork === undefined && base.network?.sumsInNetwork === undefined
        ? {}
        : { sumsInNetwork: sumsInNetwork ?? base.network?.sumsInNetwork ?? false }),
      ...(base.network?.topology === undefined ? {} : { topology: base.network.topology })
    }
  }
}

const wrongKind = (path: readonly string[], link: Link, expected: string): Finding => ({
  path,
  problem: `${link.name} is a ${link.kind} link`,
  given: show(link.name),
  expected
})

const sizeOf = (
  { nodes, accelerators }: Cluster,
  perNode: number
): { readonly nodes: number; readonly accelerators: number } | readonly Finding[] => {
  if (nodes !== undefined && accelerators !== undefined)
    return [
      {
        path: ["cluster", "accelerators"],
        at: "key",
        problem: "nodes is given as well",
        given: String(accelerators),
        expected: "either nodes or accelerators, not both"
      }
    ]
  if (accelerators !== undefined) return { nodes: Math.ceil(accelerators / perNode), accelerators }
  return { nodes: nodes ?? 1, accelerators: (nodes ?? 1) * perNode }
}
