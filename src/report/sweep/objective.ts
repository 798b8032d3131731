/**
 * What the points of a sweep are judged by, which of them count, and which is the best.
 */
import { extent, median } from "../../statistics/index.ts"
import { metricOf, type Metric } from "./metric.ts"
import { hasRun, numberOf, type SweptPoint } from "./points.ts"

/** In the order in which they are taken: the first that every point has and that tells them apart. */
const preferred = {
  training: ["dollarsPerMillionTokens", "tokensPerSecondPerAccelerator", "iterationSeconds"],
  serving: ["dollarsPerMillionOutputTokens", "requestsPerSecond", "capacityPerSecond", "e2eMean", "ttftP99"]
} as const

/** Points that differ by less are told apart by another number. */
const leastSpread = 0.005

export interface Judged {
  readonly point: SweptPoint
  readonly value: number
}

export interface Judgement {
  readonly metric: Metric
  /** Points that count, the best first. */
  readonly ranked: readonly Judged[]
  /** Of the points that count. */
  readonly median: number
  /** No point meets its goals: these were not asked for. */
  readonly isWithoutGoals: boolean
}

export const isServed = (points: readonly SweptPoint[]): boolean =>
  points.some(({ rows }) => rows.some((row) => row["verdict"] !== undefined))

/** Points that may be the best: that meet their goals, or where none does, that ran. */
const eligible = (points: readonly SweptPoint[], column: string | undefined) => {
  const ran = points.filter(hasRun)
  const good = ran.filter(({ standing }) => standing === "ok")
  const isWithoutGoals = column === "attained" || (good.length === 0 && ran.length > 0)
  return { counted: isWithoutGoals ? ran : good, isWithoutGoals: isWithoutGoals && ran.length > good.length }
}

const spreadOf = (points: readonly SweptPoint[], column: string): number => {
  const values = points.map((point) => numberOf(point, column))
  const numbers = values.filter((value) => value !== undefined)
  if (numbers.length < values.length || numbers.length === 0) return -1
  const [low, high] = extent(numbers)
  return high === 0 ? 0 : (high - low) / Math.abs(high)
}

const chosen = (points: readonly SweptPoint[]): string | undefined => {
  const columns: readonly string[] = preferred[isServed(points) ? "serving" : "training"]
  const complete = columns.map((column) => ({ column, spread: spreadOf(points, column) }))
  return (
    complete.find(({ spread }) => spread > leastSpread)?.column ?? complete.find(({ spread }) => spread >= 0)?.column
  )
}

/** Undefined where no point counts. */
export const judged = (points: readonly SweptPoint[], wanted: string | undefined): Judgement | undefined => {
  const { counted, isWithoutGoals } = eligible(points, wanted)
  const column = wanted ?? chosen(counted)
  if (column === undefined) return undefined
  const metric = metricOf(column)
  const sign = metric.better === "more" ? -1 : 1
  const ranked = counted
    .flatMap((point): readonly Judged[] => {
      const value = numberOf(point, column)
      return value === undefined ? [] : [{ point, value }]
    })
    .toSorted((a, b) => sign * (a.value - b.value))
  if (ranked.length === 0) return undefined
  return { metric, ranked, median: median(ranked.map(({ value }) => value)), isWithoutGoals }
}

/** How much better than another value: 0.2 where a time is a fifth shorter, or a rate a fifth higher. */
export const gainOver = ({ better }: Pick<Metric, "better">, value: number, other: number): number =>
  better === "more" ? value / other - 1 : 1 - value / other
