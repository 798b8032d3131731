/** Whether the system keeps up with what arrives, why, and up to which rate it would. */
import type { Arrivals, ServingJob, ServingLog } from "../types.ts"
import { frontReplicasOf, offeredCapacity } from "./fleet-capacity.ts"
import { allServedTokens, isTooLong } from "./lengths.ts"
import { countPerBin, meanPresent } from "./occupancy.ts"
import { everGrew, growthToTheEnd, longestAbove, type Trend } from "./queue-trend.ts"
import type { Presence } from "./presence.ts"
import { stateIndex } from "./request-times.ts"
import { sumOf } from "./totals.ts"
import type { MeasuredWindow, Verdict } from "./types.ts"

const bins = 40
/** Requests that must finish while saturated, and mean times of service that saturation must last, to measure by it. */
const leastFinished = 30
const leastServices = 3
/** Mean number waiting at a replica in an interval from which on the queue is taken to be never empty in it. */
const neverEmpty = 10
/** Share of arrivals that are turned away or give up: above the first the queue overflows, above the second it always does. */
const someLost = 0.01
const manyLost = 0.05
/** Share of the time with work from which on what is served is taken to be all that can be. */
const saturated = 0.9

/** Squared coefficient of variation of the gaps between arrivals, as the workload defines them; 1 where it does not. */
const arrivalVariation = (arrivals: Arrivals): number =>
  arrivals.kind === "gamma" ? arrivals.variation ** 2 : arrivals.kind === "deterministic" ? 0 : 1

const isClosed = ({ kind }: Arrivals): boolean => kind === "closedLoop" || kind === "batch" || kind === "rounds"

const shown = (value: number): string => String(Number(value.toPrecision(3)))

/** Mean seconds between the first step and the last token of the requests that finished. */
const meanService = ({ requests }: ServingLog): number => {
  let [sum, count] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    if (requests.state[request] !== stateIndex.finished) continue
    sum += requests.finished[request]! - requests.scheduled[request]!
    count++
  }
  return sum / count
}

/**
 * Requests that finished per second in the longest time during which ten or more waited for each replica, less one time of
 * service at its start for the batch to fill; undefined where that time is too short to tell.
 */
const measuredCapacity = (job: ServingJob, log: ServingLog, { arrival, taken }: Presence): number | undefined => {
  const { requests, seconds } = log
  const waiting = meanPresent(arrival, taken, 0, seconds, bins)
  const [first, end] = longestAbove(waiting, neverEmpty * frontReplicasOf(job))
  const service = meanService(log)
  const from = (first * seconds) / bins + service
  const to = (end * seconds) / bins
  if (!(to - from >= leastServices * service)) return undefined
  let finished = 0
  for (let request = 0; request < requests.count; request++)
    if (
      requests.state[request] === stateIndex.finished &&
      requests.finished[request]! > from &&
      requests.finished[request]! <= to
    )
      finished++
  return finished < leastFinished ? undefined : finished / (to - from)
}

interface Lost {
  readonly share: number
  readonly count: number
}

/** Requests that were turned away, gave up or were dropped from the queue, of those that arrived from a time on. */
const lostSince = (job: ServingJob, { requests }: ServingLog, from: number): Lost => {
  let [arrived, count] = [0, 0]
  for (let request = 0; request < requests.count; request++) {
    if (requests.arrival[request]! < from) continue
    arrived++
    const state = requests.state[request]
    const isTurnedAway = state === stateIndex.rejected || state === stateIndex.cancelled
    // Too long a request fails on an idle server as well.
    if (isTurnedAway || (state === stateIndex.failed && !isTooLong(job, requests, request))) count++
  }
  return { share: arrived === 0 ? 0 : count / arrived, count }
}

export const judge = (job: ServingJob, log: ServingLog, window: MeasuredWindow, presence: Presence): Verdict => {
  const { requests } = log
  const measured = measuredCapacity(job, log, presence)
  const outputs = allServedTokens(job, requests)
  const modelled = offeredCapacity(job, requests, outputs)
  const capacity = measured ?? modelled
  const capacityBasis = measured === undefined ? "modelled" : "measured while saturated"

  const from = window.fromSeconds
  let lastArrival = from
  let arrivals = 0
  for (let request = 0; request < requests.count; request++) {
    const time = requests.arrival[request]!
    if (time < from) continue
    arrivals++
    if (time > lastArrival) lastArrival = time
  }
  const span = lastArrival - from
  // Gaps rather than requests: the last arrival ends the time that is looked at.
  const offered = span > 0 ? (arrivals - 1) / span : NaN
  const verdict = (kind: Verdict["kind"], reasons: readonly string[], estimate = capacity): Verdict => ({
    kind,
    reasons,
    offeredRequestsPerSecond: offered,
    estimatedCapacityRequestsPerSecond: estimate,
    capacityBasis,
    offeredShareOfCapacity: offered / estimate
  })
  if (isClosed(job.workload.arrivals))
    return verdict("closed", [
      job.workload.arrivals.kind === "batch"
        ? "everything is there from the start: the run lasts as long as it takes"
        : "users wait for their answers before they ask again, so that the load follows the server"
    ])
  if (!(span > 0)) return verdict("stable", ["too few requests arrived to speak of a rate"])

  const { arrival, taken, left } = presence
  const arrivedPerBin = countPerBin(arrival, from, lastArrival, bins)
  const waiting = meanPresent(arrival, taken, from, lastArrival, bins)
  const inSystem = meanPresent(arrival, left, from, lastArrival, bins)
  const variation = arrivalVariation(job.workload.arrivals)
  const queue = growthToTheEnd(waiting, arrivedPerBin, variation)
  // More in progress over the last quarter alone is what a batch near its limit does by chance.
  const half = bins / 2
  const all = growthToTheEnd(inSystem.subarray(half), arrivedPerBin.subarray(half), variation, [1])
  const lost = lostSince(job, log, from + span / 2)
  return decide({
    verdict,
    offered,
    capacity,
    measured,
    queue,
    all,
    lost,
    waiting,
    arrivedPerBin,
    variation,
    span,
    busy: busyShare(log)
  })
}

const busyShare = (log: ServingLog): number => sumOf(log, "busySeconds") / (log.replicas.length * log.seconds)

interface Findings {
  readonly verdict: (kind: Verdict["kind"], reasons: readonly string[], estimate?: number) => Verdict
  readonly offered: number
  readonly capacity: number
  readonly measured: number | undefined
  readonly queue: Trend
  /** Of waiting and running requests, over the second half. */
  readonly all: Trend
  readonly lost: Lost
  readonly waiting: Float64Array
  readonly arrivedPerBin: Float64Array
  readonly variation: number
  readonly span: number
  readonly busy: number
}

const decide = (findings: Findings): Verdict => {
  const { verdict, offered, capacity, measured, queue, all, lost, waiting, arrivedPerBin, variation, span, busy } =
    findings
  const rates = `${shown(offered)} requests/s arrive, about ${shown(capacity)} can be served`
  const stretch = (trend: Trend): string =>
    trend.share === 1 ? "the whole time of arrivals" : `the last ${shown(trend.share * 100)} % of the time of arrivals`
  if (queue.rise > 0) {
    const grew = `the queue grew by ${shown(queue.rise)} requests over ${stretch(queue)}`
    const stretchBins = Math.round(queue.share * bins)
    const arrived = arrivedPerBin.subarray(bins - stretchBins).reduce((sum, count) => sum + count, 0)
    const offeredThen = arrived / (queue.share * span)
    // A queue that grows far below the modelled capacity is a batch that still forms, or chance.
    if (measured === undefined && offeredThen < 0.8 * capacity)
      return verdict("backlogged", [grew, rates, "the run is too short to tell whether the queue would go down again"])
    // What a growing queue leaves is served: capacity cannot be above it.
    const served = offeredThen - queue.rise / (queue.share * span)
    return verdict("overloaded", [grew, rates], measured ?? Math.min(capacity, served))
  }
  const gaveUp = `${shown(lost.share * 100)} % of the requests were turned away or gave up in the second half`
  if (lost.share >= manyLost && lost.count >= 10) {
    if (busy >= saturated || offered > capacity)
      return verdict(
        "overloaded",
        [gaveUp, rates],
        measured ?? Math.min(capacity, offered * (1 - lost.share) || capacity)
      )
    const spare = `a replica has work only ${shown(busy * 100)} % of the time: limits and timeouts turn requests away, not the load`
    return verdict("backlogged", [gaveUp, spare])
  }
  if (all.rise > 0) {
    const grew = `requests in progress rose by ${shown(all.rise)} over ${stretch({ ...all, share: all.share / 2 })}`
    if (offered > 1.2 * capacity) return verdict("overloaded", [grew, rates])
    return verdict("backlogged", [grew, rates, "the run is too short to reach a steady state"])
  }
  if (lost.share >= someLost && lost.count >= 10) return verdict("backlogged", [gaveUp, rates])
  // What was served without a trend can be served.
  const estimate = Math.max(capacity, offered)
  if (everGrew(waiting, arrivedPerBin, variation))
    return verdict(
      "backlogged",
      [
        `the queue rose to ${shown(Math.max(...waiting))} requests and went down again`,
        `${shown(offered)} requests/s arrive on average, about ${shown(estimate)} can be served`
      ],
      estimate
    )
  return verdict(
    "stable",
    [
      `the queue has no trend; a replica has work ${shown(busy * 100)} % of the time`,
      `${shown(offered)} requests/s arrive, about ${shown(estimate)} can be served`
    ],
    estimate
  )
}
