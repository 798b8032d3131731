/** The events of a run: arrivals, ends of steps, and clients and servers that lose patience. */
import { blocksNeeded, updateProgress } from "../batch/decode-set.ts"
import { fetchedFrom } from "../cache/tiers/fetching.ts"
import { phase } from "../live/live-requests.ts"
import { stateNumber } from "../live/request-log.ts"
import { chunksStart, flowEnds } from "../fleet/moves.ts"
import { releaseDropped } from "../fleet/release-move.ts"
import { hasWork, type Policy, type Scheduler } from "../policy/scheduler.ts"
import { leapSeconds, stepsToReach } from "../replica/leap.ts"
import { accrue, type Batch, noteSeries, type Replica, usedBlocks } from "../replica/replica.ts"
import { settleStep } from "../replica/settle-step.ts"
import { startStep } from "../replica/start-step.ts"
import { leaveRunning } from "./ending.ts"
import { admitArrivals, awaitArrival, dropWaiting, giveUp, letInDeferred, tryAgain } from "./front-door.ts"
import { fixedOutcomes, iterationOutcomes, promptOutcomes } from "./outcomes.ts"
import { replicaFails, replicaOpens } from "../fleet/scaling/fate.ts"
import { makeLife } from "../fleet/scaling/life.ts"
import { isOver, type Run } from "./run.ts"

const eventsBetweenLooks = 4096

/** Registers the run's handlers. Answers what ends the run at the time to which the simulation came. */
export const serve = (run: Run): { readonly cutOff: (now: number) => void } => {
  const { simulation, handlers, replicas } = run
  const [ofFixed, ofIterations] = [fixedOutcomes(run), iterationOutcomes(run)]
  const ofPrompts = promptOutcomes(run)
  for (const pool of run.pools)
    pool.outcomes = pool.server.role === "prefill" ? ofPrompts : pool.policy.isFixed ? ofFixed : ofIterations
  const { batchesInFlight } = run

  const handle = (act: (argument: number) => void): number =>
    simulation.register((argument) => {
      act(argument)
      conclude(run)
    })
  handlers.arrive = handle(() => {
    run.arrivalEvent = -1
    run.arrivalAt = NaN
  })
  handlers.retry = handle((slot) => tryAgain(run, slot, simulation.now))
  handlers.giveUp = handle((slot) => giveUp(run, slot, simulation.now))
  handlers.drop = handle((slot) => dropWaiting(run, slot, simulation.now))
  handlers.stepEnd = handle((argument) => {
    const replica = replicas[Math.floor(argument / batchesInFlight)]!
    const batch = replica.batches[argument % batchesInFlight]!
    endStep(run, replica, batch, batch.steps, simulation.now)
    run.touched.add(replica)
  })
  handlers.wake = handle((index) => {
    const replica = replicas[index]!
    replica.wakeEvent = -1
    replica.wakeAt = Infinity
    run.touched.add(replica)
  })
  handlers.moved = handle((move) => flowEnds(run, move, simulation.now))
  handlers.fetched = handle((argument) => fetchedFrom(run, argument, simulation.now))
  run.life = makeLife(run, {
    handle: (act) =>
      simulation.register((argument) => {
        if (isOver(run)) return
        act(argument)
        conclude(run)
      }),
    opened: (replica, now) => replicaOpens(run, replica, now),
    failed: (replica, taken, now) => replicaFails(run, replica, taken, now)
  })
  awaitArrival(run)
  return { cutOff: (now) => cutOff(run, now) }
}

const endStep = (run: Run, replica: Replica, batch: Batch, steps: number, now: number): void => {
  run.narrator.stepEnds(replica, batch, steps, now)
  settleStep(replica, batch, steps, now, run.gaps, replica.pool.outcomes)
}

/** After every event: lets in who arrives at this moment, and gives work to replicas where something changed. */
const conclude = (run: Run): void => {
  const { simulation, source, replicas, touched } = run
  const { now } = simulation
  run.lastAt = now
  admitArrivals(run, now)
  if (run.eased.size > 0) letInDeferred(run, now)
  for (const replica of touched) decide(run, replica, now)
  touched.clear()
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

/** Starts steps while the replica has batches to spare and work for them. */
const decide = (run: Run, replica: Replica, now: number): void => {
  const { simulation, handlers } = run
  const { policy } = replica.pool
  if (replica.inFlight === replica.batches.length) return
  accrue(replica, now)
  if (replica.leaving.length > 0) releaseLeaving(run, replica)
  if (replica.pool.server.role === "decode" || run.tiers !== null) releaseDropped(run, replica)
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
    if (replica.pool.server.role === "prefill") chunksStart(run, replica, batch, end)
    batch.event = simulation.at(end, handlers.stepEnd, replica.firstBatch + batch.index)
  }
  noteSeries(replica, now)
  run.narrator.countersChange(replica, now)
  if (replica.inFlight === 0) awaitWaking(run, replica)
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
