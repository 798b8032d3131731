/**
 * Parts of a whole as one bar, with a key below that says each part's name, size and share.
 */
import type { Colour } from "./palette.ts"
import { colours, contrast } from "./palette.ts"
import { element, type Markup } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface Part {
  readonly name: string
  /** In the unit of the whole; parts of nothing are not drawn. */
  readonly value: number
  /** Idle time is the ground itself, hatched. */
  readonly colour: Colour | "idle"
  /** 0 ... 1: how much of the colour, for parts of one kind; default 1. */
  readonly depth?: number
}

/** The hatch of idle time; defined alike in every chart, so that one definition serves a page. */
export const hatch: Markup = element(
  "defs",
  {},
  element(
    "pattern",
    { id: "idle", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    element("line", { x1: 0, x2: 0, y1: 0, y2: 6, stroke: "var(--faint)", "stroke-width": 0.8 })
  )
)

export const fillOf = ({ colour }: Part): string => (colour === "idle" ? "url(#idle)" : `var(--${colour})`)

interface Box {
  readonly x: number
  readonly y: number
  readonly height: number
}

const rectangle = (part: Part, { x, y, height }: Box, width: number): Markup =>
  element("rect", {
    x,
    y,
    width,
    height,
    fill: fillOf(part),
    "fill-opacity": part.depth === undefined || part.colour === "idle" ? undefined : String(part.depth),
    stroke: part.colour === "idle" ? "var(--line)" : "var(--ground)",
    "stroke-width": 0.8
  })

/** Letters on a bar: black or white, whichever is read more easily on either ground. */
const letters = ({ colour, depth = 1 }: Part): string | undefined => {
  if (colour === "idle") return undefined
  if (depth < 0.6) return undefined
  const { light } = colours[colour]
  return contrast(light, "#ffffff") >= contrast(light, "#111111") * 0.8 ? "on-dark" : "on-light"
}

/** Draws the parts side by side from `box.x` on; a part's label is inside where it fits. */
export const drawParts = (
  parts: readonly Part[],
  box: Box,
  pixels: (value: number) => number,
  label: (part: Part) => string
): readonly Markup[] => {
  let x = box.x
  return parts
    .filter(({ value }) => value > 0)
    .flatMap((part) => {
      const width = pixels(part.value)
      const text = label(part)
      const start = x
      x += width
      return [
        rectangle(part, { ...box, x: start }, width),
        ...(text !== "" && textWidth(text, 11) + 8 <= width
          ? [
              element(
                "text",
                { x: start + 5, y: box.y + box.height / 2 + 4, "font-size": "11px", class: letters(part) },
                text
              )
            ]
          : [])
      ]
    })
}

const keyRow = 17

/** A column narrower than this has no room for a name. */
const leastColumn = 220

/** A key of the parts in two columns, or in one where there is no room; returns the drawing and its height. */
export const drawKey = (
  parts: readonly Part[],
  y: number,
  width: number,
  text: (part: Part) => readonly [value: string, share: string]
): { readonly drawn: readonly Markup[]; readonly height: number } => {
  const shown = parts.filter(({ value }) => value > 0)
  const columns = (width - 24) / 2 < leastColumn ? 1 : 2
  const perColumn = Math.ceil(shown.length / columns)
  const column = columns === 1 ? width : (width - 24) / 2
  const drawn = shown.flatMap((part, index) => {
    const x = index < perColumn ? 0 : column + 24
    const rowY = y + (index % perColumn) * keyRow
    const [value, share] = text(part)
    return [
      rectangle(part, { x, y: rowY + 2, height: 10 }, 10),
      element("text", { x: x + 18, y: rowY + 11 }, fitted(part.name, column - 18 - 120)),
      element("text", { x: x + column - 48, y: rowY + 11, "text-anchor": "end" }, value),
      element("text", { x: x + column, y: rowY + 11, "text-anchor": "end", class: "faint" }, share)
    ]
  })
  return { drawn, height: perColumn * keyRow }
}
