/** From when to when each request was in the system, in columns that several measures share. */
import type { ServingJob, ServingLog } from "../types.ts"
import { isTooLong } from "./lengths.ts"
import { stateIndex } from "./request-times.ts"

export interface Presence {
  readonly arrival: Float64Array
  /** When it stopped waiting for its first step: it had it, gave up, was turned away, or the run ended. */
  readonly taken: Float64Array
  readonly left: Float64Array
}

/**
 * The log has no time for those that ended without their answer, but the job tells it: a client gives up when its
 * patience ends, a waiting request is dropped when its time is over, and one that is turned away leaves as it came (its
 * further tries are not followed).
 */
export const presenceOf = (job: ServingJob, { requests, seconds }: ServingLog): Presence => {
  const { count, arrival, scheduled, finished, state, fates } = requests
  const patience = job.workload.classes.map(({ patienceSeconds }) => patienceSeconds ?? Infinity)
  const taken = new Float64Array(count)
  const left = new Float64Array(count)
  for (let request = 0; request < count; request++) {
    const came = arrival[request]!
    const logged = finished[request]!
    let end = seconds
    const ended = fates?.left[request] ?? NaN
    if (logged === logged) end = logged
    else if (ended === ended) end = ended
    else if (state[request] === stateIndex.rejected) end = came
    else if (state[request] === stateIndex.cancelled)
      end = Math.min(seconds, came + patience[requests.classIndex[request]!]!)
    else if (state[request] === stateIndex.failed)
      end = isTooLong(job, requests, request) ? came : Math.min(seconds, came + job.queue.timeoutSeconds)
    left[request] = end
    const started = scheduled[request]!
    taken[request] = started === started ? started : end
  }
  return { arrival: arrival.subarray(0, count), taken, left }
}
