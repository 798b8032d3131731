/** Batch, queue, cache and what preemption cost: means from exact integrals, peaks as they were logged. */
import { poolsOf } from "../fleet/pools.ts"
import type { ServingJob, ServingLog } from "../types.ts"
import type { Presence } from "./presence.ts"
import { meanBlocksOf, blocksPerReplica, greatestOf, sumOf } from "./totals.ts"
import type { AdapterUse, CacheUse, Load } from "./types.ts"

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)

export const loadOf = (job: ServingJob, log: ServingLog, presence: Presence): Load => {
  const blocks = meanBlocksOf(job)
  const steps = sumOf(log, "steps")
  const prefillTokens = sumOf(log, "prefillTokens")
  const decodeTokens = sumOf(log, "decodeTokens")
  let peakWaiting = 0
  for (const { series } of log.replicas)
    for (const waiting of series.waiting) if (waiting > peakWaiting) peakWaiting = waiting
  return {
    meanRunning: ratio(sumOf(log, "runningIntegral"), log.seconds),
    meanWaiting: ratio(sumOf(log, "waitingIntegral"), log.seconds),
    largestBatch: greatestOf(log, "largestBatch"),
    meanStepTokens: ratio(prefillTokens + decodeTokens, steps),
    // A verified sequence is one of the batch, whatever it emits.
    meanStepDecodes: ratio(sumOf(log, "verifications") || decodeTokens, steps),
    peakConcurrent: peakConcurrent(presence, log.seconds),
    peakWaiting,
    meanKeyValueShare: ratio(sumOf(log, "usedBlockIntegral"), log.seconds * log.replicas.length * blocks),
    peakKeyValueShare: peakShare(job, log),
    steps,
    prefillTokens,
    decodeTokens,
    preemptions: sumOf(log, "preemptions"),
    recomputedTokens: sumOf(log, "recomputedTokens"),
    swappedTokens: sumOf(log, "swappedTokens")
  }
}

/** Of the replica that was the fullest. */
const peakShare = (job: ServingJob, { replicas }: ServingLog): number => {
  const servers = poolsOf(job).flatMap((pool) => Array.from({ length: pool.replicas }, () => blocksPerReplica(pool)))
  let peak = 0
  for (const [replica, { totals }] of replicas.entries())
    peak = Math.max(peak, ratio(totals.peakBlocks, servers[replica] ?? 0))
  return peak
}

/** Longest run, in seconds, whose seconds are looked at one by one; longer ones are cut into so many equal parts. */
const mostParts = 1e6

const peakConcurrent = ({ arrival, left }: Presence, seconds: number): number => {
  const parts = Math.min(mostParts, Math.ceil(seconds) + 1)
  const width = Math.max(1, seconds / mostParts)
  const change = new Int32Array(parts + 1)
  for (let request = 0; request < arrival.length; request++) {
    const [start, end] = [arrival[request]!, left[request]!]
    if (!(end > start)) continue
    change[Math.min(parts - 1, Math.floor(start / width))]! += 1
    change[Math.min(parts - 1, Math.floor(end / width)) + 1]! -= 1
  }
  let [present, peak] = [0, 0]
  for (const by of change) {
    present += by
    if (present > peak) peak = present
  }
  return peak
}

export const adapterUseOf = (log: ServingLog): AdapterUse => {
  const uses = sumOf(log, "adapterUses")
  const loads = sumOf(log, "adapterLoads")
  return { uses, loads, residentShare: ratio(uses - loads, uses), loadSeconds: sumOf(log, "adapterLoadSeconds") }
}

export const cacheUseOf = (log: ServingLog): CacheUse => {
  const lookupTokens = sumOf(log, "prefixLookupTokens")
  const hitTokens = sumOf(log, "prefixHitTokens")
  return {
    lookups: sumOf(log, "prefixLookups"),
    lookupTokens,
    hitTokens,
    hitShare: lookupTokens > 0 ? hitTokens / lookupTokens : null
  }
}
