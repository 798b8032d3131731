/** The course of a run in equal intervals. */
import type { ServingJob, ServingLog } from "../types.ts"
import { countPerBin, meanOfSteps, meanPresent } from "./occupancy.ts"
import type { Presence } from "./presence.ts"
import { blocksPerReplica } from "./totals.ts"
import type { Series } from "./types.ts"

const intervals = 120

/**
 * Requests are counted from the request table, exactly; those waiting wait for their first step. KV blocks come from the
 * recorded series, which long runs thin.
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
    return { until: [], arrivalsPerSecond: [], finishedPerSecond: [], running: [], waiting: [], keyValueShare: [] }
  const width = seconds / intervals
  const perSecond = (counts: Float64Array): number[] => Array.from(counts, (count) => count / width)
  const waiting = meanPresent(arrival, taken, 0, seconds, intervals)
  const present = meanPresent(arrival, left, 0, seconds, intervals)
  const blocks = new Float64Array(intervals)
  for (const { series } of log.replicas)
    meanOfSteps(series.time, series.usedBlocks, seconds, intervals).forEach((mean, bin) => {
      blocks[bin]! += mean
    })
  const allBlocks = blocksPerReplica(job) * log.replicas.length
  return {
    until: Array.from({ length: intervals }, (_, bin) => ((bin + 1) * seconds) / intervals),
    arrivalsPerSecond: perSecond(countPerBin(arrival, 0, seconds, intervals)),
    finishedPerSecond: perSecond(countPerBin(finished, 0, seconds, intervals)),
    running: Array.from(present, (count, bin) => Math.max(0, count - waiting[bin]!)),
    waiting: [...waiting],
    keyValueShare: Array.from(blocks, (mean) => (allBlocks > 0 ? mean / allBlocks : 0))
  }
}
