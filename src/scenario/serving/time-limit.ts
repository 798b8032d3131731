/**
 * When a run ends that no scenario put an end to.
 *
 * Users who wait for their answers, and offline work, always come to an end. Of requests that come by themselves more may
 * come than can be served: then the run ends an hour, and as long again as the arrivals took, after the last one should
 * have come. A server that has not caught up by then is overloaded, and the verdict says so.
 */
import { distributionMean, type Arrivals, type RateCurve, type WorkloadSpec } from "../../serving/index.ts"

const graceSeconds = 3600

/** Requests per second on average over a long time. */
export const meanRate = (arrivals: Arrivals): number => {
  if (arrivals.kind === "gamma" || arrivals.kind === "deterministic") return arrivals.rate
  return arrivals.kind === "poisson" ? curveRate(arrivals.rate) : 0
}

const curveRate = (rate: RateCurve): number => {
  switch (rate.kind) {
    case "constant":
      return rate.rate
    case "ramp":
      return rate.to
    case "daily":
      return rate.mean
    case "bursts":
      return rate.rate + ((rate.burstRate - rate.rate) * rate.burstSeconds) / rate.everySeconds
    default:
      return rate.rates.at(-1) ?? 0
  }
}

/** Seconds until a curve has come to what it is in the long run. */
const curveSeconds = (rate: RateCurve): number => {
  switch (rate.kind) {
    case "constant":
      return 0
    case "ramp":
      return rate.seconds
    case "daily":
      return rate.periodSeconds
    case "bursts":
      return rate.everySeconds
    default:
      return rate.seconds.at(-1) ?? 0
  }
}

/** Seconds until the last request should have come; Infinity where that depends on the server. */
const arrivalSeconds = ({ arrivals, classes, requests, seconds }: WorkloadSpec): number => {
  if (arrivals.kind === "closedLoop" || arrivals.kind === "batch" || arrivals.kind === "rounds") return Infinity
  if (arrivals.kind === "trace")
    return Math.min(seconds, (arrivals.trace.arrivalSeconds.at(-1) ?? 0) / arrivals.speedUp)
  const start = arrivals.kind === "poisson" ? curveSeconds(arrivals.rate) : 0
  const talks = classes.map(({ conversation }) =>
    conversation === null ? 0 : distributionMean(conversation.turns) * distributionMean(conversation.thinkTime)
  )
  return Math.min(seconds, start + requests / meanRate(arrivals)) + Math.max(0, ...talks)
}

export const usualTimeLimit = (workload: WorkloadSpec): number => 2 * arrivalSeconds(workload) + graceSeconds
