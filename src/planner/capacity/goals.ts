/**
 * What a service has to promise: percentiles of its latencies, such as `ttft.p99 < 1 s, tpot.p99 < 50 ms`.
 */
import { nearestNames } from "../../catalog/index.ts"
import { formatFigures, formatSeconds, parseQuantity } from "../../units/index.ts"
import { sweepProblem, type SweepProblem } from "../axis.ts"

export const metrics = ["ttft", "tpot", "e2e"] as const
export type Metric = (typeof metrics)[number]

export const statistics = ["mean", "p50", "p90", "p95", "p99", "p999"] as const
export type Statistic = (typeof statistics)[number]

/** Share of the requests that a percentile speaks of; a mean speaks of all. */
export const shareOf: Readonly<Record<Statistic, number>> = {
  mean: 1,
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  p999: 0.999
}

export interface LatencyGoal {
  readonly metric: Metric
  readonly statistic: Statistic
  /** The statistic stays at or below so many seconds. */
  readonly seconds: number
}

/** Latencies of a run, seconds. */
export type Latencies = Readonly<Record<Metric, Readonly<Record<Statistic, number>>>>

const example = "ttft.p99 < 1 s, tpot.p99 < 50 ms"

const goalPattern = /^([a-z0-9]+)(?:\.([a-z0-9]+))?\s*(<=?)\s*(.+)$/i

const oneOf = (written: string, names: readonly string[]): string => {
  const near = nearestNames(written, names)
  return `one of ${names.join(", ")}${near.length === 0 ? "" : `; did you mean ${near.join(", ")}?`}`
}

/** Goals as people write them; a metric without a statistic means its 99th percentile. */
export const parseGoals = (text: string): readonly LatencyGoal[] | SweepProblem => {
  const goals: LatencyGoal[] = []
  for (const part of text.split(/,|&&|\band\b/)) {
    const written = part.trim()
    if (written === "") continue
    const found = goalPattern.exec(written)
    if (found === null) return sweepProblem("a goal of --slo", written, `metric.statistic < time, such as ${example}`)
    const [, metric = "", statistic = "p99", , time = ""] = found
    const known = metrics.find((name) => name === metric.toLowerCase())
    if (known === undefined) return sweepProblem("the metric of --slo", metric, oneOf(metric, metrics))
    const which = statistics.find((name) => name === statistic.toLowerCase().replace("p99.9", "p999"))
    if (which === undefined) return sweepProblem("the statistic of --slo", statistic, oneOf(statistic, statistics))
    const seconds = parseQuantity(time, "time")
    if (seconds === undefined || !(seconds > 0))
      return sweepProblem(`the time of ${metric}.${which}`, time, "a time above 0 with its unit, such as 50 ms")
    const twice = goals.find((goal) => goal.metric === known && goal.statistic === which)
    if (twice !== undefined) return sweepProblem("--slo", `${known}.${which} twice`, "each goal once")
    goals.push({ metric: known, statistic: which, seconds })
  }
  return goals.length > 0 ? goals : sweepProblem("--slo", text, `goals such as ${example}`)
}

export const goalText = ({ metric, statistic, seconds }: LatencyGoal): string =>
  `${metric}.${statistic} < ${formatSeconds(seconds)}`

export const goalsText = (goals: readonly LatencyGoal[]): string => goals.map(goalText).join(", ")

/** A goal that was missed, and by what. */
export const missedText = (goal: LatencyGoal, latencies: Latencies): string =>
  `${goal.metric}.${goal.statistic} ${formatSeconds(latencies[goal.metric][goal.statistic])}, goal ${formatSeconds(goal.seconds)}`

/** How far a goal is missed: the value over what is allowed; at most 1 where it is met. */
export const missOf = ({ metric, statistic, seconds }: LatencyGoal, latencies: Latencies): number =>
  latencies[metric][statistic] / seconds

/** The goal that is missed most, or that comes nearest to it. */
export const tightest = (goals: readonly LatencyGoal[], latencies: Latencies): LatencyGoal | undefined =>
  goals.reduce<LatencyGoal | undefined>(
    (worst, goal) => (worst === undefined || !(missOf(goal, latencies) <= missOf(worst, latencies)) ? goal : worst),
    undefined
  )

/** "200 req/s", "200 requests/s", "12,000 req/min" or a plain number: requests a second. */
export const parseLoad = (text: string): number | SweepProblem => {
  const found =
    /^([\d.,eE+-]+\s?[kKM]?)\s*(?:(?:r|req|reqs|request|requests)?\s*(?:\/|per)\s*(s|sec|second|min|minute|h|hour|d|day)|rps|qps)?$/i.exec(
      text.trim()
    )
  const amount = found === null ? undefined : parseQuantity(found[1] ?? "", "count")
  const per = { s: 1, m: 60, h: 3600, d: 86_400 }[(found?.[2] ?? "s").slice(0, 1).toLowerCase()] ?? 1
  const rate = amount === undefined ? NaN : amount / per
  return rate >= 1e-6 && rate <= 1e6
    ? rate
    : sweepProblem("--load", text, "requests a second from 1e-6 to 1e6, such as 200 req/s")
}

export const loadText = (rate: number): string => `${formatFigures(rate)} request${rate === 1 ? "" : "s"}/s`
