/** Power, energy, carbon and dollars of a serving run. */
import { acceleratorWatts } from "../../training/index.ts"
import { poolViews } from "./pool-views.ts"
import type { ServingJob, ServingLog } from "../types.ts"
import { acceleratorsPerReplica, paidReplicasOf } from "./totals.ts"
import type { Cost, Energy, ReplicaBreakdown, Utilisation } from "./types.ts"

const joulesPerKilowattHour = 3.6e6

/**
 * Shares of the peaks at which compute and memory draw all they can: decode steps of Llama-3.1-8B on an H100 drew 486 W
 * at batch 8, 560 at 32, 669 at 128 of 700, of 70B on four 441 at 8 (ml-energy/leaderboard@0cd52dab), where steps use 2,
 * 7, 17 and 2 % of the compute peak and about 80 % of the bandwidth.
 */
const fullCompute = 0.5
const fullMemory = 0.8

/** Mean watts of an accelerator: the power law on the busy time, and what an idle one draws in the rest. */
export const servingWatts = (
  powerWatts: number,
  { busy, modelFlops, memoryBandwidth }: Pick<Utilisation, "busy" | "modelFlops" | "memoryBandwidth">,
  { communication, host, bubble }: Pick<ReplicaBreakdown, "communication" | "host" | "bubble">
): number => {
  const idle = acceleratorWatts(powerWatts, { compute: 0, memory: 0, network: 0, waiting: 0 })
  if (!(busy > 0)) return idle
  const whileBusy = acceleratorWatts(powerWatts, {
    compute: Math.min(1, modelFlops / busy / fullCompute),
    memory: Math.min(1, memoryBandwidth / busy / fullMemory),
    network: communication / busy,
    waiting: (communication + host + bubble) / busy
  })
  return busy * whileBusy + (1 - busy) * idle
}

export const energyOf = (
  job: ServingJob,
  log: ServingLog,
  utilisation: Utilisation,
  breakdown: ReplicaBreakdown,
  outputTokens: number
): Energy => {
  const accelerators = paidReplicasOf(job, log) * acceleratorsPerReplica(job)
  const watts = servingWatts(job.target.accelerator.powerWatts, utilisation, breakdown)
  // A node that replicas use in part counts in part.
  const nodeWatts = (job.nodeWatts * accelerators) / job.target.fabric.acceleratorsPerNode
  const joules = (watts * accelerators + nodeWatts) * log.seconds
  const kilowattHours = (joules * (job.price?.powerUsageEffectiveness ?? 1)) / joulesPerKilowattHour
  const grams = job.price?.gramsPerKilowattHour
  const gramsCarbon = grams === undefined ? null : grams * kilowattHours
  return {
    averageWattsPerAccelerator: watts,
    joules,
    kilowattHours,
    joulesPerOutputToken: joules / outputTokens,
    gramsCarbon,
    gramsCarbonPerMillionOutputTokens: gramsCarbon === null ? null : (gramsCarbon / outputTokens) * 1e6
  }
}

/** Dollars for an hour of the accelerators that are there in the mean; a pool may have a price of its own. */
const rentPerHour = (job: ServingJob, log: ServingLog): number =>
  poolViews(job, log).reduce(
    (sum, { pool, job: own, log: ownLog }) =>
      sum +
      (pool.perAcceleratorHour ?? job.price?.perAcceleratorHour ?? 0) *
        (paidReplicasOf(own, ownLog) * acceleratorsPerReplica(pool)),
    0
  )

/** Rent of the accelerators for the run, and its energy at the meter; null where neither has a price. */
export const costOf = (
  { price, ...job }: ServingJob,
  log: ServingLog,
  energy: Energy,
  served: { readonly requests: number; readonly promptTokens: number; readonly outputTokens: number }
): Cost => {
  if (price === null || (price.perAcceleratorHour === undefined && price.perKilowattHour === undefined))
    return { total: null, perHour: null, perMillionOutputTokens: null, perMillionTokens: null, perRequest: null }
  const hours = log.seconds / 3600
  const total = rentPerHour({ price, ...job }, log) * hours + (price.perKilowattHour ?? 0) * energy.kilowattHours
  // Infinitely dear where nothing came out.
  return {
    total,
    perHour: total / hours,
    perMillionOutputTokens: (total / served.outputTokens) * 1e6,
    perMillionTokens: (total / (served.promptTokens + served.outputTokens)) * 1e6,
    perRequest: total / served.requests
  }
}
