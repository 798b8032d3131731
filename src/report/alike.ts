/**
 * What tells servers apart that cost the same: the share of requests within the goals, what each could serve, latencies.
 */
import { formatFigures, formatSeconds } from "../units/index.ts"
import { attainedText } from "./attained.ts"
import type { ServingPoint } from "./point.ts"

export interface NamedServer {
  readonly name: string
  readonly point: ServingPoint
  /** Requests/s up to which 99 of 100 meet their goals; undefined or null = not known. */
  readonly withinGoals?: number | null | undefined
  /** Requests/s that it could serve at any latency; absent = as estimated from its busy time. */
  readonly couldBeServed?: number | null | undefined
}

/** Requests/s that it could serve at any latency; null where nothing comes by itself, so that there is no such rate. */
export const mostServed = ({ point, couldBeServed }: NamedServer): number | null =>
  point.verdict === "closed" ? null : (couldBeServed ?? point.capacityPerSecond)

interface Measure {
  /** As in "has ...". */
  readonly best: string
  readonly of: (server: NamedServer) => number | null
  readonly show: (value: number) => string
  /** After both values. */
  readonly unit: string
  readonly isMoreBetter: boolean
}

const measures: readonly Measure[] = [
  {
    best: "has the most requests within the goals",
    of: ({ point }) => point.attained,
    show: attainedText,
    unit: "",
    isMoreBetter: true
  },
  {
    best: "serves the most within the goals",
    of: ({ withinGoals }) => withinGoals ?? null,
    show: formatFigures,
    unit: " requests/s",
    isMoreBetter: true
  },
  {
    // Users who wait for their answers come as fast as they are served.
    best: "serves the most",
    of: ({ point }) => (point.verdict === "closed" ? point.requestsPerSecond : null),
    show: formatFigures,
    unit: " requests/s",
    isMoreBetter: true
  },
  {
    best: "could serve the most at any latency",
    of: mostServed,
    show: formatFigures,
    unit: " requests/s",
    isMoreBetter: true
  },
  {
    best: "has the shortest p99 first token",
    of: ({ point }) => point.ttft.p99,
    show: formatSeconds,
    unit: "",
    isMoreBetter: false
  },
  {
    best: "has the shortest p99 per token",
    of: ({ point }) => point.tpot.p99,
    show: formatSeconds,
    unit: "",
    isMoreBetter: false
  }
]

/**
 * The measures that differ, as they are shown, by who is best: "A serves the most within the goals, 90.5 against
 * 74.6 requests/s; B has the shortest p99 first token, 308 ms against 331 ms". Of three and more, the best is put against the next.
 *
 * @param servers two or more
 */
export const differencesOf = (servers: readonly NamedServer[]): string => {
  const wins = measures.flatMap((measure) => win(measure, servers))
  if (wins.length === 0) return "nothing that is compared tells them apart"
  return [...new Set(wins.map(({ name }) => name))]
    .map((name) => `${name} ${wins.flatMap((one) => (one.name === name ? [one.said] : [])).join(", and ")}`)
    .join("; ")
}

const win = ({ best, of, show, unit, isMoreBetter }: Measure, servers: readonly NamedServer[]) => {
  const values = servers.flatMap((server) => {
    const value = of(server)
    return value !== null && Number.isFinite(value) ? [{ name: server.name, value }] : []
  })
  if (values.length < servers.length) return []
  const [first, next] = values.toSorted((one, other) => (one.value - other.value) * (isMoreBetter ? -1 : 1))
  if (first === undefined || next === undefined || show(first.value) === show(next.value)) return []
  return [{ name: first.name, said: `${best}, ${show(first.value)} against ${show(next.value)}${unit}` }]
}
