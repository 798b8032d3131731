/**
 * A day: the fleet is built for its busiest hour, and what of it each hour needs.
 *
 * A curve swings around its mean as the `daily` arrivals of a scenario: mean x (1 + amplitude x cosine). The busiest hour is
 * what the fleet is searched for; the goals hold in that hour, not on the average of the day.
 */
import { cheapestSize, type RatedPair } from "./apart.ts"
import { acceleratorsOf } from "./fleet.ts"
import { runsOf, type PairSize, type Runs } from "./runs.ts"
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
  /** Replicas that compute prompts, where they are apart; `replicas` are then those that write answers. */
  readonly prefill?: number
}

export interface Day {
  readonly hours: readonly DayHour[]
  /** Replica-hours (of two pools accelerator-hours) of a fleet that follows the hours, over those of one for the peak. */
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

/** The smallest fleet of the chosen kind, or of both chosen kinds, for every hour. */
export function* dayOf(request: CapacityRequest, curve: DayCurve, best: SizedFleet): CapacitySearch<Day> {
  const rates = hourlyRates(curve)
  const peak = sizeOf(best)
  const steps = Array.from(
    { length: levels },
    (_, index) => curve.trough + ((index + 1) / levels) * (curve.peak - curve.trough)
  )
  const below = steps.slice(0, -1)
  const found = yield* together(
    below.map((rate) =>
      sizeAt(
        runsOf({ ...request, rate, requests: Math.max(2000, Math.ceil((request.requests * rate) / request.rate)) }),
        best,
        { rate, peak: request.rate }
      )
    )
  )
  const hours = rates.map((rate, hour): DayHour => {
    const level = below.findIndex((one) => one >= rate - 1e-9)
    const { prefill, decode } = (level < 0 ? undefined : found[level]) ?? peak
    return { hour, rate, replicas: decode, ...(best.prefill === undefined ? {} : { prefill }) }
  })
  const sizes = {
    prefill: best.prefill === undefined ? 0 : acceleratorsOf(best.prefill.rated.candidate),
    decode: best.prefill === undefined ? 1 : acceleratorsOf(best.rated.candidate)
  }
  const taken = (prefill: number, decode: number): number => prefill * sizes.prefill + decode * sizes.decode
  const sum = hours.reduce((total, { prefill = 0, replicas }) => total + taken(prefill, replicas), 0)
  return {
    hours,
    followed: sum / (24 * taken(peak.prefill, peak.decode)),
    meanLoad: (curve.peak + curve.trough) / 2 / curve.peak
  }
}

const sizeOf = ({ prefill, replicas }: SizedFleet): PairSize => ({ prefill: prefill?.replicas ?? 0, decode: replicas })

interface Load {
  readonly rate: number
  readonly peak: number
}

/** The smallest that does, at most the best's own; undefined where a run of its own finds none. */
function* sizeAt(run: Runs, best: SizedFleet, { rate, peak }: Load): CapacitySearch<PairSize | undefined> {
  const least = ({ bounds }: SizedFleet["rated"]): number => Math.max(1, Math.ceil(rate / bounds.mostPerSecond - 1e-9))
  const about = (replicas: number): number => Math.max(1, Math.ceil((replicas * rate) / peak))
  const { rated, replicas, prefill } = best
  if (prefill === undefined) {
    const own = yield* smallest(run, rated, least(rated), replicas, about(replicas))
    return own.point === null ? undefined : { prefill: 0, decode: own.replicas }
  }
  const pair: RatedPair = {
    prefill: prefill.rated,
    decode: rated,
    lattice: {
      least: { prefill: least(prefill.rated), decode: least(rated) },
      about: { prefill: about(prefill.replicas), decode: about(replicas) },
      most: { prefill: prefill.replicas, decode: replicas },
      mostDecode: () => replicas,
      worth: { prefill: prefill.rated.worth, decode: rated.worth }
    },
    bound: 0,
    about: 0,
    answerSeconds: rated.bounds.answerSeconds
  }
  const { sized } = yield* cheapestSize(
    run,
    pair,
    () => Infinity,
    () => undefined
  )
  return sized?.size
}
