/**
 * A point of a sweep with what came of it, as one flat row.
 */
import { asValue, type SweepPoint, type SweepRow } from "../planner/index.ts"
import type { Point } from "../report/index.ts"

/** Seconds, bytes, rates a second; null where there is nothing to tell. */
export const sweepRow = ({ changes, seed }: SweepPoint, point: Point): SweepRow => ({
  ...Object.fromEntries(Object.entries(changes).map(([path, value]) => [path, asValue(value)])),
  seed,
  ...outcomeOf(point)
})

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
