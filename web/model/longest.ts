/**
 * A segment tree over the durations of a lane: which slice of a run of neighbours is the longest, in log n.
 *
 * Leaves are the slices themselves, so the tree of n slices is n numbers: node i has the children 2i and 2i + 1, nodes
 * from n on are the slices. Several trees share one array, each from its lane's first position.
 */

/** Fills tree[first ... first + count) for the slices at those positions. */
export const plantLongest = (
  tree: Uint32Array,
  start: Float64Array,
  end: Float64Array,
  first: number,
  count: number
) => {
  const longer = (a: number, b: number): number => (end[a]! - start[a]! >= end[b]! - start[b]! ? a : b)
  const at = (node: number): number => (node >= count ? first + node - count : tree[first + node]!)
  for (let node = count - 1; node >= 1; node--) tree[first + node] = longer(at(2 * node), at(2 * node + 1))
}

/** Position of the longest slice among positions from ... to - 1 of a lane; from < to. */
export const longestIn = (
  tree: Uint32Array,
  start: Float64Array,
  end: Float64Array,
  first: number,
  count: number,
  from: number,
  to: number
): number => {
  let best = from
  let length = end[from]! - start[from]!
  let low = from - first + count
  let high = to - first + count
  while (low < high) {
    if (low & 1) {
      const found = low >= count ? first + low - count : tree[first + low]!
      if (end[found]! - start[found]! > length) [best, length] = [found, end[found]! - start[found]!]
      low++
    }
    if (high & 1) {
      high--
      const found = high >= count ? first + high - count : tree[first + high]!
      if (end[found]! - start[found]! > length) [best, length] = [found, end[found]! - start[found]!]
    }
    low >>= 1
    high >>= 1
  }
  return best
}

/** First position from `low` on whose value is at least `value`, by galloping; `high` when there is none. */
export const gallop = (values: Float64Array, low: number, high: number, value: number): number => {
  let step = 1
  let from = low
  while (from + step < high && values[from + step]! < value) {
    from += step
    step *= 2
  }
  let to = Math.min(high, from + step)
  if (from < high && values[from]! >= value) return from
  while (from < to) {
    const middle = (from + to) >>> 1
    if (values[middle]! < value) from = middle + 1
    else to = middle
  }
  return from
}
