/**
 * What points are judged by over two fields.
 */
import { heatMap, type Picture } from "../../charts/index.ts"
import { formatCount } from "../../units/index.ts"
import { seenBy } from "./collapse.ts"
import { headingOf, measureOf, superlative, told } from "./metric.ts"
import type { Judgement } from "./objective.ts"
import type { SweptPoint } from "./points.ts"
import { settingText, valueText, type Field } from "./row.ts"
import { evenly } from "./thin.ts"
import { capital } from "./words.ts"

/** Kinds of loss in the order of their hatches. */
const losses = ["does not fit", "impossible", "error", "overloaded", "misses goals"] as const

/** Where a level stands among those that are drawn. */
const placesOf = (levels: readonly number[]): ReadonlyMap<number, number> =>
  new Map(levels.map((level, index) => [level, index]))

const [mostWide, mostTall] = [100, 50]

/** A table with a column for each value is read more easily, as long as it is no wider than a page. */
const mostColumns = 8

/**
 * @param places of the field along the axis and the one upright
 */
export const sweepMap = (
  points: readonly SweptPoint[],
  fields: readonly Field[],
  [placeX, placeY]: readonly [number, number],
  judgement: Judgement
): Picture => {
  const [x, y] = [fields[placeX]!, fields[placeY]!]
  const { metric } = judgement
  const best = judgement.ranked[0]?.point.levels
  // Cells smaller than this are a blur: an even choice of the values is drawn, the best among them.
  const drawn = [
    evenly(x.values.length, mostWide, best?.[placeX]),
    evenly(y.values.length, mostTall, best?.[placeY])
  ] as const
  const [atX, atY] = [placesOf(drawn[0]), placesOf(drawn[1])]
  const seen = seenBy(points, [placeX, placeY], judgement).flatMap(({ levels: [levelX = 0, levelY = 0], ...cell }) => {
    const [column, row] = [atX.get(levelX), atY.get(levelY)]
    return column === undefined || row === undefined ? [] : [{ ...cell, column, row }]
  })
  const [valuesX, valuesY] = [drawn[0].map((level) => x.values[level]!), drawn[1].map((level) => y.values[level]!)]
  const isThin = valuesX.length < x.values.length || valuesY.length < y.values.length
  const others = [...new Set(seen.map(({ standing }) => standing))].filter(
    (standing) => standing !== "ok" && !losses.some((one) => one === standing)
  )
  return heatMap({
    title: `${titleOf(points, fields, [placeX, placeY], judgement)}${isThin ? "; not every value is drawn" : ""}`,
    x: { label: x.label, name: x.name, values: drawn[0].map((level) => x.texts[level] ?? "") },
    y: { label: y.label, name: y.name, values: drawn[1].map((level) => y.texts[level] ?? "") },
    measure: measureOf(metric),
    cells: seen.map(({ column, row, value, standing }) => ({
      x: column,
      y: row,
      value: value ?? (standing === "ok" ? "no number" : standing)
    })),
    lost: [...losses, ...others, "no number"],
    table:
      valuesX.length <= mostColumns
        ? {
            columns: [y.name, ...valuesX.map((value) => headingOf(metric, settingText(x, value)))],
            rows: valuesY.map((value, row) => [
              valueText(value),
              ...valuesX.map((_, column) => {
                const cell = seen.find((one) => one.column === column && one.row === row)
                return cell === undefined ? null : (cell.value ?? cell.standing)
              })
            ])
          }
        : {
            columns: ["point", headingOf(metric), "standing"],
            rows: seen.map(({ column, row, value, standing }) => [
              `${settingText(x, valuesX[column] ?? null)}, ${settingText(y, valuesY[row] ?? null)}`,
              value ?? null,
              value === undefined ? standing : "ok"
            ])
          }
  })
}

const titleOf = (
  points: readonly SweptPoint[],
  fields: readonly Field[],
  places: readonly [number, number],
  { metric, ranked }: Judgement
): string => {
  const [best, worst] = [ranked[0]!, ranked.at(-1)!]
  const where = places
    .map((place) => settingText(fields[place]!, fields[place]!.values[best.point.levels[place] ?? 0] ?? null))
    .join(" and ")
  const rest = fields.length > 2 ? ", each cell the best over the other fields" : ""
  const range =
    ranked.length < 2
      ? ""
      : `; the ${metric.better === "more" ? "lowest" : "highest"} of ${formatCount(ranked.length)} is ${told(metric, worst.value)}`
  const lost = points.length - ranked.length
  return fields.length > 2
    ? `${capital(metric.phrase)} is ${superlative(metric)}, ${told(metric, best.value)}, at ${where}${rest}`
    : `${capital(metric.phrase)} is ${superlative(metric)}, ${told(metric, best.value)}, at ${where}${range}${lost === 0 ? "" : `; ${formatCount(lost)} of ${formatCount(points.length)} cannot be had`}`
}
