/**
 * What each field of a sweep does to a number: a row a field, and on it a dot for each value, at the mean over all points
 * that have the value (main effects of a factorial experiment).
 */
import { placeAxis, type Axis } from "./axis.ts"
import { pictureOf, pictureWidth, titleLines, type ChartTable, type Picture } from "./picture.ts"
import { rowsOf } from "./spread.ts"
import { element } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface FieldEffect {
  readonly field: string
  /** Shown beside the name: "61 %". */
  readonly note: string
  readonly values: readonly { readonly name: string; readonly mean: number }[]
}

export interface ValueEffects {
  readonly title: string
  readonly axis: Axis
  /** Mean over all points: the upright line. */
  readonly mean: number
  readonly fields: readonly FieldEffect[]
  readonly table: ChartTable
}

const lineHeight = 13
const labelWidth = 150

export const valueEffects = ({ title, axis, mean, fields, table }: ValueEffects): Picture => {
  const left = labelWidth + 24
  const right = pictureWidth - 24
  const x = placeAxis(axis, [left, right], 6)
  let y = titleLines(title).height + 6
  const top = y
  const rows = fields.map(({ field, note, values }) => {
    const labels = values.map(({ name, mean: at }) => ({ name: fitted(name, 120), at: x.at(at) }))
    const lines = rowsOf(
      labels.map(({ name, at }) => ({ at: inside(at, name), width: textWidth(name, 11) })),
      6
    )
    const height = (Math.max(0, ...lines) + 1) * lineHeight
    const middle = y + height + 8
    y = middle + 14
    const places = labels.map(({ at }) => at)
    return [
      element("text", { x: 0, y: middle + 4 }, fitted(field, labelWidth - textWidth(note) - 10)),
      element("text", { x: labelWidth, y: middle + 4, class: "faint", "text-anchor": "end" }, note),
      element("line", {
        x1: Math.min(...places),
        x2: Math.max(...places),
        y1: middle,
        y2: middle,
        stroke: "var(--compute)",
        "stroke-width": 2
      }),
      labels.map(({ name, at }, index) => [
        element("circle", { cx: at, cy: middle, r: 3.6, fill: "var(--compute)" }),
        element(
          "text",
          {
            x: inside(at, name),
            y: middle - 8 - (lines[index] ?? 0) * lineHeight,
            "text-anchor": "middle",
            "font-size": "11px"
          },
          name
        )
      ])
    ]
  })
  const bottom = y + 2
  return pictureOf(title, bottom + 36, table, [
    x.ticks.map(({ at, text }) => [
      element("line", { x1: at, x2: at, y1: top, y2: bottom, stroke: "var(--line)" }),
      element("text", { class: "faint", x: at, y: bottom + 16, "text-anchor": "middle" }, text)
    ]),
    element("line", {
      x1: x.at(mean),
      x2: x.at(mean),
      y1: top,
      y2: bottom,
      stroke: "var(--faint)",
      "stroke-dasharray": "2 3"
    }),
    element("text", { class: "faint", x: right, y: bottom + 32, "text-anchor": "end" }, axis.label),
    element("text", { class: "faint", x: 0, y: bottom + 32 }, "dotted: the mean of all"),
    rows
  ])
}

const inside = (at: number, name: string): number =>
  Math.min(pictureWidth - textWidth(name, 11) / 2, Math.max(labelWidth + 8 + textWidth(name, 11) / 2, at))
