/**
 * The core of the network in an iteration: sends between stages and exchanges between data-parallel peers load the
 * switches and cables on their ways, so that they slow one another down where these are scarce.
 *
 * An actor may stand for many ranks, whose flows all go at once. What its one flow then loads a link with is the sum over
 * these ranks. Where all of them meet the same this is exact: on every link of a kind there are as many flows of each
 * kind. Where they do not, it is the pace of the slowest of them.
 *
 * A link which the cards of the nodes behind it cannot fill takes no part: full bisection costs nothing.
 */
import type { Path } from "../cluster/index.ts"
import type { Actor, Cast, CoreWires } from "./actors.ts"
import type { CoreFlow, CoreTraffic } from "./core-traffic.ts"

const nothing: Path = { links: [], weights: [] }

/**
 * The core as a cast's flows meet it.
 *
 * @param first    number of the first link of the core: how many the cast has of its own
 * @param ranksOf  ranks that an actor stands for
 */
export const coreWires = (
  { core, links, hopOf, exchangeOf }: CoreTraffic,
  first: number,
  ranksOf: (actor: Actor) => readonly number[]
): CoreWires => {
  const numbers = new Int32Array(core.capacities.length).fill(-1)
  for (const [index, link] of links.entries()) numbers[link] = first + index
  const sum = (flows: Iterable<CoreFlow>): Path => {
    const loads = new Map<number, number>()
    for (const { loads: own } of flows)
      for (let index = 0; index < own.links.length; index++) {
        const number = numbers[own.links[index] ?? 0] ?? -1
        if (number >= 0) loads.set(number, (loads.get(number) ?? 0) + (own.weights[index] ?? 1))
      }
    return loads.size === 0 ? nothing : { links: [...loads.keys()], weights: [...loads.values()] }
  }
  const cache = new Map<string, Path>()
  return {
    capacities: Float64Array.from(links, (link) => core.capacities[link] ?? 0),
    hop: (from, to) => sum(ranksOf(from).flatMap((rank) => hopOf(rank, to.stage) ?? [])),
    exchange: (exchange, members) => {
      const key = `${exchange.name} ${exchange.plan.algorithm} ${members.map(({ index }) => index).join()}`
      const known = cache.get(key)
      if (known !== undefined) return known
      const found = sum(
        new Set(members.flatMap((member) => ranksOf(member).flatMap((rank) => exchangeOf(exchange, rank) ?? [])))
      )
      cache.set(key, found)
      return found
    }
  }
}

/** A cast that has the core's links beside its own. */
export const withCore = (cast: Cast, core: CoreWires): Cast => ({
  ...cast,
  core,
  capacities: Float64Array.from([...cast.capacities, ...core.capacities])
})

/** Vertices to add to a graph of ranks, that ranks which meet other links are told apart. */
interface WireGraph {
  /** What each vertex is to begin with; the first is numbered after the last rank. */
  readonly colours: readonly string[]
  readonly edges: readonly (readonly [number, number])[]
}

/**
 * Flows, the links that may hold them up, and the shares of the ones on the others, as a graph: refined together with
 * what else ranks meet, its colours tell which ranks may stand for one another.
 *
 * @param from number of the first new vertex; ranks are the vertices 0 to ranks - 1
 */
const wireGraph = ({ core, flows, links }: CoreTraffic, from: number): WireGraph => {
  const colours: string[] = []
  const edges: [number, number][] = []
  const vertex = (colour: string): number => from + colours.push(colour) - 1
  const linkVertex = new Map(links.map((link) => [link, vertex(`link ${core.capacities[link] ?? 0}`)]))
  for (const { kind, ranks, loads } of flows) {
    let own = -1
    for (const [index, link] of loads.links.entries()) {
      const at = linkVertex.get(link)
      if (at === undefined) continue
      if (own < 0) own = vertex(`flow ${kind}`)
      const share = vertex(`share ${(loads.weights[index] ?? 1).toPrecision(12)}`)
      edges.push([own, share], [share, at])
    }
    if (own >= 0) for (const rank of ranks) edges.push([own, rank])
  }
  return { colours, edges }
}

/** A graph of ranks and what they meet, and the colours to begin with, with the flows and links of the core added. */
export const withWires = (
  colours: Int32Array,
  neighbours: readonly (readonly number[])[],
  traffic: CoreTraffic | null
): readonly [Int32Array, readonly (readonly number[])[]] => {
  if (traffic === null) return [colours, neighbours]
  const added = wireGraph(traffic, neighbours.length)
  const all = [...neighbours.map((around) => [...around]), ...added.colours.map((): number[] => [])]
  for (const [one, other] of added.edges) {
    all[one]?.push(other)
    all[other]?.push(one)
  }
  const known = new Map<string, number>()
  const first = colours.reduce((most, colour) => Math.max(most, colour + 1), 0)
  const numbered = added.colours.map((colour) => {
    const number = known.get(colour) ?? first + known.size
    known.set(colour, number)
    return number
  })
  return [Int32Array.from([...colours, ...numbered]), all]
}
