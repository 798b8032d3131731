/**
 * Sweeps over three fields and more: all points at once, and what each field does.
 */
import { linesDrawn, parallelCoordinates, valueEffects, type Picture } from "../../charts/index.ts"
import { mean } from "../../statistics/index.ts"
import { formatCount, formatPercent } from "../../units/index.ts"
import type { Table } from "../document.ts"
import { amount, count, share, words } from "../show.ts"
import type { MainEffect } from "./effects.ts"
import { axisOf, headingOf, measureOf, superlative, told } from "./metric.ts"
import type { Judgement } from "./objective.ts"
import { pointText, type SweptPoint } from "./points.ts"
import { valueText, type Field } from "./row.ts"
import { evenly } from "./thin.ts"
import { capital } from "./words.ts"

/** More axes than this leave no room for their values: the fields that matter most are drawn. */
const mostAxes = 7
/** More rows say nothing to a reader; the CSV of the sweep has all. */
const mostRows = 100

export const allAtOnce = (
  points: readonly SweptPoint[],
  fields: readonly Field[],
  { metric, ranked }: Judgement,
  effects: readonly MainEffect[]
): Picture => {
  const values = new Map(ranked.map(({ point, value }) => [point, value]))
  const drawn = effects
    .slice(0, mostAxes)
    .map(({ index }) => index)
    .toSorted((a, b) => a - b)
  const best = ranked[0]!
  const lines = linesDrawn(points.length)
  const notes = [
    ...(lines < points.length ? [`${formatCount(lines)} of ${formatCount(points.length)} points are drawn`] : []),
    ...(drawn.length < fields.length ? [`the ${drawn.length} fields that matter most`] : [])
  ]
  return parallelCoordinates({
    title: `${capital(metric.phrase)} is ${superlative(metric)}, ${told(metric, best.value)}, with ${pointText(best.point, fields)}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`,
    axes: drawn.map((place) => ({ label: fields[place]!.name, values: fields[place]!.texts })),
    measure: measureOf(metric),
    lost: "cannot be had",
    points: points.map((point) => ({
      at: drawn.map((place) => point.levels[place] ?? 0),
      value: values.get(point) ?? null
    })),
    table: {
      columns: ["point", headingOf(metric), "standing"],
      rows: [...ranked.map(({ point }) => point), ...points.filter((point) => !values.has(point))]
        .slice(0, mostRows)
        .map((point) => [pointText(point, fields), values.get(point) ?? null, point.standing])
    }
  })
}

/** Fields of one value do nothing; of very many values only the ends and some between are named. */
const mostValues = 12

export const effectsPicture = ({ metric, ranked }: Judgement, effects: readonly MainEffect[]): Picture => {
  const shown = effects.filter(({ values }) => values.length > 1)
  const [first] = shown
  const all = mean(ranked.map(({ value }) => value))
  const sorted = first?.values.toSorted((a, b) => (metric.better === "more" ? b.mean - a.mean : a.mean - b.mean)) ?? []
  const [best, worst] = [sorted[0], sorted.at(-1)]
  const means = shown.flatMap(({ values }) => values.map((one) => one.mean))
  return valueEffects({
    title:
      first === undefined || best === undefined || worst === undefined
        ? "No field makes a difference"
        : `The field ${first.field.name} matters most: on average ${metric.phrase} is ${told(metric, best.mean)} at ${valueText(best.value)} and ${told(metric, worst.mean)} at ${valueText(worst.value)}`,
    axis: axisOf({ ...metric, name: `mean ${metric.phrase.replace(/^the /, "")}` }, means.length === 0 ? [all] : means),
    mean: all,
    fields: shown.map(({ field, values, explained }) => ({
      field: field.name,
      note: formatPercent(Math.round(100 * explained) / 100),
      values: evenly(values.length, mostValues)
        .map((place) => values[place]!)
        .map(({ value, mean: at }) => ({
          name: field.texts[field.values.indexOf(value)] ?? "",
          mean: at
        }))
    })),
    table: {
      columns: ["value", headingOf(metric, "mean"), "points"],
      rows: shown.flatMap(({ field, values }) =>
        values.map((one) => [`${field.name} ${valueText(one.value)}`, one.mean, one.points])
      )
    }
  })
}

export const effectsTable = ({ metric }: Judgement, effects: readonly MainEffect[]): Table => {
  const number = { ...amount("", metric.unit), ...(metric.show === undefined ? {} : { show: metric.show }) }
  return {
    name: "Fields, the one that matters most first",
    columns: [
      words("field"),
      words("best value"),
      { ...number, name: "mean there" },
      words("worst value"),
      { ...number, name: "mean at the worst" },
      share("explains"),
      count("values")
    ],
    rows: effects.map(({ field, values, explained }) => {
      const sorted = values.toSorted((a, b) => (metric.better === "more" ? b.mean - a.mean : a.mean - b.mean))
      const [best, worst] = [sorted[0], sorted.at(-1)]
      return [
        field.path,
        best === undefined ? null : valueText(best.value),
        best?.mean ?? null,
        worst === undefined ? null : valueText(worst.value),
        worst?.mean ?? null,
        explained,
        field.values.length
      ]
    })
  }
}
