/**
 * What an iteration sends through the core of its network: sends between stages, exchanges between data-parallel peers.
 */
import {
  addGroup,
  makeCore,
  makeLoads,
  nicsPerDomain,
  portOfRank,
  wayBetween,
  type Core,
  type Fabric,
  type Path,
  type Sink
} from "../cluster/index.ts"
import {
  coordinatesOf,
  groupRanks,
  nextHop,
  previousHop,
  rankOf,
  worldSize,
  type Layout,
  type Schedule
} from "../parallel/index.ts"
import { makeReach, type Reach } from "./reach.ts"
import type { Exchange, StageSynchronisation } from "./synchronisation-plan.ts"
import type { TrainingJob } from "./types.ts"

/** Flows of single ranks or groups, and the links of the core that may hold them up. */
export interface CoreTraffic {
  readonly core: Core
  readonly flows: readonly CoreFlow[]
  /** Links that may bind, in the numbering of the core. */
  readonly links: readonly number[]
  readonly hopOf: (rank: number, stage: number) => CoreFlow | undefined
  readonly exchangeOf: (exchange: Exchange, rank: number) => CoreFlow | undefined
}

export interface CoreFlow {
  /** What tells flows apart that nothing else does: what they carry. */
  readonly kind: string
  /** Stage whose ranks run one such flow after another; null for sends. */
  readonly stage: number | null
  readonly ranks: readonly number[]
  /** Bytes/s that it takes at most, besides what its cards carry. */
  readonly rate: number
  /** Bytes on each link for every byte of the flow (of the domain's cards, for an exchange). */
  readonly loads: Path
}

/** Attainable bytes/s of all cards of a scale-up domain. */
export const cardRate = (fabric: Fabric): number => {
  const { network } = fabric
  if (network === null) return 0
  const { link } = network
  return nicsPerDomain(fabric) * network.bytesPerSecond * Math.max(link.collectiveShare, link.pointToPointShare)
}

/** Groups of ranks of a stage that run an exchange, by member. */
const groupsOfExchange = (
  layout: Layout,
  { groups }: Exchange,
  shardGroup: number | undefined
): ((rank: number) => readonly number[]) => {
  if (groups === "tied")
    return (rank) =>
      [0, layout.pipeline - 1].map((pipeline) => rankOf(layout, { ...coordinatesOf(layout, rank), pipeline }))
  if (groups !== "replicas") return (rank) => groupRanks(layout, groups, rank)
  return (rank) => {
    const peers = groupRanks(layout, "dataContext", rank)
    const size = Math.min(shardGroup ?? peers.length, peers.length)
    const place = peers.indexOf(rank) % size
    return peers.filter((_, index) => index % size === place)
  }
}

/** All flows of a job through the core of its network; null where it has none, or none that could hold anything up. */
export const coreTraffic = (
  job: TrainingJob,
  schedule: Schedule,
  synchronisation: readonly StageSynchronisation[]
): CoreTraffic | null => {
  const core = makeCore(job.fabric)
  if (core === null) return null
  const reach = makeReach()
  const sends = sendsOf(job, core, schedule, reach)
  const exchanges = exchangesOf(job, core, synchronisation, reach)
  const flows = [...sends.values(), ...new Set([...exchanges.values()].flatMap((byRank) => [...byRank.values()]))]
  const card = cardRate(job.fabric)
  const links = reach.binding(core.capacities, card)
  if (links.length === 0) return null
  return {
    core,
    flows,
    links,
    hopOf: (rank, stage) => sends.get(rank * job.layout.pipeline + stage),
    exchangeOf: (exchange, rank) => exchanges.get(exchange)?.get(rank)
  }
}

/** What ranks send to their peers of other stages, by rank * stages + stage. */
const sendsOf = (
  { fabric, layout }: TrainingJob,
  core: Core,
  schedule: Schedule,
  reach: Reach
): ReadonlyMap<number, CoreFlow> => {
  const { domain } = fabric.scaleUp
  const sends = new Map<number, CoreFlow>()
  const neighbours = stageNeighbours(schedule)
  const total = worldSize(layout)
  for (let rank = 0; rank < total; rank++) {
    const place = coordinatesOf(layout, rank)
    for (const stage of neighbours[place.pipeline] ?? []) {
      const other = rankOf(layout, { ...place, pipeline: stage })
      const [from, to] = [Math.floor(rank / domain), Math.floor(other / domain)]
      if (from === to) continue
      const path = wayBetween(core, fabric, portOfRank(fabric, rank), portOfRank(fabric, other), "sendReceive")
      reach.add(path, from, to)
      sends.set(rank * layout.pipeline + stage, {
        kind: `send ${place.pipeline} ${stage}`,
        stage: null,
        ranks: [rank, other],
        rate: Infinity,
        loads: path
      })
    }
  }
  return sends
}

/** What the groups of each exchange put on the core, by exchange and member; exchanges of one pattern share their flows. */
const exchangesOf = (
  { fabric, layout, sharding }: TrainingJob,
  core: Core,
  synchronisation: readonly StageSynchronisation[],
  reach: Reach
): ReadonlyMap<Exchange, ReadonlyMap<number, CoreFlow>> => {
  const stages = Map.groupBy(
    Array.from({ length: worldSize(layout) }, (_, rank) => rank),
    (rank) => coordinatesOf(layout, rank).pipeline
  )
  const loadsOf = (ranks: readonly number[], plan: Exchange["plan"]): Path => {
    const loads = makeLoads()
    const add: Sink["add"] = (path, factor, from, to) => {
      reach.add(path, from, to)
      loads.add(path, factor, from, to)
    }
    addGroup({ add }, core, fabric, ranks, plan)
    return loads.path()
  }
  const flowsOf = (stage: number, alike: readonly Exchange[]): ReadonlyMap<number, CoreFlow> => {
    const made = new Map<number, CoreFlow>()
    const [first] = alike
    if (first === undefined) return made
    const groupOf = groupsOfExchange(layout, first, sharding.group)
    const rate = Math.max(...alike.map(({ plan }) => plan.networkBytes / (plan.seconds - plan.latencySeconds)))
    for (const rank of stages.get(stage) ?? []) {
      if (made.has(rank)) continue
      const ranks = groupOf(rank)
      const loads = loadsOf(ranks, first.plan)
      const flow: CoreFlow = { kind: `${stage} ${first.name}`, stage, ranks, rate, loads }
      for (const member of ranks) made.set(member, flow)
    }
    return made
  }
  const found = new Map<Exchange, ReadonlyMap<number, CoreFlow>>()
  for (const [stage, { reduce, gather, tied }] of synchronisation.entries()) {
    const exchanges = [...reduce.flat(), ...gather, ...(tied === null ? [] : [tied])]
    const pattern = ({ groups, plan }: Exchange): string => `${groups} ${plan.algorithm}`
    for (const alike of Map.groupBy(exchanges, pattern).values()) {
      const flows = flowsOf(stage, alike)
      for (const exchange of alike) found.set(exchange, flows)
    }
  }
  return found
}

/** Stages that each stage sends to. */
const stageNeighbours = (schedule: Schedule): readonly ReadonlySet<number>[] =>
  Array.from({ length: schedule.stages }, (_, stage) => {
    const found = new Set<number>()
    for (let chunk = 0; chunk < schedule.chunks; chunk++)
      for (const hop of [nextHop(schedule, stage, chunk), previousHop(schedule, stage, chunk)])
        if (hop !== null && hop.stage !== stage) found.add(hop.stage)
    return found
  })
