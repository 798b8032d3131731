/**
 * What irregularities cost: the iteration against the same with all ranks alike, and against that with one of them mended.
 */
import type { ImpossibleLayout, TrainingJob, TrainingResult } from "../types.ts"
import type { Cause, Irregularities } from "./types.ts"

/** Causes that are tried one by one. */
const mostCauses = 6

type Simulate = (job: TrainingJob) => TrainingResult | ImpossibleLayout

/** Adds to a result what the job's irregularities cost. */
export const withStragglers = (
  job: TrainingJob,
  irregularities: Irregularities,
  result: TrainingResult,
  simulate: Simulate
): TrainingResult => {
  const quick: TrainingJob = { ...job, trace: "off", symmetry: "on" }
  const secondsWith = (left: Irregularities): number => {
    const { irregularities: _all, ...regular } = quick
    // Experts are rank by rank what they were on the busiest rank; mended, they are balanced.
    const balanced = left.expertLoads === null && irregularities.expertLoads !== null ? { expertImbalance: 1 } : {}
    const outcome = simulate({ ...regular, ...balanced, ...(isNothing(left) ? {} : { irregularities: left }) })
    return "_tag" in outcome ? Number.NaN : outcome.iterationSeconds
  }
  const regularSeconds = secondsWith(nothing)
  const lostSeconds = result.iterationSeconds - regularSeconds
  const mended = causesOf(irregularities)
  const causes = mended.map(({ cause, without }) => ({
    cause,
    lostSeconds:
      mended.length === 1
        ? lostSeconds
        : mended.length > mostCauses
          ? null
          : result.iterationSeconds - secondsWith(without)
  }))
  return { ...result, stragglers: { regularSeconds, lostSeconds, causes, slowest: result.stragglers?.slowest ?? null } }
}

const nothing: Irregularities = { hardware: [], jitter: 0, unevenData: null, expertLoads: null }

const isNothing = ({ hardware, jitter, unevenData, expertLoads }: Irregularities): boolean =>
  hardware.length === 0 && jitter === 0 && unevenData === null && expertLoads === null

const causesOf = (all: Irregularities): readonly { readonly cause: Cause; readonly without: Irregularities }[] => {
  const { hardware, jitter, unevenData, expertLoads } = all
  return [
    ...hardware.map((fault, index) => ({
      cause: { kind: "hardware" as const, fault },
      without: { ...all, hardware: hardware.filter((_, other) => other !== index) }
    })),
    ...(jitter === 0 ? [] : [{ cause: { kind: "jitter" as const }, without: { ...all, jitter: 0 } }]),
    ...(unevenData === null ? [] : [{ cause: { kind: "unevenData" as const }, without: { ...all, unevenData: null } }]),
    ...(expertLoads === null
      ? []
      : [{ cause: { kind: "expertLoads" as const }, without: { ...all, expertLoads: null } }])
  ]
}
