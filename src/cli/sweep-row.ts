/**
 * A point of a sweep with what came of it, as one flat row.
 */
import { asValue, type SweepPoint, type SweepRow } from "../planner/index.ts"
import { simulatePoint, type Point } from "../report/index.ts"
import type { ReadChunks, ReadText } from "../scenario/index.ts"
import { finishedFleet } from "./plan-fleet.ts"
import type { CrewTask, SentFiles } from "./point-crew.ts"
import { readChunks } from "./read-chunks.ts"
import type { FinishedPoint } from "./store/sweep-store.ts"
import { keyOf } from "./sweep-key.ts"
import { readText } from "./text-file.ts"

/** Seconds, bytes, rates a second; null where there is nothing to tell. */
const sweepRow = ({ changes, seed }: SweepPoint, outcome: SweepRow): SweepRow => ({
  ...Object.fromEntries(Object.entries(changes).map(([path, value]) => [path, asValue(value)])),
  seed,
  ...outcome
})

const finished = (point: SweepPoint, outcome: SweepRow): FinishedPoint => {
  const row = sweepRow(point, outcome)
  return { key: keyOf(point), ordinal: point.ordinal, text: JSON.stringify(row), objective: objectiveOf(row) ?? null }
}

/** A point that nobody could simulate, and why. */
export const givenUp = (point: SweepPoint, reason: string): FinishedPoint =>
  finished(point, { status: "error", reason })

/** Simulates a point; a fault in it is its own. */
export const finishedPoint = ({ scenario, files, kind }: CrewTask, point: SweepPoint): FinishedPoint => {
  const { changes, seed } = point
  const reading = files === undefined ? { readText, readChunks } : readingOf(files)
  try {
    if (kind === "plan") return finishedFleet(scenario, point, reading)
    return finished(point, outcomeOf(simulatePoint({ scenario, changes, seed }, reading)))
  } catch (error) {
    return givenUp(point, error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error))
  }
}

/** A file that did not come along is no outcome of a point: elsewhere it would have been there. */
const sent = (files: SentFiles, path: string): ReturnType<ReadText> => {
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (file === undefined) throw new Error(`it reads ${path}, which did not come with it`)
  return file
}

/** Files that came with a sweep. */
const readingOf = (files: SentFiles): { readonly readText: ReadText; readonly readChunks: ReadChunks } => ({
  readText: (path) => sent(files, path),
  readChunks: (path, push) => {
    const file = sent(files, path)
    if ("failure" in file) return file.failure
    push(file.text)
    return undefined
  }
})

/** More is better: what a run gets through; undefined where it cannot run. */
export const objectiveOf = (row: SweepRow): number | undefined => {
  if (row["status"] !== "ok") return undefined
  const value = row["tokensPerSecondPerAccelerator"] ?? row["requestsPerSecond"]
  return typeof value === "number" ? value : undefined
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null)

const outcomeOf = (point: Point): SweepRow => {
  if (point.kind === "none") return { status: "impossible", reason: point.reason }
  if (point.kind === "training")
    return {
      status: point.fits ? "ok" : "does not fit",
      reason: point.fits
        ? null
        : `the fullest stage needs ${(point.peakBytes / 1e9).toFixed(1)} GB of ${(point.capacityBytes / 1e9).toFixed(1)} GB`,
      accelerators: point.accelerators,
      iterationSeconds: point.iterationSeconds,
      tokensPerSecond: point.tokensPerSecond,
      tokensPerSecondPerAccelerator: point.tokensPerSecond / point.accelerators,
      modelFlopsUtilisation: point.modelFlopsUtilisation,
      memoryBytes: point.peakBytes,
      dollarsPerMillionTokens: point.dollarsPerMillionTokens,
      joulesPerToken: point.joulesPerToken
    }
  return {
    status: "ok",
    reason: null,
    accelerators: point.accelerators,
    verdict: point.verdict,
    offeredPerSecond: finite(point.offeredPerSecond),
    requestsPerSecond: finite(point.requestsPerSecond),
    capacityPerSecond: finite(point.capacityPerSecond),
    outputTokensPerSecond: finite(point.outputTokensPerSecond),
    ttftMean: finite(point.ttft.mean),
    ttftP99: finite(point.ttft.p99),
    tpotMean: finite(point.tpot.mean),
    tpotP99: finite(point.tpot.p99),
    e2eMean: finite(point.e2e.mean),
    e2eP99: finite(point.e2e.p99),
    attained: finite(point.attained),
    busy: finite(point.busy),
    dollarsPerMillionOutputTokens: finite(point.dollarsPerMillionOutputTokens),
    joulesPerOutputToken: finite(point.joulesPerOutputToken)
  }
}
