/**
 * When a replica would give a request its first token: an estimate from what a router can know.
 *
 * All prompt tokens queued there and the request's own, less what the cache holds, go through in steps of the batch's budget,
 * each beside the sequences that decode there; where requests wait already, nobody new starts before as many as wait have
 * left, at the pace at which they left lately. The larger of the two counts.
 */
import type { StepLoad } from "../../../inference/index.ts"
import type { LiveRequests } from "../../live/live-requests.ts"
import { type Replica, waitingRequests } from "../../replica/replica.ts"
import { makeStepLoad } from "../../../inference/index.ts"

const scratch: StepLoad = makeStepLoad()

const stepSeconds = ({ steps }: Replica, load: StepLoad): number => {
  let seconds = steps.hostSeconds(load) + (steps.stages - 1) * (steps.stages > 1 ? steps.hopSeconds(load) : 0)
  for (let stage = 0; stage < steps.stages; stage++) seconds += steps.stageSeconds(stage, load)
  return seconds
}

const decoding = ({ schedulers }: Replica): number => {
  let count = 0
  for (const { parts } of schedulers) for (const { decodes } of parts) count += decodes.count
  return count
}

/** @param cachedTokens  of the request's prompt, as far as the router knows */
export const predictedTtft = (live: LiveRequests, replica: Replica, slot: number, cachedTokens: number): number => {
  const { rules, server } = replica.pool
  const tokens = replica.queuedTokens + Math.max(1, live.prompt[slot]! - cachedTokens)
  const groups = server.target.layout.dataAttention
  const budget = Number.isFinite(rules.budget) ? rules.budget * groups : tokens
  const decodes = decoding(replica)
  // Sequences at hand hold at most all their tokens.
  const context = Math.max(decodes, replica.tokens - replica.queuedTokens)
  const ofStep = (prefill: number): number => {
    if (prefill === 0) return 0
    scratch.decodes = decodes
    scratch.decodeContext = decodes === 0 ? 0 : context
    scratch.decodeWindow = scratch.decodeContext
    scratch.prefills = 1
    scratch.prefillTokens = prefill
    scratch.prefillPairs = (prefill * (prefill + 1)) / 2
    scratch.prefillContext = prefill
    scratch.sampled = decodes + 1
    return stepSeconds(replica, scratch)
  }
  const whole = Math.floor(tokens / budget)
  const seconds = whole * ofStep(Math.min(budget, tokens)) + ofStep(tokens - whole * budget)
  const waiting = waitingRequests(replica)
  const wait =
    waiting > 0 && replica.leaveInterval === replica.leaveInterval ? (waiting + 1) * replica.leaveInterval : 0
  return Math.max(seconds, wait) + replica.steps.firstTokenSeconds
}

/** Weight of the latest interval in the mean of those between departures. */
const latest = 0.1

/** A request leaves: departures tell how fast places come free. */
export const noteDeparture = (replica: Replica, now: number): void => {
  const interval = now - replica.lastLeft
  replica.lastLeft = now
  if (interval !== interval) return
  const { leaveInterval } = replica
  replica.leaveInterval =
    leaveInterval === leaveInterval ? leaveInterval + latest * (interval - leaveInterval) : interval
}
