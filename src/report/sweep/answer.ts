/**
 * The first page of a sweep's report: its answer, the figures of the best point, and how sure they are.
 */
import {
  basisText,
  latencyRanges,
  rangesOf,
  rangeText,
  type PredictionInterval,
  type Ranged
} from "../../intervals/index.ts"
import { formatCount, formatPercent } from "../../units/index.ts"
import type { Figure } from "../document.ts"
import { figure, share } from "../show.ts"
import type { StudiedSweep, SweepFindings } from "./findings.ts"
import { metricOf, superlative, told } from "./metric.ts"
import { gainOver, isServed, type Judgement } from "./objective.ts"
import { numberOf, pointText, rangeOf, type SweptPoint } from "./points.ts"
import { capital, lossesText } from "./words.ts"

export const sweepAnswer = ({ total, done, baseline, intervals }: SweepFindings, studied: StudiedSweep): string => {
  const { points, fields, judgement } = studied
  const losses = lossesText(points)
  const unfinished =
    done < total ? ` So far ${formatCount(done)} of ${formatCount(total)} points are simulated: this may change.` : ""
  const of = `${formatCount(points.length)} ${points.length === 1 ? "point" : "points"}`
  if (judgement === undefined) return `None of ${of} can run: ${losses}.${unfinished}`
  const { metric, ranked } = judgement
  const best = ranked[0]!
  const median =
    ranked.length < 2
      ? ""
      : `: ${gainText(judgement, best.value, judgement.median)} the median of the ${formatCount(ranked.length)} points that count`
  const own = baseline === undefined ? undefined : baselinePoint(studied, baseline)
  const ownValue = own === undefined ? undefined : numberOf(own, metric.column)
  const isOwn = own === best.point ? ", the scenario as it is written" : ""
  const written =
    own === best.point || ownValue === undefined
      ? ""
      : `${median === "" ? ": " : " and "}${gainText(judgement, best.value, ownValue)} the scenario as it is written`
  const ranged = rangedOf(best.point, metric.column, best.value, intervals)
  const range = rangeText(ranged, (value) => told(metric, value))
  const sure = range === undefined ? "" : ` (${range})`
  const goals = judgement.isWithoutGoals && metric.column !== "attained" ? " No point meets the goals." : ""
  return `The ${superlative(metric)} ${metric.phrase.replace(/^the /, "")} of ${of}, ${told(metric, best.value)}${sure}, comes with ${pointText(best.point, fields)}${isOwn}${median}${written}.${goals}${losses === "" ? "" : ` ${capital(losses)}.`}${unfinished}`
}

/** "12 % below". */
const gainText = ({ metric }: Judgement, value: number, other: number): string => {
  const gain = gainOver(metric, value, other)
  const isMore = metric.better === "more"
  if (Math.abs(gain) < 0.0005) return "as good as"
  return `${formatPercent(Math.abs(gain))} ${gain > 0 === isMore ? "above" : "below"}`
}

/** The point whose varied fields are as the scenario has them. */
const baselinePoint = (
  { points, fields }: StudiedSweep,
  baseline: NonNullable<SweepFindings["baseline"]>
): SweptPoint | undefined =>
  points.find(({ levels }) =>
    fields.every(({ path, values }, place) => path in baseline && values[levels[place] ?? 0] === baseline[path])
  )

const figureColumns = {
  training: [
    "iterationSeconds",
    "tokensPerSecondPerAccelerator",
    "modelFlopsUtilisation",
    "memoryBytes",
    "accelerators",
    "dollarsPerMillionTokens"
  ],
  serving: [
    "requestsPerSecond",
    "ttftP99",
    "tpotP99",
    "attained",
    "dollarsPerMillionOutputTokens",
    "capacityPerSecond",
    "accelerators"
  ]
} as const

/** Two rows of them. */
const mostFigures = 8

export const figureColumnsOf = (points: readonly SweptPoint[]): readonly string[] =>
  figureColumns[isServed(points) ? "serving" : "training"]

export const sweepFigures = (
  { intervals, total, done }: SweepFindings,
  { points, judgement }: StudiedSweep
): readonly Figure[] => {
  const losses = lossesText(points)
  const notes = [
    ...(losses === "" ? [] : [losses]),
    ...(done < total ? [`${formatCount(done)} of ${formatCount(total)} so far`] : [])
  ]
  const counted = figure(
    "points",
    points.length,
    { unit: "", show: formatCount },
    notes.length === 0 ? undefined : notes.join("; ")
  )
  if (judgement === undefined) return [counted]
  const { metric, ranked, median } = judgement
  const best = ranked[0]!
  const of = (column: string): readonly Figure[] => {
    const value = numberOf(best.point, column)
    if (value === undefined) return []
    const { name, ...shown } = metricOf(column)
    const spread = best.point.rows.length > 1 ? rangeOf(best.point, column) : undefined
    const seeds =
      spread === undefined || spread[0] === spread[1]
        ? undefined
        : `seeds: ${told(shown, spread[0])} to ${told(shown, spread[1])}`
    const made = figure(name, value, shown, seeds, rangedOf(best.point, column, value, intervals))
    return [{ ...made, shown: told(shown, value) }]
  }
  const within = ranked.filter(({ value }) => Math.abs(gainOver(metric, value, best.value)) <= 0.01).length
  return [
    ...of(metric.column),
    ...(ranked.length < 2
      ? []
      : [
          figure(
            `${best.value > median ? "above" : "below"} the median`,
            Math.abs(best.value / median - 1),
            share(""),
            `${told(metric, median)}; ${formatCount(within)} of ${formatCount(ranked.length)} within 1 % of the best`
          )
        ]),
    counted,
    ...figureColumnsOf(points)
      .filter((column) => column !== metric.column)
      .flatMap(of)
  ].slice(0, mostFigures)
}

/** Between what a measured value of the best point would lie, of numbers of which intervals are known. */
const rangedOf = (
  { rows }: SweptPoint,
  column: string,
  value: number,
  intervals: SweepFindings["intervals"]
): Ranged | undefined => {
  if (intervals === undefined) return undefined
  const { iteration, first, token, throughput } = intervals
  const of = (interval: PredictionInterval | undefined): Ranged | undefined =>
    interval === undefined ? undefined : rangesOf(value, interval)
  if (/^(?:iterationSeconds|tokensPerSecond|modelFlops|dollarsPerMillionTokens)/.test(column)) return of(iteration)
  const isClosed = rows.every((row) => row["verdict"] === "closed")
  if (column === "capacityPerSecond" || (isClosed && /^(?:requests|outputTokens)PerSecond$/.test(column)))
    return of(throughput)
  const latency = column === "ttftMean" ? first : column === "tpotMean" || column === "e2eMean" ? token : undefined
  if (latency === undefined) return undefined
  const [offered, capacity] = [numberOf({ rows }, "offeredPerSecond"), numberOf({ rows }, "capacityPerSecond")]
  const load = isClosed || offered === undefined || capacity === undefined ? 0 : offered / capacity
  return latencyRanges(value, latency, throughput, load)
}

/** How sure the best point's figures are, and that differences are surer than these. */
export const sweepTrust = ({ intervals }: SweepFindings, { fields }: StudiedSweep): string => {
  const known = intervals?.iteration ?? intervals?.throughput ?? intervals?.token ?? intervals?.first
  const sure =
    intervals === undefined
      ? "How sure: an interval needs the scenario with its files, which the store does not have; a run of the best point tells one."
      : `How sure, of the best point: ${basisText(known?.basis)}.`
  const isOtherMachine = fields.some(({ path }) => /(?:^cluster|^model\b|stack|accelerator|system)/.test(path))
  return isOtherMachine
    ? `${sure} Machines, models or software differ among the points: each may be off in its own way.`
    : `${sure} All points share machine, model and software, and most of their error with them: the differences between them are surer than each.`
}
