/**
 * A picture of `charts` in the page: the drawing that a report has, its numbers as a table that can be opened, a brush along
 * the horizontal axis, and points that can be clicked.
 */
import { chartStyle, type ChartTable, type Picture, type Plot } from "../../src/charts/index.ts"
import { formatCount } from "../../src/units/index.ts"
import { h, svg, table } from "./dom.ts"

export interface ChartActions {
  /** A stretch of the horizontal axis was brushed. */
  readonly onBrush?: (range: readonly [from: number, to: number]) => void
  /** A point was clicked, by its index. */
  readonly onDot?: (index: number) => void
}

/** Charts of the serving and run panels: several stand side by side. */
export const smallChart = (): { readonly width: number; readonly plotHeight: number } => ({
  width: widthUpTo(388),
  plotHeight: 120
})

/** Pixels that a picture may have: what the panel has room for, up to as many as it wants. */
export const widthUpTo = (most: number): number =>
  Math.max(240, Math.min(most, (document.getElementById("panel")?.clientWidth ?? most) - panelPadding))

/** The padding of the panel, left and right. */
const panelPadding = 32

let hasStyle = false
/** Through the object model, which a Content-Security-Policy without inline styles allows. */
const addStyle = (): void => {
  if (hasStyle) return
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(chartStyle)
  document.adoptedStyleSheets.push(sheet)
  hasStyle = true
}

export const chart = (picture: Picture, { onBrush, onDot }: ChartActions = {}): HTMLElement => {
  addStyle()
  // The markup comes from `charts`, which escapes all text; as XML it has no scripts to run and no way out.
  const drawn = document.importNode(new DOMParser().parseFromString(picture.svg, "image/svg+xml").documentElement, true)
  const figure = h("figure", { class: "chart-figure" }, drawn, numbers(picture))
  if (onBrush !== undefined && picture.plot !== undefined)
    brush(drawn as unknown as SVGSVGElement, picture.plot, onBrush)
  if (onDot !== undefined)
    drawn.addEventListener("click", ({ target }) => {
      const index = target instanceof SVGElement ? target.dataset["dot"] : undefined
      if (index !== undefined) onDot(Number(index))
    })
  return figure
}

/** Numbers of the picture, made when they are asked for: a course has hundreds. */
const numbers = ({ title, table: data }: Picture): HTMLElement => {
  const details = h("details", { class: "numbers" }, h("summary", { "aria-label": `Numbers: ${title}` }, "numbers"))
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(numberTable(title, data))
  })
  return details
}

const mostRows = 1000

const numberTable = (title: string, { columns, rows }: ChartTable): HTMLElement =>
  table(
    rows.length > mostRows ? `The first ${mostRows} of ${formatCount(rows.length)}: ${title}` : title,
    columns.map((name, index) => ({
      title: name,
      isNumber: rows.some((row) => typeof row[index] === "number"),
      cell: (row: ChartTable["rows"][number]) => shownCell(row[index])
    })),
    rows.slice(0, mostRows)
  )

const shownCell = (value: string | number | null | undefined): string =>
  typeof value === "number" ? String(Number(value.toPrecision(6))) : (value ?? "")

/** The value under a place of the plot. */
export const valueAt = ({ left, right, from, to, scale }: Plot, x: number): number => {
  const share = Math.min(1, Math.max(0, (x - left) / (right - left)))
  return scale === "log" ? from * (to / from) ** share : from + share * (to - from)
}

const brush = (picture: SVGSVGElement, plot: Plot, onBrush: NonNullable<ChartActions["onBrush"]>): void => {
  picture.classList.add("brushable")
  const pixelOf = (event: PointerEvent): number => {
    const box = picture.getBoundingClientRect()
    return Math.min(plot.right, Math.max(plot.left, ((event.clientX - box.left) / box.width) * plot.width))
  }
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.target instanceof SVGElement && event.target.dataset["dot"] !== undefined)) return
    event.preventDefault()
    const from = pixelOf(event)
    picture.setPointerCapture(event.pointerId)
    const drawn = svg("rect", { class: "marked", x: from, width: 0, y: plot.top, height: plot.bottom - plot.top })
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
        onBrush([valueAt(plot, Math.min(from, to)), valueAt(plot, Math.max(from, to))])
    }
    picture.addEventListener("pointermove", move)
    picture.addEventListener("pointerup", end)
    picture.addEventListener("pointercancel", end)
  })
}
