/**
 * Order statistics of a sample written as arithmetic progressions, without expanding it.
 *
 * The range of values is cut into buckets; a row adds the number of its values in each bucket that it crosses in closed
 * form. The buckets that hold a wanted rank are cut again, with only the rows that reach into them, until few enough
 * values are left to sort. Time is linear in rows plus buckets crossed.
 */

/** A sample as arithmetic progressions, see `progressions.ts`. */
export interface Progressions {
  readonly count: number
  readonly first: Float64Array
  readonly increment: Float64Array
  /** Values of a row, whole numbers; a row of 0 steps stands for nothing. */
  readonly steps: Float64Array
  /** How often each value occurs, a whole number. */
  readonly weights: Float64Array
}

const bucketCount = 1 << 14
const sortedDirectly = 1 << 12

/** Rows reaching into a range of values: of row[i], the values low[i] ... high[i] - 1. */
interface Pieces {
  readonly row: Int32Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/**
 * The values at given places of the sorted sample.
 *
 * @param ranks  ascending, 0 ... (number of values) - 1
 */
export const selectFromProgressions = (rows: Progressions, ranks: readonly number[]): Float64Array => {
  const into = new Float64Array(ranks.length)
  const row = new Int32Array(rows.count)
  const high = new Float64Array(rows.count)
  let count = 0
  for (let index = 0; index < rows.count; index++) {
    if (!(rows.steps[index]! > 0 && rows.weights[index]! > 0)) continue
    row[count] = index
    high[count++] = rows.steps[index]!
  }
  const pieces: Pieces = { row: row.subarray(0, count), low: new Float64Array(count), high: high.subarray(0, count) }
  if (ranks.length > 0) select(rows, pieces, ranks, 0, into, 0)
  return into
}

/** Value j of a row, counted from its least. */
const valueOf = (rows: Progressions, row: number, j: number): number => {
  const slope = rows.increment[row]!
  return rows.first[row]! + slope * (slope < 0 ? rows.steps[row]! - 1 - j : j)
}

/** Writes to into[at ...] the values of `ranks`, which count from `before` values below all pieces. */
const select = (
  rows: Progressions,
  pieces: Pieces,
  ranks: readonly number[],
  before: number,
  into: Float64Array,
  at: number
): void => {
  const count = pieces.row.length
  let [least, greatest, values] = [Infinity, -Infinity, 0]
  for (let piece = 0; piece < count; piece++) {
    const row = pieces.row[piece]!
    const [low, high] = [valueOf(rows, row, pieces.low[piece]!), valueOf(rows, row, pieces.high[piece]! - 1)]
    if (low < least) least = low
    if (high > greatest) greatest = high
    values += pieces.high[piece]! - pieces.low[piece]!
  }
  if (least === greatest) {
    into.fill(least, at, at + ranks.length)
    return
  }
  if (values <= sortedDirectly) {
    selectBySorting(rows, pieces, ranks, before, into, at)
    return
  }
  const scale = bucketCount / (greatest - least)
  // Monotone in the value, so that the values of a row pass through the buckets in order.
  const bucketOf = (value: number): number => Math.min(bucketCount - 1, Math.floor((value - least) * scale))
  const isBeyond = (row: number, j: number, bucket: number): boolean => bucketOf(valueOf(rows, row, j)) > bucket
  /** The first j in from + 1 ... to - 1 whose value lies beyond the bucket, or `to`. */
  const endOfBucket = (row: number, from: number, to: number, bucket: number): number => {
    const edge = (bucket + 1) / scale + least - valueOf(rows, row, from)
    const guess = Math.min(to, from + Math.max(1, Math.ceil(edge / Math.abs(rows.increment[row]!))))
    if ((guess === to || isBeyond(row, guess, bucket)) && !isBeyond(row, guess - 1, bucket)) return guess
    // Rounding put the closed form beside the buckets of the values themselves, which decide.
    let [inside, beyond] = [from, to]
    while (beyond - inside > 1) {
      const middle = Math.floor((inside + beyond) / 2)
      if (isBeyond(row, middle, bucket)) beyond = middle
      else inside = middle
    }
    return beyond
  }
  const weights = new Float64Array(bucketCount)
  const firstBucket = new Int32Array(count)
  const lastBucket = new Int32Array(count)
  for (let piece = 0; piece < count; piece++) {
    const row = pieces.row[piece]!
    const weight = rows.weights[row]!
    const high = pieces.high[piece]!
    let from = pieces.low[piece]!
    let bucket = bucketOf(valueOf(rows, row, from))
    const last = bucketOf(valueOf(rows, row, high - 1))
    firstBucket[piece] = bucket
    lastBucket[piece] = last
    while (bucket < last) {
      const end = endOfBucket(row, from, high, bucket)
      weights[bucket]! += weight * (end - from)
      from = end
      bucket = bucketOf(valueOf(rows, row, from))
    }
    weights[last]! += weight * (high - from)
  }
  // The buckets that hold a wanted rank, and the values below each.
  const slotOf = new Int32Array(bucketCount).fill(-1)
  const wanted: { readonly ranks: number[]; readonly before: number; readonly at: number }[] = []
  let [below, next] = [before, 0]
  for (let bucket = 0; bucket < bucketCount && next < ranks.length; bucket++) {
    const above = below + weights[bucket]!
    if (ranks[next]! < above) {
      const inside: number[] = []
      const first = next
      while (next < ranks.length && ranks[next]! < above) inside.push(ranks[next++]!)
      slotOf[bucket] = wanted.length
      wanted.push({ ranks: inside, before: below, at: at + first })
    }
    below = above
  }
  // The first wanted bucket at or after each.
  const nextWanted = new Int32Array(bucketCount)
  for (let bucket = bucketCount - 1, following = bucketCount; bucket >= 0; bucket--) {
    if (slotOf[bucket]! >= 0) following = bucket
    nextWanted[bucket] = following
  }
  const found = wanted.map(() => ({ row: [] as number[], low: [] as number[], high: [] as number[] }))
  for (let piece = 0; piece < count; piece++) {
    const last = lastBucket[piece]!
    let bucket = firstBucket[piece]!
    if (nextWanted[bucket]! > last) continue
    const row = pieces.row[piece]!
    const high = pieces.high[piece]!
    let from = pieces.low[piece]!
    for (;;) {
      const end = bucket === last ? high : endOfBucket(row, from, high, bucket)
      const slot = slotOf[bucket]!
      if (slot >= 0) {
        const target = found[slot]!
        target.row.push(row)
        target.low.push(from)
        target.high.push(end)
      }
      if (end === high) break
      from = end
      bucket = bucketOf(valueOf(rows, row, from))
    }
  }
  wanted.forEach((group, slot) => {
    const { row, low, high } = found[slot]!
    const inside = { row: Int32Array.from(row), low: Float64Array.from(low), high: Float64Array.from(high) }
    select(rows, inside, group.ranks, group.before, into, group.at)
  })
}

const selectBySorting = (
  rows: Progressions,
  pieces: Pieces,
  ranks: readonly number[],
  before: number,
  into: Float64Array,
  at: number
): void => {
  const values: { readonly value: number; readonly weight: number }[] = []
  pieces.row.forEach((row, piece) => {
    for (let j = pieces.low[piece]!; j < pieces.high[piece]!; j++)
      values.push({ value: valueOf(rows, row, j), weight: rows.weights[row]! })
  })
  values.sort((a, b) => a.value - b.value)
  let [end, index] = [before, -1]
  ranks.forEach((rank, place) => {
    while (end <= rank && index < values.length - 1) end += values[++index]!.weight
    into[at + place] = values[index]!.value
  })
}
