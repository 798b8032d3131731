/** The events of a run: arrivals, ends of steps, and clients and servers that lose patience. */
import { blocksNeeded, updateProgress } from "../batch/decode-set.ts"
import { fetchedFrom } from "../cache/tiers/fetching.ts"
import { phase } from "../live/live-requests.ts"
import { stateNumber } from "../live/request-log.ts"
import { circling } from "../fleet/mixing/circles.ts"
import { standsIn } from "../fleet/mixing/mixing.ts"
import { chunksStart, flowEnds, stayAfterAll } from "../fleet/moves.ts"
import { releaseDropped } from "../fleet/release-move.ts"
import { hasWork, type Policy, type Scheduler } from "../policy/scheduler.ts"
import { leapSeconds, stepsToReach } from "../replica/leap.ts"
import { accrue, type Batch, noteSeries, type Replica, usedBlocks } from "../replica/replica.ts"
import { type Ending, firstEnding, roundingAt } from "../replica/same-moment.ts"
import { settleStep } from "../replica/settle-step.ts"
import { startStep } from "../replica/start-step.ts"
import { leaveRunning } from "./ending.ts"
import { admitArrivals, awaitArrival, dropWaiting, giveUp, letInDeferred, tryAgain } from "./front-door.ts"
import { fixedOutcomes, iterationOutcomes, mixedOutcomes, promptOutcomes } from "./outcomes.ts"
import { replicaFails, replicaOpens } from "../fleet/scaling/fate.ts"
import { makeLife } from "../fleet/scaling/life.ts"
import { isOver, type Run } from "./run.ts"

const eventsBetweenLooks = 4096

/** Registers the run's handlers. Answers what ends the run at the time to which the simulation came. */
export const serve = (run: Run): { readonly cutOff: (now: number) => void } => {
  const { simulation, handlers, replicas } = run
  const [ofFixed, ofIterations] = [fixedOutcomes(run), iterationOutcomes(run)]
  const [ofPrompts, ofBoth] = [promptOutcomes(run), mixedOutcomes(run)]
  for (const pool of run.pools)
    pool.outcomes = standsIn(pool)
      ? ofBoth
      : pool.server.role === "prefill"
        ? ofPrompts
        : pool.policy.isFixed
          ? ofFixed
          : ofIterations
  const { batchesInFlight } = run

  const decideOne = (replica: Replica): void => decide(run, replica, simulation.now)
  const handle = (act: (argument: number) => void): number =>
    simulation.register((argument) => {
      act(argument)
      conclude(run, decideOne)
    })
  handlers.arrive = handle(() => {
    run.arrivalEvent = -1
    run.arrivalAt = NaN
  })
  handlers.retry = handle((slot) => tryAgain(run, slot, simulation.now))
  handlers.giveUp = handle((slot) => giveUp(run, slot, simulation.now))
  handlers.drop = handle((slot) => dropWaiting(run, slot, simulation.now))
  handlers.stepEnd = simulation.register((argument) => {
    const replica = replicas[Math.floor(argument / batchesInFlight)]!
    const batch = replica.batches[argument % batchesInFlight]!
    batch.event = -1
    if (isAlone(run)) stepEnds(run, { replica, batch }, decideOne)
    else endDue(run, decideOne)
  })
  handlers.wake = handle((index) => {
    const replica = replicas[index]!
    replica.wakeEvent = -1
    replica.wakeAt = Infinity
    run.touched.add(replica)
  })
  handlers.moved = simulation.register((move) => {
    if (!isAlone(run)) endDue(run, decideOne)
    run.moment!.acting = Infinity
    flowEnds(run, move, simulation.now)
    conclude(run, decideOne)
    run.moment!.acting = -1
  })
  handlers.fetched = simulation.register((argument) => {
    if (!isAlone(run)) endDue(run, decideOne)
    run.moment!.acting = Infinity
    fetchedFrom(run, argument, simulation.now)
    conclude(run, decideOne)
    run.moment!.acting = -1
  })
  run.life = makeLife(run, {
    handle: (act) =>
      simulation.register((argument) => {
        if (isOver(run)) return
        act(argument)
        conclude(run, decideOne)
      }),
    opened: (replica, now) => replicaOpens(run, replica, now),
    failed: (replica, taken, now) => replicaFails(run, replica, taken, now)
  })
  awaitArrival(run)
  return { cutOff: (now) => cutOff(run, now) }
}

const stepEnds = (run: Run, { replica, batch }: Ending, decideOne: (replica: Replica) => void): void => {
  const { moment } = run
  if (moment !== null) moment.acting = replica.index
  endStep(run, replica, batch, batch.steps, run.simulation.now)
  run.touched.add(replica)
  conclude(run, decideOne)
  if (moment !== null) moment.acting = -1
}

/** Nothing else happens at this moment that the end of a step could depend on. */
const isAlone = ({ moment, simulation }: Run): boolean =>
  moment === null || simulation.nextEventSeconds > simulation.now + roundingAt(simulation.now)

/** Ends all steps that end now, in the order of their replicas. */
const endDue = (run: Run, decideOne: (replica: Replica) => void): void => {
  const { simulation, replicas } = run
  const { now } = simulation
  for (let first = firstEnding(replicas, now); first !== undefined; first = firstEnding(replicas, now)) {
    if (first.batch.event >= 0) simulation.cancel(first.batch.event)
    stepEnds(run, first, decideOne)
  }
}

const endStep = (run: Run, replica: Replica, batch: Batch, steps: number, now: number): void => {
  run.narrator.stepEnds(replica, batch, steps, now)
  settleStep(replica, batch, steps, now, run.gaps, replica.pool.outcomes)
}

/** After every event: lets in who arrives at this moment, and gives work to replicas where something changed. */
const conclude = (run: Run, decideOne: (replica: Replica) => void): void => {
  const { simulation, source, replicas, touched, job } = run
  const { now } = simulation
  const isMixing = job.handover?.mixing !== undefined
  run.lastAt = now
  admitArrivals(run, now)
  // Who leaves because of what a replica decides makes room for the deferred at this moment too, not at the next event.
  do {
    if (run.eased.size > 0) letInDeferred(run, now)
    if (touched.size > 0) {
      // Who is touched by what others decide is next; without an object for each step of an iterator.
      touched.forEach(decideOne)
      if (isMixing) breakCircles(run, decideOne, now)
      touched.clear()
    }
  } while (run.eased.size > 0)
  awaitArrival(run)
  if (run.look !== null && simulation.executed % eventsBetweenLooks === 0) run.look()
  if (run.fixed.length === 0 || source.peek() < Infinity || run.pendingRetries > 0) return
  // Fixed batches that will never be full start with who is there.
  if (!source.isExhausted() && replicas.some(({ inFlight }) => inFlight > 0)) return
  for (const replica of run.fixed) {
    for (const scheduler of replica.schedulers) scheduler.isLastCall = true
    decide(run, replica, now)
    for (const scheduler of replica.schedulers) scheduler.isLastCall = false
  }
}

/** Answers that wait for one another stay where their prompts are, until none do. */
const breakCircles = (run: Run, decideOne: (replica: Replica) => void, now: number): void => {
  const { touched } = run
  for (let slots = circling(run, touched); slots.length > 0; slots = circling(run, touched)) {
    touched.clear()
    for (const slot of slots) if (run.live.phase[slot] === phase.handing) stayAfterAll(run, slot, now)
    touched.forEach(decideOne)
  }
}

/** Starts steps while the replica has batches to spare and work for them. */
const decide = (run: Run, replica: Replica, now: number): void => {
  const { simulation, handlers } = run
  const { policy } = replica.pool
  if (replica.inFlight === replica.batches.length) return
  accrue(replica, now)
  if (replica.leaving.length > 0) releaseLeaving(run, replica)
  const { server, mixing } = replica.pool
  if (server.role === "decode" || mixing !== null || run.tiers !== null) releaseDropped(run, replica)
  // With several groups one may start a fixed batch while another is in the middle of its own.
  const mayLeap =
    policy.mayLeap &&
    run.job.leap === "on" &&
    !(policy.isFixed && replica.schedulers.length > 1) &&
    // Who looks into a cache sees what a leap has not taken yet.
    run.job.routing?.knows !== "cache"
  while (replica.inFlight < replica.batches.length) {
    const batch = idleBatch(replica)
    if (!planBatch(policy, replica, batch, now)) break
    const end = startStep(replica, batch, now, mayLeap)
    if (server.role === "prefill" || standsIn(replica.pool)) chunksStart(run, replica, batch, end)
    batch.event = simulation.at(end, handlers.stepEnd, replica.firstBatch + batch.index)
  }
  noteSeries(replica, now)
  run.narrator.countersChange(replica, now)
  if (replica.inFlight < replica.batches.length) awaitWaking(run, replica)
}

/** Plans a batch's next step; false when there is nothing to do now. */
const planBatch = (policy: Policy, replica: Replica, batch: Batch, now: number): boolean => {
  for (;;) {
    let isAgain = false
    let isWork = false
    for (let group = 0; group < batch.parts.length; group++) {
      const part = batch.parts[group]!
      policy.plan(replica.schedulers[group]!, part, now)
      if (hasWork(part)) isWork = true
      else if (part.hasPreempted) isAgain = true
    }
    // Whoever is short of blocks that batches in flight hold may have preempted itself: what it gave back is for others.
    if (isWork || !isAgain) return isWork
  }
}

/** The batch that is not in flight and has the most sequences ready: the fewest have to change over. */
const idleBatch = ({ batches }: Replica): Batch => {
  let best: Batch | undefined
  let most = -1
  for (const batch of batches) {
    if (batch.isInFlight) continue
    let ready = 0
    for (const { decodes } of batch.parts) ready += decodes.count
    if (ready > most) [best, most] = [batch, ready]
  }
  return best!
}

const awaitWaking = (run: Run, replica: Replica): void => {
  let wakeAt = Infinity
  for (const scheduler of replica.schedulers) wakeAt = Math.min(wakeAt, scheduler.wakeAt)
  if (wakeAt === replica.wakeAt) return
  const { simulation, handlers } = run
  if (replica.wakeEvent >= 0) simulation.cancel(replica.wakeEvent)
  replica.wakeAt = wakeAt
  replica.wakeEvent = wakeAt < Infinity ? simulation.at(wakeAt, handlers.wake, replica.index) : -1
}

/** Frees what requests hold whose clients have gone, unless a step with them is in flight. */
const releaseLeaving = (run: Run, replica: Replica): void => {
  const { live } = run
  for (const slot of [...replica.leaving]) {
    const scheduler = replica.schedulers[live.group[slot]!]!
    const part = live.phase[slot] === phase.decoding ? scheduler.parts[live.set[slot]!] : undefined
    if (live.inFlight[slot]! > 0 || part?.isInFlight === true) continue
    leaveRunning(run, scheduler, part, slot)
  }
}

/** Ends the run in the middle of what it does: steps that are done count, those in flight do not. */
const cutOff = (run: Run, now: number): void => {
  for (const replica of run.replicas) {
    const [batch] = replica.batches
    if (batch!.isInFlight && batch!.steps > 1) cutOffLeap(run, replica, batch!, now)
    accrue(replica, now)
    if (replica.inFlight > 0) replica.totals.busySeconds += now - replica.busySince
    replica.totals.heldBlocks = usedBlocks(replica)
    noteSeries(replica, now)
    for (const scheduler of replica.schedulers) logUnfinished(run, scheduler, now)
  }
}

const cutOffLeap = (run: Run, replica: Replica, batch: Batch, now: number): void => {
  const { start, first, increment, steps } = batch
  const reached = stepsToReach(now - start, first, increment, steps)
  const done = leapSeconds(first, increment, reached) <= now - start ? reached : reached - 1
  if (done === 0) return
  const end = Math.min(now, start + leapSeconds(first, increment, done))
  const blocksBefore = usedBlocks(replica)
  // What came meanwhile was to be written at the end of the step under way.
  for (const { tiers } of replica.schedulers) if (tiers !== null) tiers.isSilent = true
  endStep(run, replica, batch, done, end)
  // The next step has begun.
  replica.totals.busySeconds += now - end
  for (let group = 0; group < batch.parts.length; group++)
    replica.schedulers[group]!.cache.queue.take(blocksNeeded(batch.parts[group]!.decodes, 1))
  // The integral may have been brought up to a later time already, without what the steps took.
  replica.totals.usedBlockIntegral += Math.max(0, replica.accruedAt - end) * (usedBlocks(replica) - blocksBefore)
}

/** Writes how far the requests came that are still there. */
const logUnfinished = (run: Run, scheduler: Scheduler, now: number): void => {
  const { live, log } = run
  const { running, waiting, handing, arrived, parts, tiers } = scheduler
  for (const slot of [...handing.all(), ...arrived]) {
    log.generated[live.request[slot]!] = live.generated[slot]!
    log.state[live.request[slot]!] = stateNumber.running
    run.narrator.requestEnds(slot, now)
  }
  for (let slot = running.first; slot >= 0; slot = live.next[slot]!) {
    if (live.phase[slot] === phase.decoding) updateProgress(live, parts[live.set[slot]!]!.decodes, slot)
    log.generated[live.request[slot]!] = live.generated[slot]!
    run.narrator.requestEnds(slot, now)
    if (live.isLeaving[slot] === 0) log.state[live.request[slot]!] = stateNumber.running
  }
  for (const slot of [...waiting.all(), ...(tiers === null ? [] : tiers.fetches.keys())]) {
    log.generated[live.request[slot]!] = live.generated[slot]!
    run.narrator.requestEnds(slot, now)
  }
}
