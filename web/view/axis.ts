/** The time axis: SVG, so that its labels are text. */
import { axisOf } from "../base/ticks.ts"
import { spanOf, toPixel, type TimeWindow } from "../base/time-window.ts"
import { formatSeconds } from "../../src/units/index.ts"
import { replace, svg } from "./dom.ts"

export const drawAxis = (
  element: SVGSVGElement,
  window: TimeWindow,
  width: number,
  hover: number | undefined,
  area: TimeWindow | undefined
): void => {
  const axis = axisOf(window, width)
  element.setAttribute("width", String(width))
  element.setAttribute("aria-label", `Time axis from ${formatSeconds(window.start)} to ${formatSeconds(window.end)}`)
  const text = (x: number, label: string, kind: string, anchor = "start") =>
    svg("text", { x, y: 14, class: kind, "text-anchor": anchor }, label)
  const isCovered = (x: number): boolean => axis.base !== "" && x < axis.base.length * 7 + 30
  const shown = axis.ticks.map((tick) => ({ ...tick, x: toPixel(window, width, tick.seconds) }))
  replace(
    element,
    ...shown.map(({ x }) => svg("line", { x1: x, x2: x, y1: 16, y2: 24, class: "tick" })),
    ...shown
      .filter(({ x, label }) => !isCovered(x) && x + label.length * 6.5 < width)
      .map(({ x, label }) => text(x + 3, label, "label")),
    axis.base !== "" && text(4, axis.base, "base"),
    area !== undefined && areaLabel(area, window, width),
    hover !== undefined && hoverLabel(hover, window, width)
  )
}

const flag = (x: number, width: number, label: string, kind: string): SVGGElement => {
  const wide = label.length * 6.6 + 8
  const left = Math.min(Math.max(0, x - wide / 2), width - wide)
  return svg(
    "g",
    { class: kind },
    svg("rect", { x: left, y: 2, width: wide, height: 17 }),
    svg("text", { x: left + wide / 2, y: 14, "text-anchor": "middle" }, label)
  )
}

const hoverLabel = (x: number, window: TimeWindow, width: number): SVGGElement =>
  flag(x, width, exactSeconds(window.start + (x / width) * spanOf(window), spanOf(window) / width), "hover")

const areaLabel = (area: TimeWindow, window: TimeWindow, width: number): SVGGElement | null => {
  const x = toPixel(window, width, (area.start + area.end) / 2)
  return x < 0 || x > width ? null : flag(x, width, formatSeconds(area.end - area.start), "area")
}

/** Seconds to the digit that a pixel can tell. */
export const exactSeconds = (seconds: number, resolution: number): string => {
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(resolution))))
  return Math.abs(seconds) >= 1 || seconds === 0
    ? `${seconds.toFixed(decimals)} s`
    : Math.abs(seconds) >= 1e-3
      ? `${(seconds * 1e3).toFixed(Math.max(0, decimals - 3))} ms`
      : `${(seconds * 1e6).toFixed(Math.max(0, decimals - 6))} us`
}
