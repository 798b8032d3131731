/**
 * The wires of a cluster as collectives see them: one scale-up domain (NVLink switch, mesh or PCIe) and the network
 * that joins domains. Bytes, seconds and bytes/s in one direction, nominal; attainable shares stay on the links.
 */
import type { Accelerator, Link, NetworkTopology, System } from "../catalog/index.ts"
import type { DegradedLink } from "./core/types.ts"
import type { MeasuredCollective } from "./measured-collective.ts"

/** Architectures that NCCL's cost model tells apart. */
export type NcclGeneration = "volta" | "ampere" | "hopper" | "blackwell"

export interface ScaleUp {
  readonly link: Link
  /** Nominal rate of one accelerator's port. */
  readonly bytesPerSecond: number
  /** Accelerators joined by one switch; may span nodes (72 in an NVL72 rack). */
  readonly domain: number
  readonly topology: "switch" | "mesh" | "pcie"
  /** Whether cards on PCIe reach each other without the host's memory; absent = as the cards usually do. */
  readonly peerToPeer?: boolean
  readonly generation: NcclGeneration
}

export interface Network {
  readonly link: Link
  readonly nicsPerNode: number
  /** Nominal rate of one NIC. */
  readonly bytesPerSecond: number
  readonly latencySeconds: number
  /** Leaf-to-spine contention: 1 is full bisection, 7 is 1:7. */
  readonly oversubscription: number
  /** Whether the switches sum all-reduces here (SHARP switched on), where the link can. */
  readonly sumsInNetwork?: boolean
  /** Switches or cables between the nodes, with links of their own; absent = the network blocks nothing. */
  readonly topology?: NetworkTopology
  /** Links of the topology with less than their rate. */
  readonly degraded?: readonly DegradedLink[]
}

/** The wires of a cluster as resolved from a scenario. One direction, bytes/s. */
export interface Fabric {
  readonly acceleratorsPerNode: number
  readonly nodes: number
  readonly scaleUp: ScaleUp
  readonly network: Network | null
  /** Collectives that were measured on it, which go before NCCL's model. */
  readonly measured?: readonly MeasuredCollective[]
  /** Node of the machine room that each node of the job is; absent = the first ones in order. */
  readonly nodesAt?: readonly number[]
  /** Seed of the hashes by which the network picks ways; default 1. */
  readonly seed?: number
  /** Of which fabric this one is a variation, and the factors on the seconds of messages and on the scale-up rate. */
  readonly changed?: { readonly of: Fabric; readonly latency: number; readonly scaleUpRate: number }
}

export interface FabricParts {
  readonly system: System
  readonly accelerator: Accelerator
  /** The link that `system.scaleUp.link` names. */
  readonly scaleUp: Link
  /** The link that `system.network.link` names; null for a single box. */
  readonly network: Link | null
  readonly nodes: number
}

/** Accelerator families without constants of their own borrow those of the nearest NCCL architecture. */
const architectures: Readonly<Record<string, NcclGeneration>> = {
  volta: "volta",
  turing: "volta",
  ampere: "ampere",
  ada: "ampere",
  hopper: "hopper",
  blackwell: "blackwell",
  cdna2: "ampere",
  cdna3: "hopper",
  cdna4: "blackwell"
}

export const makeFabric = ({ system, accelerator, scaleUp, network, nodes }: FabricParts): Fabric => ({
  acceleratorsPerNode: system.acceleratorsPerNode,
  nodes,
  scaleUp: {
    link: scaleUp,
    bytesPerSecond: scaleUp.bytesPerSecond,
    domain: system.scaleUp.domain,
    topology: system.scaleUp.topology,
    ...(system.scaleUp.peerToPeer === undefined ? {} : { peerToPeer: system.scaleUp.peerToPeer }),
    generation: architectures[accelerator.generation] ?? "ampere"
  },
  network:
    system.network === null || network === null
      ? null
      : {
          link: network,
          nicsPerNode: system.network.nicsPerNode,
          bytesPerSecond: network.bytesPerSecond,
          latencySeconds: network.latencySeconds,
          oversubscription: system.network.oversubscription,
          sumsInNetwork: system.network.sumsInNetwork === true && network.inNetworkReduction
        }
})

/** NICs that one scale-up domain has towards the network: a node's, or all of a rack-scale domain's nodes. */
export const nicsPerDomain = (fabric: Fabric): number =>
  fabric.network === null ? 0 : (fabric.network.nicsPerNode * fabric.scaleUp.domain) / fabric.acceleratorsPerNode

/** Shape of a communicator: ranks in all, members per scale-up domain, domains. */
export interface Group {
  readonly ranks: number
  readonly perDomain: number
  readonly domains: number
}

/**
 * Shape of the communicator of these global ranks (rank r sits in domain floor(r / domain)). An irregular group takes
 * the largest number of members in a domain, which is the domain whose ports are busiest.
 */
export const groupOf = (rankNumbers: readonly number[], fabric: Fabric): Group => {
  const members = new Map<number, number>()
  let perDomain = 0
  for (const rank of rankNumbers) {
    const domain = Math.floor(rank / fabric.scaleUp.domain)
    const count = (members.get(domain) ?? 0) + 1
    members.set(domain, count)
    perDomain = Math.max(perDomain, count)
  }
  return { ranks: rankNumbers.length, perDomain, domains: members.size }
}
