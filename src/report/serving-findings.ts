/**
 * What the report of a server is written from, and what its requests were promised.
 */
import type { ResolvedServing } from "../scenario/index.ts"
import type { Objectives, ServingResult } from "../serving/index.ts"
import { formatSeconds } from "../units/index.ts"
import type { Provenance } from "./document.ts"
import type { NearestCase } from "./nearest.ts"
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
  readonly nearest: readonly NearestCase[]
  readonly provenance: Provenance
}

/** "first token within 1 s and each further token within 50 ms". */
export const goalText = ({ ttftSeconds, tpotSeconds, e2eSeconds }: Objectives): string =>
  listed([
    ...(ttftSeconds === undefined ? [] : [`first token within ${formatSeconds(ttftSeconds)}`]),
    ...(tpotSeconds === undefined ? [] : [`${formatSeconds(tpotSeconds)} a token`]),
    ...(e2eSeconds === undefined ? [] : [`the whole answer within ${formatSeconds(e2eSeconds)}`])
  ])

export const goalOf = ({ resolved }: ServingFindings): Objectives => {
  const [only, ...others] = resolved.job.workload.classes
  return only === undefined || others.length > 0 ? {} : only.objectives
}
