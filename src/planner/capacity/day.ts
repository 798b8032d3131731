/**
 * A day: the fleet is built for its busiest hour, and what of it each hour needs.
 *
 * A curve swings around its mean as the `daily` arrivals of a scenario: mean x (1 + amplitude x cosine). The busiest hour is
 * what the fleet is searched for; the goals hold in that hour, not on the average of the day.
 */
import { runsOf } from "./runs.ts"
import type { SizedFleet } from "./plan-types.ts"
import { smallest, together } from "./sizing.ts"
import type { CapacityRequest, CapacitySearch } from "./types.ts"

export interface DayCurve {
  /** Requests a second in the busiest and in the quietest hour. */
  readonly peak: number
  readonly trough: number
}

export interface DayHour {
  readonly hour: number
  readonly rate: number
  readonly replicas: number
}

export interface Day {
  readonly hours: readonly DayHour[]
  /** Replica-hours of a fleet that follows the hours, over those of one for the peak. */
  readonly followed: number
  /** Mean load over the busiest. */
  readonly meanLoad: number
}

/** Requests a second of each hour, at its busiest moment; hour 0 is the quietest. */
export const hourlyRates = ({ peak, trough }: DayCurve): readonly number[] => {
  const [mean, swing] = [(peak + trough) / 2, (peak - trough) / 2]
  const at = (hour: number): number => mean - swing * Math.cos((2 * Math.PI * hour) / 24)
  return Array.from({ length: 24 }, (_, hour) =>
    hour <= 12 && hour + 1 >= 12 ? peak : Math.max(at(hour), at(hour + 1))
  )
}

/** Distinct rates that are simulated; hours between take the next higher. */
const levels = 6

/** The smallest fleet of the chosen kind for every hour. */
export function* dayOf(request: CapacityRequest, curve: DayCurve, best: SizedFleet): CapacitySearch<Day> {
  const rates = hourlyRates(curve)
  const steps = Array.from(
    { length: levels },
    (_, index) => curve.trough + ((index + 1) / levels) * (curve.peak - curve.trough)
  )
  const below = steps.slice(0, -1)
  const found = yield* together(
    below.map((rate) =>
      smallest(
        runsOf({ ...request, rate, requests: Math.max(2000, Math.ceil((request.requests * rate) / request.rate)) }),
        best.rated,
        Math.max(1, Math.ceil(rate / best.rated.bounds.mostPerSecond - 1e-9)),
        best.replicas,
        Math.max(1, Math.ceil((best.replicas * rate) / request.rate))
      )
    )
  )
  const hours = rates.map((rate, hour): DayHour => {
    const level = below.findIndex((one) => one >= rate - 1e-9)
    const own = level < 0 ? undefined : found[level]
    return { hour, rate, replicas: own === undefined || own.point === null ? best.replicas : own.replicas }
  })
  const sum = (of: (one: DayHour) => number): number => hours.reduce((total, one) => total + of(one), 0)
  return {
    hours,
    followed: sum(({ replicas }) => replicas) / (24 * best.replicas),
    meanLoad: (curve.peak + curve.trough) / 2 / curve.peak
  }
}
