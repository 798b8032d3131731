/**
 * Whether a queue grows: by more than chance would make it under arrivals that are just served.
 *
 * At a load of exactly 1 a queue is a random walk: over a time in which n requests arrive it wanders by a standard
 * deviation of about sqrt(n (c_a^2 + c_s^2)), c the coefficients of variation of gaps and of service. A rise of more than
 * two of those is held for a trend; a queue that is served keeps far below it.
 */

/** Squared coefficient of variation assumed of the service. */
const serviceVariation = 1
const deviations = 2

/** Rise of the least-squares line through equally spaced values from the first to the last. */
export const fittedRise = (values: ArrayLike<number>): number => {
  const count = values.length
  if (count < 2) return 0
  const middle = (count - 1) / 2
  let [products, squares] = [0, 0]
  for (let index = 0; index < count; index++) {
    products += (index - middle) * values[index]!
    squares += (index - middle) ** 2
  }
  return (products / squares) * (count - 1)
}

/** Requests by which a queue may grow by chance while `arrivals` arrive. */
export const chanceRise = (arrivals: number, arrivalVariation: number): number =>
  deviations * Math.sqrt(arrivals * (arrivalVariation + serviceVariation))

export interface Trend {
  /** Requests by which the queue rose over the longest of the stretches that rose by more than chance; 0 = none did. */
  readonly rise: number
  /** Share of the time that this stretch covers, up to its end. */
  readonly share: number
}

/**
 * Looks for growth that lasts to the end: over the whole time, or its last half or quarter.
 *
 * @param waiting    mean queue in equal intervals
 * @param arrivals   requests that arrived in each
 * @param shares     of the time, up to its end, that are looked at
 */
export const growthToTheEnd = (
  waiting: Float64Array,
  arrivals: Float64Array,
  arrivalVariation: number,
  shares: readonly number[] = [1, 1 / 2, 1 / 4]
): Trend => {
  const highest = Math.max(...waiting)
  const last = waiting[waiting.length - 1] ?? 0
  // What grew once and went down by half since does not grow.
  if (last < highest / 2) return { rise: 0, share: 0 }
  for (const share of shares) {
    const from = Math.round(waiting.length * (1 - share))
    const rise = fittedRise(waiting.subarray(from))
    const arrived = arrivals.subarray(from).reduce((sum, count) => sum + count, 0)
    if (rise > chanceRise(arrived, arrivalVariation)) return { rise, share }
  }
  return { rise: 0, share: 0 }
}

/** Whether the queue ever rose within an eighth or a quarter of the time by more than chance. */
export const everGrew = (waiting: Float64Array, arrivals: Float64Array, arrivalVariation: number): boolean =>
  [8, 4].some((parts) => {
    const span = Math.max(1, Math.floor(waiting.length / parts))
    let arrived = 0
    for (let end = 0; end < waiting.length; end++) {
      arrived += arrivals[end]!
      if (end < span) continue
      arrived -= arrivals[end - span]!
      if (waiting[end]! - waiting[end - span]! > chanceRise(arrived, arrivalVariation)) return true
    }
    return false
  })

/** First and last + 1 of the longest run of intervals in which the queue is at least `least`; equal where there is none. */
export const longestAbove = (waiting: Float64Array, least: number): readonly [number, number] => {
  let [best, bestEnd, start] = [0, 0, 0]
  for (let index = 0; index <= waiting.length; index++) {
    if (index < waiting.length && waiting[index]! >= least) continue
    if (index - start > bestEnd - best) [best, bestEnd] = [start, index]
    start = index + 1
  }
  return [best, bestEnd]
}
