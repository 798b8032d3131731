/** A cloud of points, as SVG; each can be clicked. */
import { svg } from "../view/dom.ts"
import { makePlot } from "./plot.ts"

export interface Dot {
  readonly x: number
  readonly y: number
  /** Said when the pointer rests on it. */
  readonly title: string
}

export interface DotChart {
  readonly title: string
  readonly dots: readonly Dot[]
  readonly colour: string
  readonly formatX: (value: number) => string
  readonly formatY: (value: number) => string
  /** Dots that stand out, by index. */
  readonly isChosen: (index: number) => boolean
  readonly onDot: (index: number) => void
}

export const dotChart = (chart: DotChart): SVGSVGElement => {
  const shown = chart.dots.map((dot, index) => ({ ...dot, index })).filter(({ x, y }) => x > 0 && y > 0)
  const most = (values: readonly number[]): number => Math.max(...values, 1e-12)
  return makePlot(
    {
      title: chart.title,
      x: { from: 0, to: most(shown.map(({ x }) => x)) * 1.02, format: chart.formatX },
      y: { from: 0, to: most(shown.map(({ y }) => y)), format: chart.formatY }
    },
    (x, y) =>
      shown.map((dot) => {
        const isChosen = chart.isChosen(dot.index)
        return svg(
          "circle",
          {
            cx: x(dot.x),
            cy: y(dot.y),
            r: 3.5,
            fill: chart.colour,
            "fill-opacity": isChosen ? 0.75 : 0.15,
            class: "dot",
            onclick: () => chart.onDot(dot.index)
          },
          svg("title", {}, dot.title)
        )
      })
  )
}
