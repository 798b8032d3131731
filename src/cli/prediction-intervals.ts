/**
 * How sure the prediction of a scenario is, by the residuals that ship with the product and by what its machine's profile measured.
 */
import {
  anchoredInterval,
  latencyRanges,
  predictionInterval,
  rangesDocument,
  rangesOf,
  shippedResiduals,
  type Anchor,
  type Half,
  type PredictionInterval,
  type Ranged,
  type Residual,
  type ServingIntervals
} from "../intervals/index.ts"
import {
  anchorsOf,
  servingHalf,
  servingLikeness,
  trainingHalf,
  trainingLikeness,
  type ResolvedServing,
  type ResolvedTraining
} from "../scenario/index.ts"
import type { ServingResult } from "../serving/index.ts"
import type { TrainingResult } from "../training/index.ts"

/**
 * The interval of the shipped measurements; where the scenario has a profile of its machine, that of what was measured there, if
 * it says more.
 */
const narrowest = (
  shipped: PredictionInterval | undefined,
  half: Half,
  anchors: readonly Anchor[],
  residuals: readonly Residual[]
): PredictionInterval | undefined => {
  const own = anchors.length === 0 ? undefined : anchoredInterval(half, anchors, residuals)
  const widthOf = (interval: PredictionInterval | undefined): number => interval?.bands.at(-1)?.factor ?? Infinity
  return own !== undefined && widthOf(own) < widthOf(shipped) ? own : shipped
}

/** Of an iteration, and of all that follows from it; undefined where nothing like it was measured. */
export const trainingInterval = async (resolved: ResolvedTraining): Promise<PredictionInterval | undefined> => {
  const residuals = await shippedResiduals()
  const shipped = predictionInterval(trainingLikeness(resolved), residuals)
  return narrowest(shipped, trainingHalf(resolved), anchorsOf(resolved.scenario), residuals)
}

export const servingIntervals = async (resolved: ResolvedServing): Promise<ServingIntervals> => {
  const residuals = await shippedResiduals()
  const anchors = anchorsOf(resolved.scenario)
  const of = (quantity: keyof ServingIntervals) =>
    narrowest(
      predictionInterval(servingLikeness(resolved, quantity), residuals),
      servingHalf(resolved, quantity),
      anchors,
      residuals
    )
  return { throughput: of("throughput"), token: of("token"), first: of("first") }
}

/** What of a serving result has an interval. */
export interface RangedServing {
  /** Requests a second that can be served: finished where clients wait, else the capacity. */
  readonly requests: Ranged | undefined
  /** Means over requests. */
  readonly ttft: Ranged | undefined
  readonly tpot: Ranged | undefined
  readonly e2e: Ranged | undefined
}

export const rangedServing = (
  { verdict, throughput, latency }: Pick<ServingResult, "verdict" | "throughput" | "latency">,
  intervals: ServingIntervals
): RangedServing => {
  const isOpen = verdict.kind !== "closed"
  const capacity = verdict.estimatedCapacityRequestsPerSecond
  const load = isOpen ? verdict.offeredRequestsPerSecond / capacity : 0
  const latencyOf = (value: number, interval: PredictionInterval | undefined): Ranged | undefined =>
    interval === undefined || !Number.isFinite(value)
      ? undefined
      : latencyRanges(value, interval, intervals.throughput, Number.isFinite(load) ? load : 0)
  const rate = isOpen ? capacity : throughput.requestsPerSecond
  return {
    requests:
      intervals.throughput === undefined || !Number.isFinite(rate) ? undefined : rangesOf(rate, intervals.throughput),
    ttft: latencyOf(latency.ttft.mean, intervals.first),
    tpot: latencyOf(latency.tpot.mean, intervals.token),
    e2e: latencyOf(latency.e2e.mean, intervals.token)
  }
}

const documentOf = (ranged: Ranged | undefined) => (ranged === undefined ? null : rangesDocument(ranged))

/** As `result.json` has them; null where nothing like it was measured. */
export const trainingIntervalsDocument = (result: TrainingResult, interval: PredictionInterval | undefined) => ({
  iterationSeconds: documentOf(interval && rangesOf(result.iterationSeconds, interval)),
  tokensPerSecond: documentOf(interval && rangesOf(result.tokensPerSecond, interval))
})

export const servingIntervalsDocument = (result: ServingResult, intervals: ServingIntervals) => {
  const { requests, ttft, tpot, e2e } = rangedServing(result, intervals)
  return {
    [result.verdict.kind === "closed" ? "requestsPerSecond" : "estimatedCapacityRequestsPerSecond"]:
      documentOf(requests),
    meanTtftSeconds: documentOf(ttft),
    meanTpotSeconds: documentOf(tpot),
    meanE2eSeconds: documentOf(e2e)
  }
}
