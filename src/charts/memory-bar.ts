/**
 * What fills the memory of accelerators, beside what they have.
 */
import { formatBytes, formatPercent } from "../units/index.ts"
import { pictureOf, pictureWidth, titleLines, type Picture } from "./picture.ts"
import { drawKey, drawParts, hatch, type Part } from "./stacked-bar.ts"
import { element } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface MemoryBar {
  readonly title: string
  readonly capacityBytes: number
  /** What the line at `capacityBytes` is called; default "capacity". */
  readonly capacityName?: string
  /** One bar an accelerator or stage, the kinds of memory in the same order in each. */
  readonly bars: readonly { readonly name: string; readonly parts: readonly Part[] }[]
}

const rowHeight = 22
const gap = 5
/** Bars that one picture shows: the first ones, and the last. */
const mostBars = 16

export const memoryBar = ({ title, capacityBytes, capacityName = "capacity", bars }: MemoryBar): Picture => {
  const shown = bars.length <= mostBars ? bars : [...bars.slice(0, mostBars - 1), ...bars.slice(-1)]
  const totals = shown.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))
  const left = Math.max(0, ...shown.map(({ name }) => (name === "" ? 0 : Math.min(120, textWidth(name) + 8))))
  const right = pictureWidth - Math.max(...totals.map((total) => textWidth(formatBytes(total)) + 10))
  const most = Math.max(capacityBytes, ...totals)
  const pixels = (bytes: number): number => (bytes / most) * (right - left)
  const top = titleLines(title).height + 18
  const bottom = top + shown.length * (rowHeight + gap)
  const limit = left + pixels(capacityBytes)
  const kinds = shown[totals.indexOf(Math.max(...totals))]?.parts ?? []
  const fullest = Math.max(...totals, 1)
  const key = drawKey(kinds, bottom + 10, pictureWidth, ({ value }) => [
    formatBytes(value),
    formatPercent(value / fullest)
  ])
  const capacity = `${capacityName} ${formatBytes(capacityBytes)}`
  return pictureOf(
    title,
    bottom + 10 + key.height + 4,
    {
      columns: ["accelerator", ...kinds.map(({ name }) => `${name}, bytes`), "in all, bytes", `${capacityName}, bytes`],
      rows: bars.map(({ name, parts }) => [
        name === "" ? "each" : name,
        ...kinds.map((kind) => parts.find((part) => part.name === kind.name)?.value ?? 0),
        parts.reduce((sum, { value }) => sum + value, 0),
        capacityBytes
      ])
    },
    [
      hatch,
      shown.map(({ name, parts }, index) => {
        const y = top + index * (rowHeight + gap)
        const total = totals[index] ?? 0
        const isOver = total > capacityBytes
        return [
          element("text", { x: 0, y: y + 15, class: "faint" }, fitted(name, 116)),
          drawParts(parts, { x: left, y, height: rowHeight }, pixels, (part) => part.name),
          element(
            "text",
            { x: left + pixels(Math.max(total, capacityBytes)) + 6, y: y + 15, class: isOver ? "limit" : "faint" },
            formatBytes(total)
          )
        ]
      }),
      element("line", { x1: limit, x2: limit, y1: top - 5, y2: bottom, stroke: "var(--limit)", "stroke-width": 1.2 }),
      element("text", { class: "limit", x: limit, y: top - 8, "text-anchor": "end" }, capacity),
      key.drawn
    ]
  )
}
