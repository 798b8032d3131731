/** The front door: requests arrive, are sent to a replica or turned away, try again, and their clients may lose patience. */
import type { Content } from "../live/live-requests.ts"
import { giveSlotBack, phase, takeSlot } from "../live/live-requests.ts"
import { appendRequest } from "../live/request-log.ts"
import { cutLeap } from "../replica/cut-leap.ts"
import { accrue, noteSeries, type Replica, waitingRequests } from "../replica/replica.ts"
import type { Scheduler } from "../policy/scheduler.ts"
import { endRequest, leaveWaiting } from "./ending.ts"
import type { Arrival } from "../types.ts"
import type { Run } from "./run.ts"

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
  const { live, log, job, simulation, handlers, replicas } = run
  const { promptTokens, outputTokens, classIndex } = arrival
  const { maximumSequence } = job.target
  const requestClass = job.workload.classes[classIndex]
  const slot = takeSlot(live)
  const request = appendRequest(log, arrival.arrivalSeconds, promptTokens, outputTokens, classIndex)
  live.request[slot] = request
  live.prompt[slot] = promptTokens
  // The server ends an answer at the longest sequence it accepts.
  const target = Math.max(1, Math.min(outputTokens, maximumSequence - promptTokens))
  live.target[slot] = target
  live.classIndex[slot] = classIndex
  live.priority[slot] = requestClass?.priority ?? 0
  live.content[slot] = job.cache.prefixCaching ? contentOf(arrival) : null
  const { cache } = replicas[0]!.schedulers[0]!
  if (promptTokens >= maximumSequence || cache.blocksFor(promptTokens + target - 1) > cache.blocks) {
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

/** Sends a request to a replica, which takes it or turns it away. */
const sendToReplica = (run: Run, slot: number, now: number): void => {
  const { live, log, job, simulation, handlers } = run
  const replica = run.router(run.replicas)
  if (waitingRequests(replica) >= job.queue.limit + placesNow(replica)) return turnAway(run, slot, now)
  accrue(replica, now)
  const group = shortestGroup(replica)
  const scheduler = replica.schedulers[group]!
  replica.requests++
  replica.tokens += live.prompt[slot]! + live.target[slot]!
  live.replica[slot] = replica.index
  live.group[slot] = group
  live.queuedAt[slot] = now
  live.phase[slot] = phase.waiting
  log.replica[live.request[slot]!] = replica.index
  scheduler.waiting.join(slot)
  if (job.queue.timeoutSeconds < Infinity)
    live.timeoutEvent[slot] = simulation.at(now + job.queue.timeoutSeconds, handlers.drop, slot)
  run.touched.add(replica)
  // Behind somebody who waits already, a request changes nothing; nor does it while all places are taken.
  if (scheduler.waiting.first() === slot && scheduler.running.count < scheduler.rules.maximumSequences)
    disturb(run, replica, now)
  noteSeries(replica, now)
  run.narrator.countersChange(replica, now)
}

/** Requests that a replica with nothing in flight starts at once: they do not count as waiting. */
const placesNow = ({ inFlight, schedulers }: Replica): number => {
  if (inFlight > 0) return 0
  let places = 0
  for (const { rules, running } of schedulers) places += rules.maximumSequences - running.count
  return places
}

const shortestGroup = ({ schedulers }: Replica): number => {
  let best = 0
  let least = Infinity
  for (let group = 0; group < schedulers.length; group++) {
    const { waiting, running } = schedulers[group]!
    const load = waiting.count() + running.count
    if (load < least) [best, least] = [group, load]
  }
  return best
}

/** Ends a leap at the end of the step that is under way. Nothing disturbs a fixed batch. */
export const disturb = (run: Run, replica: Replica, now: number): void => {
  if (!run.policy.isFixed) cutLeap(run.simulation, run.handlers.stepEnd, replica, now)
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
  const { live, replicas } = run
  live.patienceEvent[slot] = -1
  endRequest(run, slot, "cancelled", now)
  if (live.phase[slot] === phase.away) {
    run.pendingRetries--
    giveSlotBack(live, slot)
    return
  }
  const replica = replicas[live.replica[slot]!]!
  const scheduler = replica.schedulers[live.group[slot]!]!
  run.touched.add(replica)
  if (live.phase[slot] === phase.waiting) return abandonWaiting(run, replica, scheduler, slot, now)
  live.isLeaving[slot] = 1
  if (run.policy.isFixed) return
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
  abandonWaiting(run, replica, replica.schedulers[live.group[slot]!]!, slot, now)
}

const abandonWaiting = (run: Run, replica: Replica, scheduler: Scheduler, slot: number, now: number): void => {
  accrue(replica, now)
  // Who waits behind the head may be smaller.
  const wasFirst = scheduler.waiting.first() === slot
  leaveWaiting(run, scheduler, slot)
  if (wasFirst) disturb(run, replica, now)
  noteSeries(replica, now)
}
