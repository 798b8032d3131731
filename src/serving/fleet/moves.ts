/**
 * Requests on their way from the replica that computes their prompt to the one that writes their answer.
 *
 * A move is asked for when the prompt's first step starts (layer-wise) or when the prompt is done. The decode side takes it
 * into its line and gives it blocks when it has some; only then do bytes flow. Layer-wise, the first flow starts when the
 * first layer of the step is computed, is no faster than the layers are, and carries all layers but the last, which follows
 * when the step is over: alone on the wires max(0, (T - P)(L - 1) / L) + T / L of the transfer's T seconds are left after a
 * prompt of P seconds and L layers. The prefill side holds its blocks until the last byte has arrived.
 *
 * On the decode side a request has a slot of its own from the start, its twin; the two know each other through the move.
 */
import { giveAdapter } from "../adapters/running-adapters.ts"
import type { LiveRequests } from "../live/live-requests.ts"
import { phase, takeSlot } from "../live/live-requests.ts"
import { leaveLine } from "../live/slot-line.ts"
import { removeFrom } from "../policy/preemption.ts"
import { keptTokens, type Scheduler } from "../policy/scheduler.ts"
import { accrue, type Batch, noteSeries, type Replica, shortestGroup } from "../replica/replica.ts"
import { roundingAt } from "../replica/same-moment.ts"
import { leaveReplica } from "../server/leave-replica.ts"
import type { Run } from "../server/run.ts"
import { disturb, touch } from "../server/touch.ts"
import { replicaForAnswer, stay, takeForeign } from "./mixing/mixing.ts"
import type { Move } from "./move.ts"
import { forget, moveOf, schedulerOf } from "./move-slots.ts"
import { abandonMove, releaseHanding } from "./release-move.ts"

/** The steps of prompts that a prefill replica has just started: their layers leave as they are computed. */
export const chunksStart = (run: Run, replica: Replica, batch: Batch, end: number): void => {
  const { live, moves } = run
  for (const part of batch.parts)
    for (let chunk = 0; chunk < part.chunks; chunk++) {
      const slot = part.chunkSlots[chunk]!
      // One token is written with the prompt: nobody has to go on.
      if (live.target[slot] === 1 || live.isLeaving[slot] === 1 || live.stays[slot] === 1) continue
      if (live.move[slot]! < 0) {
        if (!moves!.isLayerWise) continue
        const target = nextReplica(run, replica, slot, batch.start)
        if (target === undefined) continue
        ask(run, slot, target, batch.start)
      }
      const move = moveOf(run, slot)!
      move.after = live.computed[slot]!
      move.before = move.after - part.chunkTokens[chunk]!
      move.start = batch.start
      move.end = end
      send(run, move, batch.start)
    }
}

/** The replica that goes on with a request; undefined while none takes requests, or where it is to stay. */
const nextReplica = ({ live }: Run, from: Replica, slot: number, now: number): Replica | undefined => {
  const { mixing, entrance } = from.pool
  if (mixing === null) {
    const { open, router } = entrance.behind!
    return open.length === 0 ? undefined : router.choose(slot)
  }
  const target = replicaForAnswer(mixing, live, from, slot, now)
  if (target !== from) return target
  stay(mixing, live, from, slot, now)
  return undefined
}

/** A prompt is computed and its first token has left: the answer is for the decode side to write. */
export const promptIsDone = (run: Run, scheduler: Scheduler, slot: number, now: number): void => {
  const { live, log } = run
  leaveLine(live, scheduler.running, slot)
  giveAdapter(scheduler, slot)
  scheduler.handing.join(slot)
  live.phase[slot] = phase.handing
  log.handovers!.prefilled[live.request[slot]!] = now
  handOver(run, slot, now)
}

/** The request's place behind the prompt that it comes from. */
export const sourceOf = (run: Run, twin: number): number => moveOf(run, twin)!.from

/**
 * Sends on what is prefilled. While no decode replica takes requests it waits where it is, until this is called again; where
 * replicas stand in for one another it goes on there.
 */
export const handOver = (run: Run, slot: number, now: number): void => {
  const { live, replicas } = run
  if (live.move[slot]! < 0) {
    const from = replicas[live.replica[slot]!]!
    const target = nextReplica(run, from, slot, now)
    if (target === undefined) {
      if (from.pool.mixing !== null) goOnThere(run, from, slot, now)
      return
    }
    ask(run, slot, target, now)
  }
  const move = moveOf(run, slot)!
  move.isPrefilled = true
  move.after = live.computed[slot]!
  send(run, move, now)
}

/** What was to go elsewhere, and waits for blocks there, does not. */
export const stayAfterAll = (run: Run, slot: number, now: number): void => {
  const { live, replicas } = run
  const replica = replicas[live.replica[slot]!]!
  abandonMove(run, slot, now)
  stay(replica.pool.mixing!, live, replica, slot, now)
  goOnThere(run, replica, slot, now)
}

/** A prompt that was to go elsewhere has its answer written where it is: it joins the batch as one that has arrived does. */
const goOnThere = (run: Run, replica: Replica, slot: number, now: number): void => {
  const { live, log } = run
  const scheduler = schedulerOf(run, slot)
  accrue(replica, now)
  log.handovers!.prefilled[live.request[slot]!] = NaN
  scheduler.handing.leave(slot)
  if (scheduler.rules.reserves === "prompt" || scheduler.rules.reserves === "chunk") live.reserved[slot] = 0
  live.phase[slot] = phase.arrived
  scheduler.arrived.push(slot)
  touch(run, replica)
  disturb(run, replica, now)
  noteSeries(replica, now)
}

/** Puts a request's twin into the line of the replica that goes on with it. */
export const ask = (run: Run, slot: number, replica: Replica, now: number): void => {
  const { live, log } = run
  const { mixing, entrance } = replica.pool
  accrue(replica, now)
  const twin = takeSlot(live)
  const move: Move = {
    id: run.moves!.made++,
    from: slot,
    to: twin,
    hits: 0,
    isReserved: false,
    isPrefilled: false,
    sent: 0,
    flow: -1,
    before: 0,
    after: 0,
    start: now,
    end: now
  }
  run.moves!.byId.set(move.id, move)
  copyRequest(live, slot, twin)
  live.move[slot] = move.id
  live.move[twin] = move.id
  const group = shortestGroup(replica)
  live.replica[twin] = replica.index
  live.group[twin] = group
  live.phase[twin] = phase.incoming
  live.queuedAt[twin] = now
  replica.requests++
  replica.tokens += live.prompt[twin]! + live.target[twin]!
  entrance.router.loadChanges(replica)
  mixing?.belief?.sent(twin, replica)
  if (mixing !== null && replica.pool.server.role === "prefill") takeForeign(mixing, live, replica, twin, now)
  const request = live.request[slot]!
  const handovers = log.handovers!
  handovers.replica[request] = replica.index
  handovers.asked[request] = now
  handovers.reserved[request] = NaN
  const { incoming } = replica.schedulers[group]!
  incoming.join(twin)
  touch(run, replica)
  if (incoming.first() === twin) disturb(run, replica, now)
  noteSeries(replica, now)
}

const copyRequest = (live: LiveRequests, slot: number, twin: number): void => {
  live.request[twin] = live.request[slot]!
  live.prompt[twin] = live.prompt[slot]!
  live.target[twin] = live.target[slot]!
  live.classIndex[twin] = live.classIndex[slot]!
  live.priority[twin] = live.priority[slot]!
  live.adapter[twin] = live.adapter[slot]!
  live.generated[twin] = 1
  live.stays[twin] = 1
  live.computed[twin] = live.prompt[slot]!
  const content = live.content[slot]!
  // Keys are those of its own cache's blocks.
  live.content[twin] = content === null ? null : { ...content, keys: null }
}

/** The decode side has given a request its blocks, of which it found so many tokens filled already. */
export const blocksAreThere = (run: Run, twin: number, hits: number, now: number): void => {
  const move = moveOf(run, twin)!
  move.isReserved = true
  move.hits = hits
  move.sent = hits
  run.log.handovers!.reserved[run.live.request[twin]!] = now
  send(run, move, now)
}

/** Starts a flow of all that can go now. */
const send = (run: Run, move: Move, now: number): void => {
  const { moves, live, replicas } = run
  // One flow after the other; what is ready meanwhile goes with the next.
  if (!move.isReserved || move.flow >= 0) return
  const { layers } = replicas[live.replica[move.to]!]!.pool.server.target.model
  let ready = move.after
  let from = now
  let seconds = 0
  if (!move.isPrefilled) {
    // All layers but the last of this chunk, and all of those before it.
    ready = move.before + ((move.after - move.before) * (layers - 1)) / layers
    from = Math.max(now, move.start + (move.end - move.start) / layers)
    seconds = move.end - from
  }
  const most = Math.min(ready, keptTokens(schedulerOf(run, move.to)))
  const tokens = most - move.sent
  if (tokens <= 0 || (!move.isPrefilled && seconds <= roundingAt(now))) {
    if (move.isPrefilled) arrive(run, move, now)
    return
  }
  const source = live.replica[move.from]!
  const target = live.replica[move.to]!
  const { links, latencySeconds, rateCap } = moves!.wires.path(source, target)
  const { index } = replicas[target]!.pool
  // The state of layers that keep one is what it is after the last token: it goes with the last flow.
  const isLast = move.isPrefilled && most === move.after
  const bytes = tokens * moves!.tokenBytes[index]! + (isLast ? moves!.stateBytes[index]! : 0)
  move.sent = most
  moves!.bytes += bytes
  const wait = from - now
  move.flow = moves!.wires.network.start(
    {
      bytes,
      links,
      rateCap: seconds > 0 ? Math.min(rateCap, bytes / seconds) : rateCap,
      latencySeconds: latencySeconds + wait
    },
    run.handlers.moved,
    move.id
  )
}

/** The last byte of a flow has arrived. */
export const flowEnds = (run: Run, id: number, now: number): void => {
  const move = run.moves!.byId.get(id)
  // Given up meanwhile.
  if (move === undefined) return
  move.flow = -1
  send(run, move, now)
}

/** Everything is there: the prefill side gives its blocks back, the decode side can go on. */
const arrive = (run: Run, move: Move, now: number): void => {
  const { live, log, replicas, moves, simulation, handlers } = run
  const { from, to } = move
  const source = replicas[live.replica[from]!]!
  const target = replicas[live.replica[to]!]!
  accrue(source, now)
  accrue(target, now)
  const request = live.request[from]!
  log.handovers!.moved[request] = now
  moves!.done++
  forget(run, move)
  const { lastToken, patienceEvent } = live
  lastToken[to] = lastToken[from]!
  if (patienceEvent[from]! >= 0) {
    simulation.cancel(patienceEvent[from]!)
    patienceEvent[from] = -1
    const patience = run.job.workload.classes[live.classIndex[to]!]!.patienceSeconds!
    patienceEvent[to] = simulation.at(Math.max(now, log.arrival[request]! + patience), handlers.giveUp, to)
  }
  leaveReplica(run, from)
  releaseHanding(run, from)
  const scheduler = schedulerOf(run, to)
  scheduler.cache.keepShared(to, live.prompt[to]!)
  live.phase[to] = phase.arrived
  scheduler.arrived.push(to)
  removeFrom(scheduler.promised, to)
  touch(run, source)
  touch(run, target)
  // Where both sides' work is done, others may wait for the blocks that are free now.
  disturb(run, source, now)
  disturb(run, target, now)
  noteSeries(source, now)
  noteSeries(target, now)
}
