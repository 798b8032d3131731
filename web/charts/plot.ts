/** What all small charts have: a title, two axes, marks, and a brush along the horizontal one. */
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3"
import { svg } from "../view/dom.ts"

export interface Plot {
  /** The finding in a sentence. */
  readonly title: string
  readonly x: PlotAxis
  readonly y: PlotAxis
  /** Vertical lines with a name above, the most important first. */
  readonly marks?: readonly { readonly x: number; readonly name: string; readonly isGoal?: boolean }[]
  /** Horizontal line that values should stay below. */
  readonly limit?: { readonly y: number; readonly name: string }
  /** Stretch of x that is marked. */
  readonly marked?: readonly [number, number]
  readonly onBrush?: (range: readonly [number, number]) => void
}

export interface PlotAxis {
  readonly from: number
  readonly to: number
  readonly format: (value: number) => string
  readonly isLog?: boolean
}

export const plotSize = { width: 360, height: 168, left: 56, right: 10, top: 32, bottom: 22 }

type Scale = ScaleContinuousNumeric<number, number>

/** The picture, and the scales for what goes into it. */
export const makePlot = (plot: Plot, draw: (x: Scale, y: Scale) => readonly (SVGElement | null)[]): SVGSVGElement => {
  const { width, height, left, right, top, bottom } = plotSize
  const x = scaleOf(plot.x, [left, width - right])
  const y = scaleOf(plot.y, [height - bottom, top]).nice(4)
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": plot.title, class: "chart" },
    svg("text", { x: 0, y: 11, class: "title" }, plot.title),
    ...y
      .ticks(4)
      .flatMap((tick) => [
        svg("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "grid" }),
        svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end", class: "label" }, plot.y.format(tick))
      ]),
    ...ticksOf(x, plot.x).map((tick) =>
      svg("text", { x: x(tick), y: height - 6, "text-anchor": "middle", class: "label" }, plot.x.format(tick))
    ),
    plot.marked === undefined ? null : shade(x, plot.marked),
    ...(plot.marks ?? []).flatMap((mark) =>
      mark.x >= plot.x.from && mark.x <= plot.x.to
        ? [
            svg("line", {
              x1: x(mark.x),
              x2: x(mark.x),
              y1: top,
              y2: height - bottom,
              class: mark.isGoal === true ? "goal" : "mark"
            })
          ]
        : []
    ),
    ...names(x, plot),
    ...limitOf(y, plot),
    ...draw(x, y)
  )
  if (plot.onBrush !== undefined) brush(picture, x, plot.onBrush)
  return picture
}

const scaleOf = ({ from, to, isLog = false }: PlotAxis, range: readonly [number, number]): Scale =>
  isLog && from > 0 ? scaleLog([from, to], range) : scaleLinear([from, to > from ? to : from + 1e-9], range)

/** Few enough to be read: of a wide logarithmic axis the powers of ten, of a narrow one 1, 2 and 5 times them. */
const ticksOf = (x: Scale, { from, to, isLog = false }: PlotAxis): readonly number[] => {
  if (!isLog) return x.ticks(4)
  const decades = Math.log10(to / from)
  const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5]
  const first = Math.floor(Math.log10(from))
  return Array.from({ length: Math.ceil(decades) + 2 }, (_, index) => first + index)
    .flatMap((power) => steps.map((step) => step * 10 ** power))
    .filter((tick) => tick >= from * 0.999 && tick <= to * 1.001)
}

const limitOf = (y: Scale, { limit }: Plot): readonly SVGElement[] =>
  limit === undefined || y(limit.y) < plotSize.top
    ? []
    : [
        svg("line", {
          x1: plotSize.left,
          x2: plotSize.width - plotSize.right,
          y1: y(limit.y),
          y2: y(limit.y),
          class: "goal"
        }),
        svg("text", { x: plotSize.left + 4, y: y(limit.y) - 4, class: "label strong" }, limit.name)
      ]

/** Names of the marks above the plot; one that would touch an earlier mark's is left out. */
const names = (x: Scale, { marks = [], x: axis }: Plot): readonly SVGElement[] => {
  const taken: { readonly at: number; readonly half: number }[] = []
  return marks.flatMap(({ x: at, name, isGoal }) => {
    const half = name.length * 3.6 + 3
    const touches = taken.some((one) => Math.abs(one.at - x(at)) < one.half + half)
    if (at < axis.from || at > axis.to || touches) return []
    taken.push({ at: x(at), half })
    return [
      svg(
        "text",
        { x: x(at), y: plotSize.top - 4, "text-anchor": "middle", class: isGoal === true ? "label strong" : "label" },
        name
      )
    ]
  })
}

const shade = (x: Scale, [from, to]: readonly [number, number]): SVGElement => {
  const [least, most] = [plotSize.left, plotSize.width - plotSize.right]
  const [left, right] = [Math.max(least, x(from)), Math.min(most, x(to))]
  return svg("rect", {
    class: "marked",
    x: left,
    width: Math.max(1, right - left),
    y: plotSize.top,
    height: plotSize.height - plotSize.top - plotSize.bottom
  })
}

const brush = (picture: SVGSVGElement, x: Scale, onBrush: (range: readonly [number, number]) => void): void => {
  picture.classList.add("brushable")
  const { left, right, top, bottom, width, height } = plotSize
  const pixelOf = (event: PointerEvent): number => {
    const box = picture.getBoundingClientRect()
    return Math.min(width - right, Math.max(left, ((event.clientX - box.left) / box.width) * width))
  }
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    const from = pixelOf(event)
    picture.setPointerCapture(event.pointerId)
    const drawn = svg("rect", { class: "marked", x: from, width: 0, y: top, height: height - top - bottom })
    picture.append(drawn)
    const move = (moved: PointerEvent): void => {
      const to = pixelOf(moved)
      drawn.setAttribute("x", String(Math.min(from, to)))
      drawn.setAttribute("width", String(Math.abs(to - from)))
    }
    const end = (last: PointerEvent): void => {
      picture.removeEventListener("pointermove", move)
      picture.removeEventListener("pointerup", end)
      picture.removeEventListener("pointercancel", end)
      drawn.remove()
      const to = pixelOf(last)
      if (last.type === "pointerup" && Math.abs(to - from) > 3)
        onBrush([x.invert(Math.min(from, to)), x.invert(Math.max(from, to))])
    }
    picture.addEventListener("pointermove", move)
    picture.addEventListener("pointerup", end)
    picture.addEventListener("pointercancel", end)
  })
}
