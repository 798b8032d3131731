/**
 * The cast of a job whose ranks are not all alike: one actor for each class of ranks that behave the same.
 *
 * Two ranks are of one class where their own state and everything that they meet in their position is equal: their team,
 * their pipeline, their data group, the domain whose NICs they share, and so on without end. That is the coarsest
 * stable colouring of the graph of positions (`refine`). A link's flows then are, class by class, as many on every link
 * of a class, so that max-min fair rates of the classes are those of the ranks, and the simulation of the classes is
 * that of the ranks.
 */
import { nicsPerDomain, type Fabric } from "../../cluster/index.ts"
import { coordinatesOf, rankOf } from "../../parallel/index.ts"
import type { Actor, Cast, Peers } from "../actors.ts"
import type { CoreTraffic } from "../core-traffic.ts"
import { fabricOfRank } from "../machines/groups.ts"
import type { TrainingJob } from "../types.ts"
import { withWires } from "../wires.ts"
import { positionGraph, type Assembly, type PositionGraph } from "./position-graph.ts"
import type { RankStates } from "./rank-states.ts"
import { refine } from "./refine.ts"
import type { WireShares } from "./types.ts"

export interface ClassOptions {
  readonly states: RankStates
  /** By rank: what else tells ranks apart, such as the load of their replica. */
  readonly rowOf: (rank: number) => string
  /** Whether every team has draws of its own. */
  readonly distinctTeams: boolean
  /** Tables of a rank with this state in a team that meets these wires; an index into the plan's variants. */
  readonly variantOf: (rank: number, team: WireShares) => number
  /** Flows through the core of the network, which tell ranks apart too; null without one. */
  readonly traffic: CoreTraffic | null
}

export interface ClassCast extends Cast {
  /** Ranks that each actor stands for. */
  readonly ranksOf: (actor: Actor) => readonly number[]
}

/** Casts a job with irregularities: classes of ranks with symmetry, else every rank alone. */
export const classCastOf = (job: TrainingJob, options: ClassOptions): ClassCast => {
  const { layout, fabric } = job
  const { states } = options
  const graph = positionGraph(job)
  const colours =
    job.symmetry === "on"
      ? refine(...withWires(initialColours(graph, options), graph.neighbours, options.traffic))
      : allDistinct(graph)
  const total = graph.teamOf.length
  const domainOf = (rank: number): number => Math.floor(rank / fabric.scaleUp.domain)
  const classes = [
    ...Map.groupBy(
      Array.from({ length: total }, (_, rank) => rank),
      (rank) => colours[rank] ?? 0
    ).values()
  ]
  const teamVertices = [...new Set(classes.map((ranks) => colours[graph.teamOf[ranks[0] ?? 0] ?? 0] ?? 0))]
  const teamIndex = new Map(teamVertices.map((colour, index) => [colour, index]))
  const teamSizes = teamVertices.map(() => 0)
  const sharesOfTeam = teamShares(graph, states, domainOf)

  // Domains of one class share a pair of links: that of one of them.
  const links = new Map<number, number>()
  const capacities: number[] = []
  const linkOf = (domain: number): number => {
    const colour = colours[graph.domainVertex(domain)] ?? 0
    const known = links.get(colour)
    if (known !== undefined) return known
    const link = capacities.length
    const capacity = capacityOf(fabricOfRank(job, domain * fabric.scaleUp.domain)) * (states.networkShares[domain] ?? 1)
    capacities.push(capacity, capacity)
    links.set(colour, link)
    return link
  }
  const actorOf = new Int32Array(total)
  const actors = classes.map((ranks, index): Actor => {
    const rank = ranks[0] ?? 0
    for (const member of ranks) actorOf[member] = index
    const domain = domainOf(rank)
    const teamVertex = graph.teamOf[rank] ?? 0
    const team = teamIndex.get(colours[teamVertex] ?? 0) ?? 0
    teamSizes[team] = (teamSizes[team] ?? 0) + 1
    let multiplicity = 0
    for (const member of ranks) if (domainOf(member) === domain) multiplicity++
    return {
      index,
      rank,
      stage: coordinatesOf(layout, rank).pipeline,
      domain,
      link: linkOf(domain),
      multiplicity,
      team,
      variant: options.variantOf(rank, sharesOfTeam(teamVertex)),
      count: ranks.length
    }
  })
  const peerRank = ({ rank }: Actor, stage: number): number =>
    rankOf(layout, { ...coordinatesOf(layout, rank), pipeline: stage })
  const peers: (Actor | undefined)[] = []
  return {
    actors,
    peer: (actor, stage) => {
      const key = actor.index * layout.pipeline + stage
      const known = peers[key]
      if (known !== undefined) return known
      const found = actors[actorOf[peerRank(actor, stage)] ?? 0] ?? actor
      peers[key] = found
      return found
    },
    capacities: Float64Array.from(capacities),
    teamSizes,
    folded: false,
    ranksOf: ({ index }) => classes[index] ?? [],
    wires: {
      hop: (from, to) => {
        const other = peerRank(from, to.stage)
        const least = (shares: Float64Array): number => Math.min(shares[from.rank] ?? 1, shares[other] ?? 1)
        return {
          isInside: domainOf(other) === from.domain,
          shares: { scaleUp: least(states.scaleUpShares), network: least(states.nicShares) }
        }
      },
      peersOf: meetings(job, graph, colours, actors, states, linkOf)
    }
  }
}

/** Bytes/s of the NICs of a whole domain. */
const capacityOf = (fabric: Fabric): number => {
  const { network } = fabric
  if (network === null) return 1
  return (
    nicsPerDomain(fabric) *
    network.bytesPerSecond *
    Math.max(network.link.collectiveShare, network.link.pointToPointShare)
  )
}

const allDistinct = ({ vertices }: PositionGraph): Int32Array =>
  Int32Array.from({ length: vertices }, (_, vertex) => vertex)

const initialColours = (graph: PositionGraph, { states, rowOf, distinctTeams }: ClassOptions): Int32Array => {
  const domains = new Map(Array.from(states.networkShares, (share, domain) => [graph.domainVertex(domain), share]))
  const known = new Map<string, number>()
  return graph.kinds.map((kind, vertex) => {
    const own =
      vertex < graph.teamOf.length
        ? [
            states.kernelFactors[vertex],
            states.scaleUpShares[vertex],
            states.nicShares[vertex],
            states.expertLoads?.[vertex],
            rowOf(vertex)
          ].join(" ")
        : (domains.get(vertex) ?? "")
    const key = `${kind} ${own}${distinctTeams && kind === -1 ? vertex : ""}`
    const colour = known.get(key) ?? known.size
    known.set(key, colour)
    return colour
  })
}

/** What the collectives of a team find: its slowest port, its narrowest domain. */
const teamShares = (
  graph: PositionGraph,
  states: RankStates,
  domainOf: (rank: number) => number
): ((teamVertex: number) => WireShares) => {
  const shares = new Map<number, WireShares>()
  for (const team of graph.teams) {
    let [scaleUp, network] = [1, 1]
    for (const rank of team) {
      scaleUp = Math.min(scaleUp, states.scaleUpShares[rank] ?? 1)
      network = Math.min(network, states.networkShares[domainOf(rank)] ?? 1)
    }
    shares.set(graph.teamOf[team[0] ?? 0] ?? 0, { scaleUp, network })
  }
  return (teamVertex) => shares.get(teamVertex) ?? { scaleUp: 1, network: 1 }
}

const assemblyOfScope: Readonly<Record<"data" | "stage" | "tied", Assembly>> = {
  data: "data",
  stage: "stage",
  tied: "pipeline"
}

/** Who an exchange joins, class by class, and which links it loads how often. */
const meetings = (
  job: TrainingJob,
  graph: PositionGraph,
  colours: Int32Array,
  actors: readonly Actor[],
  states: RankStates,
  linkOf: (domain: number) => number
): NonNullable<Cast["wires"]>["peersOf"] => {
  const known = new Map<string, Peers>()
  const stageOf = (rank: number): number => coordinatesOf(job.layout, rank).pipeline
  return (actor, scope, perDomain, takesPart) => {
    const assembly = assemblyOfScope[scope]
    const vertices = graph.assemblyOf[assembly]
    const vertex = vertices[actor.rank] ?? 0
    const colour = colours[vertex] ?? 0
    const key = `${scope} ${perDomain} ${colour}`
    const found = known.get(key)
    if (found !== undefined) return found
    const isMember = (rank: number): boolean => scope !== "tied" || takesPart(stageOf(rank))
    const members = actors.filter(({ rank }) => colours[vertices[rank] ?? 0] === colour && isMember(rank))
    const links: number[] = []
    const weight: number[] = []
    let [scaleUp, network] = [1, 1]
    for (const { domain, ranks } of graph.blocksOf.get(vertex) ?? []) {
      const own = ranks.filter(isMember)
      if (own.length === 0) continue
      for (const rank of own) scaleUp = Math.min(scaleUp, states.scaleUpShares[rank] ?? 1)
      network = Math.min(network, states.networkShares[domain] ?? 1)
      const link = linkOf(domain)
      if (links.includes(link)) continue
      // Exchanges of the same class in this domain at the same time.
      const alike = (graph.blocksIn[assembly][domain] ?? []).filter(
        (block) => colours[block.assembly] === colour && block.ranks.some(isMember)
      )
      const count = scope === "stage" ? Math.max(1, own.length / perDomain) : alike.length
      links.push(link, link + 1)
      weight.push(count, count)
    }
    const made: Peers = {
      key: String(colour),
      members: members.map(({ index }) => index),
      links,
      weight,
      shares: { scaleUp, network }
    }
    known.set(key, made)
    return made
  }
}
