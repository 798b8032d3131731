/** The front door: requests arrive, are sent to a replica or turned away, try again, and their clients may lose patience. */
import { idUnder } from "../adapters/draw-adapter.ts"
import { takeFetching } from "../cache/tiers/fetching.ts"
import type { Content } from "../live/live-requests.ts"
import { giveSlotBack, phase, takeSlot } from "../live/live-requests.ts"
import { appendRequest } from "../live/request-log.ts"
import {
  type Entrance,
  type Mixing,
  accrue,
  noteSeries,
  type Replica,
  shortestGroup,
  waitingRequests
} from "../replica/replica.ts"
import type { Scheduler } from "../policy/scheduler.ts"
import { abandonMove, dropArrived, releaseHanding } from "../fleet/release-move.ts"
import { cachesPrefixes, fits } from "../fleet/entrance.ts"
import { replicaForPrompt, takeForeign } from "../fleet/mixing/mixing.ts"
import { endRequest, leaveWaiting } from "./ending.ts"
import type { Arrival } from "../types.ts"
import { judgeAdmission, logDecision } from "./routing/admission.ts"
import type { Run } from "./run.ts"
import { disturb } from "./touch.ts"

/** Lets in everybody who has arrived by now. */
export const admitArrivals = (run: Run, now: number): void => {
  const { source, arrival } = run
  while (source.peek() <= now && source.next(arrival)) arrive(run, arrival, now)
}

/** Schedules the next arrival that the source knows of. */
export const awaitArrival = (run: Run): void => {
  const { simulation, source, handlers } = run
  const next = source.peek()
  if (next === run.arrivalAt) return
  if (run.arrivalEvent >= 0) simulation.cancel(run.arrivalEvent)
  run.arrivalAt = next
  run.arrivalEvent = next < Infinity ? simulation.at(next, handlers.arrive, 0) : -1
}

const arrive = (run: Run, arrival: Arrival, now: number): void => {
  const { live, log, job, simulation, handlers } = run
  const { promptTokens, outputTokens, classIndex } = arrival
  const entrance = run.entrances[classIndex]!
  const maximumSequence = entrance.longest
  const requestClass = job.workload.classes[classIndex]
  const slot = takeSlot(live)
  const request = appendRequest(log, arrival.arrivalSeconds, promptTokens, outputTokens, classIndex)
  if (log.session !== null) log.session[request] = arrival.session ?? -1
  live.request[slot] = request
  live.prompt[slot] = promptTokens
  // The server ends an answer at the longest sequence it accepts.
  const target = Math.max(1, Math.min(outputTokens, maximumSequence - promptTokens))
  live.target[slot] = target
  live.classIndex[slot] = classIndex
  live.priority[slot] = requestClass?.priority ?? 0
  if (run.drawAdapter !== null) live.adapter[slot] = run.drawAdapter(arrival)
  live.content[slot] = cachesPrefixes(entrance) ? contentUnder(live.adapter[slot]!, contentOf(arrival)) : null
  if (promptTokens >= maximumSequence || !fits(entrance, promptTokens, promptTokens + target - 1)) {
    endRequest(run, slot, "failed", now)
    giveSlotBack(live, slot)
    return
  }
  const patience = requestClass?.patienceSeconds ?? Infinity
  if (patience < Infinity) live.patienceEvent[slot] = simulation.at(now + patience, handlers.giveUp, slot)
  sendToReplica(run, slot, now)
}

const contentOf = ({ pieces, outputPiece, promptTokens, outputTokens }: Arrival): Content | null => {
  if (pieces === null || pieces.length === 0) return null
  const described = Math.min(
    promptTokens,
    pieces.reduce((sum, { tokens }) => sum + tokens, 0)
  )
  // The answer can be found again only behind a prompt that is described to its end.
  const isContinued = outputPiece !== 0 && described === promptTokens
  return { pieces, outputPiece, tokens: described + (isContinued ? outputTokens : 0), keys: null }
}

/** Content as an adapter's keys and values have it. */
const contentUnder = (adapter: number, content: Content | null): Content | null =>
  adapter < 0 || content === null
    ? content
    : {
        ...content,
        pieces: content.pieces.map(({ id, tokens }) => ({ id: idUnder(adapter, id), tokens })),
        outputPiece: idUnder(adapter, content.outputPiece)
      }

/** Sends a request to a replica, which takes it or turns it away; while none can take it, it waits at the door. */
export const sendToReplica = (run: Run, slot: number, now: number): void => {
  const entrance = run.entrances[run.live.classIndex[slot]!]!
  const replica = chosenReplica(run, entrance, slot)
  if (replica === undefined) return hold(run, entrance, slot, "closed", now)
  const verdict = run.door === null ? "let in" : judgeAdmission(run, replica, slot)
  if (verdict === "defer") return hold(run, entrance, slot, "deferred", now)
  if (verdict === "reject") {
    run.door!.refused++
    return turnAway(run, slot, now)
  }
  place(run, entrance, replica, slot, now)
}

/** The replica that a request goes to; undefined while none takes any. */
const chosenReplica = ({ live }: Run, entrance: Entrance, slot: number): Replica | undefined => {
  const { mixing } = entrance.pools[0]!
  if (mixing !== null) return replicaForPrompt(mixing, live, slot)
  return entrance.open.length === 0 ? undefined : entrance.router.choose(slot)
}

/** Lets in deferred requests whose replica would be quick enough now, in their order. */
export const letInDeferred = (run: Run, now: number): void => {
  for (const entrance of run.eased) {
    for (;;) {
      const slot = run.door!.firstDeferred(entrance)
      if (slot < 0) break
      const replica = chosenReplica(run, entrance, slot)
      if (replica === undefined || judgeAdmission(run, replica, slot) !== "let in") break
      run.door!.leave(run, slot, now)
      place(run, entrance, replica, slot, now)
    }
  }
  run.eased.clear()
}

/** The replica takes a request, or turns it away because its line is too long. */
const place = (run: Run, entrance: Entrance, replica: Replica, slot: number, now: number): void => {
  const { live, log, job, simulation, handlers } = run
  const { belief } = entrance
  const { mixing, server } = replica.pool
  if (waitingRequests(replica) >= job.queue.limit + placesNow(replica)) return turnAway(run, slot, now)
  accrue(replica, now)
  const group = shortestGroup(replica)
  const scheduler = replica.schedulers[group]!
  if (run.decisions !== null) logDecision(run, mixing === null ? entrance : bothSides(mixing), replica, slot, now)
  const queued = live.prompt[slot]! - (belief?.cachedTokens(slot, replica) ?? 0)
  belief?.sent(slot, replica)
  if (mixing !== null) entrance.router.went?.(slot, replica)
  replica.requests++
  replica.tokens += live.prompt[slot]! + live.target[slot]!
  replica.queuedTokens += queued
  live.queuedTokens[slot] = queued
  replica.pool.entrance.router.loadChanges(replica)
  if (mixing !== null && server.role === "decode") takeForeign(mixing, live, replica, slot, now)
  live.replica[slot] = replica.index
  live.group[slot] = group
  live.queuedAt[slot] = now
  live.phase[slot] = phase.waiting
  log.replica[live.request[slot]!] = replica.index
  scheduler.waiting.join(slot)
  // Only for its first step: who was sent again may have had it.
  if (job.queue.timeoutSeconds < Infinity && Number.isNaN(log.scheduled[live.request[slot]!]!))
    live.timeoutEvent[slot] = simulation.at(now + job.queue.timeoutSeconds, handlers.drop, slot)
  run.touched.add(replica)
  // Behind somebody who waits already, a request changes nothing; nor does it while all places are taken.
  const isNext = scheduler.waiting.first() === slot || scheduler.adapters !== null
  if (isNext && scheduler.running.count < scheduler.rules.maximumSequences) disturb(run, replica, now)
  noteSeries(replica, now)
  run.narrator.countersChange(replica, now)
}

/** Where replicas stand in for one another a prompt may go to any. */
const bothSides = ({ front, behind }: Mixing): Pick<Entrance, "open" | "belief"> => ({
  open: [...front.replicas, ...behind.replicas].filter(({ isUp }) => isUp),
  belief: front.belief
})

/** Away from every replica until the door lets it in. */
const hold = (run: Run, entrance: Entrance, slot: number, why: "closed" | "deferred", now: number): void => {
  run.live.phase[slot] = phase.away
  run.door!.hold(entrance, slot, why, now)
}

/** Requests that a replica with nothing in flight starts at once: they do not count as waiting. */
const placesNow = ({ inFlight, schedulers }: Replica): number => {
  if (inFlight > 0) return 0
  let places = 0
  for (const { rules, running } of schedulers) places += rules.maximumSequences - running.count
  return places
}

const turnAway = (run: Run, slot: number, now: number): void => {
  const { live, job, simulation, handlers } = run
  run.rejectedTries++
  const tries = live.tries[slot]!
  if (tries >= job.queue.retries) {
    endRequest(run, slot, "rejected", now)
    giveSlotBack(live, slot)
    return
  }
  live.tries[slot] = tries + 1
  live.phase[slot] = phase.away
  run.pendingRetries++
  live.timeoutEvent[slot] = simulation.at(now + job.queue.retrySeconds * 2 ** tries, handlers.retry, slot)
}

/** A client that was turned away tries again. */
export const tryAgain = (run: Run, slot: number, now: number): void => {
  run.live.timeoutEvent[slot] = -1
  run.pendingRetries--
  sendToReplica(run, slot, now)
}

/** A client has waited for its last token long enough. */
export const giveUp = (run: Run, slot: number, now: number): void => {
  run.live.patienceEvent[slot] = -1
  endAnywhere(run, slot, "cancelled", now)
}

/** Ends a request wherever it is. What a step works on is let go when the step ends. */
export const endAnywhere = (run: Run, slot: number, state: "cancelled" | "failed", now: number): void => {
  const { live, replicas } = run
  endRequest(run, slot, state, now)
  if (live.phase[slot] === phase.away) {
    if (run.door?.leave(run, slot, now) !== true) run.pendingRetries--
    giveSlotBack(live, slot)
    return
  }
  const replica = replicas[live.replica[slot]!]!
  const scheduler = replica.schedulers[live.group[slot]!]!
  run.touched.add(replica)
  if (live.move[slot]! >= 0) abandonMove(run, slot, now)
  if (live.phase[slot] === phase.waiting) return abandonWaiting(run, replica, scheduler, slot, now)
  if (live.phase[slot] === phase.fetching) return abandonFetching(run, replica, scheduler, slot, now)
  if (live.phase[slot] === phase.handing || live.phase[slot] === phase.arrived)
    return abandonPrefilled(run, replica, slot, now)
  live.isLeaving[slot] = 1
  if (replica.pool.policy.isFixed) return
  replica.leaving.push(slot)
  disturb(run, replica, now)
}

/** A request has waited for its first step too long. */
export const dropWaiting = (run: Run, slot: number, now: number): void => {
  const { live, replicas } = run
  live.timeoutEvent[slot] = -1
  const replica = replicas[live.replica[slot]!]!
  run.touched.add(replica)
  endRequest(run, slot, "failed", now)
  const abandon = live.phase[slot] === phase.fetching ? abandonFetching : abandonWaiting
  abandon(run, replica, replica.schedulers[live.group[slot]!]!, slot, now)
}

/** It has its first token, and waits for its keys and values to be where the others are written, or there for its turn. */
const abandonPrefilled = (run: Run, replica: Replica, slot: number, now: number): void => {
  const { live, log } = run
  accrue(replica, now)
  log.generated[live.request[slot]!] = live.generated[slot]!
  run.narrator.requestEnds(slot, now)
  if (live.phase[slot] === phase.handing) releaseHanding(run, slot)
  else dropArrived(run, slot)
  disturb(run, replica, now)
  noteSeries(replica, now)
}

/** Its blocks are free after the step under way. */
const abandonFetching = (run: Run, replica: Replica, scheduler: Scheduler, slot: number, now: number): void => {
  const { live, log } = run
  accrue(replica, now)
  takeFetching(run, scheduler, slot)
  scheduler.dropped.push(slot)
  log.generated[live.request[slot]!] = live.generated[slot]!
  run.narrator.requestEnds(slot, now)
  disturb(run, replica, now)
  noteSeries(replica, now)
}

const abandonWaiting = (run: Run, replica: Replica, scheduler: Scheduler, slot: number, now: number): void => {
  accrue(replica, now)
  // Who waits behind the head may be smaller. The head is not alone in holding others up: whoever waits for an adapter's place
  // lets the next do so, and a request in host memory may keep all new ones out.
  const heldOthersUp = scheduler.waiting.first() === slot || scheduler.adapters !== null || run.live.swapped[slot]! > 0
  leaveWaiting(run, scheduler, slot)
  if (heldOthersUp) disturb(run, replica, now)
  noteSeries(replica, now)
}
