/**
 * Why the work does not fit: which rank, when, what filled it, and the smallest changes that make it fit.
 */
import { rankOf } from "../parallel/index.ts"
import type { Alternative, ResolvedTraining } from "../scenario/index.ts"
import type { TrainingResult } from "../training/index.ts"
import { formatBytes, formatCount, formatSeconds } from "../units/index.ts"
import { fittingChangeLine } from "./changes-text.ts"
import { hanging, wrapped } from "./wrapping.ts"

export const doesNotFitText = (
  { job }: ResolvedTraining,
  { memory, iterationSeconds }: TrainingResult,
  alternatives: readonly Alternative[]
): string => {
  const { fullest, capacityBytes } = memory
  // All ranks of a stage hold the same; the first one stands for them.
  const rank = rankOf(job.layout, { tensor: 0, context: 0, data: 0, pipeline: fullest.stage })
  const kinds = Object.entries(fullest.kinds)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, bytes]) => `${kind} ${formatBytes(bytes)}`)
  const where = `rank ${formatCount(rank)} (stage ${fullest.stage}) needs ${formatBytes(fullest.peakBytes)} of ${formatBytes(capacityBytes)}`
  return [
    ...hanging("does not fit:", `${where} at ${formatSeconds(fullest.atSeconds)}, ${fullest.during}`, 14),
    ...wrapped(kinds, " · ", 78).map((line) => `  ${line}`),
    ...(alternatives.length === 0
      ? ["  none of the usual changes fits, alone or in pairs: it takes more accelerators or a smaller model"]
      : [
          "  the smallest changes that fit (each simulated):",
          ...alternatives.map((way) => `    ${fittingChangeLine(way, iterationSeconds)}`)
        ])
  ].join("\n")
}
