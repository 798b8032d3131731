/**
 * Numbers of a sweep along one field, a line for each value of another.
 */
import {
  lineChart,
  type Axis,
  type Colour,
  type Line,
  type LineChart,
  type Picture,
  type Point
} from "../../charts/index.ts"
import { extent } from "../../statistics/index.ts"
import { axisOf, headingOf, metricOf, superlative, told, type Metric } from "./metric.ts"
import type { Judgement } from "./objective.ts"
import { hasRun, numberOf, rangeOf, seedsOf, type SweptPoint } from "./points.ts"
import { settingText, valueText, type Field } from "./row.ts"
import { evenly } from "./thin.ts"
import { capital } from "./words.ts"

export interface CurveRequest {
  readonly points: readonly SweptPoint[]
  readonly fields: readonly Field[]
  /** Places of the fields: along the axis, and a line each. */
  readonly x: number
  readonly by: number | undefined
  readonly judgement: Judgement | undefined
  /** There are more fields, which are as in the best point. */
  readonly hasOthers: boolean
}

/** Lines that are told apart by everyone. */
const lineColours: readonly Colour[] = ["compute", "tensor", "pipeline", "data", "expert", "memory"]
export const mostCurves = lineColours.length

/** More values along the axis than pixels say no more; circles that touch are no circles. */
const [mostDrawn, mostMarked] = [300, 60]

/** Values that the axis names; with more it has round numbers. */
const mostTicks = 12

/** The main figures, after the one that points are judged by. */
const figures = {
  training: ["iterationSeconds", "tokensPerSecondPerAccelerator", "modelFlopsUtilisation", "memoryBytes"],
  serving: ["ttftP99", "tpotP99", "outputTokensPerSecond", "attained", "dollarsPerMillionOutputTokens"]
} as const

/** Numbers worth a curve: that differ, or that points are judged by. */
export const curveMetrics = (
  points: readonly SweptPoint[],
  kind: keyof typeof figures,
  judgement: Judgement | undefined
): readonly Metric[] => {
  const ran = points.filter(hasRun)
  const differing = figures[kind].filter((column) => {
    const numbers = ran.flatMap((point) => numberOf(point, column) ?? [])
    const [least, greatest] = extent(numbers)
    return numbers.length > 1 && greatest > least * 1.001
  })
  const first = judgement?.metric.column
  return [...new Set([...(first === undefined ? [] : [first]), ...differing])].slice(0, 4).map(metricOf)
}

/** Values far apart by factors stand on a logarithmic axis; values that are no numbers side by side. */
const xAxis = (field: Field): { readonly axis: Axis; readonly at: (level: number) => number } => {
  const { values } = field
  const numbers = values.filter((value) => typeof value === "number")
  const [low = 0, high = 1] = [numbers[0], numbers.at(-1)]
  const longest = Math.min(24, extent(field.texts.map((text) => text.length))[1])
  if (!field.isNumeric || numbers.length < 2)
    return {
      axis: {
        label: field.label,
        unit: 1,
        scale: "linear",
        from: values.length < 2 ? -1 : 0,
        to: Math.max(1, values.length - 1),
        ticks: evenly(values.length, Math.max(2, Math.floor(560 / (12 + 7 * longest)))),
        format: (level) => (field.texts[Math.round(level)] ?? "").slice(0, 24),
        isExact: true
      },
      at: (level) => level
    }
  const isWide = low > 0 && high / low >= 8
  const place = isWide ? Math.log : (value: number) => value
  const least = (place(high) - place(low)) * 0.06
  let last = -Infinity
  const ticks = numbers.filter((value) => {
    if (place(value) - last < least) return false
    last = place(value)
    return true
  })
  return {
    axis: {
      label: field.label,
      unit: 1,
      scale: isWide ? "log" : "linear",
      from: low,
      to: high,
      ...(numbers.length > mostTicks ? {} : { ticks, format: (value) => String(Number(value.toPrecision(6))) }),
      isExact: true
    },
    at: (level) => numbers[level] ?? low
  }
}

export const curve = (request: CurveRequest, metric: Metric): Picture => {
  const { fields, x, by } = request
  const field = fields[x]!
  const drawn = new Set(evenly(field.values.length, mostDrawn, request.judgement?.ranked[0]?.point.levels[x]))
  const points = request.points.filter(({ levels }) => drawn.has(levels[x] ?? 0))
  const other = by === undefined ? undefined : fields[by]
  const { axis, at } = xAxis(field)
  const ofLine = (level: number): readonly SweptPoint[] =>
    points
      .filter((point) => other === undefined || point.levels[by ?? 0] === level)
      .toSorted((a, b) => (a.levels[x] ?? 0) - (b.levels[x] ?? 0))
  const seeds = seedsOf(points)
  const series = (other?.values ?? [null])
    .map((value, level) => ({
      name: other === undefined ? "" : settingText(other, value),
      stretches: stretchesOf(ofLine(level), x, metric)
    }))
    .filter(({ stretches }) => stretches.length > 0)
    .map((one, index) => ({ ...one, colour: lineColours[index % lineColours.length]! }))
  // Over points without a number a line is only thought.
  const bridges = series.flatMap(({ colour, stretches }) =>
    stretches.slice(1).map((stretch, index): Line => ({
      name: "",
      colour,
      isDashed: true,
      points: [stretches[index]!.at(-1)!, stretch[0]!].map(({ level, value }): Point => [at(level), value])
    }))
  )
  const lines = series.flatMap(({ name, colour, stretches }) =>
    stretches.map((stretch, index): Line => ({
      name: index === stretches.length - 1 ? name : "",
      colour,
      isMarked: stretch.length <= mostMarked,
      points: stretch.map(({ level, value }): Point => [at(level), value]),
      ...(seeds < 2 ? {} : { band: stretch.map(({ level, range }) => [at(level), ...range] as const) })
    }))
  )
  const values = lines.flatMap((line) => [
    ...line.points.map(([, value]) => value),
    ...(line.band ?? []).flatMap(([, low, high]) => [low, high])
  ])
  const lost = other === undefined ? ofLine(0).filter(({ standing }) => standing !== "ok") : []
  return lineChart({
    title: `${sentence(request, metric)}${request.hasOthers ? "; other fields as in the best point" : ""}${seeds < 2 ? "" : `; mean of ${seeds} seeds, shaded from their least to their greatest`}`,
    x: axis,
    y: axisOf(metric, values),
    lines: [...bridges, ...lines],
    hasLeaders: true,
    marks: marksOf(lost, x, at),
    table: {
      columns: [
        other === undefined ? field.name : "point",
        headingOf(metric),
        ...(seeds < 2 ? [] : [headingOf(metric, "least"), headingOf(metric, "greatest")]),
        "standing"
      ],
      rows: points.map((point) => {
        const [least, most] = rangeOf(point, metric.column) ?? [null, null]
        return [
          other === undefined ? valueText(field.values[point.levels[x] ?? 0] ?? null) : placeText(request, point),
          (hasRun(point) ? numberOf(point, metric.column) : undefined) ?? null,
          ...(seeds < 2 ? [] : [least, most]),
          point.standing
        ]
      })
    }
  })
}

/** More marks than this are a hatch. */
const mostMarks = 40

/** Points that cannot be had; of neighbours that stand alike the first has the name. */
const marksOf = (
  lost: readonly SweptPoint[],
  x: number,
  at: (level: number) => number
): NonNullable<LineChart["marks"]> =>
  lost.slice(0, mostMarks).map(({ levels, standing }, index) => {
    const before = lost[index - 1]
    const isNext = before?.standing === standing && (before.levels[x] ?? 0) === (levels[x] ?? 0) - 1
    return { x: at(levels[x] ?? 0), name: isNext ? "" : standing, isLimit: true }
  })

/** "microBatch 2, recompute full". */
const placeText = ({ fields, x, by }: CurveRequest, { levels }: SweptPoint): string =>
  [x, ...(by === undefined ? [] : [by])]
    .map((place) => settingText(fields[place]!, fields[place]!.values[levels[place] ?? 0] ?? null))
    .join(", ")

/** The finding: where the number is best, and where worst. */
const sentence = (request: CurveRequest, metric: Metric): string => {
  const { points, judgement } = request
  const { column, better, phrase } = metric
  const counted =
    judgement?.metric.column === column ? judgement.ranked.map(({ point }) => point) : points.filter(hasRun)
  const sorted = counted
    .flatMap((point) => {
      const value = numberOf(point, column)
      return value === undefined ? [] : [{ point, value }]
    })
    .toSorted((a, b) => (better === "more" ? b.value - a.value : a.value - b.value))
  const [best, worst] = [sorted[0], sorted.at(-1)]
  if (best === undefined || worst === undefined) return `No point has ${phrase}`
  return `${capital(phrase)} is ${superlative(metric)} at ${placeText(request, best.point)}: ${told(metric, best.value)}${worst === best ? "" : `, against ${told(metric, worst.value)} at ${placeText(request, worst.point)}`}`
}

interface Place {
  readonly level: number
  readonly value: number
  readonly range: readonly [number, number]
}

/** Points side by side; one that did not run parts them. */
const stretchesOf = (points: readonly SweptPoint[], x: number, { column }: Metric): readonly (readonly Place[])[] => {
  const stretches: Place[][] = [[]]
  for (const point of points) {
    const value = hasRun(point) ? numberOf(point, column) : undefined
    if (value === undefined) {
      if (stretches.at(-1)!.length > 0) stretches.push([])
      continue
    }
    stretches.at(-1)!.push({
      level: point.levels[x] ?? 0,
      value,
      range: rangeOf(point, column) ?? [value, value]
    })
  }
  return stretches.filter((stretch) => stretch.length > 0)
}
