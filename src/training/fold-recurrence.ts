/**
 * Whether an execution came back to where it was, moved on by whole periods of its schedule.
 *
 * The state of an execution at an instant is where every actor stands in its list, how long ago it started its last
 * operation, which inputs have arrived for operations still to come, and which transfers are on the wires since when. All
 * that follows is a function of it and of the lists ahead. If the states of two instants are alike, the stretch between
 * them repeats for as long as the lists do.
 *
 * Alike is checked on what was logged: starts and arrivals of the last periods before the end of the steady sections,
 * each against the same a period earlier, far enough back that nothing older was still on its way (three times the
 * longest transfer). Wires shared by max-min fairness are covered with that: their rates depend only on which flows are
 * there, and starts and arrivals say which.
 */
import {
  nextHop,
  operationChunk,
  operationKind,
  operationMicroBatch,
  previousHop,
  type SteadySchedule
} from "../parallel/index.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { OperationLog } from "./operation-log.ts"

export interface Recurrence {
  /** Periods of the schedule after which the execution repeats: 1, or more where a circle through stages is the pace. */
  readonly periods: number
  /** Seconds that these take. */
  readonly seconds: number
  /** The instant at which it was in this state for the last time. */
  readonly atSeconds: number
}

/** Rounding of the clock that two equal spans may differ by, as a share of the clock's reading. */
const rounding = 1e-13

/** Periods compared at least. */
const fewestCompared = 3

/** The recurrence of the last steady instant of an execution, the shortest there is; null where it has none. */
export const recurrenceOf = (plan: ExecutionPlan, steady: SteadySchedule, log: OperationLog): Recurrence | null => {
  const { actors } = plan.cast
  const sectionOf = (actor: number) => steady.sections[actors[actor]?.stage ?? 0] as SteadySchedule["sections"][number]
  let atSeconds = Infinity
  for (const { index } of actors) atSeconds = Math.min(atSeconds, log.starts[index]?.[sectionOf(index).to] ?? Infinity)
  if (atSeconds === Infinity) return null
  const ends = actors.map(({ index }) => countBefore(log.starts[index] as Float64Array, atSeconds))
  const most = Math.min(
    ...actors.map(({ index }) => (((ends[index] ?? 0) - sectionOf(index).from) / sectionOf(index).length) | 0)
  )
  const transfer = longestTransfer(plan, log, ends)
  const tolerance = rounding * atSeconds
  for (let periods = 1; (fewestCompared + 1) * periods <= most; periods++) {
    const reference = spanOf(log.starts[0] as Float64Array, ends[0] ?? 0, periods * sectionOf(0).length)
    if (!(reference > 0)) continue
    const compared = Math.max(fewestCompared, Math.ceil((3 * transfer) / reference) + 1)
    if ((compared + 1) * periods > most) return null
    const isAlike = actors.every(({ index }) => {
      const starts = log.starts[index] as Float64Array
      const { length, from } = sectionOf(index)
      const step = periods * length
      const end = ends[index] ?? 0
      const first = end - compared * step
      // Parameters gathered under the first operation are there, and the list is steady a period earlier still.
      if (first - step < from || first - step < 1) return false
      for (let at = end - 1; at >= first; at--)
        if (!(Math.abs((starts[at] ?? 0) - (starts[at - step] ?? 0) - reference) <= tolerance)) return false
      return true
    })
    if (isAlike && arrivalsAlike(plan, steady, log, { periods, seconds: reference, atSeconds }, ends, tolerance))
      return { periods, seconds: reference, atSeconds }
  }
  return null
}

/** Operations of a list that started before an instant. */
const countBefore = (starts: Float64Array, seconds: number): number => {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) < seconds) low = middle + 1
    else high = middle
  }
  return low
}

const spanOf = (starts: Float64Array, end: number, step: number): number =>
  (starts[end - 1] ?? 0) - (starts[end - 1 - step] ?? 0)

const placeOf = ({ schedule }: ExecutionPlan, actor: number, code: number, isGradient: boolean): number =>
  2 * ((actor * schedule.chunks + operationChunk(code)) * schedule.microBatches + operationMicroBatch(code)) +
  (isGradient ? 1 : 0)

/** Longest time from the start of an operation, but a stage's first, to the arrival of what it sent. */
const longestTransfer = (plan: ExecutionPlan, log: OperationLog, ends: readonly number[]): number => {
  const { schedule, cast } = plan
  let longest = 0
  for (const actor of cast.actors) {
    const starts = log.starts[actor.index] as Float64Array
    const end = ends[actor.index] ?? 0
    schedule.operations[actor.stage]?.forEach((code, at) => {
      const kind = operationKind(code)
      if (kind === "backwardWeight" || at === 0 || at >= end) return
      const isGradient = kind !== "forward"
      const chunk = operationChunk(code)
      const hop = isGradient ? previousHop(schedule, actor.stage, chunk) : nextHop(schedule, actor.stage, chunk)
      if (hop === null) return
      const target = cast.peer(actor, hop.stage).index
      const place =
        2 * ((target * schedule.chunks + hop.chunk) * schedule.microBatches + operationMicroBatch(code)) +
        (isGradient ? 1 : 0)
      longest = Math.max(longest, (log.arrivals[place] ?? 0) - (starts[at] ?? 0))
    })
  }
  return longest
}

/**
 * Whether what had arrived by the instant for operations still to come had arrived, for those a recurrence earlier, by
 * the instant a recurrence earlier, and just as early.
 */
const arrivalsAlike = (
  plan: ExecutionPlan,
  steady: SteadySchedule,
  log: OperationLog,
  { periods, seconds, atSeconds }: Recurrence,
  ends: readonly number[],
  tolerance: number
): boolean => {
  const { schedule, cast } = plan
  const back = 2 * periods * steady.microBatches
  return cast.actors.every(({ index, stage }) => {
    const list = schedule.operations[stage] ?? new Int32Array(0)
    const { length } = steady.sections[stage] as SteadySchedule["sections"][number]
    const step = periods * length
    /** Those that had arrived by an instant for operations from a place on. */
    const waiting = (from: number, by: number): ReadonlyMap<number, number> => {
      const found = new Map<number, number>()
      for (let at = from; at < list.length; at++) {
        const code = list[at] ?? 0
        const kind = operationKind(code)
        if (kind === "backwardWeight") continue
        const place = placeOf(plan, index, code, kind !== "forward")
        const arrival = log.arrivals[place] ?? Number.NaN
        if (arrival < by) found.set(place, arrival)
      }
      return found
    }
    const now = waiting(ends[index] ?? 0, atSeconds)
    const before = waiting((ends[index] ?? 0) - step, atSeconds - seconds)
    let isAlike = true
    for (const [place, arrival] of now) {
      const earlier = log.arrivals[place - back] ?? Number.NaN
      if (!(Math.abs(arrival - earlier - seconds) <= tolerance)) isAlike = false
    }
    for (const [place, arrival] of before) {
      const later = log.arrivals[place + back] ?? Number.NaN
      if (!(Math.abs(later - arrival - seconds) <= tolerance)) isAlike = false
    }
    return isAlike
  })
}
