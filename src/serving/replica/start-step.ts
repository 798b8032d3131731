/** The start of a step: what it works on, how long it takes, and whether it can be a leap. */
import { adapterSeconds } from "../adapters/running-adapters.ts"
import { blocksNeeded, stepsThatFit, undisturbedSteps } from "../batch/decode-set.ts"
import { leapSeconds } from "./leap.ts"
import { stretch } from "./decode-lines.ts"
import { lockStepLoad, sumLoads } from "./step-load.ts"
import type { Scheduler } from "../policy/scheduler.ts"
import type { Batch, Replica } from "./replica.ts"

/**
 * Starts the step that was planned for a batch; answers when it ends.
 *
 * @param mayLeap  the policy decides the same way while nothing but decoding happens
 */
export const startStep = (replica: Replica, batch: Batch, now: number, mayLeap: boolean): number => {
  lockStepLoad(batch.parts, batch.load)
  sumLoads(batch.parts, batch.work)
  batch.isInFlight = true
  for (const part of batch.parts) part.isInFlight = true
  if (replica.inFlight++ === 0) replica.busySince = now
  batch.start = now
  const { totals } = replica
  totals.largestBatch = Math.max(totals.largestBatch, batch.work.decodes + batch.work.prefills)
  batch.isLeap = mayLeap && planLeap(replica, batch)
  return batch.isLeap ? leapEnd(batch) : stepEnd(replica, batch, now)
}

const leapEnd = ({ start, first, increment, steps }: Batch): number => start + leapSeconds(first, increment, steps)

/** One step through the host and the stages, behind the batches that are in flight already. */
const stepEnd = (replica: Replica, batch: Batch, now: number): number => {
  const { steps, stageFree } = replica
  const { load } = batch
  const hop = steps.stages > 1 ? steps.hopSeconds(load) : 0
  let host = steps.hostSeconds(load)
  for (const part of batch.parts) host += part.swapSeconds
  let time = Math.max(now, replica.hostFree) + host
  replica.hostFree = time
  let worked = 0
  const adapters = replica.schedulers[0]!.adapters === null ? 0 : adapterSeconds(replica.schedulers, batch.parts)
  for (let stage = 0; stage < steps.stages; stage++) {
    const seconds = steps.stageSeconds(stage, load) + adapters
    const start = Math.max(time, stageFree[stage]!)
    time = start + seconds
    stageFree[stage] = time
    batch.stageStart[stage] = start
    batch.stageTook[stage] = seconds
    worked += seconds
    if (stage < steps.stages - 1) time += hop
  }
  batch.steps = 1
  batch.first = time - now
  batch.increment = 0
  batch.stageSeconds = worked
  batch.hostSeconds = host
  return time
}

/** Plans as many steps as nothing known can disturb; false when that is not even two, or the seconds are no line. */
const planLeap = (replica: Replica, batch: Batch): boolean => {
  if (replica.batches.length > 1 || batch.load.prefills > 0 || replica.leaving.length > 0) return false
  const { parts, load } = batch
  let limit = Infinity
  for (let group = 0; group < parts.length; group++) {
    const { decodes, swapSeconds, hasPreempted, countsSteps, ahead } = parts[group]!
    // The next step may be another although nothing happens in between: somebody admitted, or back who sat out.
    if (hasPreempted || countsSteps || ahead > 0 || swapSeconds > 0 || replica.schedulers[group]!.suspended.length > 0)
      return false
    if (isJoined(replica.schedulers[group]!) || replica.schedulers[group]!.tiers?.hasToWrite() === true) return false
    if (decodes.count > 0) limit = Math.min(limit, undisturbedSteps(decodes))
  }
  for (let group = 0; group < parts.length && limit > 1; group++) {
    const { decodes } = parts[group]!
    const { freeUnnoticed } = replica.schedulers[group]!.cache
    // The blocks of the first step are taken already.
    if (decodes.count > 0) limit = stepsThatFit(decodes, limit, freeUnnoticed() + blocksNeeded(decodes, 1))
  }
  if (limit < 2) return false
  const line = replica.lines(load.decodes, load)
  if (line === null) return false
  const lead = leadingGroup(batch)
  if (lead < 0) return false
  const { count, growing, rules } = parts[lead]!.decodes
  batch.contextGrowth = parts.length * count
  batch.windowGrowth = rules.window === Infinity ? batch.contextGrowth : growing
  const { stretch: found } = replica
  stretch(line, batch, Math.min(limit, stepsInTheLead(batch, lead)), found)
  if (found.steps < 2) return false
  if (replica.schedulers[0]!.adapters !== null) {
    const adapters = replica.steps.stages * adapterSeconds(replica.schedulers, parts)
    found.first += adapters
    found.stageSeconds += adapters
  }
  batch.steps = found.steps
  batch.first = found.first
  batch.increment = found.increment
  batch.stageSeconds = found.stageSeconds
  batch.hostSeconds = line.hostSeconds
  return true
}

/** Somebody who has arrived meanwhile joins the next step. */
const isJoined = ({ arrived, running, rules }: Scheduler): boolean =>
  arrived.length > 0 && running.count < rules.maximumSequences

/** The group whose context is the largest, the fastest-growing of equals; -1 where a window makes two sums race. */
const leadingGroup = ({ parts }: Batch): number => {
  if (parts.length === 1) return 0
  let lead = 0
  for (let group = 0; group < parts.length; group++) {
    const { decodes } = parts[group]!
    if (decodes.rules.window < Infinity) return -1
    const best = parts[lead]!.decodes
    if (decodes.context > best.context || (decodes.context === best.context && decodes.count > best.count)) lead = group
  }
  return lead
}

/** Steps before another group's context overtakes the leader's. */
const stepsInTheLead = ({ parts }: Batch, lead: number): number => {
  const { context, count } = parts[lead]!.decodes
  let steps = Infinity
  for (const { decodes } of parts)
    if (decodes.count > count)
      steps = Math.min(steps, Math.floor((context - decodes.context) / (decodes.count - count)) + 1)
  return steps
}
