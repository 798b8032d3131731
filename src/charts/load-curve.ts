/**
 * Latency against load, with the objective and the knee.
 */
import { formatFigures, formatSeconds } from "../units/index.ts"
import { countAxis, timeAxis } from "./axis.ts"
import { kneeOf } from "./knee.ts"
import { lineChart, type Line, type Point } from "./line-chart.ts"
import type { Picture } from "./picture.ts"

export interface LoadPoint {
  /** Requests per second that come, or another measure of load. */
  readonly load: number
  /** Seconds by statistic, in the order of `statistics`; NaN where nothing finished. */
  readonly seconds: readonly number[]
  /** More comes than can be served: the latency only says how long the run was. */
  readonly isOverloaded: boolean
}

export interface LoadCurve {
  /** "time to first token". */
  readonly what: string
  /** Of load: "requests/s", "users". */
  readonly unit: string
  /** Names of the lines, the one that the objective is about last: "p50", "p99". */
  readonly statistics: readonly string[]
  readonly points: readonly LoadPoint[]
  readonly goalSeconds?: number
  /** Load that the scenario has. */
  readonly here?: number
  /** Greatest load at which the objective is met, as found. */
  readonly best?: number
  /** Load at which the server is full. */
  readonly capacity?: number
}

/** How far above the highest stable latency the plot goes. */
const headroom = 1.25

export const loadCurve = (curve: LoadCurve): Picture => {
  const { what, unit, statistics, points, goalSeconds, here, capacity } = curve
  const last = statistics.length - 1
  const stable = points.filter(({ isOverloaded }) => !isOverloaded)
  const knee = kneeOf(stable.map(({ load, seconds }) => ({ load, latency: seconds[last] ?? Number.NaN })))
  const to = headroom * highestOf(curve, stable)
  const lost = capacity ?? points.find(({ isOverloaded }) => isOverloaded)?.load
  const lines = statistics.map((name, index): Line => ({
    name,
    colour: index === last ? "compute" : "backward",
    isMarked: true,
    // Of an overloaded server the latency says how long the run was, and no more.
    points: stable.flatMap(({ load, seconds }): Point[] => {
      const value = seconds[index]
      return value === undefined || !Number.isFinite(value) ? [] : [[load, value]]
    })
  }))
  return lineChart({
    title: titleOf(curve, knee),
    x: countAxis(
      unit === "requests/s" ? "requests that come, per second" : unit,
      0,
      Math.max(...points.map(({ load }) => load))
    ),
    y: timeAxis(what, 0, to),
    lines,
    ...(lost === undefined ? {} : { lostFrom: lost }),
    limits:
      goalSeconds === undefined || goalSeconds > to
        ? []
        : [{ y: goalSeconds, name: `goal ${formatSeconds(goalSeconds)}` }],
    marks: [
      ...(here === undefined ? [] : [{ x: here, name: `this scenario ${formatFigures(here)}` }]),
      ...(knee === undefined ? [] : [{ x: knee, name: `knee ${formatFigures(knee)}` }]),
      ...(capacity === undefined ? [] : [{ x: capacity, name: `full ${formatFigures(capacity)}` }])
    ],
    table: {
      columns: [`load, ${unit}`, ...statistics.map((name) => `${name} ${what}, s`), "verdict"],
      rows: points.map(({ load, seconds, isOverloaded }) => [
        load,
        ...seconds.map((value) => (Number.isFinite(value) ? value : null)),
        isOverloaded ? "overloaded" : "keeps up"
      ])
    }
  })
}

/**
 * The latency that the plot has to show: all of a server that is not full, but not so much that the objective and the
 * scenario's own latency are pressed to the ground.
 */
const highestOf = (
  { points, goalSeconds, here, capacity = Infinity }: LoadCurve,
  stable: readonly LoadPoint[]
): number => {
  const latencies = (some: readonly LoadPoint[]): readonly number[] =>
    some.map(({ seconds }) => seconds.at(-1) ?? 0).filter(Number.isFinite)
  const shown = stable.filter(({ load }) => load <= capacity)
  const highest = Math.max(1e-9, ...latencies(shown.length > 0 ? shown : stable.length > 0 ? stable : points))
  if (goalSeconds === undefined) return highest
  const own = Math.max(0, ...latencies(stable.filter(({ load }) => here !== undefined && load <= here)))
  const lowest = Math.min(highest, Math.max(3 * goalSeconds, own))
  // An objective far above the curve is left out rather than drawn over empty ground.
  return Math.max(lowest, goalSeconds <= 4 * highest ? goalSeconds : 0)
}

const titleOf = (
  { what, unit, statistics, points, goalSeconds, best }: LoadCurve,
  knee: number | undefined
): string => {
  const statistic = statistics.at(-1) ?? ""
  const named = `${statistic} ${what}`
  if (goalSeconds !== undefined) {
    const missed = points.findIndex(
      ({ seconds, isOverloaded }) => isOverloaded || !((seconds.at(-1) ?? Infinity) <= goalSeconds)
    )
    const most = best ?? points[(missed < 0 ? points.length : missed) - 1]?.load ?? 0
    return most > 0
      ? `The ${named} stays within ${formatSeconds(goalSeconds)} up to ${formatFigures(most)} ${unit}`
      : `The ${named} is above its goal of ${formatSeconds(goalSeconds)} at every load`
  }
  if (knee !== undefined) return `The ${named} turns up at ${formatFigures(knee)} ${unit}`
  const [first, last] = [
    points[0]?.seconds.at(-1),
    points.findLast(({ isOverloaded }) => !isOverloaded)?.seconds.at(-1)
  ]
  return first === undefined || last === undefined || !Number.isFinite(first) || !Number.isFinite(last)
    ? `The ${named} by load`
    : `The ${named} goes from ${formatSeconds(first)} to ${formatSeconds(last)} with the load`
}
