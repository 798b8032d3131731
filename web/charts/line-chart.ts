/** Lines over an axis, as SVG. */
import { line } from "d3"
import { svg } from "../view/dom.ts"
import { makePlot, plotSize, type Plot } from "./plot.ts"

export interface Line {
  readonly name: string
  readonly colour: string
  readonly x: readonly number[]
  readonly y: readonly number[]
}

export interface LineChart extends Omit<Plot, "x" | "y"> {
  readonly lines: readonly Line[]
  readonly formatX: (value: number) => string
  readonly formatY: (value: number) => string
  /** Both ends of the horizontal axis; from 0 to the greatest value where it is not said. */
  readonly range?: readonly [number, number]
  readonly isLog?: boolean
}

export const lineChart = (chart: LineChart): SVGSVGElement => {
  const { lines, range, isLog = false } = chart
  const greatest = (values: readonly number[]): number => Math.max(...values.filter(Number.isFinite), 1e-12)
  const [from, to] = range ?? [0, greatest(lines.flatMap(({ x }) => x))]
  const top = greatest(lines.flatMap(({ y }) => y))
  return makePlot(
    { ...chart, x: { from, to, format: chart.formatX, isLog }, y: { from: 0, to: top, format: chart.formatY } },
    (x, y) => [
      ...lines.map((one) =>
        svg("path", {
          d:
            line<number>()
              .defined((index) => Number.isFinite(one.y[index]!))
              .x((index) => x(one.x[index]!))
              .y((index) => y(one.y[index]!))(one.x.map((_, index) => index)) ?? "",
          fill: "none",
          stroke: one.colour,
          "stroke-width": 1.5
        })
      ),
      lines.length < 2 ? null : key(lines)
    ]
  )
}

/** Names beside the title's end, each under a stroke of its colour: text in the colour itself would be hard to read. */
const key = (lines: readonly Line[]): SVGElement => {
  let right = plotSize.width - plotSize.right
  const parts = [...lines].reverse().flatMap(({ name, colour }) => {
    const width = name.length * 6
    const at = right - width
    right = at - 26
    return [
      svg("line", { x1: at - 16, x2: at - 4, y1: 22, y2: 22, stroke: colour, "stroke-width": 2 }),
      svg("text", { x: at, y: 26, class: "label" }, name)
    ]
  })
  return svg("g", {}, ...parts)
}
