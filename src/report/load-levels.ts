/**
 * The same work at another load: which field of a scenario holds the load, and which loads are worth simulating.
 */
import type { Changes, ServingScenario } from "../scenario/index.ts"

export interface LoadKnob {
  /** What the load is counted in. */
  readonly unit: "requests/s" | "users"
  /** Load of the scenario as written, in that unit; undefined where only a simulation tells (traces, conversations). */
  readonly users: number | undefined
  /** The changes that make it `times` the load. */
  readonly at: (times: number) => Changes
}

const path = "workload.arrivals"

/** Keeps four figures, so that a command can be typed. */
const round = (value: number): number => Number(value.toPrecision(4))

/** Undefined where all requests come at once: there is no load to turn up. */
export const loadKnob = ({ workload: { arrivals } }: ServingScenario): LoadKnob | undefined => {
  const { poisson, gamma, deterministic, closedLoop, trace } = arrivals
  const rates = (at: LoadKnob["at"]): LoadKnob => ({ unit: "requests/s", users: undefined, at })
  if (poisson !== undefined) return rates((times) => ({ [`${path}.poisson.rate`]: scaled(poisson.rate, times) }))
  if (gamma !== undefined) return rates((times) => ({ [`${path}.gamma.rate`]: round(gamma.rate * times) }))
  if (deterministic !== undefined)
    return rates((times) => ({ [`${path}.deterministic.rate`]: round(deterministic.rate * times) }))
  if (trace !== undefined) return rates((times) => ({ [`${path}.trace.speedUp`]: round((trace.speedUp ?? 1) * times) }))
  if (closedLoop !== undefined)
    return {
      unit: "users",
      users: closedLoop.users,
      at: (times) => ({ [`${path}.closedLoop.users`]: Math.max(1, Math.round(closedLoop.users * times)) })
    }
  return undefined
}

type Rate = NonNullable<ServingScenario["workload"]["arrivals"]["poisson"]>["rate"]

/** Fields of a rate curve that are rates; times and shares stay. */
const rateFields: readonly string[] = ["from", "to", "mean", "rate", "burstRate"]

/** A rate, or a curve of rates, so many times as high. */
const scaled = (rate: Rate, times: number): unknown => {
  if (typeof rate === "number") return round(rate * times)
  const inCurve = (key: string, value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map((step: unknown) =>
        Array.isArray(step) && typeof step[1] === "number" ? [step[0], round(step[1] * times)] : step
      )
    if (typeof value === "number") return rateFields.includes(key) ? round(value * times) : value
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inCurve(name, inner)]))
    return value
  }
  return inCurve("", rate)
}

/** Shares of the capacity that are simulated: dense where the curve bends, and beyond its end. */
const sharesOfCapacity = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 1, 1.1, 1.25] as const
/** Requests at once: powers of two around what the scenario has. */
export const batchLevels = (requests: number): readonly number[] => {
  const least = Math.max(1, 2 ** Math.floor(Math.log2(Math.max(1, requests / 64))))
  return Array.from({ length: 12 }, (_, index) => least * 2 ** index)
    .filter((size) => size <= Math.max(64, 4 * requests) && size <= mostAtOnce)
    .filter((size) => size !== requests)
}

/** More at once says nothing new, and takes its time. */
const mostAtOnce = 4096

/** A batch of so many requests, which the server may run as one. */
export const batchOf = (requests: number, maximumSequences: number): Changes => ({
  "workload.requests": requests,
  ...(requests > maximumSequences ? { "serving.batching.maxBatchSize": requests } : {})
})

const timesUsers = [0.125, 0.25, 0.5, 0.75, 1.5, 2, 3, 4] as const

/** Of each of several servers side by side: as dense where goals stop being met, one beyond its end. */
const sharesOfEach = [0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1, 1.25] as const

/**
 * Multiples of the scenario's load to simulate beside itself, ascending.
 *
 * @param isCompared it is one of several, each of which costs as much
 */
export const loadLevels = (
  knob: LoadKnob,
  offered: number,
  capacity: number,
  isCompared = false
): readonly number[] => {
  if (knob.users !== undefined) {
    const { users } = knob
    return timesUsers.filter((times) => Math.round(users * times) >= 1)
  }
  const full =
    Number.isFinite(capacity) && capacity > 0 && Number.isFinite(offered) && offered > 0 ? capacity / offered : 1
  return (isCompared ? sharesOfEach : sharesOfCapacity).map((share) => share * full)
}

/** Requests at another load than the scenario's, at most: more take longer than anybody waits for a report. */
const mostRequests = 500_000

/**
 * The highest multiple of the load that is simulated. A workload that ends after a time has so many times as many requests.
 *
 * @param requests that come at the scenario's own load until its time is over; 0 where it ends after a number of them
 */
export const highestTimes = (requests: number): number =>
  requests === 0 ? Infinity : Math.max(3, mostRequests / requests)

const timesOfOwn = [0.25, 0.5, 0.75, 1.5, 2, 3] as const

/** Levels up to the highest; around the scenario's own load where hardly any are left. */
export const levelsUpTo = (levels: readonly number[], highest: number): readonly number[] => {
  const kept = levels.filter((times) => times <= highest)
  return kept.length === levels.length || kept.length >= 4 ? kept : timesOfOwn
}

/** Multiples between two, for finding where an objective stops being met. */
export const between = (low: number, high: number): readonly number[] =>
  [0.25, 0.5, 0.75].map((share) => low + share * (high - low))
