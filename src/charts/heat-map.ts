/**
 * One number over two fields: a cell for every pair of values, deeper where it is better; pairs that have no number are
 * hatched by what kept them from one.
 */
import { pictureOf, pictureWidth, titleLines, type ChartTable, type Picture } from "./picture.ts"
import { depthOf, drawRamp, lettersOn, opacity, type Measure } from "./ramp.ts"
import { element, type Child, type Markup } from "./svg.ts"
import { fitted, textWidth } from "./text-width.ts"

export interface Levels {
  /** The field, with its unit: "rate, requests/s". */
  readonly label: string
  /** As it stands before a value; default: its label. */
  readonly name?: string
  /** Its values as they are shown, in order; the first is to the left, or at the bottom. */
  readonly values: readonly string[]
}

export interface HeatCell {
  /** Places among the values of the two fields. */
  readonly x: number
  readonly y: number
  /** The number, or the kind of loss: "does not fit". */
  readonly value: number | string
}

export interface HeatMap {
  readonly title: string
  readonly x: Levels
  readonly y: Levels
  readonly measure: Measure
  /** Pairs that nobody asked about are not among them, and stay empty. */
  readonly cells: readonly HeatCell[]
  /** Kinds of loss in the order of their hatches; those that no cell has are left out of the key. */
  readonly lost: readonly string[]
  readonly table: ChartTable
}

const [mostWide, mostTall, leastTall] = [140, 30, 7]
const mostHeight = 330
const keyRow = 18

/** Lines of a hatch in a square of 7 pixels; rising, falling, both, and dots. */
const hatches = ["M0 7L7 0M-1 1L1 -1M6 8L8 6", "M0 0L7 7M6 -1L8 1M-1 6L1 8", "M0 7L7 0M0 0L7 7", "M3 3h1.2v1.2h-1.2z"]

/** Hatches of kinds of loss; alike in every chart, so that one definition serves a page. */
export const lostHatch = (kind: number): { readonly id: string; readonly definition: Markup } => {
  const index = kind % hatches.length
  const id = `lost-${index}`
  const definition = element(
    "pattern",
    { id, width: 7, height: 7, patternUnits: "userSpaceOnUse" },
    element("path", { d: hatches[index], stroke: "var(--faint)", "stroke-width": 0.7, fill: "none" })
  )
  return { id, definition }
}

export const heatMap = (map: HeatMap): Picture => {
  const { x, y, measure, lost } = map
  const known = map.cells.flatMap(({ value }) => (typeof value === "number" ? [value] : []))
  const depth = depthOf(known, measure)
  const best = bestOf(map)
  const nameX = fitted(x.label, pictureWidth)
  const labels = y.values.map((value) => fitted(value, 130))
  const left = Math.ceil(Math.max(20, ...labels.map((label) => textWidth(label))) + 10)
  const wide = Math.min(mostWide, (pictureWidth - left) / Math.max(1, x.values.length))
  const tall = Math.max(leastTall, Math.min(mostTall, mostHeight / Math.max(1, y.values.length)))
  const top = titleLines(map.title).height + 20
  const bottom = top + tall * y.values.length
  const box = (cell: HeatCell) => ({
    x: left + cell.x * wide,
    y: bottom - (cell.y + 1) * tall,
    width: wide,
    height: tall
  })
  const drawn = map.cells.map((cell): Child => {
    const place = box(cell)
    const { value } = cell
    const isLost = typeof value === "string"
    const kind = isLost ? lost.indexOf(value) : -1
    const deep = isLost ? 0 : depth(value)
    const said = isLost ? value : measure.show(value)
    const hasRoom = textWidth(said, 11) + 6 <= wide && tall >= 15
    return [
      element(
        "rect",
        {
          ...place,
          fill: isLost ? `url(#${lostHatch(Math.max(0, kind)).id})` : "var(--ramp)",
          "fill-opacity": isLost ? undefined : opacity(deep),
          stroke: "var(--ground)",
          "stroke-width": Math.min(wide, tall) > 12 ? 1.5 : 0.5
        },
        element(
          "title",
          {},
          `${x.name ?? x.label} ${x.values[cell.x] ?? ""}, ${y.name ?? y.label} ${y.values[cell.y] ?? ""}: ${said}`
        )
      ),
      hasRoom && !isLost
        ? element(
            "text",
            {
              x: place.x + wide / 2,
              y: place.y + tall / 2 + 4,
              "text-anchor": "middle",
              "font-size": "11px",
              class: lettersOn(deep)
            },
            said
          )
        : null
    ]
  })
  const right = left + wide * x.values.length
  const everyX = Math.ceil((Math.max(0, ...x.values.map((value) => textWidth(fitted(value, 110)))) + 8) / wide)
  const fitsX = wide >= 40
  const everyY = Math.ceil(13 / tall)
  const used = lost.map((_, kind) => kind).filter((kind) => map.cells.some(({ value }) => value === lost[kind]))
  const key = keyOf({ map, known, used, hasBest: best !== undefined }, bottom + 44)
  return pictureOf(map.title, bottom + 44 + key.height, map.table, [
    element(
      "defs",
      {},
      used.map((kind) => lostHatch(kind).definition)
    ),
    element("text", { class: "faint", x: 0, y: top - 8 }, y.label),
    labels.map((label, index) =>
      index % everyY === 0
        ? element(
            "text",
            { class: "faint", x: left - 8, y: bottom - (index + 0.5) * tall + 4, "text-anchor": "end" },
            label
          )
        : null
    ),
    x.values.map((value, index) =>
      fitsX || (index % everyX === 0 && left + (index + 0.5) * wide + textWidth(value) / 2 <= pictureWidth + 4)
        ? element(
            "text",
            {
              class: "faint",
              x: inside(left + (index + 0.5) * wide, fitted(value, fitsX ? wide - 4 : 110)),
              y: bottom + 16,
              "text-anchor": "middle"
            },
            fitted(value, fitsX ? wide - 4 : 110)
          )
        : null
    ),
    element(
      "text",
      { class: "faint", x: Math.max(right, textWidth(nameX)), y: bottom + 32, "text-anchor": "end" },
      nameX
    ),
    drawn,
    best === undefined
      ? null
      : element("rect", {
          ...box(best),
          class: "best",
          fill: "none",
          stroke: "var(--ink)",
          "stroke-width": 2
        }),
    key.drawn
  ])
}

/** The middle of a text that must not leave the picture. */
const inside = (at: number, text: string): number => Math.min(pictureWidth - textWidth(text) / 2, at)

const bestOf = ({ cells, measure: { better } }: HeatMap): HeatCell | undefined =>
  cells
    .filter(({ value }) => typeof value === "number")
    .reduce<HeatCell | undefined>((best, cell) => {
      if (best === undefined) return cell
      const gain = Number(cell.value) - Number(best.value)
      return (better === "more" ? gain > 0 : gain < 0) ? cell : best
    }, undefined)

/** What the colours, the frame and the hatches say; a row, or two where one is too short. */
const keyOf = (
  {
    map: { measure, lost },
    known,
    used,
    hasBest
  }: {
    readonly map: HeatMap
    readonly known: readonly number[]
    readonly used: readonly number[]
    readonly hasBest: boolean
  },
  y: number
): { readonly drawn: readonly Child[]; readonly height: number } => {
  const ramp = drawRamp(known, measure, 0, y)
  const swatches = [
    ...(hasBest ? [{ name: "the best", fill: "none", stroke: "var(--ink)" }] : []),
    ...used.map((kind) => ({ name: lost[kind] ?? "", fill: `url(#${lostHatch(kind).id})`, stroke: "var(--line)" }))
  ]
  let [x, row] = [ramp.width === 0 ? 0 : ramp.width + 28, y]
  const drawn = swatches.map(({ name, fill, stroke }) => {
    const width = 20 + textWidth(name) + 18
    if (x > 0 && x + width > pictureWidth) [x, row] = [0, row + keyRow]
    const at = x
    x += width
    return [
      element("rect", { x: at, y: row, width: 13, height: 11, fill, stroke, "stroke-width": 1.2 }),
      element("text", { x: at + 20, y: row + 10 }, name)
    ]
  })
  return { drawn: [ramp.drawn, drawn], height: row - y + keyRow }
}
