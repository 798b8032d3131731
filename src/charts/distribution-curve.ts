/**
 * Which share of requests had their answer within a time.
 */
import { formatSeconds } from "../units/index.ts"
import { timeAxis } from "./axis.ts"
import { lineChart, type LineChart, type Point } from "./line-chart.ts"
import type { Picture } from "./picture.ts"

export interface DistributionCurve {
  /** "time to first token". */
  readonly what: string
  /** Seconds that were measured, in ascending order, one of them at least. */
  readonly sorted: Float64Array
  readonly goalSeconds?: number
  /** In place of a sentence about the goal and the 99th percentile. */
  readonly title?: string
  /** As in a chart of lines. */
  readonly marked?: LineChart["marked"]
  readonly size?: LineChart["size"]
}

/** Points of the curve: enough for the tail to be seen. */
const shares = [
  0,
  0.01,
  0.02,
  0.05,
  ...Array.from({ length: 17 }, (_, index) => 0.1 + index * 0.05),
  0.95,
  0.97,
  0.98,
  0.99,
  0.995,
  0.999,
  1
]

const at = (sorted: Float64Array, share: number): number => {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? below
  return below + (place - Math.floor(place)) * (above - below)
}

export const distributionCurve = (curve: DistributionCurve): Picture => {
  const { what, sorted, goalSeconds, title, marked, size } = curve
  const points = shares.map((share): Point => [at(sorted, share), share])
  const [least, most] = [at(sorted, 0), at(sorted, 1)]
  const isWide = least > 0 && most / least > 20
  const from = isWide ? least : 0
  const met =
    goalSeconds === undefined ? undefined : sorted.filter((seconds) => seconds <= goalSeconds).length / sorted.length
  const p99 = at(sorted, 0.99)
  return lineChart({
    title:
      title ??
      (goalSeconds === undefined || met === undefined
        ? `99 of 100 requests have a ${what} below ${formatSeconds(p99)}`
        : `${whole(met)} of requests have a ${what} within ${formatSeconds(goalSeconds)}; 99 of 100 are below ${formatSeconds(p99)}`),
    x: timeAxis(what, from, Math.max(most, goalSeconds ?? 0), isWide ? "log" : "linear"),
    y: { label: "share of requests, %", unit: 0.01, scale: "linear", from: 0, to: 1 },
    lines: [{ name: "", colour: "compute", points }],
    ...(marked === undefined ? {} : { marked }),
    ...(size === undefined ? {} : { size }),
    marks: [
      { x: at(sorted, 0.5), name: `p50 ${formatSeconds(at(sorted, 0.5))}` },
      { x: p99, name: `p99 ${formatSeconds(p99)}` },
      ...(goalSeconds === undefined
        ? []
        : [{ x: goalSeconds, name: `goal ${formatSeconds(goalSeconds)}`, isLimit: true }])
    ],
    table: {
      columns: ["share of requests", `${what}, s`],
      rows: points.map(([seconds, share]) => [Number(share.toFixed(3)), seconds])
    }
  })
}

/** Per cent that say 100 only of all. */
const whole = (share: number): string => {
  const rounded = Math.round(share * 1000) / 10
  return `${share < 1 && rounded === 100 ? "99.9" : rounded} %`
}
