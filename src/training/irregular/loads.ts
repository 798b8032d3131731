/**
 * Tokens of each replica's micro-batches over the mean. All together they are the batch's, so the mean is one.
 */
import { normalAt } from "../../random/index.ts"
import type { UnevenData } from "./types.ts"

export interface DataLoads {
  /** By replica: its row; replicas of equal load share one. */
  readonly rowOf: readonly number[]
  /** By row and micro-batch. */
  readonly rows: readonly Float64Array[]
}

/**
 * @param replicas      data-parallel size
 * @param microBatches  of each replica in an iteration
 */
export const dataLoads = (
  uneven: UnevenData | null,
  replicas: number,
  microBatches: number,
  seed: number
): DataLoads | null => {
  if (uneven === null) return null
  if ("replicas" in uneven) {
    const mean = uneven.replicas.reduce((sum, share) => sum + share, 0) / uneven.replicas.length
    const shares = [...new Set(uneven.replicas)]
    return {
      rowOf: uneven.replicas.map((share) => shares.indexOf(share)),
      rows: shares.map((share) => new Float64Array(microBatches).fill(share / mean))
    }
  }
  // Of a lognormal with mean 1 and deviation d the logarithm has the variance ln(1 + d^2).
  const sigma = Math.sqrt(Math.log1p(uneven.deviation ** 2))
  const normal = normalAt(seed, "tokens of micro-batches")
  const rows = Array.from({ length: replicas }, (_, replica) =>
    Float64Array.from({ length: microBatches }, (_unused, microBatch) => Math.exp(sigma * normal(replica, microBatch)))
  )
  const total = rows.reduce((sum, row) => sum + row.reduce((part, value) => part + value, 0), 0)
  const mean = total / (replicas * microBatches)
  return { rowOf: rows.map((_, replica) => replica), rows: rows.map((row) => row.map((value) => value / mean)) }
}
