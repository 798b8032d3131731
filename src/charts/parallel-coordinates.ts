/**
 * Points over many fields: an upright axis a field, a line a point, deeper where it is better; the last axis is the number
 * that they are judged by. Points without one end below it.
 */
import { extent } from "../statistics/index.ts"
import type { Levels } from "./heat-map.ts"
import { pictureOf, pictureWidth, titleLines, type ChartTable, type Picture } from "./picture.ts"
import { depthOf, opacity, type Measure } from "./ramp.ts"
import { element, type Child } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface ParallelPoint {
  /** Its level on each axis. */
  readonly at: readonly number[]
  /** Null where it has no number. */
  readonly value: number | null
}

export interface ParallelCoordinates {
  readonly title: string
  /** Two or more fields. */
  readonly axes: readonly Levels[]
  readonly measure: Measure
  /** How points without a number are named, at the foot of the last axis: "cannot run". */
  readonly lost: string
  readonly points: readonly ParallelPoint[]
  readonly table: ChartTable
}

const plotHeight = 250
/** More lines than this are a cloud: the best are drawn, and an even choice of the others. */
const mostLines = 300
const bestDrawn = 10
const foot = 26
const mostTicks = 14

export const parallelCoordinates = (chart: ParallelCoordinates): Picture => {
  const { axes, measure, points, lost } = chart
  const sign = measure.better === "more" ? 1 : -1
  const order = (one: ParallelPoint, other: ParallelPoint): number => {
    if (one.value === null || other.value === null) return Number(other.value === null) - Number(one.value === null)
    return sign * (one.value - other.value)
  }
  /** From the worst to the best; what has no number first. */
  const drawn = chosen(points.toSorted(order))
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]))
  const depth = depthOf(values, measure)
  const hasLost = points.some(({ value }) => value === null)
  const [low, high] = extent(values)

  const title = titleLines(chart.title).height
  // The names of the fields stand below that of the number, which is longer than an axis is wide.
  const top = title + 38
  const bottom = top + plotHeight
  const ends = [low, high].map(measure.show)
  const right = pictureWidth - Math.max(60, ...[...ends, lost].map((text) => textWidth(text) + 24))
  const first = Math.min(
    120,
    Math.max(10, ...(axes[0]?.values ?? []).map((value) => textWidth(fitted(value, 120)) / 2))
  )
  const step = (right - first) / axes.length
  const xOf = (axis: number): number => first + axis * step
  // Fields are of few values: their levels stand evenly between the ends.
  const levelGap = (count: number): number => plotHeight / Math.max(1, count)
  const levelY = (count: number, level: number): number => bottom - (level + 0.5) * levelGap(count)
  const span = plotHeight - (hasLost ? foot : 0) - 12
  const valueY = (value: number | null): number => {
    if (value === null) return bottom - 8
    const share = high > low ? (value - low) / (high - low) : 1
    // The best is on top, whether it is the least or the most.
    return top + 6 + span * (1 - (measure.better === "more" ? share : 1 - share))
  }
  // Many lines on top of each other are dark whatever they are: the more there are, the paler all but the best.
  const steepness = 1.6 + drawn.length / 80
  const places = fanned(drawn, axes, levelGap)
  const lines = drawn.map((point, index): Child => {
    const stops = [
      ...axes.map(({ values: levels }, axis): readonly [number, number] => [
        xOf(axis),
        levelY(levels.length, point.at[axis] ?? 0) + (places[axis]?.[index] ?? 0)
      ]),
      [right, valueY(point.value)] as const
    ]
    const isLost = point.value === null
    const deep = isLost ? 1 : depth(point.value ?? 0)
    const isBest = index === drawn.length - 1 && !isLost
    return element("path", {
      d: smooth(stops),
      stroke: isLost ? "var(--other)" : "var(--ramp)",
      "stroke-opacity": opacity(isLost ? 0.55 : Math.max(0.12, deep ** steepness)),
      "stroke-width": isBest ? 2.6 : 1.2,
      class: isBest ? "best" : undefined
    })
  })
  return pictureOf(chart.title, bottom + 14, chart.table, [
    element("g", { fill: "none" }, lines),
    axes.map(({ label, values: levels }, axis) => {
      const every = Math.ceil(levels.length / mostTicks)
      return [
        element("line", { x1: xOf(axis), x2: xOf(axis), y1: top, y2: bottom, stroke: "var(--faint)" }),
        named(fitted(label, step - 8), xOf(axis), title + 26, axis === 0 ? "start" : "middle"),
        levels.map((level, index) =>
          index % every === 0 ? tick(fitted(level, step - 16), xOf(axis), levelY(levels.length, index)) : null
        )
      ]
    }),
    element("line", { x1: right, x2: right, y1: top, y2: bottom, stroke: "var(--faint)" }),
    element(
      "text",
      { class: "faint", x: pictureWidth, y: title + 10, "text-anchor": "end" },
      fitted(measure.label, pictureWidth / 2)
    ),
    (high > low ? [low, low + (high - low) / 2, high] : values.slice(0, 1)).map((value) =>
      element("text", { class: "faint", x: right + 8, y: valueY(value) + 4 }, measure.show(value))
    ),
    hasLost ? element("text", { class: "faint", x: right + 8, y: bottom - 4 }, lost) : null
  ])
}

/** All of them; or the best and those without a number, and every so-manieth of the others. */
const chosen = (sorted: readonly ParallelPoint[]): readonly ParallelPoint[] => {
  if (sorted.length <= mostLines) return sorted
  const every = Math.ceil((sorted.length - bestDrawn) / (mostLines - bestDrawn))
  return sorted.filter((_, index) => index >= sorted.length - bestDrawn || index % every === 0)
}

/** How many lines are drawn of so many points. */
export const linesDrawn = (points: number): number =>
  chosen(Array.from({ length: points }, () => ({ at: [], value: 0 }))).length

/** Lines through the same level side by side rather than on top of each other, the best uppermost: pixels off the level. */
const fanned = (
  drawn: readonly ParallelPoint[],
  axes: readonly Levels[],
  gap: (count: number) => number
): readonly (readonly number[])[] =>
  axes.map(({ values }, axis) => {
    const counts = values.map((_, level) => drawn.filter(({ at }) => at[axis] === level).length)
    const seen = values.map(() => 0)
    return drawn.map(({ at }) => {
      const level = at[axis] ?? 0
      const count = counts[level] ?? 1
      const room = Math.min(0.7 * gap(values.length), 2.4 * (count - 1))
      const place = seen[level]!++
      return count < 2 ? 0 : room / 2 - (place * room) / (count - 1)
    })
  })

/** Through all stops, level at each of them. */
const smooth = (stops: readonly (readonly [x: number, y: number])[]): string =>
  stops
    .map(([x, y], index) => {
      const before = stops[index - 1]
      if (before === undefined) return `M${x.toFixed(1)} ${y.toFixed(1)}`
      const half = (x - before[0]) / 2
      return `C${(before[0] + half).toFixed(1)} ${before[1].toFixed(1)} ${(x - half).toFixed(1)} ${y.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join("")

const named = (text: string, x: number, y: number, anchor: "start" | "middle"): Child =>
  element("text", { class: "faint", x: anchor === "start" ? 0 : x, y, "text-anchor": anchor }, text)

/** A value on its axis, on a patch of the ground, as lines pass behind it. */
const tick = (text: string, x: number, y: number): Child => {
  const width = textWidth(text) + 6
  return [
    element("rect", {
      x: x - width / 2,
      y: y - 8,
      width,
      height: 16,
      rx: 3,
      fill: "var(--ground)",
      "fill-opacity": "0.85"
    }),
    element("text", { x, y: y + 4, "text-anchor": "middle" }, text)
  ]
}
