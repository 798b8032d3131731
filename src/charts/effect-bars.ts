/**
 * What more and what less of each thing does to one number: a row a thing, bars to both sides of no change, the largest
 * effect on top (a tornado).
 */
import { pictureOf, pictureWidth, titleLines, type Picture } from "./picture.ts"
import { element } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface EffectRow {
  readonly name: string
  /** Relative change of the number with more and with less; null = that cannot be. */
  readonly withMore: number | null
  readonly withLess: number | null
}

export interface EffectBars {
  readonly title: string
  /** What the bars say: "10 % more" and "9.1 % less". */
  readonly more: string
  readonly less: string
  readonly rows: readonly EffectRow[]
  readonly width?: number
  /** What a click on a bar would do, by the row; a page finds the bars by `data-dot`: 2 row, and 1 more for the lower bar. */
  readonly hints?: readonly (readonly [more: string | null, less: string | null])[]
}

const rowHeight = 24
const barHeight = 8
const keyHeight = 20

/** "+3.1 %". */
const signed = (change: number): string => {
  const text = (100 * change).toFixed(1)
  return Number(text) === 0 ? "0 %" : `${change > 0 ? "+" : ""}${text} %`
}

export const effectBars = ({ title, more, less, rows, hints, width = pictureWidth }: EffectBars): Picture => {
  const changes = rows.flatMap(({ withMore, withLess }) => [withMore ?? 0, withLess ?? 0])
  const room = Math.max(0, ...changes.map((change) => textWidth(signed(change)))) + 8
  const left = Math.min(180, Math.max(0, ...rows.map(({ name }) => textWidth(name))) + 12) + room
  const right = width - room
  const [low, high] = [Math.min(0, ...changes), Math.max(0, ...changes)]
  const span = high - low || 1
  const at = (change: number): number => left + ((change - low) / span) * (right - left)
  const top = titleLines(title, width).height + keyHeight + 6
  const bottom = top + rows.length * rowHeight
  const bar = (change: number | null, y: number, colour: string) => {
    if (change === null) return null
    const [from, to] = [at(Math.min(0, change)), at(Math.max(0, change))]
    return element("rect", { x: from, y, width: Math.max(0.5, to - from), height: barHeight, fill: `var(--${colour})` })
  }
  /** The longer bar of a side is told at its end. */
  const told = (of: readonly (number | null)[], y: number, isLeft: boolean) => {
    const side = of.filter((change): change is number => change !== null && (isLeft ? change < 0 : change > 0))
    const largest = isLeft ? Math.min(0, ...side) : Math.max(0, ...side)
    if (signed(largest) === "0 %") return null
    const anchor = isLeft ? "end" : "start"
    return element(
      "text",
      { x: at(largest) + (isLeft ? -5 : 5), y, class: "faint", "text-anchor": anchor },
      signed(largest)
    )
  }
  /** As high as half of the row, and as wide as the picture: a short bar is hard to hit. */
  const target = (hint: string | null | undefined, index: number, y: number) =>
    typeof hint === "string"
      ? element(
          "rect",
          { x: 0, y, width, height: rowHeight / 2, fill: "transparent", "data-dot": String(index) },
          element("title", {}, hint)
        )
      : null
  const keyStart = width < pictureWidth ? 0 : left
  const key = [
    { name: more, colour: "compute", x: keyStart },
    { name: less, colour: "backward", x: keyStart + textWidth(more) + 40 }
  ].map(({ name, colour, x }) => [
    element("rect", { x, y: top - keyHeight - 2, width: 10, height: 10, fill: `var(--${colour})` }),
    element("text", { x: x + 15, y: top - keyHeight + 7 }, name)
  ])
  return pictureOf(
    title,
    bottom + 8,
    {
      columns: ["resource", `with ${more}`, `with ${less}`],
      rows: rows.map(({ name, withMore, withLess }) => [name, withMore, withLess])
    },
    [
      key,
      element("line", { x1: at(0), x2: at(0), y1: top - 2, y2: bottom, stroke: "var(--faint)" }),
      rows.map(({ name, withMore, withLess }, index) => {
        const y = top + index * rowHeight
        return [
          element("text", { x: 0, y: y + 14 }, fitted(name, 176)),
          bar(withMore, y + 2, "compute"),
          bar(withLess, y + 3 + barHeight, "backward"),
          told([withMore, withLess], y + 14, true),
          told([withMore, withLess], y + 14, false),
          target(hints?.[index]?.[0], 2 * index, y),
          target(hints?.[index]?.[1], 2 * index + 1, y + rowHeight / 2)
        ]
      })
    ],
    width
  )
}
