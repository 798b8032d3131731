/**
 * The smallest fleet of one kind of replica, searches side by side, and which of the sized fleets comes first.
 */
import { isWithin } from "./fleet.ts"
import type { SizedFleet } from "./plan-types.ts"
import type { Runs } from "./runs.ts"
import type { RatedKind } from "./space.ts"
import type { CapacitySearch, FleetOutcome, FleetPoint } from "./types.ts"

export interface Smallest {
  readonly replicas: number
  /** Null: not even the most replicas do. */
  readonly point: FleetPoint | null
  /** With one replica less, or with the most. */
  readonly below: FleetOutcome | null
}

/** The smallest fleet from `least` to `most` replicas that is within the goals: steps that double from `start`, then halves. */
export function* smallest(
  run: Runs,
  one: Pick<RatedKind, "candidate">,
  least: number,
  most: number,
  start: number
): CapacitySearch<Smallest> {
  let low = least - 1
  let high: { readonly replicas: number; readonly point: FleetPoint } | null = null
  let below: FleetOutcome | null = null
  let at = Math.min(most, Math.max(least, start))
  let step = 1
  for (;;) {
    const [outcome] = yield [run.at(one, at)]
    if (outcome !== undefined && outcome.kind === "served" && isWithin(outcome, run.goals))
      high = { replicas: at, point: outcome }
    else {
      low = at
      below = outcome ?? null
    }
    const top: number | undefined = high?.replicas
    if (top === undefined && low >= most) return { replicas: most, point: null, below }
    if (high !== null && high.replicas - low <= 1) return { ...high, below: low < least ? null : below }
    at =
      top === undefined
        ? Math.min(most, low + step)
        : low < least
          ? Math.max(least, top - step)
          : Math.floor((low + top) / 2)
    step *= 2
  }
}

/** Several searches side by side: a round has what all of them ask for. */
export function* together<T>(searches: readonly CapacitySearch<T>[]): CapacitySearch<readonly T[]> {
  const steps = searches.map((search) => search.next())
  for (;;) {
    const open = steps.flatMap((step, index) => (step.done === true ? [] : [{ index, asked: step.value }]))
    if (open.length === 0) return steps.map((step) => step.value as T)
    const outcomes = yield open.flatMap(({ asked }) => asked)
    let place = 0
    for (const { index, asked } of open) {
      steps[index] = searches[index]!.next(outcomes.slice(place, place + asked.length))
      place += asked.length
    }
  }
}

export const byValue = (one: SizedFleet, other: SizedFleet): number =>
  one.value - other.value || one.point.latencies.e2e.p50 - other.point.latencies.e2e.p50

/** The cheapest; of equals the one whose answers come sooner. */
export const leastOf = (sized: readonly SizedFleet[]): SizedFleet | undefined => sized.toSorted(byValue)[0]

/** What a fleet must cost less than, so as not to be dearer than one whose answers come sooner than its own can. */
export const dominatedFrom = (sized: readonly Pick<SizedFleet, "value" | "point">[], answerSeconds: number): number =>
  sized.reduce(
    (least, { value, point }) => (point.latencies.e2e.p50 <= answerSeconds ? Math.min(least, value) : least),
    Infinity
  )
