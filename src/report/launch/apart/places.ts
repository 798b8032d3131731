/**
 * Which server of a fleet runs on which accelerators of which node: whole servers one after another, pools with machines of
 * their own on nodes of their own, and a server that is larger than a node on nodes that it has for itself.
 */
import { acceleratorsOf } from "../server.ts"
import type { ApartPool } from "./pools.ts"

/** Servers of a pool on nodes that all have the same of it. */
export interface Places {
  readonly pool: ApartPool
  /** First node, and how many. */
  readonly node: number
  readonly nodes: number
  /** Servers of each node, or of every `span` nodes together. */
  readonly servers: number
  /** Nodes that a server takes; 1 = a node has one or several of them. */
  readonly span: number
  /** Accelerators of a server on each of its nodes, and the first accelerator of the first server there. */
  readonly size: number
  readonly first: number
}

interface Place {
  readonly node: number
  readonly first: number
}

export interface Placement {
  readonly places: readonly Places[]
  /** Nodes in all. */
  readonly nodes: number
}

/** The placement, or a pool whose servers fill no whole number of nodes. */
export const placementOf = (pools: readonly ApartPool[]): Placement | { readonly uneven: ApartPool } => {
  let nodes = 0
  const places: Places[] = []
  /** Where pools that share machines go on. */
  const open = new Map<number, Place>()
  for (const pool of pools) {
    const size = acceleratorsOf(pool.server.job)
    const perNode = pool.acceleratorsPerNode
    if (size > perNode) {
      if (size % perNode !== 0) return { uneven: pool }
      const span = size / perNode
      places.push({ pool, node: nodes, nodes: span * pool.replicas, servers: 1, span, size: perNode, first: 0 })
      nodes += span * pool.replicas
      open.delete(pool.machines)
      continue
    }
    let at: Place = open.get(pool.machines) ?? { node: nodes, first: 0 }
    const taken: Place[] = []
    for (let server = 0; server < pool.replicas; server++) {
      if (at.first + size > perNode) at = { node: nodes, first: 0 }
      taken.push(at)
      nodes = Math.max(nodes, at.node + 1)
      at = { node: at.node, first: at.first + size }
    }
    open.set(pool.machines, at)
    places.push(...alike(pool, size, taken))
  }
  return { places, nodes }
}

/** Nodes one after another with the same servers of a pool as one. */
const alike = (pool: ApartPool, size: number, taken: readonly Place[]): readonly Places[] => {
  const found: Places[] = []
  for (const [node, own] of Map.groupBy(taken, (place) => place.node)) {
    const [servers, first] = [own.length, own[0]!.first]
    const last = found.at(-1)
    if (last !== undefined && last.node + last.nodes === node && last.servers === servers && last.first === first)
      found[found.length - 1] = { ...last, nodes: last.nodes + 1 }
    else found.push({ pool, node, nodes: 1, servers, span: 1, size, first })
  }
  return found
}
