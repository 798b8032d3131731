/** How many replicas there were, what that cost against a fleet of all of them, and what failures did. */
import { poolsOf } from "../fleet/pools.ts"
import type { LifeEvent, LifeLog, LifeState } from "../fleet/scaling/types.ts"
import type { ServingJob, ServingLog } from "../types.ts"
import { acceleratorsPerReplica } from "./totals.ts"

export interface ScalingResult {
  /** Replicas that took requests, all pools together: time mean, most and fewest. */
  readonly meanUp: number
  readonly mostUp: number
  readonly fewestUp: number
  /** Time mean of those that are paid: starting, up, draining or under repair. */
  readonly meanPaid: number
  /** Starts that load, schedule or a failure asked for; replicas that load or schedule took away; failures; rolling restarts. */
  readonly starts: number
  readonly stops: number
  readonly failures: number
  readonly restarts: number
  /** Means over the starts that were completed; null where there were none. */
  readonly startUp: {
    readonly seconds: number
    readonly nodeSeconds: number
    readonly imageSeconds: number
    readonly weightSeconds: number
    readonly warmUpSeconds: number
  } | null
  /** Paid, and what all replicas would have been for the whole run. */
  readonly acceleratorHours: number
  readonly fixedFleetAcceleratorHours: number
  /** Requests that failures ended, times that one was sent again, and tokens that were generated for nothing. */
  readonly lostRequests: number
  readonly resentRequests: number
  readonly discardedTokens: number
  /** In equal intervals, as `Series`: time means; index i is the interval that ends at `until[i]`. */
  readonly series: {
    readonly until: readonly number[]
    readonly up: readonly number[]
    readonly paid: readonly number[]
  }
  /** Every change, the first thousands. */
  readonly events: readonly LifeEvent[]
}

const intervals = 120
const mostEvents = 5000

export const scalingOf = (job: ServingJob, { life, seconds }: ServingLog): ScalingResult | undefined => {
  if (life === undefined) return undefined
  const pools = poolsOf(job)
  const sizes = pools.flatMap((pool) => Array.from({ length: pool.replicas }, () => acceleratorsPerReplica(pool)))
  const sum = (values: Float64Array, of: (value: number, replica: number) => number): number =>
    values.reduce((total, value, replica) => total + of(value, replica), 0)
  /** Of nothing but a moment, those that are there. */
  const mean = (values: Float64Array, isIn: (state: LifeState) => boolean): number =>
    seconds > 0 ? sum(values, (value) => value) / seconds : life.firstStates.filter(isIn).length
  const count = (is: (event: LifeEvent) => boolean): number => life.events.filter(is).length
  const [most, fewest] = extremes(life)
  return {
    meanUp: mean(life.upSeconds, (state) => state === "up"),
    mostUp: most,
    fewestUp: fewest,
    meanPaid: mean(life.paidSeconds, (state) => state !== "off"),
    starts: count(({ from, to }) => from === "off" && to === "starting"),
    stops: count(({ to, why }) => (to === "off" || to === "draining") && (why === "load" || why === "schedule")),
    failures: life.failures,
    restarts: count(({ to, why }) => to === "starting" && why === "restart"),
    startUp: startUpOf(life),
    acceleratorHours: sum(life.paidSeconds, (value, replica) => value * sizes[replica]!) / 3600,
    fixedFleetAcceleratorHours: (sizes.reduce((total, size) => total + size, 0) * seconds) / 3600,
    lostRequests: life.lostRequests,
    resentRequests: life.resentRequests,
    discardedTokens: life.discardedTokens,
    series: courseOf(life, seconds),
    events: life.events.slice(0, mostEvents)
  }
}

const startUpOf = ({ starts }: LifeLog): ScalingResult["startUp"] => {
  if (starts.length === 0) return null
  const mean = (of: (start: (typeof starts)[number]) => number): number =>
    starts.reduce((total, start) => total + of(start), 0) / starts.length
  const parts = {
    nodeSeconds: mean((start) => start.nodeSeconds),
    imageSeconds: mean((start) => start.imageSeconds),
    weightSeconds: mean((start) => start.weightSeconds),
    warmUpSeconds: mean((start) => start.warmUpSeconds)
  }
  return { seconds: parts.nodeSeconds + parts.imageSeconds + parts.weightSeconds + parts.warmUpSeconds, ...parts }
}

const extremes = ({ firstStates, events }: LifeLog): readonly [number, number] => {
  let up = firstStates.filter((state) => state === "up").length
  let [most, fewest] = [up, up]
  for (const { from, to } of events) {
    up += Number(to === "up") - Number(from === "up")
    most = Math.max(most, up)
    fewest = Math.min(fewest, up)
  }
  return [most, fewest]
}

/** Time means per interval of those who are up and of those who are paid. */
const courseOf = ({ firstStates, events }: LifeLog, seconds: number): ScalingResult["series"] => {
  if (!(seconds > 0)) return { until: [], up: [], paid: [] }
  const width = seconds / intervals
  const mean = (isIn: (state: LifeState) => boolean): number[] => {
    const means = Array.from({ length: intervals }, () => 0)
    let value = firstStates.filter(isIn).length
    let since = 0
    const addUntil = (time: number): void => {
      for (let bin = Math.floor(since / width); bin < intervals && bin * width < time; bin++)
        means[bin] = means[bin]! + (value * (Math.min(time, (bin + 1) * width) - Math.max(since, bin * width))) / width
      since = time
    }
    for (const event of events) {
      addUntil(event.seconds)
      value += Number(isIn(event.to)) - Number(isIn(event.from))
    }
    addUntil(seconds)
    return means
  }
  return {
    until: Array.from({ length: intervals }, (_, bin) => (bin + 1) * width),
    up: mean((state) => state === "up"),
    paid: mean((state) => state !== "off")
  }
}
