/**
 * Errors of predictions, point by point and in summary.
 */
import { mean, median, quantile, spearman } from "../statistics/index.ts"
import type { Metric } from "./metrics.ts"

/** One compared value, or a point that could not be compared. */
export interface ErrorRow {
  readonly id: string
  readonly metric: Metric | null
  readonly measured: number | null
  readonly predicted: number | null
  /** predicted / measured - 1, of the metric as it stands. */
  readonly error: number | null
  /** Predicted over measured seconds - 1: above 0 too slow, whatever the metric; null for memory. */
  readonly timeError: number | null
  /** FLOP/s of an accelerator in the source's own counting, where it prints them beside the speed compared. */
  readonly flops?: { readonly measured: number; readonly predicted: number }
  /** Whether the source itself calls the run an outlier. */
  readonly isOutlier?: boolean
  readonly trust: number
  readonly family: string
  readonly source: string
  readonly accelerator: string
  readonly accelerators: number
  readonly stack: string
  readonly kind: "dense" | "mixture"
  readonly assumptions: readonly string[]
  /** Why there is no prediction. */
  readonly reason?: string
}

/** Errors of a set of speeds. */
export interface ErrorSummary {
  readonly points: number
  /** Of the absolute relative error. */
  readonly median: number
  readonly mean: number
  readonly p90: number
  /** Median relative error of time: above 0 where predictions are too slow. */
  readonly bias: number
}

/** What the error of a source's speeds becomes when the constants are fitted to all the others. */
export interface LeftOut {
  readonly source: string
  readonly points: number
  readonly median: number
  readonly p90: number
}

export interface Coverage {
  readonly points: number
  readonly covered: number
  readonly reasons: Readonly<Record<string, number>>
}

export interface ValidationSummary {
  readonly speed: ErrorSummary
  readonly memory: ErrorSummary
  readonly outOfMemory: { readonly points: number; readonly predicted: number }
  readonly by: Readonly<
    Record<"family" | "accelerator" | "stack" | "kind" | "trust", Readonly<Record<string, ErrorSummary>>>
  >
  /**
   * Rank correlation of predicted and printed TFLOP/s among BLOOM's candidates on 384 A100, without the run that its own
   * source calls an outlier, and with it; null without candidates.
   */
  readonly bloomRankCorrelation: number | null
  readonly bloomRankCorrelationOfAll: number | null
  /** Every point of the files. */
  readonly all: Coverage
  /** Measured speeds of training that can be trusted (trust 1 and 2). */
  readonly trusted: Coverage
}

const summarise = (rows: readonly ErrorRow[]): ErrorSummary => {
  const errors = rows.map((row) => Math.abs(row.error ?? NaN))
  const signed = rows.map((row) => row.timeError ?? row.error ?? NaN)
  return {
    points: rows.length,
    median: median(errors),
    mean: mean(errors),
    p90: quantile(errors, 0.9),
    bias: median(signed)
  }
}

const isSpeed = (row: ErrorRow): boolean => row.timeError !== null

const groupBy = (rows: readonly ErrorRow[], key: (row: ErrorRow) => string): Readonly<Record<string, ErrorSummary>> => {
  const groups = new Map<string, ErrorRow[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, members]) => [name, summarise(members)])
  )
}

/** A point counts once, whatever it was compared on. */
const coverageOf = (rows: readonly ErrorRow[]): Coverage => {
  const covered = new Set(rows.filter((row) => row.predicted !== null).map((row) => row.id))
  const reasons: Record<string, number> = {}
  const missed = new Set<string>()
  for (const row of rows) {
    if (covered.has(row.id) || missed.has(row.id)) continue
    missed.add(row.id)
    const reason = row.reason ?? "no prediction"
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  return { points: covered.size + missed.size, covered: covered.size, reasons }
}

const bloomRankCorrelation = (speeds: readonly ErrorRow[], withOutliers: boolean): number | null => {
  const study = speeds
    .filter((row) => row.family === "bigscience-prequel" && row.accelerators === 384)
    .filter((row) => withOutliers || row.isOutlier !== true)
    .flatMap(({ flops }) => flops ?? [])
  if (study.length < 10) return null
  return spearman(
    study.map(({ measured }) => measured),
    study.map(({ predicted }) => predicted)
  )
}

/**
 * Summary of all rows. Speeds of trust 3 count in `by.trust` alone.
 *
 * @param isTraining tells the rows of measured training speeds from the others (calculated bubbles, reliability)
 */
export const summariseErrors = (
  rows: readonly ErrorRow[],
  isTraining: (row: ErrorRow) => boolean
): ValidationSummary => {
  const speeds = rows.filter(isSpeed)
  const trusted = speeds.filter((row) => row.trust <= 2)
  const memory = rows.filter((row) => row.metric === "memoryBytes" && row.error !== null)
  const outOfMemory = rows.filter((row) => row.metric === "outOfMemory" && row.predicted !== null)
  return {
    speed: summarise(trusted),
    memory: summarise(memory),
    outOfMemory: { points: outOfMemory.length, predicted: outOfMemory.filter((row) => row.predicted === 1).length },
    by: {
      family: groupBy(trusted, (row) => row.family),
      accelerator: groupBy(trusted, (row) => row.accelerator),
      stack: groupBy(trusted, (row) => row.stack),
      kind: groupBy(trusted, (row) => row.kind),
      trust: groupBy(speeds, (row) => String(row.trust))
    },
    bloomRankCorrelation: bloomRankCorrelation(trusted, false),
    bloomRankCorrelationOfAll: bloomRankCorrelation(trusted, true),
    all: coverageOf(rows),
    trusted: coverageOf(rows.filter((row) => row.trust <= 2 && isTraining(row)))
  }
}
