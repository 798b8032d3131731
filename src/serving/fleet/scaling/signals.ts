/**
 * What an autoscaler sees of a pool, and how many replicas that asks for.
 *
 * Load that is shared out (requests, tokens, busy time) asks for load / target replicas, as the Kubernetes autoscaler computes
 * it: ceil(current x signal / target), nothing within the tolerance. Queues and latencies are no load that replicas share:
 * above the target they ask for signal / target times as many but at most twice as many, well below it for one less.
 */
import { quantileOfSorted } from "../../../statistics/index.ts"
import { accrue, type Replica } from "../../replica/replica.ts"
import type { Scaling } from "./types.ts"

/** Latencies with the time at which they were known, in order of time. */
export interface Observations {
  readonly add: (now: number, seconds: number) => void
  /** The quantile of those since a time; NaN where there are none. */
  readonly quantileSince: (from: number, quantile: number) => number
}

export const makeObservations = (): Observations => {
  const times: number[] = []
  const values: number[] = []
  let first = 0
  return {
    add: (now, seconds) => {
      times.push(now)
      values.push(seconds)
    },
    quantileSince: (from, quantile) => {
      while (first < times.length && times[first]! < from) first++
      // What is out of the window will not be asked for again.
      if (first > 1024 && 2 * first > times.length) {
        times.splice(0, first)
        values.splice(0, first)
        first = 0
      }
      return quantileOfSorted(Float64Array.from(values.slice(first)).sort(), quantile)
    }
  }
}

/** Sums over a pool's replicas that only grow: their differences are means over a window. */
export interface Sums {
  requestSeconds: number
  waitingSeconds: number
  busySeconds: number
}

export const sumsOf = (replicas: readonly Replica[], now: number): Sums => {
  const sums = { requestSeconds: 0, waitingSeconds: 0, busySeconds: 0 }
  for (const replica of replicas) {
    accrue(replica, now)
    const { totals } = replica
    sums.requestSeconds += totals.runningIntegral + totals.waitingIntegral
    sums.waitingSeconds += totals.waitingIntegral
    sums.busySeconds += totals.busySeconds + (replica.inFlight > 0 ? now - replica.busySince : 0)
  }
  return sums
}

/** What the pool looks like at a look. */
export interface Seen {
  readonly now: number
  /** Replicas that are up or starting, and those of them that are up. */
  readonly current: number
  readonly up: number
  /** Requests, those waiting and replicas with work: means over the window; tokens now; latency: its quantile, NaN = none. */
  readonly requests: number
  readonly waiting: number
  readonly busy: number
  readonly tokens: number
  readonly latency: number
}

/** Share of the target below which a pressed signal lets a replica go. */
const wellBelow = 0.7

/** A count that rounding may have put a little above the whole. */
const wholeAbove = (value: number): number => Math.ceil(value - 1e-6)

/** Replicas that the signal asks for, without the spare ones and the limits. */
export const wantedBy = (scaling: Scaling, seen: Seen): number => {
  const { signal, target, tolerance, schedule } = scaling
  const { current } = seen
  const shared = (load: number): number =>
    current > 0 && Math.abs(load / (target * current) - 1) <= tolerance ? current : wholeAbove(load / target)
  const pressed = (value: number): number => {
    if (value > target * (1 + tolerance))
      return Math.max(current + 1, wholeAbove(current * Math.min(2, value / target)))
    // One at a time: what the others will feel of it is not known.
    return value < wellBelow * target ? current - 1 : current
  }
  switch (signal) {
    case "requests":
      return shared(seen.requests)
    case "tokens":
      return shared(seen.tokens)
    case "busy":
      return shared(seen.busy)
    case "queue":
      return pressed(seen.waiting / Math.max(1, seen.up))
    case "schedule": {
      let wanted = schedule[0]?.[1] ?? current
      for (const [seconds, replicas] of schedule) if (seconds <= seen.now) wanted = replicas
      return wanted
    }
    default:
      // Nobody had a token: nobody asked, or all still wait.
      if (seen.latency === seen.latency) return pressed(seen.latency)
      return seen.requests > 0 ? current : current - 1
  }
}

export const limited = ({ minimum, maximum, spare }: Scaling, wanted: number): number =>
  Math.min(maximum, Math.max(minimum, wanted + spare))
