/**
 * The charts of a sweep by its shape, and the pages behind the first.
 */
import type { Picture } from "../../charts/index.ts"
import { formatCount, formatPercent } from "../../units/index.ts"
import { picture, table, text, type Block, type Cell, type Column, type Section } from "../document.ts"
import { change, count, words } from "../show.ts"
import { figureColumnsOf } from "./answer.ts"
import { curve, curveMetrics, mostCurves, type CurveRequest } from "./curves.ts"
import { mainEffects } from "./effects.ts"
import type { StudiedSweep } from "./findings.ts"
import { frontsOf } from "./front.ts"
import { allAtOnce, effectsPicture, effectsTable } from "./many-fields.ts"
import { sweepMap } from "./maps.ts"
import { metricOf } from "./metric.ts"
import { isServed, type Judgement } from "./objective.ts"
import { hasRun, numberOf, type SweptPoint } from "./points.ts"
import { reasonsOf } from "./reasons.ts"
import { valueText, type Field } from "./row.ts"
import { frontPicture, frontTable } from "./trade-off.ts"
import { standingsOf } from "./words.ts"

/** Fields that were asked for, by their places. */
export interface AskedFields {
  readonly x: number | undefined
  readonly y: number | undefined
}

/** The chart that matters: of the fields asked for, else by how many there are. */
export const keyPicture = (studied: StudiedSweep, { x, y }: AskedFields): Picture | null => {
  const { points, fields, judgement } = studied
  if (judgement === undefined || points.length < 2) return null
  if (x !== undefined && y !== undefined) return sweepMap(points, fields, [x, y], judgement)
  const asked = x ?? y
  if (asked !== undefined) return curve(curvesAlong(studied, asked), judgement.metric)
  if (fields.length === 1) return curve(curvesAlong(studied, 0), judgement.metric)
  if (fields.length === 2) return sweepMap(points, fields, mapPlaces(fields, [0, 1]), judgement)
  return allAtOnce(points, fields, judgement, mainEffects(judgement.ranked, fields))
}

/** The field of more values along the axis, where there is more room. */
const mapPlaces = (
  fields: readonly Field[],
  [one, other]: readonly [number, number]
): readonly [x: number, y: number] =>
  fields[other]!.values.length > fields[one]!.values.length ? [other, one] : [one, other]

/** Along a field, a line for each value of another where these are few; all other fields as in the best point. */
const curvesAlong = ({ points, fields, judgement }: StudiedSweep, x: number): CurveRequest => {
  const effects = mainEffects(judgement?.ranked ?? [], fields)
  const by = effects.find(({ index, field }) => index !== x && field.values.length <= mostCurves)?.index
  const best = judgement?.ranked[0]?.point
  const isOfOthers = (place: number): boolean => place !== x && place !== by
  const slice =
    best === undefined
      ? points
      : points.filter(({ levels }) =>
          levels.every((level, place) => !isOfOthers(place) || level === best.levels[place])
        )
  return { points: slice, fields, x, by, judgement, hasOthers: fields.some((_, place) => isOfOthers(place)) }
}

export const chartSections = (studied: StudiedSweep, asked: AskedFields): readonly Section[] => {
  const { points, fields, judgement } = studied
  if (judgement === undefined || points.length < 2) return []
  const isAsked = asked.x !== undefined || asked.y !== undefined
  return [
    ...(fields.length >= 3 ? fieldSections(studied, judgement, isAsked) : curveSections(studied, judgement, asked)),
    ...frontSections(studied)
  ]
}

const curveSections = (studied: StudiedSweep, judgement: Judgement, asked: AskedFields): readonly Section[] => {
  const { points, fields } = studied
  const numeric = fields
    .map(({ isNumeric, values }, place) => ({ place, rank: (isNumeric ? 1e6 : 0) + values.length }))
    .toSorted((a, b) => b.rank - a.rank)
  const along = asked.x ?? numeric[0]?.place ?? 0
  const request = curvesAlong(studied, along)
  const isMap = fields.length === 2
  const isFew = request.by !== undefined || !isMap
  const metrics = curveMetrics(points, isServed(points) ? "serving" : "training", judgement).filter(
    // The first page has it already.
    ({ column }) => isMap || column !== judgement.metric.column
  )
  const blocks: readonly Block[] = isFew ? metrics.map((metric) => picture(curve(request, metric))) : []
  if (blocks.length === 0) return []
  return [{ id: "curves", title: `Along ${fields[along]?.name ?? ""}`, blocks }]
}

const fieldSections = (studied: StudiedSweep, judgement: Judgement, isAsked: boolean): readonly Section[] => {
  const { points, fields } = studied
  const effects = mainEffects(judgement.ranked, fields)
  const [first, second] = effects
  return [
    ...(isAsked
      ? [
          {
            id: "all",
            title: "All points at once",
            blocks: [picture(allAtOnce(points, fields, judgement, effects))]
          }
        ]
      : []),
    {
      id: "fields",
      title: "Which field matters",
      blocks: [
        ...(judgement.ranked.length < 2 ? [] : [picture(effectsPicture(judgement, effects))]),
        { kind: "table", table: effectsTable(judgement, effects) },
        text(
          `Means over the ${formatCount(judgement.ranked.length)} points that count at each value of a field, whatever the other fields are. "Explains" is the share of the spread of all these points that is spread between the means of the field's values; where not every combination can run, the shares overlap.`
        ),
        ...(first === undefined || second === undefined
          ? []
          : [picture(sweepMap(points, fields, mapPlaces(fields, [first.index, second.index]), judgement))])
      ]
    }
  ]
}

const frontSections = ({ points, fields }: StudiedSweep): readonly Section[] => {
  const ran = points.filter(({ standing }) => standing === "ok")
  const counted = ran.length === 0 ? points.filter(hasRun) : ran
  const fronts = frontsOf(counted)
  if (fronts.length === 0) return []
  return [
    {
      id: "front",
      title: "What is given up for what",
      blocks: fronts.flatMap((front) => [picture(frontPicture(front, fields)), frontTable(front, fields)])
    }
  ]
}

const mostRows = 15

const fieldColumns = (fields: readonly Field[]): readonly Column[] => fields.map(({ name }) => words(name))

const fieldCells = ({ levels }: SweptPoint, fields: readonly Field[]): readonly Cell[] =>
  fields.map(({ values }, place) => valueText(values[levels[place] ?? 0] ?? null))

export const bestSection = ({ points, fields, judgement }: StudiedSweep): readonly Section[] => {
  if (judgement === undefined) return []
  const { metric, ranked } = judgement
  const best = ranked[0]!
  const others = figureColumnsOf(points)
    .filter((column) => column !== metric.column && isDiffering(ranked, column))
    .map(metricOf)
  const shown = ranked.slice(0, mostRows)
  return [
    {
      id: "best",
      title: "The best points",
      blocks: [
        table(
          shown.length < ranked.length
            ? `The best ${mostRows} of ${formatCount(ranked.length)} points that count`
            : "Points that count, the best first",
          [...fieldColumns(fields), metric, change("to the best"), ...others],
          shown.map(({ point, value }, index) => [
            ...fieldCells(point, fields),
            value,
            index === 0 ? null : value / best.value - 1,
            ...others.map(({ column }) => numberOf(point, column) ?? null)
          ])
        )
      ]
    }
  ]
}

/** A number that all have alike tells no point from another. */
const isDiffering = (ranked: Judgement["ranked"], column: string): boolean =>
  ranked.length < 2 || new Set(ranked.map(({ point }) => numberOf(point, column))).size > 1

const mostLost = 40

export const lostSection = ({ points, fields }: StudiedSweep): readonly Section[] => {
  const lost = points.filter(({ reason }) => reason !== null)
  const beyond = points.filter(({ standing, reason }) => reason === null && standing !== "ok")
  if (lost.length + beyond.length === 0) return []
  const reasons = reasonsOf(points)
  const list = [...lost, ...beyond].slice(0, mostLost)
  return [
    {
      id: "lost",
      title: "Points that cannot be had",
      blocks: [
        table(
          "How the points stand",
          [words("standing"), count("points"), { name: "share", unit: "share", show: formatPercent }],
          [...standingsOf(points)].map(([standing, number]) => [standing, number, number / points.length])
        ),
        ...(reasons.length === 0
          ? []
          : [
              table(
                "Reasons, the commonest first; those that differ in their numbers alone are one",
                [words("standing"), words("reason"), count("points")],
                reasons.slice(0, mostRows).map((one) => [one.standing, one.text, one.points])
              )
            ]),
        table(
          list.length < lost.length + beyond.length
            ? `The first ${mostLost} of ${formatCount(lost.length + beyond.length)}; the command results below has all`
            : "Each of them",
          [...fieldColumns(fields), words("standing"), words("reason")],
          list.map((point) => [...fieldCells(point, fields), point.standing, point.reason])
        )
      ]
    }
  ]
}

/** What was asked: fields with their values. */
export const askedSection = ({ fields }: StudiedSweep): Section => ({
  id: "asked",
  title: "What was varied",
  blocks: [
    table(
      "Fields and their values",
      [words("field"), words("values"), count("how many")],
      fields.map(({ path, values }) => [
        path,
        `${values.slice(0, 16).map(valueText).join("; ")}${values.length > 16 ? "; ..." : ""}`,
        values.length
      ])
    )
  ]
})
