/**
 * Who runs: one actor for each pipeline stage where all ranks of a stage are alike, or one for every rank.
 */
import { nicsPerDomain, type Fabric, type Path } from "../cluster/index.ts"
import { coordinatesOf, rankOf, worldSize, type Layout } from "../parallel/index.ts"
import type { WireShares } from "./irregular/types.ts"
import type { Exchange } from "./synchronisation-plan.ts"

export interface Actor {
  readonly index: number
  readonly rank: number
  readonly stage: number
  /** Scale-up domain that the rank sits in. */
  readonly domain: number
  /** Index of its domain's outgoing network link; the incoming one follows it. */
  readonly link: number
  /** Ranks of the same stage in the same domain that this actor stands for. */
  readonly multiplicity: number
  /** Actors that must begin each operation together, and end it together: they share its collectives. */
  readonly team: number
  /** Index into the plan's `variants`: the tables of this actor's operations. */
  readonly variant: number
  /** Ranks that this actor stands for, over all domains. */
  readonly count: number
}

/** The members of an exchange, and how often it loads which links. */
export interface Peers {
  /** Tells this exchange from those of the same kind between others. */
  readonly key: string
  readonly members: readonly number[]
  readonly links: readonly number[]
  readonly weight: number | readonly number[]
  readonly shares: WireShares
}

/** Wires of a cast whose actors do not all meet the same. */
export interface CastWires {
  /** What a send between stages meets. */
  readonly hop: (from: Actor, to: Actor) => { readonly isInside: boolean; readonly shares: WireShares }
  /** @param takesPart whether a stage takes part in an exchange between stages */
  readonly peersOf: (
    actor: Actor,
    scope: "data" | "stage" | "tied",
    perDomain: number,
    takesPart: (stage: number) => boolean
  ) => Peers
}

/** What a cast's flows load the core with; links are numbered from the end of the cast's own. */
export interface CoreWires {
  readonly capacities: Float64Array
  readonly hop: (from: Actor, to: Actor) => Path
  readonly exchange: (exchange: Exchange, members: readonly Actor[]) => Path
}

export interface Cast {
  readonly actors: readonly Actor[]
  /** The actor of a stage beside a given actor: same position in every other dimension. */
  readonly peer: (actor: Actor, stage: number) => Actor
  /** Bytes/s of each network link. */
  readonly capacities: Float64Array
  readonly teamSizes: readonly number[]
  readonly folded: boolean
  /** Absent where wires follow from the actors' places alone. */
  readonly wires?: CastWires
  /** Absent where the network has no core that could hold anything up. */
  readonly core?: CoreWires
}

/**
 * Whether every domain that a stage touches holds the same ranks of the same stages, so that one of them may stand for
 * all. Otherwise ranks of a stage share their wires with different neighbours.
 */
const isRegular = (layout: Layout, domain: number): boolean => {
  const ofStage = layout.tensor * layout.context * layout.data
  if (layout.order.endsWith("pp") && (ofStage % domain === 0 || domain % ofStage === 0)) return true
  const total = worldSize(layout)
  const signatures = new Map<number, string>()
  for (let first = 0; first < total; first += domain) {
    const counts = new Map<number, number>()
    for (let rank = first; rank < Math.min(first + domain, total); rank++) {
      const { pipeline } = coordinatesOf(layout, rank)
      counts.set(pipeline, (counts.get(pipeline) ?? 0) + 1)
    }
    const signature = [...counts].map(([stage, count]) => `${stage}:${count}`).join(" ")
    for (const stage of counts.keys()) {
      const known = signatures.get(stage)
      if (known !== undefined && known !== signature) return false
      signatures.set(stage, signature)
    }
  }
  return true
}

/**
 * Operations over all ranks up to which an irregular placement is run rank by rank. Beyond, one rank stands for its
 * stage all the same: its neighbours on the wires are then those of the first rank (up to 4 % off in trials).
 */
const mostExpandedOperations = 40_000

/**
 * Casts a layout: with symmetry, one actor a stage where placement is regular, else one a rank.
 *
 * @param operations of one rank in the iteration
 */
export const castOf = (layout: Layout, fabric: Fabric, symmetric: boolean, operations: number): Cast => {
  const { domain } = fabric.scaleUp
  const isSmall = operations * worldSize(layout) <= mostExpandedOperations
  const folded = symmetric && (!isSmall || isRegular(layout, domain))
  const total = worldSize(layout)
  const origin = coordinatesOf(layout, 0)
  const ranks = folded
    ? Array.from({ length: layout.pipeline }, (_, pipeline) => rankOf(layout, { ...origin, pipeline }))
    : Array.from({ length: total }, (_, rank) => rank)
  const links = new Map<number, number>()
  const linkOf = (domainIndex: number): number => {
    const known = links.get(domainIndex)
    if (known !== undefined) return known
    const link = 2 * links.size
    links.set(domainIndex, link)
    return link
  }
  const teams = new Map<string, number>()
  const teamSizes: number[] = []
  const actors = ranks.map((rank, index): Actor => {
    const place = coordinatesOf(layout, rank)
    const key = folded ? String(rank) : teamKey(layout, place)
    let team = teams.get(key)
    if (team === undefined) {
      team = teamSizes.push(0) - 1
      teams.set(key, team)
    }
    teamSizes[team] = (teamSizes[team] ?? 0) + 1
    return {
      index,
      rank,
      stage: place.pipeline,
      domain: Math.floor(rank / domain),
      link: linkOf(Math.floor(rank / domain)),
      multiplicity: folded ? ranksOfStage(layout, domain, total, rank) : 1,
      team,
      variant: 0,
      count: folded ? total / layout.pipeline : 1
    }
  })
  const byRank = new Map(actors.map((actor) => [actor.rank, actor]))
  const network = fabric.network
  const share = network === null ? 0 : Math.max(network.link.collectiveShare, network.link.pointToPointShare)
  const capacity = network === null ? 1 : nicsPerDomain(fabric) * network.bytesPerSecond * share
  return {
    actors,
    peer: (actor, stage) => {
      const found = folded
        ? actors[stage]
        : byRank.get(rankOf(layout, { ...coordinatesOf(layout, actor.rank), pipeline: stage }))
      return found ?? actor
    },
    capacities: new Float64Array(2 * links.size).fill(capacity),
    teamSizes,
    folded
  }
}

/** Tensor, context and expert peers run an operation's collectives together. */
export const teamKey = (layout: Layout, place: ReturnType<typeof coordinatesOf>): string =>
  `${place.pipeline} ${Math.floor(place.data / dataRanksOfExperts(layout))}` +
  (layout.expert > 1 ? "" : ` ${place.data}`)

/** Expert ranks are taken from tensor, context and data ranks, innermost first. */
const dataRanksOfExperts = (layout: Layout): number =>
  Math.max(1, (layout.expert * (layout.expertTensor ?? layout.tensor)) / (layout.tensor * layout.context))

const ranksOfStage = (layout: Layout, domain: number, total: number, rank: number): number => {
  const stage = coordinatesOf(layout, rank).pipeline
  const first = Math.floor(rank / domain) * domain
  let count = 0
  for (let other = first; other < Math.min(first + domain, total); other++)
    if (coordinatesOf(layout, other).pipeline === stage) count++
  return count
}
