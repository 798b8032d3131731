/**
 * Lines over two axes, labelled at their ends; horizontal limits, vertical marks.
 */
import { area as areaOf, line as pathOf } from "d3"
import { placeAxis, type Axis, type PlacedAxis } from "./axis.ts"
import type { Colour } from "./palette.ts"
import { pictureOf, pictureWidth, titleLines, type ChartTable, type Picture } from "./picture.ts"
import { rowsOf, spread } from "./spread.ts"
import { hatch } from "./stacked-bar.ts"
import { element, type Markup } from "./svg.ts"
import { textWidth } from "./text-width.ts"

export type Point = readonly [x: number, y: number]

export interface Line {
  readonly name: string
  readonly colour: Colour | "faint"
  readonly points: readonly Point[]
  readonly isDashed?: boolean
  /** A circle at each point: it was simulated. */
  readonly isMarked?: boolean
  /** Between what it may lie, shaded in its colour. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[]
}

export interface LineChart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  /** Horizontal lines that something must stay below, such as an objective. */
  readonly limits?: readonly { readonly y: number; readonly name: string }[]
  /** Vertical lines with a name, such as the load of today. */
  readonly marks?: readonly { readonly x: number; readonly name: string; readonly isLimit?: boolean }[]
  /** From here on the plot is hatched: nothing useful happens there. */
  readonly lostFrom?: number
  /** A stretch of x that is shaded: what a page shows elsewhere. */
  readonly marked?: readonly [from: number, to: number]
  /** Points of their own, each with a sentence; a page finds them by `data-dot`, their index. */
  readonly dots?: readonly Dot[]
  /** Lines that end before the right edge are led to their names there. */
  readonly hasLeaders?: boolean
  /** Pixels of the picture and of the plot's height; default 640 by 210. */
  readonly size?: { readonly width: number; readonly plotHeight: number }
  readonly table: ChartTable
}

export interface Dot {
  readonly x: number
  readonly y: number
  readonly title: string
  readonly isFaint?: boolean
  /** Default: that of computation. */
  readonly colour?: Colour
}

const defaultSize = { width: pictureWidth, plotHeight: 210 }
const rowHeight = 14
/** Pixels of an axis that a tick with its text may take. */
const tickWidth = 85

export const lineChart = (chart: LineChart): Picture => {
  const { width, plotHeight } = chart.size ?? defaultSize
  const title = titleLines(chart.title, width)
  const lines = chart.lines.filter(({ points }) => points.length > 0)
  const limits = chart.limits ?? []
  const marks = chart.marks ?? []

  const ends = [...lines.map(({ name }) => name), ...limits.map(({ name }) => name)].filter((name) => name !== "")
  const right = width - Math.max(20, ...ends.map((name) => textWidth(name) + 14))
  const mostY = plotHeight < 160 ? 4 : 5
  const sketch = placeAxis(chart.y, [plotHeight, 0], mostY)
  const left = Math.max(24, ...sketch.ticks.map(({ text }) => textWidth(text) + 8))
  const x = placeAxis(chart.x, [left, right], Math.min(7, Math.floor(width / tickWidth)))

  const shown = marks.filter((mark) => mark.x >= x.from && mark.x <= x.to)
  const rows = rowsOf(shown.map(({ x: at, name }) => ({ at: x.at(at), width: textWidth(name) })))
  const markRows = shown.length === 0 ? 0 : Math.max(...rows) + 1
  // The name of the vertical axis, then the names of the marks, then the plot.
  const top = title.height + 20 + markRows * rowHeight
  const bottom = top + plotHeight
  const y = placeAxis(chart.y, [bottom, top], mostY)

  const leaving = lines.filter(({ points }) => isLeaving(points, y.to))
  const endLabels = [
    ...lines
      .filter((one) => !leaving.includes(one))
      .map((one) => ({
        name: one.name,
        at: endOf(one.points, y.at),
        isLimit: false,
        isFaint: one.colour === "faint",
        line: one
      })),
    ...limits.map((one) => ({
      name: one.name,
      at: Math.max(top, y.at(one.y)),
      isLimit: true,
      isFaint: false,
      line: undefined
    }))
  ]
  const places = spread(
    endLabels.map(({ at }) => at),
    rowHeight,
    top + 4,
    bottom
  )

  const inside = (at: number, text: number): number => Math.min(width - text / 2, Math.max(text / 2, at))
  const content = [
    element("text", { class: "faint", x: 0, y: title.height + 10 }, chart.y.label),
    y.ticks.map(({ at, text }) => [
      element("line", { x1: left, x2: right, y1: at, y2: at, stroke: "var(--line)" }),
      element("text", { class: "faint", x: left - 6, y: at + 4, "text-anchor": "end" }, text)
    ]),
    x.ticks.map(({ at, text }) =>
      element("text", { class: "faint", x: inside(at, textWidth(text)), y: bottom + 16, "text-anchor": "middle" }, text)
    ),
    element("text", { class: "faint", x: right, y: bottom + 32, "text-anchor": "end" }, chart.x.label),
    chart.marked === undefined ? null : shaded(chart.marked, x, top, plotHeight),
    chart.lostFrom === undefined || chart.lostFrom >= x.to
      ? null
      : [
          hatch,
          element("rect", {
            x: x.at(chart.lostFrom),
            y: top,
            width: right - x.at(chart.lostFrom),
            height: plotHeight,
            fill: "url(#idle)",
            "fill-opacity": "0.5"
          })
        ],
    shown.map(({ x: at, name, isLimit = false }, index) => {
      const labelY = title.height + 28 + (rows[index] ?? 0) * rowHeight
      const tone = isLimit ? "limit" : "faint"
      return [
        element("line", {
          x1: x.at(at),
          x2: x.at(at),
          y1: labelY + 3,
          y2: bottom,
          stroke: `var(--${tone})`,
          "stroke-dasharray": "2 3"
        }),
        element(
          "text",
          { class: `${tone} mark`, x: inside(x.at(at), textWidth(name)), y: labelY, "text-anchor": "middle" },
          name
        )
      ]
    }),
    limits.map((one) =>
      y.at(one.y) < top
        ? null
        : element("line", {
            x1: left,
            x2: right,
            y1: y.at(one.y),
            y2: y.at(one.y),
            stroke: "var(--limit)",
            "stroke-width": 1.2
          })
    ),
    lines.map((one) =>
      one.band === undefined ? null : banded(one.colour, one.band, x.at, (value) => y.at(Math.min(value, y.to)))
    ),
    lines.map((one) => drawn(one, x.at, y.at, y.to)),
    chart.dots === undefined ? null : dotsOf(chart.dots, x.at, y.at),
    // A line that leaves through the top has its name where it leaves.
    leaving.map(({ name, points }) =>
      element("text", { x: x.at(cutAt(points, y.to).at(-1)?.[0] ?? 0) + 6, y: top + 12 }, name)
    ),
    endLabels.map(({ name, at, line }, index) => {
      const end = line === undefined ? right : x.at(line.points.at(-1)?.[0] ?? 0)
      return chart.hasLeaders !== true || line === undefined || name === "" || right - end < 12
        ? null
        : element("line", {
            x1: end + 4,
            y1: at,
            x2: right + 5,
            y2: places[index] ?? at,
            stroke: `var(--${line.colour})`,
            "stroke-width": 0.8,
            "stroke-dasharray": "1 4"
          })
    }),
    endLabels.map(({ name, isLimit, isFaint }, index) =>
      element(
        "text",
        { class: isLimit ? "limit" : isFaint ? "faint" : undefined, x: right + 8, y: (places[index] ?? 0) + 4 },
        name
      )
    )
  ]
  const plot = { width, left, right, top, bottom, from: x.from, to: x.to, scale: chart.x.scale }
  return { ...pictureOf(chart.title, bottom + 36, chart.table, content, width), plot }
}

const dotsOf = (dots: readonly Dot[], x: (value: number) => number, y: (value: number) => number): Markup =>
  element(
    "g",
    { fill: "var(--compute)" },
    dots.map(({ x: atX, y: atY, title, isFaint = false, colour }, index) =>
      element(
        "circle",
        {
          cx: x(atX),
          cy: y(atY),
          r: 3.5,
          fill: colour === undefined ? undefined : `var(--${colour})`,
          "fill-opacity": isFaint ? "0.15" : "0.75",
          "data-dot": String(index)
        },
        element("title", {}, title)
      )
    )
  )

const shaded = ([from, to]: readonly [number, number], x: PlacedAxis, top: number, height: number): Markup => {
  const [left, right] = [x.at(Math.max(from, x.from)), x.at(Math.min(to, x.to))]
  return element("rect", { class: "marked", x: left, width: Math.max(1, right - left), y: top, height })
}

const banded = (
  colour: Line["colour"],
  band: NonNullable<Line["band"]>,
  x: (value: number) => number,
  y: (value: number) => number
): Markup =>
  element("path", {
    d:
      areaOf<(typeof band)[number]>()
        .x(([at]) => x(at))
        .y0(([, low]) => y(low))
        .y1(([, , high]) => y(high))
        .digits(1)(band) ?? "",
    fill: `var(--${colour})`,
    "fill-opacity": "0.18"
  })

const drawn = (one: Line, x: (value: number) => number, y: (value: number) => number, highest: number): Markup => {
  const stroke = `var(--${one.colour})`
  const path = pathOf<Point>(
    ([at]) => x(at),
    ([, at]) => y(at)
  ).digits(1)(cutAt(one.points, highest))
  const dots = one.isMarked === true ? one.points.filter(([, value]) => value <= highest) : []
  return element(
    "g",
    { fill: "none", stroke },
    element("path", {
      d: path ?? "",
      "stroke-width": 1.8,
      "stroke-linejoin": "round",
      "stroke-dasharray": one.isDashed === true ? "5 4" : undefined
    }),
    dots.map(([at, value]) => element("circle", { cx: x(at), cy: y(value), r: 2.4, fill: "var(--ground)" }))
  )
}

/** A line that leaves through the top of the plot ends there, where it crosses. */
export const cutAt = (points: readonly Point[], highest: number): readonly Point[] => {
  const kept: Point[] = []
  for (const [index, point] of points.entries()) {
    if (point[1] <= highest) {
      kept.push(point)
      continue
    }
    const before = points[index - 1]
    if (before !== undefined && before[1] < highest) {
      const share = (highest - before[1]) / (point[1] - before[1])
      kept.push([before[0] + share * (point[0] - before[0]), highest])
    }
    break
  }
  return kept
}

const isLeaving = (points: readonly Point[], highest: number): boolean => points.some(([, value]) => value > highest)

const endOf = (points: readonly Point[], y: (value: number) => number): number => y(points.at(-1)?.[1] ?? 0)
