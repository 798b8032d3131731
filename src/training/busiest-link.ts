/**
 * The link of the core that an iteration keeps busy for longest: what a job would have to be placed around, or a network
 * widened at.
 */
import {
  coordinatesOf,
  nextHop,
  operationChunk,
  operationKind,
  previousHop,
  worldSize,
  type Schedule
} from "../parallel/index.ts"
import { coreTraffic, type CoreFlow } from "./core-traffic.ts"
import type { ExecutionPlan } from "./execution-plan.ts"

export interface BusiestLink {
  readonly name: string
  /** Seconds of an iteration that its bytes take at its full rate. */
  readonly seconds: number
  /** Share of these bytes that data-parallel peers exchange; the rest is sent between stages. */
  readonly exchanged: number
}

/** How often a stage sends to each other stage in an iteration. */
const sendsOf = (schedule: Schedule, stage: number): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>()
  for (const code of schedule.operations[stage] ?? []) {
    const kind = operationKind(code)
    if (kind === "backwardWeight") continue
    const hop = (kind === "forward" ? nextHop : previousHop)(schedule, stage, operationChunk(code))
    if (hop !== null && hop.stage !== stage) counts.set(hop.stage, (counts.get(hop.stage) ?? 0) + 1)
  }
  return counts
}

/**
 * The busiest link of what an iteration sends and exchanges; null where no link may hold anything up, and where ranks
 * exchange more inside of operations, over domains, than these flows.
 */
export const busiestLink = ({ job, schedule, compiled, synchronisation }: ExecutionPlan): BusiestLink | null => {
  const { tensor, context, expert } = compiled.communicators
  if (job.sharding.zeroStage === 3 || [tensor, context, expert].some(({ group }) => group.domains > 1)) return null
  const traffic = coreTraffic(job, schedule, synchronisation)
  if (traffic === null) return null
  const { capacities } = traffic.core
  const sent = new Float64Array(capacities.length)
  const exchanged = new Float64Array(capacities.length)
  const add = (into: Float64Array, { loads }: CoreFlow, bytes: number): void => {
    for (const [index, link] of loads.links.entries())
      into[link] = (into[link] ?? 0) + bytes * (loads.weights[index] ?? 1)
  }
  const counts = synchronisation.map((_, stage) => sendsOf(schedule, stage))
  const seen = synchronisation.map(({ reduce, gather, tied }) =>
    [...reduce.flat(), ...gather, ...(tied === null ? [] : [tied])].map((exchange) => ({
      exchange,
      flows: new Set<CoreFlow>()
    }))
  )
  const total = worldSize(job.layout)
  for (let rank = 0; rank < total; rank++) {
    const stage = coordinatesOf(job.layout, rank).pipeline
    for (const [target, count] of counts[stage] ?? []) {
      const flow = traffic.hopOf(rank, target)
      if (flow !== undefined) add(sent, flow, count * compiled.boundaryBytes)
    }
    for (const { exchange, flows } of seen[stage] ?? []) {
      const flow = traffic.exchangeOf(exchange, rank)
      // A tied table's two ends each name their exchange; it happens once.
      if (flow === undefined || flows.has(flow) || (exchange.groups === "tied" && stage > 0)) continue
      flows.add(flow)
      add(exchanged, flow, exchange.plan.networkBytes)
    }
  }
  let busiest: BusiestLink | null = null
  for (const link of traffic.links) {
    const bytes = (sent[link] ?? 0) + (exchanged[link] ?? 0)
    const seconds = bytes / (capacities[link] ?? 1)
    if (seconds > (busiest?.seconds ?? 0))
      busiest = { name: traffic.core.nameOf(link), seconds, exchanged: (exchanged[link] ?? 0) / bytes }
  }
  return busiest
}
