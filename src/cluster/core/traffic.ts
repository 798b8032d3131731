/**
 * What collectives put on the links of a core: for every link, bytes on it for each byte that one scale-up domain of the
 * group puts on its network cards. The link with the most load for its rate limits the whole group, since all parts of a
 * collective go at the pace of the slowest (a ring pipelines its chunks).
 *
 *   ring    every domain sends all of it to the next, in the order of the ranks
 *   tree    double binary tree: half of the buffer up and down every edge of each of two trees
 *   direct  every domain sends to each other domain alike
 *   sharp   every switch of the tree sends the sum up and the total down once
 *
 * A group has as many rings as every domain has ports; ring j leaves and enters on port j. Where the domain spans its node,
 * bytes for another rail cross the scale-up switch first and leave on that rail (NCCL's PXN).
 */
import type { CollectiveAlgorithm, CollectiveKind } from "../algorithms.ts"
import { ImpossibleCollective } from "../impossible.ts"
import type { Fabric } from "../fabric.ts"
import { railsOf } from "./make.ts"
import type { Core, Path, Port } from "./types.ts"

/** Takes what goes over a path, times a factor, from one scale-up domain to another; -1 where switches send. */
export interface Sink {
  readonly add: (path: Path, factor: number, fromDomain: number, toDomain: number) => void
}

/** Bytes on links, added up. */
export interface Loads extends Sink {
  /** Every link that was loaded, once, with its load. */
  readonly path: () => Path
}

export const makeLoads = (): Loads => {
  const loads = new Map<number, number>()
  return {
    add: ({ links, weights }, factor) => {
      for (let index = 0; index < links.length; index++) {
        const link = links[index] ?? 0
        loads.set(link, (loads.get(link) ?? 0) + factor * (weights[index] ?? 1))
      }
    },
    path: () => ({ links: [...loads.keys()], weights: [...loads.values()] })
  }
}

/** The port of a rank, in the numbering of the machine room. */
export const portOfRank = (fabric: Fabric, rank: number): Port => {
  const { acceleratorsPerNode, nodesAt } = fabric
  const node = Math.floor(rank / acceleratorsPerNode)
  const rails = railsOf(fabric)
  return {
    node: nodesAt?.[node] ?? node,
    rail: Math.floor(((rank % acceleratorsPerNode) * rails) / acceleratorsPerNode)
  }
}

/** Whether a rank reaches every card of its node over the scale-up switch. */
const changesRails = ({ scaleUp: { topology, domain }, acceleratorsPerNode }: Fabric): boolean =>
  topology !== "pcie" && domain >= acceleratorsPerNode

const degradedField = "cluster.network.degraded"

/** The way from a rank's port to another's. */
export const wayBetween = (core: Core, fabric: Fabric, from: Port, to: Port, kind: CollectiveKind): Path => {
  const path = core.route(changesRails(fabric) ? { node: from.node, rail: to.rail } : from, to)
  if (path === null)
    throw new ImpossibleCollective(kind, `no way is left from node ${from.node} to node ${to.node}`, degradedField)
  return path
}

interface DomainPorts {
  readonly domain: number
  readonly ports: readonly Port[]
}

/** Distinct ports of each scale-up domain of a group, in the order of its ranks. */
const portsOfDomains = (fabric: Fabric, ranks: readonly number[]): readonly DomainPorts[] => {
  const domains = new Map<number, Map<number, Port>>()
  for (const rank of ranks) {
    const domain = Math.floor(rank / fabric.scaleUp.domain)
    const ports = domains.get(domain) ?? new Map<number, Port>()
    domains.set(domain, ports)
    const port = portOfRank(fabric, rank)
    ports.set(port.node * 4096 + port.rail, port)
  }
  return [...domains].map(([domain, ports]) => ({ domain, ports: [...ports.values()] }))
}

/** Edges of the two binary trees over n domains, child to parent (NCCL, src/graph/trees.cc: the second is the mirror). */
export const doubleTree = (n: number): readonly (readonly [number, number])[] => {
  const edges: [number, number][] = []
  const parent = (index: number): number => {
    const bit = index & -index
    const up = (index ^ bit) | (bit << 1)
    return up >= n ? index ^ bit : up
  }
  for (let index = 1; index < n; index++) edges.push([index, parent(index)])
  const other = (index: number): number => (n % 2 === 0 ? n - 1 - index : (index + 1) % n)
  return [...edges, ...edges.map(([a, b]): [number, number] => [other(a), other(b)])]
}

/** Adds what one group of ranks puts on the links. */
export const addGroup = (
  loads: Sink,
  core: Core,
  fabric: Fabric,
  ranks: readonly number[],
  plan: { readonly kind: CollectiveKind; readonly algorithm: CollectiveAlgorithm }
): void => {
  const { kind, algorithm } = plan
  const domains = portsOfDomains(fabric, ranks)
  const count = domains.length
  if (count < 2) return
  if (algorithm === "sharp") {
    const path = core.reduce(domains.flatMap(({ ports }) => ports))
    if (typeof path === "string")
      throw new ImpossibleCollective(kind, path, path.includes("missing") ? degradedField : undefined)
    loads.add(path, 1, -1, -1)
    return
  }
  const rings = Math.min(...domains.map(({ ports }) => ports.length))
  const send = (from: number, to: number, share: number): void => {
    const [source, target] = [domains[from], domains[to]]
    if (source === undefined || target === undefined) return
    for (let ring = 0; ring < rings; ring++) {
      const [out, into] = [source.ports[ring], target.ports[ring]]
      if (out !== undefined && into !== undefined)
        loads.add(wayBetween(core, fabric, out, into, kind), share / rings, source.domain, target.domain)
    }
  }
  if (algorithm === "tree")
    for (const [child, parent] of doubleTree(count)) {
      send(child, parent, count === 2 ? 0.5 : 0.25)
      send(parent, child, count === 2 ? 0.5 : 0.25)
    }
  else if (kind === "allToAll")
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++) {
        if (from !== to) send(from, to, 1 / (count - 1))
      }
  else
    for (let from = 0; from < count; from++) {
      const to = (from + 1) % count
      send(from, to, core.runsBothWays ? 0.5 : 1)
      if (core.runsBothWays) send(to, from, 0.5)
    }
}

/** The most loaded link of several groups at work at once, and the rate that it leaves. */
export interface Bottleneck {
  /** Bytes/s that one domain can put on its cards for one group; Infinity where no link is used. */
  readonly rate: number
  readonly link: string | null
}

/** What the core leaves to groups that all run the same collective at the same time. */
export const bottleneckOf = (
  core: Core,
  fabric: Fabric,
  groups: readonly (readonly number[])[],
  plan: { readonly kind: CollectiveKind; readonly algorithm: CollectiveAlgorithm }
): Bottleneck => {
  const loads = makeLoads()
  for (const ranks of groups) addGroup(loads, core, fabric, ranks, plan)
  let rate = Infinity
  let worst = -1
  const { links, weights } = loads.path()
  for (const [index, link] of links.entries()) {
    const left = (core.capacities[link] ?? 0) / (weights[index] ?? 1)
    if (left < rate) {
      rate = left
      worst = link
    }
  }
  return { rate, link: worst < 0 ? null : core.nameOf(worst) }
}
