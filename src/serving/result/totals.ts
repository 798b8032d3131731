/** The totals of all replicas together. */
import type { ReplicaTotals, ServingJob, ServingLog } from "../types.ts"

export const acceleratorsPerReplica = ({ target: { layout } }: ServingJob): number =>
  layout.tensor * layout.pipeline * layout.dataAttention

export const acceleratorsOf = (job: ServingJob): number => job.replicas * acceleratorsPerReplica(job)

/** KV blocks of a replica: those of each of its data-attention groups. */
export const blocksPerReplica = ({ cache, target: { layout } }: ServingJob): number =>
  cache.blocks * layout.dataAttention

/** Sum over replicas of one of their totals; one that is not logged counts as 0. */
export const sumOf = ({ replicas }: ServingLog, name: keyof ReplicaTotals): number =>
  replicas.reduce((sum, { totals }) => sum + (totals[name] ?? 0), 0)

export const greatestOf = ({ replicas }: ServingLog, name: keyof ReplicaTotals): number =>
  replicas.reduce((greatest, { totals }) => Math.max(greatest, totals[name] ?? 0), 0)
