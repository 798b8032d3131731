/**
 * Who meets whom, as a graph: ranks, the teams that run operations together, pipelines, data groups, stages, and the
 * scale-up domains whose NICs they share. A block is the part of a pipeline, group or stage in one domain, so that
 * ranks are told apart by whom they meet at home and whom over the network.
 */
import { coordinatesOf, groupRanks, worldSize } from "../../parallel/index.ts"
import { teamKey } from "../actors.ts"
import type { TrainingJob } from "../types.ts"

/** Sets of ranks that exchange something, as vertices of the graph. */
export type Assembly = "pipeline" | "data" | "stage"
const assemblies = ["pipeline", "data", "stage"] as const satisfies readonly Assembly[]

/** The part of an assembly in one domain. */
export interface Block {
  readonly assembly: number
  readonly domain: number
  readonly ranks: readonly number[]
}

export interface PositionGraph {
  readonly vertices: number
  readonly neighbours: readonly (readonly number[])[]
  /** By vertex: a number for its kind, and for ranks their stage besides. */
  readonly kinds: Int32Array
  /** Vertex of a rank's team. */
  readonly teamOf: Int32Array
  /** Ranks of each team. */
  readonly teams: readonly (readonly number[])[]
  /** Vertex of the assembly that a rank belongs to. */
  readonly assemblyOf: Readonly<Record<Assembly, Int32Array>>
  /** Blocks of an assembly's vertex, of a domain's number. */
  readonly blocksOf: ReadonlyMap<number, readonly Block[]>
  readonly blocksIn: Readonly<Record<Assembly, readonly (readonly Block[])[]>>
  /** Vertex of a domain's number. */
  readonly domainVertex: (domain: number) => number
}

/** The graph of a job's ranks; the first vertices are the ranks. */
export const positionGraph = (job: TrainingJob): PositionGraph => {
  const { layout } = job
  const size = job.fabric.scaleUp.domain
  const total = worldSize(layout)
  const places = Array.from({ length: total }, (_, rank) => coordinatesOf(layout, rank))
  const neighbours: number[][] = places.map(() => [])
  const kinds: number[] = places.map(({ pipeline }) => pipeline)
  const add = (kind: number): number => {
    kinds.push(-1 - kind)
    return neighbours.push([]) - 1
  }
  const join = (one: number, other: number): void => {
    neighbours[one]?.push(other)
    neighbours[other]?.push(one)
  }
  const keyed = (keyOf: (rank: number) => number | string, kind: number): Int32Array => {
    const known = new Map<number | string, number>()
    return Int32Array.from({ length: total }, (_, rank) => {
      const key = keyOf(rank)
      const vertex = known.get(key) ?? add(kind)
      known.set(key, vertex)
      return vertex
    })
  }
  const teams = teamsOf(job)
  const teamOf = new Int32Array(total)
  for (const team of teams) {
    const vertex = add(0)
    for (const rank of team) {
      teamOf[rank] = vertex
      join(vertex, rank)
    }
  }
  const domains = Array.from({ length: Math.ceil(total / size) }, () => add(1))
  const at = (rank: number) => places[rank] ?? places[0]!
  const assemblyOf = {
    pipeline: keyed((rank) => (at(rank).tensor * layout.context + at(rank).context) * layout.data + at(rank).data, 2),
    data: keyed((rank) => at(rank).pipeline * layout.tensor + at(rank).tensor, 3),
    stage: keyed((rank) => at(rank).pipeline, 4)
  }
  const blocksOf = new Map<number, Block[]>()
  const blocksIn = {
    pipeline: domains.map((): Block[] => []),
    data: domains.map((): Block[] => []),
    stage: domains.map((): Block[] => [])
  }
  assemblies.forEach((name, kind) => {
    const known = new Map<string, { readonly vertex: number; readonly ranks: number[] }>()
    for (let rank = 0; rank < total; rank++) {
      const assembly = assemblyOf[name][rank] ?? 0
      const domain = Math.floor(rank / size)
      const key = `${assembly} ${domain}`
      let block = known.get(key)
      if (block === undefined) {
        block = { vertex: add(5 + kind), ranks: [] }
        known.set(key, block)
        join(block.vertex, assembly)
        join(block.vertex, domains[domain] ?? 0)
        const made: Block = { assembly, domain, ranks: block.ranks }
        const blocks = blocksOf.get(assembly)
        if (blocks === undefined) blocksOf.set(assembly, [made])
        else blocks.push(made)
        blocksIn[name][domain]?.push(made)
      }
      block.ranks.push(rank)
      join(block.vertex, rank)
    }
  })
  return {
    vertices: kinds.length,
    neighbours,
    kinds: Int32Array.from(kinds),
    teamOf,
    teams,
    assemblyOf,
    blocksOf,
    blocksIn,
    domainVertex: (domain) => domains[domain] ?? 0
  }
}

/**
 * Ranks that run every operation together. A fully sharded stack gathers each layer from its whole shard group, which
 * therefore is one team.
 */
const teamsOf = (job: TrainingJob): readonly (readonly number[])[] => {
  const { layout, sharding } = job
  const total = worldSize(layout)
  const parent = Int32Array.from({ length: total }, (_, rank) => rank)
  const rootOf = (rank: number): number => {
    let root = rank
    while (parent[root] !== root) root = parent[root] = parent[parent[root] ?? 0] ?? 0
    return root
  }
  const unite = (ranks: readonly number[]): void => {
    for (const rank of ranks) parent[rootOf(rank)] = rootOf(ranks[0] ?? rank)
  }
  const peers = Map.groupBy(Array.from(parent.keys()), (rank) => teamKey(layout, coordinatesOf(layout, rank)))
  for (const ranks of peers.values()) unite(ranks)
  if (sharding.zeroStage === 3)
    for (let rank = 0; rank < total; rank++) {
      const group = groupRanks(layout, "dataContext", rank)
      if (group[0] !== rank) continue
      const shard = Math.min(sharding.group ?? group.length, group.length)
      for (let first = 0; first < group.length; first += shard) unite(group.slice(first, first + shard))
    }
  return [...Map.groupBy(Array.from(parent.keys()), rootOf).values()]
}
