/**
 * A Pareto front as a picture and a table.
 */
import { paretoChart, type Picture } from "../../charts/index.ts"
import { formatCount } from "../../units/index.ts"
import { table, type Block } from "../document.ts"
import { words } from "../show.ts"
import type { Front, FrontPoint } from "./front.ts"
import { axisOf, headingOf, told, type Metric } from "./metric.ts"
import { pointText } from "./points.ts"
import { valueText, type Field } from "./row.ts"
import { evenly } from "./thin.ts"

const mostOthers = 800

export const frontPicture = ({ x, y, points, others }: Front, fields: readonly Field[]): Picture => {
  const [first, last] = [points[0]!, points.at(-1)!]
  const place = (one: FrontPoint) => ({
    x: one.x,
    y: one.y,
    title: `${pointText(one.point, fields)}: ${told(x, one.x)}, ${told(y, one.y)}`
  })
  const all = [...points, ...others]
  return paretoChart({
    title: `${formatCount(points.length)} of ${formatCount(all.length)} points are on the front of ${x.name} and ${y.name}: from ${both(x, y, first)} to ${both(x, y, last)}`,
    x: axisOf(
      x,
      all.map((one) => one.x)
    ),
    y: axisOf(
      y,
      all.map((one) => one.y)
    ),
    xBetter: x.better,
    front: points.map(place).toSorted((a, b) => a.x - b.x),
    // Thousands of dots are a cloud; every front point is drawn.
    others: evenly(others.length, mostOthers).map((index) => place(others[index]!)),
    table: {
      columns: ["point", headingOf(x), headingOf(y)],
      rows: points.map((one) => [pointText(one.point, fields), one.x, one.y])
    }
  })
}

const both = (x: Metric, y: Metric, one: FrontPoint): string => `${told(x, one.x)} with ${told(y, one.y)}`

const mostRows = 40

export const frontTable = ({ x, y, points }: Front, fields: readonly Field[]): Block => {
  const shown = evenly(points.length, mostRows).map((index) => points[index]!)
  const some = shown.length < points.length ? `${formatCount(shown.length)} points, evenly, of the front` : "The front"
  return table(
    `${some} of ${x.name} and ${y.name}: no point is better than one of these in one and as good in the other`,
    [...fields.map(({ name }) => words(name)), x, y],
    shown.map((one) => [
      ...fields.map((field, index) => valueText(field.values[one.point.levels[index] ?? 0] ?? null)),
      one.x,
      one.y
    ])
  )
}
