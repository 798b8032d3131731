/**
 * Power of an accelerator from what keeps it busy:
 *
 *   P = P_idle + (P_cap - P_idle) min(1, 0.9 u_compute + 0.6 u_memory + 0.2 u_network), waiting burns about 45 %
 *
 * Weights after the measured rows of ml-energy/leaderboard@0cd52dab; waiting ranks spin in their communication library.
 */
import type { Breakdown, TrainingJob } from "./types.ts"

const idleShare = 0.13
const computeWeight = 0.9
const memoryWeight = 0.6
const networkWeight = 0.2
const waitingShare = 0.45

/** Shares of a time in which an accelerator is kept busy by each; they may overlap. */
export interface PowerUse {
  readonly compute: number
  readonly memory: number
  readonly network: number
  /** Ranks that wait for others, or for the host. */
  readonly waiting: number
}

/**
 * Mean watts of one accelerator over that time.
 *
 * @param powerWatts  what the accelerator is rated for
 */
export const acceleratorWatts = (powerWatts: number, { compute, memory, network, waiting }: PowerUse): number => {
  const busy = computeWeight * compute + memoryWeight * memory + networkWeight * network + waitingShare * waiting
  return powerWatts * (idleShare + (1 - idleShare) * Math.min(1, busy))
}

/** Mean watts of one accelerator over an iteration. */
export const averageWatts = (job: TrainingJob, breakdown: Breakdown, iterationSeconds: number): number => {
  const { compute, exposed } = breakdown
  const products = compute.gemm + compute.attention + compute.head + compute.experts + compute.recompute
  const memory = compute.elementwise + compute.accumulation + compute.shardCopies + breakdown.optimizer
  const network = exposed.tensor + exposed.data + exposed.pipeline + exposed.context + exposed.expert
  // Who communicates waits for the others as well.
  const waiting = breakdown.bubble + breakdown.host + network
  return acceleratorWatts(job.accelerator.powerWatts, {
    compute: products / iterationSeconds,
    memory: memory / iterationSeconds,
    network: network / iterationSeconds,
    waiting: waiting / iterationSeconds
  })
}

/** Joules of a kilowatt-hour. */
export const kilowattHour = 3.6e6

/** Energy of hosts, NICs and fans. */
export const nodeJoules = (job: TrainingJob, accelerators: number, seconds: number): number =>
  (job.nodeWatts * seconds * accelerators) / job.fabric.acceleratorsPerNode
