/**
 * Where the calendar time of a run goes, as a waterfall: what is useful at the top, then each loss from where the one before
 * it ends, so that small losses are seen beside a large whole.
 */
import { formatPercent, formatSeconds } from "../units/index.ts"
import { pictureOf, pictureWidth, titleLines, type Picture } from "./picture.ts"
import { fillOf, hatch, type Part } from "./stacked-bar.ts"
import { element } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface CalendarBar {
  readonly title: string
  /** Seconds; they add up to the whole. What is useful first. */
  readonly parts: readonly Part[]
}

const rowHeight = 20
const gap = 4
const left = 130
const right = 150
/** Losses are magnified where the useful part takes more than this share of the whole. */
const mostUseful = 0.6

export const calendarBar = ({ title, parts }: CalendarBar): Picture => {
  const whole = parts.reduce((sum, { value }) => sum + value, 0)
  const shown = parts.filter(({ value }, index) => index === 0 || value > 0)
  const [first] = shown
  // The axis begins late where most of the time is useful: the cut is drawn, and the table has the numbers.
  const useful = first?.value ?? 0
  const share = (value: number): number => (whole > 0 ? value / whole : 0)
  const from = useful > mostUseful * whole ? Math.max(0, useful - (whole - useful)) : 0
  const pixels = (value: number): number =>
    whole > from ? (Math.max(0, value - from) / (whole - from)) * (pictureWidth - left - right) : 0
  const top = titleLines(title).height + 8
  let before = 0
  const rows = shown.map((part, index) => {
    const start = before
    before += part.value
    const y = top + index * (rowHeight + gap)
    const [x, end] = [left + pixels(start), left + pixels(before)]
    const label = `${formatSeconds(part.value)} · ${formatPercent(share(part.value))}`
    return [
      element("text", { x: 0, y: y + 14 }, fitted(part.name, left - 8)),
      element("rect", {
        x,
        y,
        width: Math.max(1, end - x),
        height: rowHeight,
        fill: fillOf(part),
        "fill-opacity": part.depth === undefined || part.colour === "idle" ? undefined : String(part.depth)
      }),
      index === 0
        ? from === 0
          ? null
          : element("path", {
              d: `M${left + 10},${y - 2}l-5,${rowHeight + 4}h4l5,-${rowHeight + 4}z`,
              fill: "var(--ground)"
            })
        : element("line", { x1: x, x2: x, y1: y - gap, y2: y, stroke: "var(--faint)", "stroke-dasharray": "2 2" }),
      element("text", { class: "faint", x: Math.min(end + 6, pictureWidth - textWidth(label)), y: y + 14 }, label)
    ]
  })
  const bottom = top + shown.length * (rowHeight + gap)
  return pictureOf(
    title,
    bottom + 22,
    { columns: ["part", "time, s", "share"], rows: parts.map(({ name, value }) => [name, value, share(value)]) },
    [
      hatch,
      rows,
      element("line", { x1: left, x2: pictureWidth - right, y1: bottom, y2: bottom, stroke: "var(--line)" }),
      element("text", { class: "faint", x: left, y: bottom + 15 }, from === 0 ? "0 s" : `from ${formatSeconds(from)}`),
      element(
        "text",
        { class: "faint", x: pictureWidth - right, y: bottom + 15, "text-anchor": "end" },
        `${formatSeconds(whole)} of the calendar`
      )
    ]
  )
}
