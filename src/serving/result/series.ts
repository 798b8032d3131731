/** The course of a run in equal intervals. */
import type { ServingJob, ServingLog } from "../types.ts"
import { countPerBin, growthPerBin, meanOfSteps, meanPresent, sumPerBin } from "./occupancy.ts"
import type { Presence } from "./presence.ts"
import { meanBlocksOf } from "./totals.ts"
import type { Series } from "./types.ts"

const intervals = 120

/**
 * Requests are counted from the request table, exactly; those waiting wait for their first step. KV blocks and preemptions
 * come from the recorded series, which long runs thin.
 *
 * @param finished  when requests finished, in any order
 */
export const seriesOf = (
  job: ServingJob,
  log: ServingLog,
  { arrival, taken, left }: Presence,
  finished: Float64Array
): Series => {
  const { seconds } = log
  if (!(seconds > 0))
    return {
      until: [],
      arrivalsPerSecond: [],
      finishedPerSecond: [],
      running: [],
      waiting: [],
      keyValueShare: [],
      preemptionsPerSecond: [],
      cacheHitShare: []
    }
  const width = seconds / intervals
  const perSecond = (counts: Float64Array): number[] => Array.from(counts, (count) => count / width)
  const waiting = meanPresent(arrival, taken, 0, seconds, intervals)
  const present = meanPresent(arrival, left, 0, seconds, intervals)
  const blocks = new Float64Array(intervals)
  const preemptions = new Float64Array(intervals)
  for (const { series, totals } of log.replicas) {
    meanOfSteps(series.time, series.usedBlocks, seconds, intervals).forEach((mean, bin) => {
      blocks[bin]! += mean
    })
    if (series.preemptions !== undefined)
      growthPerBin(series.time, series.preemptions, totals.preemptions, seconds, intervals).forEach((growth, bin) => {
        preemptions[bin]! += growth
      })
  }
  const { scheduled, cached, prompt } = log.requests
  const found = sumPerBin(scheduled, cached, seconds, intervals)
  const asked = sumPerBin(scheduled, prompt, seconds, intervals)
  const allBlocks = meanBlocksOf(job) * log.replicas.length
  return {
    until: Array.from({ length: intervals }, (_, bin) => ((bin + 1) * seconds) / intervals),
    arrivalsPerSecond: perSecond(countPerBin(arrival, 0, seconds, intervals)),
    finishedPerSecond: perSecond(countPerBin(finished, 0, seconds, intervals)),
    running: Array.from(present, (count, bin) => Math.max(0, count - waiting[bin]!)),
    waiting: [...waiting],
    keyValueShare: Array.from(blocks, (mean) => (allBlocks > 0 ? mean / allBlocks : 0)),
    preemptionsPerSecond: perSecond(preemptions),
    cacheHitShare: Array.from(asked, (tokens, bin) => (tokens > 0 ? found[bin]! / tokens : null))
  }
}
