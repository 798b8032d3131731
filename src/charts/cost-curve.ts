/**
 * What a unit of work costs by load or by size.
 */
import { formatFigures } from "../units/index.ts"
import { countAxis } from "./axis.ts"
import { lineChart, type Point } from "./line-chart.ts"
import type { Picture } from "./picture.ts"

export interface CostCurve {
  /** What is bought: "a million output tokens". */
  readonly what: string
  /** Along the axis: "requests that come, per second". */
  readonly by: string
  /** The unit of it in a sentence: "requests/s". */
  readonly unit: string
  /** Ascending; dollars. */
  readonly points: readonly { readonly at: number; readonly dollars: number }[]
  readonly here?: number
}

const money = (dollars: number): string => `$${formatFigures(dollars)}`

export const costCurve = ({ what, by, unit, points, here }: CostCurve): Picture => {
  const [first, cheapest] = [
    points[0],
    points.reduce<CostCurve["points"][number] | undefined>(
      (best, one) => (best === undefined || one.dollars < best.dollars ? one : best),
      undefined
    )
  ]
  return lineChart({
    title:
      first === undefined || cheapest === undefined
        ? `The cost of ${what}`
        : cheapest === first
          ? `${capital(what)} is cheapest, ${money(first.dollars)}, at ${formatFigures(first.at)} ${unit}`
          : `${capital(what)} cost${what.endsWith("s") ? "" : "s"} ${money(cheapest.dollars)} at ${formatFigures(cheapest.at)} ${unit}, ${money(first.dollars)} at ${formatFigures(first.at)}`,
    x: countAxis(by, 0, points.at(-1)?.at ?? 1),
    y: { ...countAxis(`$ for ${what}`, 0, Math.max(...points.map(({ dollars }) => dollars))) },
    lines: [
      { name: "", colour: "compute", isMarked: true, points: points.map((point): Point => [point.at, point.dollars]) }
    ],
    marks: here === undefined ? [] : [{ x: here, name: `this scenario ${formatFigures(here)}` }],
    table: { columns: [by, `$ for ${what}`], rows: points.map((point) => [point.at, point.dollars]) }
  })
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
