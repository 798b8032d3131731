/** The totals of all replicas together. */
import { acceleratorsOfLayout } from "../../inference/index.ts"
import { poolsOf } from "../fleet/pools.ts"
import type { ReplicaTotals, Server, ServingJob, ServingLog } from "../types.ts"

export const acceleratorsPerReplica = ({ target: { layout } }: Pick<Server, "target">): number =>
  acceleratorsOfLayout(layout)

/** Accelerators of all pools. */
export const acceleratorsOf = (job: ServingJob): number =>
  poolsOf(job).reduce((sum, pool) => sum + pool.replicas * acceleratorsPerReplica(pool), 0)

/** KV blocks of a replica, mean over all replicas of all pools. */
export const meanBlocksOf = (job: ServingJob): number =>
  poolsOf(job).reduce((sum, pool) => sum + pool.replicas * blocksPerReplica(pool), 0) / replicasOf(job)

export const replicasOf = (job: ServingJob): number => poolsOf(job).reduce((sum, { replicas }) => sum + replicas, 0)

/** KV blocks of a replica: those of each of its data-attention groups. */
export const blocksPerReplica = ({ cache, target: { layout } }: Pick<Server, "cache" | "target">): number =>
  cache.blocks * layout.dataAttention

/** Sum over replicas of one of their totals; one that is not logged counts as 0. */
export const sumOf = ({ replicas }: ServingLog, name: keyof ReplicaTotals): number =>
  replicas.reduce((sum, { totals }) => sum + (totals[name] ?? 0), 0)

export const greatestOf = ({ replicas }: ServingLog, name: keyof ReplicaTotals): number =>
  replicas.reduce((greatest, { totals }) => Math.max(greatest, totals[name] ?? 0), 0)

/** Replicas of a job (or of a pool's view of it) that were there and are paid: all of them, or the time mean of those that were. */
export const paidReplicasOf = (job: ServingJob, { life, seconds, replicas }: ServingLog): number => {
  if (life === undefined) return replicasOf(job)
  const paid = life.paidSeconds.subarray(0, replicas.length).reduce((total, value) => total + value, 0)
  return seconds > 0 ? paid / seconds : 0
}
