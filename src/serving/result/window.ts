/** The time over which a run is measured. */
import { initialTransient } from "../../statistics/index.ts"
import type { ServingJob, ServingLog } from "../types.ts"
import { lastTokenSeconds, ttftOf } from "./request-times.ts"
import type { MeasuredWindow } from "./types.ts"

/**
 * From the end of the warm-up to the end of the run: its time limit, or the last token (clients that give up or think on
 * afterwards are not waited for).
 *
 * @param finished  requests that finished, in order of arrival, the warm-up's included
 */
export const measuredWindow = (job: ServingJob, log: ServingLog, finished: Int32Array): MeasuredWindow => {
  const { requests } = log
  let last = -Infinity
  const ttfts = new Float64Array(finished.length)
  for (let index = 0; index < finished.length; index++) {
    const request = finished[index]!
    ttfts[index] = ttftOf(requests, request)
    const time = lastTokenSeconds(requests, request)
    if (time > last) last = time
  }
  const toSeconds = log.isCut || last === -Infinity ? log.seconds : last
  // A warm-up that outlasts the arrivals would leave nothing to count: then everything counts, and the summary says so.
  const { warmUpSeconds } = job.workload
  const lastArrival = requests.count === 0 ? 0 : requests.arrival[requests.count - 1]!
  const isWarmUpTooLong = warmUpSeconds > 0 && (warmUpSeconds > lastArrival || warmUpSeconds > toSeconds)
  const fromSeconds = isWarmUpTooLong ? 0 : warmUpSeconds
  const transient = initialTransient(ttfts)
  return {
    fromSeconds,
    toSeconds,
    seconds: toSeconds - fromSeconds,
    suggestedWarmUpSeconds:
      transient === null ? null : transient === 0 ? 0 : (requests.arrival[finished[transient] ?? 0] ?? null),
    isCut: log.isCut,
    isWarmUpTooLong
  }
}
