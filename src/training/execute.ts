/**
 * Executes one iteration: every actor runs its schedule on the engine, sends activations and gradients as flows over
 * shared links, then reduces gradients, steps the optimizer and gathers parameters.
 *
 * Hot path: flags in typed arrays, one event per operation and per transfer; no object is made for an operation unless
 * the trace is on.
 */
import { makeFlowNetwork } from "../cluster/index.ts"
import { makeSimulation } from "../engine/index.ts"
import {
  isPaired,
  nextHop,
  operationChunk,
  operationKind,
  operationMicroBatch,
  previousHop
} from "../parallel/index.ts"
import { makeRecorder, type Trace } from "../trace/index.ts"
import type { Actor, Cast } from "./actors.ts"
import { emptyComposition, kernelSeconds } from "./category.ts"
import { makeOperationTable, type OperationTable } from "./operation-table.ts"
import { makeOperationTimes } from "./operation-times.ts"
import { meanTime, slowestRank, stageActors, type StageTime } from "./stage-times.ts"
import { makeSynchronisation } from "./synchronisation.ts"
import { makeNarrator } from "./narrator.ts"
import { hopTable, type Hop } from "./hop.ts"
import { makeMemoryTracker, type MemoryPeak } from "./memory-tracker.ts"
import { operationsOf, type ExecutionPlan } from "./execution-plan.ts"
import type { SlowestRank } from "./irregular/types.ts"
import { groupOfRank } from "./machines/groups.ts"
import type { OperationLog } from "./operation-log.ts"

export interface Execution {
  /** Seconds between the starts of two iterations. */
  readonly iterationSeconds: number
  /** Per stage, seconds by category of the stage's first actor, with what it waited for. */
  readonly stages: readonly StageTime[]
  readonly peaks: readonly MemoryPeak[]
  /** Per group of machines, the same seconds of the mean of its ranks; null where all machines are of one kind. */
  readonly groups: readonly StageTime[] | null
  /** Null where all ranks of a stage are alike. */
  readonly slowest: SlowestRank | null
  readonly events: number
  readonly trace: Trace | null
}

const idle = 0
const running = 1
const waitingForParameters = 2
const synchronising = 3

/** Runs an iteration to its end, and writes starts and arrivals in a log where one is given. */
export const execute = (plan: ExecutionPlan, log: OperationLog | null = null): Execution => {
  const { job, schedule, compiled, cast } = plan
  const { actors } = cast
  const simulation = makeSimulation()
  const network = makeFlowNetwork(simulation, cast.capacities)
  const recorder = makeRecorder({ mode: job.trace })
  const tables = plan.variants.map((variant) => makeOperationTable(schedule, variant.compiled))
  const times = makeOperationTimes(plan, tables)
  const narrator = makeNarrator(recorder, plan, tables, times.seconds)
  const memory = makeMemoryTracker(plan, recorder, narrator)
  const count = actors.length
  const perStage = schedule.microBatches * schedule.chunks
  const state = new Uint8Array(count)
  const next = new Int32Array(count)
  const startedAt = new Float64Array(count).fill(-1)
  const operationStart = new Float64Array(count)
  const operationSeconds = new Float64Array(count)
  const sendingSince = new Float64Array(count)
  const pendingSends = new Int32Array(count)
  const activationHere = new Uint8Array(count * perStage)
  const gradientHere = new Uint8Array(count * perStage)
  const arrivedFrom = new Int32Array(recorder.isOn ? 2 * count * perStage : 0).fill(-1)
  const teamReady = new Int32Array(cast.teamSizes.length)
  const isReady = new Uint8Array(count)
  const members = teamMembers(cast)
  const exposure = job.stack.constants.pipelineExposure.value
  const pipelineSeconds = new Float64Array(count)
  const compositions = actors.map(emptyComposition)
  const flops = new Float64Array(count)
  const recomputedFlops = new Float64Array(count)

  // Transfers in flight, in slots that are used again: target actor, flag, sender, phase.
  const transfers: {
    target: number
    flag: number
    isGradient: boolean
    sender: number
    isExposed: boolean
    load: number
    slice: number
  }[] = []
  const freeTransfers: number[] = []
  const hops = hopTable(plan)

  // Which parts are at the ends is the schedule's, alike in every table.
  const first = tables[0] as OperationTable

  const flagOf = (actor: number, microBatch: number, chunk: number): number =>
    actor * perStage + chunk * schedule.microBatches + microBatch

  /** Whether the inputs of an operation have arrived. */
  const isFed = (actor: Actor, code: number): boolean => {
    const chunk = operationChunk(code)
    const kind = operationKind(code)
    if (kind === "backwardWeight") return true
    const flag = flagOf(actor.index, operationMicroBatch(code), chunk)
    if (kind === "forward") return first.isFirst(actor.stage, chunk) || activationHere[flag] === 1
    return first.isLast(actor.stage, chunk) || gradientHere[flag] === 1
  }

  const lists = actors.map((actor) => operationsOf(plan, actor))
  const noOperations = new Int32Array(0)
  const listOf = ({ index }: Actor): Int32Array => lists[index] ?? noOperations

  /** Operations that run as one: a pair whose communication hides behind each other's compute. */
  const width = (operations: Int32Array, at: number): number => (isPaired(operations[at] ?? 0) ? 2 : 1)

  const tryStart = (actor: Actor): void => {
    const index = actor.index
    if (state[index] !== idle || isReady[index] === 1) return
    const operations = listOf(actor)
    const at = next[index] ?? 0
    if (at >= operations.length) {
      state[index] = synchronising
      sync.finishedCompute(index)
      return
    }
    for (let step = 0; step < width(operations, at); step++) if (!isFed(actor, operations[at + step] ?? 0)) return
    isReady[index] = 1
    const ready = (teamReady[actor.team] ?? 0) + 1
    teamReady[actor.team] = ready
    if (ready < (cast.teamSizes[actor.team] ?? 1)) return
    teamReady[actor.team] = 0
    const team = members[actor.team] ?? []
    // The collectives inside of an operation hold its team together: the slowest member's time is everyone's.
    let seconds = 0
    for (const member of team) seconds = Math.max(seconds, times.seconds(member, operations, at))
    for (const member of team) start(member, seconds)
  }

  const start = (actor: Actor, seconds: number): void => {
    const index = actor.index
    isReady[index] = 0
    state[index] = running
    const operations = listOf(actor)
    const at = next[index] ?? 0
    operationStart[index] = simulation.now
    if (at === 0) startedAt[index] = simulation.now
    const paired = width(operations, at) === 2
    for (let step = 0; step < (paired ? 2 : 1); step++) {
      const code = operations[at + step] ?? 0
      if (log !== null) (log.starts[index] as Float64Array)[at + step] = simulation.now
      memory.begin(index, actor.stage, code, simulation.now)
      sync.operationStarts(index, code)
    }
    operationSeconds[index] = seconds
    simulation.after(seconds, operationDone, index)
  }

  const operationDone = simulation.register((index) => {
    const actor = actors[index]
    if (actor === undefined) return
    if (next[index] === 0 && !sync.hasParameters(index)) {
      state[index] = waitingForParameters
      return
    }
    complete(actor)
  })

  const complete = (actor: Actor): void => {
    const index = actor.index
    const operations = listOf(actor)
    const at = next[index] ?? 0
    const steps = width(operations, at)
    const composition = compositions[index]
    if (composition !== undefined) times.addTo(composition, actor, operations, at, operationSeconds[index] ?? 0)
    flops[index] = (flops[index] ?? 0) + times.flops(actor, operations, at)
    recomputedFlops[index] = (recomputedFlops[index] ?? 0) + times.recomputedFlops(actor, operations, at)
    next[index] = at + steps
    state[index] = idle
    for (let step = 0; step < steps; step++) {
      const code = operations[at + step] ?? 0
      memory.end(index, actor.stage, code, simulation.now)
      const slice = narrator.operation(actor, at, step, operationStart[index] ?? 0, simulation.now)
      if (recorder.isOn) connect(index, code, slice)
      send(actor, code, slice)
    }
    if ((pendingSends[index] ?? 0) > 0) {
      state[index] = running
      sendingSince[index] = simulation.now
      return
    }
    tryStart(actor)
  }

  const connect = (index: number, code: number, slice: number): void => {
    const kind = operationKind(code)
    if (kind === "backwardWeight") return
    const flag = flagOf(index, operationMicroBatch(code), operationChunk(code))
    const from = arrivedFrom[2 * flag + (kind === "forward" ? 0 : 1)] ?? -1
    if (from >= 0) recorder.flow(from, slice)
  }

  /** Passes the result of an operation on to the stage that needs it. */
  const send = (actor: Actor, code: number, slice: number): void => {
    const kind = operationKind(code)
    if (kind === "backwardWeight") return
    const chunk = operationChunk(code)
    const isGradient = kind !== "forward"
    const hop = isGradient ? previousHop(schedule, actor.stage, chunk) : nextHop(schedule, actor.stage, chunk)
    if (hop === null) return
    const target = cast.peer(actor, hop.stage)
    const flag = flagOf(target.index, operationMicroBatch(code), hop.chunk)
    if (target.index === actor.index) {
      deliver(target, flag, isGradient, slice)
      return
    }
    const route = hops(actor, target)
    const slot = freeTransfers.pop() ?? transfers.length
    transfers[slot] = {
      target: target.index,
      flag,
      isGradient,
      sender: actor.index,
      isExposed: exposure > 0,
      load: plan.scales?.load(actor, code) ?? 1,
      slice: -1
    }
    if (exposure > 0) pendingSends[actor.index] = (pendingSends[actor.index] ?? 0) + 1
    if (recorder.isOn) {
      const transfer = transfers[slot]
      if (transfer !== undefined) transfer.slice = narrator.transferStarts(actor, code, simulation.now, slice)
    }
    const first = exposure > 0 && exposure < 1 ? exposure : 1
    carry(route, first, route.latencySeconds, slot)
  }

  /** Puts a share of a boundary's bytes on the wires between two actors. */
  const carry = (route: Hop, share: number, latencySeconds: number, slot: number): void => {
    const load = transfers[slot]?.load ?? 1
    if (route.links === null) simulation.after(latencySeconds + share * load * route.seconds, transferDone, slot)
    else
      network.start(
        {
          bytes: share * load * compiled.boundaryBytes,
          links: route.links,
          weight: route.weights,
          rateCap: route.rate,
          latencySeconds
        },
        transferDone,
        slot
      )
  }

  const transferDone = simulation.register((slot) => {
    const transfer = transfers[slot]
    if (transfer === undefined) return
    const sender = actors[transfer.sender]
    const target = actors[transfer.target]
    if (sender === undefined || target === undefined) return
    if (transfer.isExposed) {
      transfer.isExposed = false
      const left = (pendingSends[sender.index] ?? 0) - 1
      pendingSends[sender.index] = left
      if (exposure < 1) carry(hops(sender, target), 1 - exposure, 0, slot)
      else arrive(slot)
      if (left === 0 && state[sender.index] === running) {
        const waited = simulation.now - (sendingSince[sender.index] ?? 0)
        pipelineSeconds[sender.index] = (pipelineSeconds[sender.index] ?? 0) + waited
        state[sender.index] = idle
        tryStart(sender)
      }
      return
    }
    arrive(slot)
  })

  const arrive = (slot: number): void => {
    const transfer = transfers[slot]
    if (transfer === undefined) return
    freeTransfers.push(slot)
    const target = actors[transfer.target]
    const slice = narrator.transferEnds(transfer.sender, transfer.slice, simulation.now)
    if (target !== undefined) deliver(target, transfer.flag, transfer.isGradient, slice)
  }

  const deliver = (target: Actor, flag: number, isGradient: boolean, slice: number): void => {
    if (isGradient) gradientHere[flag] = 1
    else activationHere[flag] = 1
    if (log !== null) log.arrivals[2 * flag + (isGradient ? 1 : 0)] = simulation.now
    if (recorder.isOn) arrivedFrom[2 * flag + (isGradient ? 1 : 0)] = slice
    tryStart(target)
  }

  const sync = makeSynchronisation(plan, simulation, network, narrator, {
    parametersHere: (index) => {
      if (state[index] !== waitingForParameters) return
      const actor = actors[index]
      if (actor === undefined) return
      sync.addDataSeconds(index, simulation.now - (operationStart[index] ?? 0) - (operationSeconds[index] ?? 0))
      complete(actor)
    }
  })

  sync.begin()
  for (const actor of actors) tryStart(actor)
  simulation.run()

  const stuck = actors.find((actor) => (next[actor.index] ?? 0) < listOf(actor).length)
  if (stuck !== undefined) throw new Error(`stage ${stuck.stage} waits for an operation that never comes`)
  const casting = stageActors(cast, schedule.stages)
  const period = (index: number): number => sync.endOf(index) - (sync.isUnsynchronised ? (startedAt[index] ?? 0) : 0)
  let iterationSeconds = 0
  for (const actor of actors) iterationSeconds = Math.max(iterationSeconds, period(actor.index))
  const timeOf = ({ index }: Actor): StageTime => ({
    composition: compositions[index] ?? emptyComposition(),
    pipelineSeconds: pipelineSeconds[index] ?? 0,
    dataSeconds: sync.dataSecondsOf(index),
    optimizerSeconds: sync.optimizerSecondsOf(index),
    flops: flops[index] ?? 0,
    recomputedFlops: recomputedFlops[index] ?? 0
  })
  return {
    iterationSeconds,
    stages: casting.map((members) => meanTime(members, timeOf)),
    groups:
      job.machines?.map((_, group) =>
        meanTime(
          actors.filter(({ rank }) => groupOfRank(job, rank) === group),
          timeOf
        )
      ) ?? null,
    peaks: casting.map((members) => {
      const peaks = members.map(({ index }) => memory.peakOf(index))
      return peaks.reduce((highest, peak) => (peak.bytes > highest.bytes ? peak : highest))
    }),
    slowest:
      job.irregularities === undefined
        ? null
        : slowestRank(casting, ({ index }) => kernelSeconds(compositions[index] ?? emptyComposition())),
    events: simulation.executed,
    trace: recorder.isOn ? recorder.finish() : null
  }
}

const teamMembers = (cast: Cast): readonly (readonly Actor[])[] => {
  const members: Actor[][] = cast.teamSizes.map(() => [])
  for (const actor of cast.actors) members[actor.team]?.push(actor)
  return members
}
