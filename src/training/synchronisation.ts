/**
 * The end of an iteration, executed: gradients reduced as buckets fill, the norm, the optimizer, parameters gathered.
 *
 * The share of the traffic that a stack overlaps is launched while the last micro-batch's backward runs, or under the
 * first forward of the next iteration; as iterations repeat, that gather is run at the start of this one.
 */
import type { CollectivePlan, FlowNetwork } from "../cluster/index.ts"
import type { Simulation } from "../engine/index.ts"
import { coordinatesOf, operationChunk, operationKind, type Schedule } from "../parallel/index.ts"
import type { Actor, Cast, Peers } from "./actors.ts"
import { operationsOf, type ExecutionPlan } from "./execution-plan.ts"
import { slowed } from "./groups.ts"
import { wholeWires } from "./irregular/types.ts"
import type { Narrator } from "./narrator.ts"
import type { Exchange } from "./synchronisation-plan.ts"

export interface Synchronisation {
  readonly begin: () => void
  readonly operationStarts: (actor: number, code: number) => void
  /** Whether the parameters of this iteration have been gathered. */
  readonly hasParameters: (actor: number) => boolean
  readonly finishedCompute: (actor: number) => void
  readonly addDataSeconds: (actor: number, seconds: number) => void
  readonly endOf: (actor: number) => number
  readonly dataSecondsOf: (actor: number) => number
  readonly optimizerSecondsOf: (actor: number) => number
  /** True where the optimizer step of one stage does not wait for the others (post-validation). */
  readonly isUnsynchronised: boolean
}

/** What an exchange is for; indices of what follows it. */
const gatheredAhead = 0
const reduced = 1
const gatheredBehind = 2

/** One exchange of an iteration. */
interface Meeting extends Peers {
  readonly exchange: Exchange
  /** The exchange's, on the wires that it meets. */
  readonly plan: CollectivePlan
  readonly share: number
  readonly next: number
  arrived: number
  hasStarted: boolean
}

/** Executes the synchronisation of a plan. */
export const makeSynchronisation = (
  plan: ExecutionPlan,
  simulation: Simulation,
  network: FlowNetwork,
  narrator: Narrator,
  hooks: { readonly parametersHere: (actor: number) => void }
): Synchronisation => {
  const { job, schedule, cast } = plan
  const { actors } = cast
  const count = actors.length
  const overlap = job.sharding.zeroStage === 3 ? 0 : job.stack.constants.dataOverlap.value
  const stageOf = (actor: number) => plan.synchronisation[actors[actor]?.stage ?? 0]
  const pendingAhead = new Int32Array(count)
  const pendingReduce = new Int32Array(count)
  const pendingBehind = new Int32Array(count)
  const isFinished = new Uint8Array(count)
  const finishedAt = new Float64Array(count)
  const steppedAt = new Float64Array(count)
  const ends = new Float64Array(count)
  const dataSeconds = new Float64Array(count)
  const optimizerSeconds = new Float64Array(count)
  // Backwards still to come, by actor and chunk: the last one fills the gradient buckets.
  const backwardsLeft = backwardCounts(plan)
  const isUnsynchronised = job.stack.postValidation && splitsBackward(schedule)
  // Input gradients still to come, by actor, and whether its tied table is on its way.
  const inputGradientsLeft = isUnsynchronised ? inputGradientCounts(plan) : new Int32Array(count)
  const hasJoinedTied = new Uint8Array(count)
  let reducedActors = 0
  const hasTied = (stage: number): boolean => plan.synchronisation[stage]?.tied !== null

  const meetings = new Map<string, Meeting>()
  const scopesByName = new Map<Exchange["scope"], Scopes>()
  // Each actor's exchanges run one after another, as on the stream of a communicator; the first of a queue runs.
  const queues: Meeting[][] = actors.map(() => [])
  const running: { readonly meeting: Meeting; readonly startedAt: number }[] = []
  const free: number[] = []

  const meetingOf = (actor: Actor, exchange: Exchange, share: number, next: number, tag: number): Meeting => {
    const wired = cast.wires?.peersOf(actor, exchange.scope, exchange.perDomain, hasTied)
    const key = `${exchange.name} ${next} ${tag} ${wired?.key ?? scopeKey(plan, actor, exchange.scope)}`
    const known = meetings.get(key)
    if (known !== undefined) return known
    const peers = withCore(cast, wired ?? peersOf(plan, actor, exchange, scopesOf(exchange.scope)), exchange)
    const made: Meeting = {
      ...peers,
      exchange,
      plan: slowed(exchange.plan, peers.shares),
      share,
      next,
      arrived: 0,
      hasStarted: false
    }
    meetings.set(key, made)
    return made
  }

  const scopesOf = (scope: Exchange["scope"]): Scopes => {
    const scopes = scopesByName.get(scope) ?? actorsByScope(plan, scope)
    scopesByName.set(scope, scopes)
    return scopes
  }

  /** Joins an exchange of a share of its bytes; it starts when every member has come and is free for it. */
  const join = (index: number, exchange: Exchange, share: number, next: number, tag: number): void => {
    const actor = actors[index]
    if (actor === undefined) return
    const meeting = meetingOf(actor, exchange, share, next, tag)
    meeting.arrived++
    queues[index]?.push(meeting)
    tryRun(meeting)
  }

  const tryRun = (meeting: Meeting): void => {
    if (meeting.hasStarted || meeting.arrived < meeting.members.length) return
    for (const member of meeting.members) if (queues[member]?.[0] !== meeting) return
    meeting.hasStarted = true
    const { latencySeconds, seconds, networkBytes } = meeting.plan
    const slot = free.pop() ?? running.length
    running[slot] = { meeting, startedAt: simulation.now }
    const wireSeconds = seconds - latencySeconds
    if (networkBytes === 0 || meeting.links.length === 0)
      simulation.after(latencySeconds + meeting.share * wireSeconds, ended, slot)
    else
      network.start(
        {
          bytes: meeting.share * networkBytes,
          links: meeting.links,
          weight: meeting.weight,
          rateCap: networkBytes / wireSeconds,
          latencySeconds
        },
        ended,
        slot
      )
  }

  const ended = simulation.register((slot) => {
    const done = running[slot]
    if (done === undefined) return
    free.push(slot)
    const { meeting } = done
    for (const member of meeting.members) {
      queues[member]?.shift()
      const actor = actors[member]
      if (actor !== undefined) narrator.exchange(actor, meeting.exchange.name, done.startedAt, simulation.now)
      follow[meeting.next]?.(member)
    }
    for (const member of meeting.members) {
      const head = queues[member]?.[0]
      if (head !== undefined) tryRun(head)
    }
  })

  /** What follows an exchange for each of its members. */
  const follow: readonly ((member: number) => void)[] = [
    (member) => {
      pendingAhead[member] = (pendingAhead[member] ?? 0) - 1
      if (pendingAhead[member] === 0) hooks.parametersHere(member)
    },
    (member) => {
      pendingReduce[member] = (pendingReduce[member] ?? 0) - 1
      if (pendingReduce[member] === 0 && isFinished[member] === 1) gradientsReduced(member)
    },
    (member) => {
      pendingBehind[member] = (pendingBehind[member] ?? 0) - 1
      if (pendingBehind[member] === 0) finish(member)
    }
  ]

  const joinTied = (index: number): void => {
    const tied = stageOf(index)?.tied ?? null
    if (tied === null || hasJoinedTied[index] === 1) return
    hasJoinedTied[index] = 1
    pendingReduce[index] = (pendingReduce[index] ?? 0) + 1
    join(index, tied, 1, reduced, 0)
  }

  const reduceChunk = (index: number, chunk: number, share: number, tag: number): void => {
    const exchanges = stageOf(index)?.reduce[chunk] ?? []
    if (share <= 0 || exchanges.length === 0) return
    pendingReduce[index] = (pendingReduce[index] ?? 0) + exchanges.length
    for (const exchange of exchanges) join(index, exchange, share, reduced, tag)
  }

  const gradientsReduced = (index: number): void => {
    dataSeconds[index] = (dataSeconds[index] ?? 0) + simulation.now - (finishedAt[index] ?? 0)
    reducedActors++
    if (isUnsynchronised) step(index)
    else if (reducedActors === count) for (const actor of actors) step(actor.index)
  }

  /** The gradient norm over all ranks, then the optimizer step. */
  const step = (index: number): void => {
    const actor = actors[index]
    const stage = plan.variants[actor?.variant ?? 0]?.synchronisation[actor?.stage ?? 0]
    const seconds = (stage?.normSeconds ?? 0) + (stage?.optimizerSeconds ?? 0)
    optimizerSeconds[index] = seconds
    if (actor !== undefined) narrator.optimizer(actor, simulation.now, seconds)
    simulation.after(seconds, stepped, index)
  }

  const stepped = simulation.register((index) => {
    steppedAt[index] = simulation.now
    const gathers = stageOf(index)?.gather ?? []
    if (gathers.length === 0 || overlap >= 1) {
      finish(index)
      return
    }
    pendingBehind[index] = gathers.length
    for (const exchange of gathers) join(index, exchange, 1 - overlap, gatheredBehind, 0)
  })

  const finish = (index: number): void => {
    ends[index] = simulation.now
    dataSeconds[index] = (dataSeconds[index] ?? 0) + simulation.now - (steppedAt[index] ?? 0)
  }

  return {
    begin: () => {
      if (overlap <= 0) return
      for (const actor of actors) pendingAhead[actor.index] = stageOf(actor.index)?.gather.length ?? 0
      for (const actor of actors)
        for (const exchange of stageOf(actor.index)?.gather ?? [])
          join(actor.index, exchange, overlap, gatheredAhead, 0)
    },
    operationStarts: (index, code) => {
      const kind = operationKind(code)
      if (isUnsynchronised && kind !== "forward") {
        if (kind !== "backwardWeight") inputGradientsLeft[index] = (inputGradientsLeft[index] ?? 0) - 1
        // Zero-bubble code sums tied tables beside the weight gradients that are left (WeightGradStore.clear of
        // sail-sg/zero-bubble-pipeline-parallelism), so that the first stage need not wait for the last one's end.
        else if (inputGradientsLeft[index] === 0) joinTied(index)
      }
      if (kind !== "backward" && kind !== "backwardWeight") return
      const chunk = operationChunk(code)
      const at = index * schedule.chunks + chunk
      const left = (backwardsLeft[at] ?? 0) - 1
      backwardsLeft[at] = left
      if (left === 0) reduceChunk(index, chunk, overlap, chunk)
    },
    hasParameters: (index) => pendingAhead[index] === 0,
    finishedCompute: (index) => {
      isFinished[index] = 1
      finishedAt[index] = simulation.now
      joinTied(index)
      for (let chunk = 0; chunk < schedule.chunks; chunk++)
        reduceChunk(index, chunk, 1 - overlap, schedule.chunks + chunk)
      if (pendingReduce[index] === 0) gradientsReduced(index)
    },
    addDataSeconds: (index, seconds) => {
      dataSeconds[index] = (dataSeconds[index] ?? 0) + seconds
    },
    endOf: (index) => ends[index] ?? 0,
    dataSecondsOf: (index) => dataSeconds[index] ?? 0,
    optimizerSecondsOf: (index) => optimizerSeconds[index] ?? 0,
    isUnsynchronised
  }
}

/** Whether weight gradients are operations of their own, which post-validation lets run past the optimizer step. */
const splitsBackward = ({ operations }: Schedule): boolean =>
  operations.some((list) => list.some((code) => operationKind(code) === "backwardWeight"))

/** Backwards and input gradients of each actor. */
const inputGradientCounts = (plan: ExecutionPlan): Int32Array =>
  Int32Array.from(plan.cast.actors, (actor) => {
    let count = 0
    for (const code of operationsOf(plan, actor)) {
      const kind = operationKind(code)
      if (kind === "backward" || kind === "backwardInput") count++
    }
    return count
  })

/** Operations of each actor and chunk that finish a micro-batch's gradients. */
const backwardCounts = (plan: ExecutionPlan): Int32Array => {
  const { schedule, cast } = plan
  const counts = new Int32Array(cast.actors.length * schedule.chunks)
  for (const actor of cast.actors)
    for (const code of operationsOf(plan, actor)) {
      const kind = operationKind(code)
      if (kind !== "backward" && kind !== "backwardWeight") continue
      const at = actor.index * schedule.chunks + operationChunk(code)
      counts[at] = (counts[at] ?? 0) + 1
    }
  return counts
}

/** Which actors an exchange joins: peers of a tensor rank, a whole stage, or the two ends of a pipeline. */
const scopeKey = (plan: ExecutionPlan, actor: Actor, scope: Exchange["scope"]): string => {
  if (plan.cast.folded) return scope === "tied" ? "tied" : String(actor.index)
  const place = coordinatesOf(plan.job.layout, actor.rank)
  if (scope === "tied") return `${place.tensor} ${place.context} ${place.data}`
  return scope === "data" ? `${place.pipeline} ${place.tensor}` : String(place.pipeline)
}

/** Peers with the links of the core that their exchange goes over. */
const withCore = ({ core, actors }: Cast, peers: Peers, exchange: Exchange): Peers => {
  if (core === undefined) return peers
  const members = peers.members.flatMap((member) => actors[member] ?? [])
  const { links, weights } = core.exchange(exchange, members)
  const own = peers.links.map((_, index) => weightAt(peers.weight, index))
  return { ...peers, links: [...peers.links, ...links], weight: [...own, ...weights] }
}

const weightAt = (weight: Peers["weight"], index: number): number =>
  typeof weight === "number" ? weight : (weight[index] ?? 1)

/** Actors by the key of their scope. */
type Scopes = ReadonlyMap<string, readonly Actor[]>

const actorsByScope = (plan: ExecutionPlan, scope: Exchange["scope"]): Scopes =>
  Map.groupBy(plan.cast.actors, (actor) => scopeKey(plan, actor, scope))

const peersOf = (plan: ExecutionPlan, actor: Actor, exchange: Exchange, scopes: Scopes): Peers => {
  const key = scopeKey(plan, actor, exchange.scope)
  const hasExchange = (other: Actor): boolean =>
    exchange.scope !== "tied" || plan.synchronisation[other.stage]?.tied !== null
  const members = (scopes.get(key) ?? []).filter(hasExchange)
  const links = [...new Set(members.flatMap((member) => [member.link, member.link + 1]))]
  const groups = (): Peers["weight"] => {
    if (exchange.scope === "tied") return plan.cast.folded ? actor.multiplicity : 1
    if (plan.cast.folded) return Math.max(1, actor.multiplicity / exchange.perDomain)
    if (exchange.scope === "data") return 1
    // As many groups cross a domain's wires as its ranks of the stage make up.
    return links.map((link) => {
      const inDomain = members.filter((member) => member.link === link - (link % 2)).length
      return Math.max(1, inDomain / exchange.perDomain)
    })
  }
  return { key, members: members.map((member) => member.index), links, weight: groups(), shares: wholeWires }
}
