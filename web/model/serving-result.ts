/** What the viewer reads of the result.json of a server; figures that are none become NaN, parts that lack are left out. */
import { computeParts } from "./compute-parts.ts"
import type { BreakdownPart, RunResult } from "./run-result.ts"

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN)
const numbersOf = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(numberOf) : [])
const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

export const metrics = ["ttft", "tpot", "e2e", "queueing"] as const
export type Metric = (typeof metrics)[number]

export const metricNames: Readonly<Record<Metric, string>> = {
  ttft: "first token",
  tpot: "per token",
  e2e: "end to end",
  queueing: "in the queue"
}

/** As an axis says it. */
export const longNames: Readonly<Record<Metric, string>> = {
  ttft: "time to first token",
  tpot: "time per token",
  e2e: "time from end to end",
  queueing: "time in the queue"
}

export const quantileNames = ["mean", "p50", "p90", "p95", "p99"] as const

export interface LatencyCourse {
  readonly mean: readonly number[]
  readonly p50: readonly number[]
  readonly p99: readonly number[]
}

export interface ServingFigures {
  /** "stable: 4.9 requests/s come, about 8.9 can be served". */
  readonly verdict: string
  readonly latencies: readonly {
    readonly metric: Metric
    readonly values: Readonly<Record<(typeof quantileNames)[number], number>>
  }[]
  /** Seconds at every hundredth; empty where nothing finished or the file is older than they are. */
  readonly distributions: Readonly<Record<Metric, readonly number[]>>
  /** Goals of the first class that has one. */
  readonly goals: Readonly<Partial<Record<Metric, number>>>
  readonly series: {
    readonly until: readonly number[]
    readonly arrivalsPerSecond: readonly number[]
    readonly finishedPerSecond: readonly number[]
    readonly running: readonly number[]
    readonly waiting: readonly number[]
    readonly keyValueShare: readonly number[]
    readonly preemptionsPerSecond: readonly number[]
    /** NaN where no prompt was looked up. */
    readonly cacheHitShare: readonly number[]
  }
  readonly overTime: {
    readonly until: readonly number[]
    readonly outputTokensPerSecond: readonly number[]
    readonly ttft: LatencyCourse
    readonly tpot: LatencyCourse
  }
}

export const readServing = (result: RunResult | undefined): ServingFigures | undefined => {
  if (result?.kind !== "serving") return undefined
  const whole = fieldsOf(result.document["result"])
  const [latency, series, overTime] = [whole["latency"], whole["series"], whole["overTime"]].map(fieldsOf) as [
    Fields,
    Fields,
    Fields
  ]
  const distributions = fieldsOf(whole["distributions"])
  const course = (value: unknown): LatencyCourse => {
    const fields = fieldsOf(value)
    return { mean: numbersOf(fields["mean"]), p50: numbersOf(fields["p50"]), p99: numbersOf(fields["p99"]) }
  }
  const column = (name: string): readonly number[] => numbersOf(series[name])
  return {
    verdict: verdictOf(fieldsOf(whole["verdict"])),
    latencies: metrics.flatMap((metric) => {
      const summary = fieldsOf(latency[metric])
      if (typeof summary["p50"] !== "number") return []
      const values = Object.fromEntries(quantileNames.map((name) => [name, numberOf(summary[name])]))
      return [{ metric, values: values as ServingFigures["latencies"][number]["values"] }]
    }),
    distributions: {
      ttft: numbersOf(distributions["ttft"]),
      tpot: numbersOf(distributions["tpot"]),
      e2e: numbersOf(distributions["e2e"]),
      queueing: numbersOf(distributions["queueing"])
    },
    goals: goalsOf(whole["classes"]),
    series: {
      until: column("until"),
      arrivalsPerSecond: column("arrivalsPerSecond"),
      finishedPerSecond: column("finishedPerSecond"),
      running: column("running"),
      waiting: column("waiting"),
      keyValueShare: column("keyValueShare"),
      preemptionsPerSecond: column("preemptionsPerSecond"),
      cacheHitShare: column("cacheHitShare")
    },
    overTime: {
      until: numbersOf(overTime["until"]),
      outputTokensPerSecond: numbersOf(overTime["outputTokensPerSecond"]),
      ttft: course(overTime["ttft"]),
      tpot: course(overTime["tpot"])
    }
  }
}

const verdictOf = (verdict: Fields): string => {
  const kind = textOf(verdict["kind"])
  const [reason] = Array.isArray(verdict["reasons"]) ? verdict["reasons"] : []
  return [kind, textOf(reason)]
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, 300)
}

const goalsOf = (classes: unknown): ServingFigures["goals"] => {
  for (const one of Array.isArray(classes) ? classes : []) {
    const objectives = fieldsOf(fieldsOf(one)["objectives"])
    const goals = Object.entries({ ttft: "ttftSeconds", tpot: "tpotSeconds", e2e: "e2eSeconds" }).flatMap(
      ([metric, field]) => {
        const seconds = numberOf(objectives[field])
        return seconds > 0 ? [[metric, seconds] as const] : []
      }
    )
    if (goals.length > 0) return Object.fromEntries(goals)
  }
  return {}
}

const shareOf = (value: unknown): number => numberOf(value) || 0

/** Where the time of an average replica goes; parts add up to the length of the run. */
export const replicaBreakdown = (document: Fields): readonly BreakdownPart[] => {
  const result = fieldsOf(document["result"])
  const replica = fieldsOf(fieldsOf(result["breakdown"])["replica"])
  const length = numberOf(fieldsOf(result["window"])["toSeconds"])
  const parts: BreakdownPart[] = []
  const add = (name: string, kind: BreakdownPart["kind"], share: unknown, look = {}): void => {
    const seconds = numberOf(share) * length
    if (seconds > 0) parts.push({ name, kind, seconds, ...look })
  }
  const known: readonly string[] = ["transfer", ...computeParts.map(({ field }) => field)]
  for (const phase of ["prefill", "decode"] as const) {
    const shares = fieldsOf(replica[phase])
    const shade = phase === "decode" ? { isLight: true } : {}
    for (const { field, name, depth } of computeParts)
      add(`${phase}: ${name}`, "compute", shares[field], { ...shade, depth })
    for (const [name, share] of Object.entries(shares))
      if (!known.includes(name)) add(`${phase}: ${name}`.slice(0, 60), "compute", share, shade)
  }
  const [before, after] = [fieldsOf(replica["prefill"])["transfer"], fieldsOf(replica["decode"])["transfer"]]
  add("weights streaming in", "memory", shareOf(before) + shareOf(after))
  add("communication", "tensor", replica["communication"])
  add("host", "host", replica["host"])
  add("pipeline bubble", "other", replica["bubble"])
  add("idle", "bubble", replica["idle"])
  return parts
}
