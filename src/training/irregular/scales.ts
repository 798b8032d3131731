/**
 * Factors on single operations: jitter of each rank's kernels, and the tokens of each micro-batch.
 */
import { operationMicroBatch } from "../../parallel/index.ts"
import { normalAt } from "../../random/index.ts"
import type { Actor } from "../actors.ts"
import type { OperationScales } from "../execution-plan.ts"
import type { DataLoads } from "./loads.ts"

export interface ScaleParts {
  readonly jitter: number
  readonly seed: number
  readonly loads: DataLoads | null
  /** Ranks that an actor stands for. */
  readonly ranksOf: (actor: Actor) => readonly number[]
  /** Data-parallel coordinate of an actor's ranks. */
  readonly replicaOf: (actor: Actor) => number
}

const one = (): number => 1

/** Null where nothing differs from one operation to the next, nor from one replica to the next. */
export const operationScales = ({ jitter, seed, loads, ranksOf, replicaOf }: ScaleParts): OperationScales | null => {
  if (jitter === 0 && loads === null) return null
  const normal = normalAt(seed, "jitter of operations")
  // Lognormal with mean 1: jitter alone makes no rank slower on average, only their common pace.
  const factor = (rank: number, code: number): number => Math.exp(jitter * normal(rank, code) - (jitter * jitter) / 2)
  const mean = (actor: Actor, code: number): number => {
    const ranks = ranksOf(actor)
    let sum = 0
    for (const rank of ranks) sum += factor(rank, code)
    return sum / ranks.length
  }
  const slowest = (actor: Actor, code: number): number => {
    let most = 0
    for (const rank of ranksOf(actor)) most = Math.max(most, factor(rank, code))
    return most
  }
  return {
    isVarying: jitter > 0 || (loads?.rows.some((row) => row.some((load) => load !== row[0])) ?? false),
    meanKernels: jitter === 0 ? one : mean,
    slowestKernels: jitter === 0 ? one : slowest,
    load:
      loads === null
        ? one
        : (actor, code) => loads.rows[loads.rowOf[replicaOf(actor)] ?? 0]?.[operationMicroBatch(code)] ?? 1
  }
}
