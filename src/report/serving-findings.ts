/**
 * What the report of a server is written from, and what its requests were promised.
 */
import type { Residual, ServingIntervals } from "../intervals/index.ts"
import type { ResolvedServing } from "../scenario/index.ts"
import type { Objectives, ServingResult } from "../serving/index.ts"
import { formatSeconds } from "../units/index.ts"
import type { Provenance } from "./document.ts"
import type { SensitivityFindings } from "./sensitivity.ts"
import { listed } from "./show.ts"
import type { ServingStudy } from "./study.ts"

/** Latencies of the counted requests in ascending order, seconds. */
export interface SortedLatencies {
  readonly ttft: Float64Array
  readonly e2e: Float64Array
}

export interface ServingFindings {
  readonly resolved: ResolvedServing
  readonly result: ServingResult
  readonly latencies: SortedLatencies
  readonly study: ServingStudy
  readonly intervals: ServingIntervals
  readonly nearest: readonly Residual[]
  /** What a little more of each resource does; absent = not asked. */
  readonly sensitivity?: SensitivityFindings | undefined
  readonly provenance: Provenance
}

/** "first token within 1 s and each further token within 50 ms". */
export const goalText = ({ ttftSeconds, tpotSeconds, e2eSeconds }: Objectives): string =>
  listed([
    ...(ttftSeconds === undefined ? [] : [`first token within ${formatSeconds(ttftSeconds)}`]),
    ...(tpotSeconds === undefined ? [] : [`${formatSeconds(tpotSeconds)} a token`]),
    ...(e2eSeconds === undefined ? [] : [`the whole answer within ${formatSeconds(e2eSeconds)}`])
  ])

/** What a server can do, and how that is known. */
export interface Capacity {
  readonly requestsPerSecond: number
  readonly basis: string
}

/**
 * Requests a second that can be served: the most that it finished at any simulated load, one of them more than it can do,
 * and never less than a load that it serves well. Where no load can be turned up that far, the estimate from its busy time.
 */
export const capacityOf = ({
  resolved,
  result,
  study
}: Pick<ServingFindings, "resolved" | "result" | "study">): Capacity => {
  const { estimatedCapacityRequestsPerSecond: estimate, capacityBasis } = result.verdict
  const full = study.sizes.find(({ accelerators }) => accelerators === resolved.accelerators)
  const isOpen = study.knob !== undefined && study.knob.users === undefined
  const isFilled = full !== undefined || study.loads.some(({ point }) => point.verdict === "overloaded")
  if (!isOpen || !isFilled) return { requestsPerSecond: estimate, basis: capacityBasis }
  const finished = study.loads.map(({ point }) => point.requestsPerSecond)
  return {
    requestsPerSecond: Math.max(full?.requestsPerSecond ?? 0, ...finished, study.best?.load ?? 0),
    basis: "the most it did at any simulated load"
  }
}

export const goalOf = ({ resolved }: ServingFindings): Objectives => {
  const [only, ...others] = resolved.job.workload.classes
  return only === undefined || others.length > 0 ? {} : only.objectives
}
