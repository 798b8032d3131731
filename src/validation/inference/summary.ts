/**
 * Errors of predictions of serving, in summary. Rows in doubt count in `doubted` alone, those of trust 3 in `by.trust`.
 */
import { mean, median, quantile } from "../../statistics/index.ts"
import type { Coverage, ErrorSummary } from "../errors.ts"
import type { InferenceRow } from "./rows.ts"

export interface FitSummary {
  readonly points: number
  readonly right: number
  /** Of the points that went out of memory. */
  readonly outOfMemory: number
  readonly foreseen: number
}

export interface DoubtSummary extends ErrorSummary {
  readonly family: string
  readonly reason: string
}

export interface ServingSummary {
  readonly speed: ErrorSummary
  readonly by: Readonly<
    Record<"metric" | "family" | "accelerator" | "stack" | "kind" | "trust", Readonly<Record<string, ErrorSummary>>>
  >
  readonly memory: ErrorSummary
  readonly power: ErrorSummary
  readonly fits: FitSummary
  readonly doubted: readonly DoubtSummary[]
  readonly all: Coverage
  /** Points of trust 1 and 2. */
  readonly trusted: Coverage
}

const summarise = (rows: readonly InferenceRow[]): ErrorSummary => {
  const errors = rows.map((row) => Math.abs(row.error ?? Number.NaN))
  return {
    points: rows.length,
    median: median(errors),
    mean: mean(errors),
    p90: quantile(errors, 0.9),
    bias: median(rows.map((row) => row.timeError ?? row.error ?? Number.NaN))
  }
}

const groupBy = <K extends string>(
  rows: readonly InferenceRow[],
  key: (row: InferenceRow) => K
): readonly (readonly [K, readonly InferenceRow[]])[] => {
  const groups = new Map<K, InferenceRow[]>()
  for (const row of rows) {
    const members = groups.get(key(row))
    if (members === undefined) groups.set(key(row), [row])
    else members.push(row)
  }
  return [...groups].toSorted(([a], [b]) => a.localeCompare(b))
}

const summaries = (
  rows: readonly InferenceRow[],
  key: (row: InferenceRow) => string
): Readonly<Record<string, ErrorSummary>> =>
  Object.fromEntries(groupBy(rows, key).map(([name, members]) => [name, summarise(members)]))

/** A point counts once, whatever it was compared on. */
const coverageOf = (rows: readonly InferenceRow[]): Coverage => {
  const covered = new Set(rows.filter((row) => row.predicted !== null).map((row) => row.id))
  const missed = new Map<string, string>()
  for (const row of rows)
    if (!covered.has(row.id) && !missed.has(row.id)) missed.set(row.id, row.reason ?? "no prediction")
  const reasons: Record<string, number> = {}
  for (const reason of missed.values()) reasons[reason] = (reasons[reason] ?? 0) + 1
  return { points: covered.size + missed.size, covered: covered.size, reasons }
}

const fitsOf = (rows: readonly InferenceRow[]): FitSummary => {
  const cells = new Map(rows.flatMap((row) => (row.fit === null ? [] : [[row.id, row.fit] as const])))
  const all = [...cells.values()]
  const large = all.filter(({ measured }) => !measured)
  return {
    points: all.length,
    right: all.filter(({ measured, predicted }) => measured === predicted).length,
    outOfMemory: large.length,
    foreseen: large.filter(({ predicted }) => !predicted).length
  }
}

/** Speeds that are believed, one a clock of each point. */
export const believedSpeeds = (rows: readonly InferenceRow[]): readonly InferenceRow[] =>
  rows.filter((row) => row.counts && row.timeError !== null && row.doubt === undefined && row.trust <= 2)

/** "source metric", with the kind of load where a source has several. */
const metricKey = (rows: readonly InferenceRow[]): ((row: InferenceRow) => string) => {
  const loads = new Map(
    groupBy(rows, (row) => row.family).map(([name, own]) => [name, new Set(own.map(({ load }) => load))])
  )
  return ({ family, load, metric }) =>
    [family, ...((loads.get(family)?.size ?? 0) > 1 && load !== null ? [load] : []), metric ?? ""].join(" ")
}

export const summariseServingErrors = (rows: readonly InferenceRow[]): ServingSummary => {
  const speeds = rows.filter((row) => row.counts && row.timeError !== null)
  const believed = believedSpeeds(rows)
  const of = (measure: InferenceRow["measure"]) =>
    rows.filter((row) => row.measure === measure && row.error !== null && row.doubt === undefined)
  const doubted = rows.filter((row) => row.doubt !== undefined && row.timeError !== null)
  return {
    speed: summarise(believed),
    by: {
      metric: summaries(
        rows.filter((row) => row.timeError !== null && row.doubt === undefined && row.trust <= 2),
        metricKey(rows.filter((row) => row.timeError !== null))
      ),
      family: summaries(believed, (row) => row.family),
      accelerator: summaries(believed, (row) => row.accelerator),
      stack: summaries(believed, (row) => `${row.stack} ${row.version}`.trim()),
      kind: summaries(believed, (row) => row.kind),
      trust: summaries(
        speeds.filter((row) => row.doubt === undefined),
        (row) => String(row.trust)
      )
    },
    memory: summarise(of("memory")),
    power: summarise(of("power")),
    fits: fitsOf(rows),
    doubted: groupBy(doubted, (row) => `${row.family}\n${row.doubt ?? ""}`).map(([key, members]) => {
      const [family = "", reason = ""] = key.split("\n")
      return { family, reason, ...summarise(members) }
    }),
    all: coverageOf(rows),
    trusted: coverageOf(rows.filter((row) => row.trust <= 2))
  }
}
