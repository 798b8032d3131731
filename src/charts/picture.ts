/**
 * A chart as the report and the viewer show it: a sentence, a drawing, and the numbers that were drawn.
 */
import { element, type Child, type Markup } from "./svg.ts"
import { chartStyle } from "./style.ts"
import { linesOf } from "./text-width.ts"

export interface ChartTable {
  /** What each column holds, with its unit. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

export interface Picture {
  /** The finding, a sentence without a full stop. */
  readonly title: string
  /** An `svg` element for a page that has `chartStyle`. */
  readonly svg: string
  readonly table: ChartTable
  /** Where the plot is, of charts with two axes: what a page needs to tell values from places. */
  readonly plot?: Plot
}

/** A plot in the picture's pixels, and the values at its left and right edge. */
export interface Plot {
  readonly width: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly from: number
  readonly to: number
  readonly scale: "linear" | "log"
}

/** Width of a chart unless it is told another, pixels; a page scales it. */
export const pictureWidth = 640

const titleSize = 14
/** Bold letters are wider. */
const boldness = 1.25
const titleLine = 18

/** Lines of the title, and the height that they take. */
export const titleLines = (
  title: string,
  width = pictureWidth
): { readonly lines: readonly string[]; readonly height: number } => {
  const lines = linesOf(title, width / boldness, titleSize).slice(0, 3)
  return { lines, height: lines.length * titleLine + 6 }
}

/** Draws the title above the content, which starts at the title's height. */
export const pictureOf = (
  title: string,
  height: number,
  table: ChartTable,
  content: readonly Child[],
  width = pictureWidth
): Picture => {
  const drawn: Markup = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "chart",
      viewBox: `0 0 ${width} ${Math.ceil(height)}`,
      width,
      height: Math.ceil(height),
      role: "img",
      "aria-label": title
    },
    titleLines(title, width).lines.map((line, index) =>
      element("text", { class: "title", x: 0, y: titleSize + index * titleLine }, line)
    ),
    content
  )
  return { title, svg: drawn.markup, table }
}

/** A picture as a file of its own, on its own ground. */
export const standalone = ({ svg }: Picture): string =>
  `${svg
    .replace(/>/, `><style>${chartStyle}\nsvg{background:var(--ground);padding:16px}</style>`)
    .replaceAll(/(<(?:g|path|rect|text|line|circle)\b)/g, "\n$1")}\n`
