/**
 * How many micro-batches each replica runs where replicas are on machines of several kinds: the counts, one a group of
 * machines, whose slowest replica is done first, among all that add up to the global batch. Exact: a replica that runs m
 * micro-batches of t seconds needs about m t, and the least possible max of m t is found by bisection over its candidates,
 * each tried by filling up the total (a bounded knapsack over the groups).
 */

/** Replicas on a group of machines, and the seconds of a micro-batch on its slowest stage. */
export interface ReplicaGroup {
  readonly replicas: number
  readonly seconds: number
}

/**
 * Micro-batches of a replica of each group, at least 1, with sum over groups of replicas x count = total; null where there
 * are none. Among those of equal pace the first groups run as many as they may.
 */
export const balancedCounts = (groups: readonly ReplicaGroup[], total: number): readonly number[] | null => {
  /** Totals that the groups from each on can run within a time; row by row from the last. */
  const reachable = (limit: number): readonly Uint8Array[] | null => {
    const rows: Uint8Array[] = [Uint8Array.from({ length: total + 1 }, (_, sum) => (sum === 0 ? 1 : 0))]
    for (const { replicas, seconds } of groups.toReversed()) {
      const most = Math.floor((limit / seconds) * (1 + 1e-12))
      if (most < 1) return null
      const after = rows[0] as Uint8Array
      const row = new Uint8Array(total + 1)
      // Per residue of the replicas: how long ago a reachable total was seen.
      const since = new Int32Array(replicas).fill(-1)
      for (let sum = replicas; sum <= total; sum++) {
        const residue = sum % replicas
        if (after[sum - replicas] === 1) since[residue] = sum - replicas
        const from = since[residue] ?? -1
        if (from >= 0 && (sum - from) / replicas <= most) row[sum] = 1
      }
      rows.unshift(row)
    }
    return rows[0]?.[total] === 1 ? rows : null
  }
  const candidates = [
    ...new Set(
      groups.flatMap(({ replicas, seconds }) =>
        Array.from({ length: Math.floor(total / replicas) }, (_, index) => (index + 1) * seconds)
      )
    )
  ].sort((a, b) => a - b)
  let [low, high] = [0, candidates.length - 1]
  if (candidates.length === 0 || reachable(candidates[high] ?? 0) === null) return null
  while (low < high) {
    const middle = (low + high) >> 1
    if (reachable(candidates[middle] ?? 0) === null) low = middle + 1
    else high = middle
  }
  const limit = candidates[low] ?? 0
  const rows = reachable(limit)
  if (rows === null) return null
  let left = total
  return groups.map(({ replicas, seconds }, index) => {
    const after = rows[index + 1] as Uint8Array
    for (let count = Math.floor((limit / seconds) * (1 + 1e-12)); count >= 1; count--)
      if (left >= count * replicas && after[left - count * replicas] === 1) {
        left -= count * replicas
        return count
      }
    throw new Error("a reachable total has no count")
  })
}
