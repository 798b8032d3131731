/**
 * Leaps: k steps of the same batch at once. While the batch stays the same its context grows by the same number of tokens a
 * step, so the seconds of step i (from 0) are first + i x increment and k of them take k first + increment k (k - 1) / 2.
 */

/** Seconds of the first `steps` steps. */
export const leapSeconds = (first: number, increment: number, steps: number): number =>
  steps * first + (increment * steps * (steps - 1)) / 2

/** The fewest steps, from 1 to `limit`, that take at least so many seconds. */
export const stepsToReach = (seconds: number, first: number, increment: number, limit: number): number => {
  // Root of increment / 2 k^2 + (first - increment / 2) k - seconds = 0, in the form that loses no digits when increment is small.
  const linear = first - increment / 2
  const root = (2 * seconds) / (linear + Math.sqrt(Math.max(0, linear * linear + 2 * increment * seconds)))
  let steps = Math.min(limit, Math.max(1, Math.ceil(root)))
  while (steps > 1 && leapSeconds(first, increment, steps - 1) >= seconds) steps--
  while (steps < limit && leapSeconds(first, increment, steps) < seconds) steps++
  return steps
}

/**
 * Sum over the steps i = offset, offset + stride ... < steps of the seconds from the start of step i to the end of the leap:
 * how long blocks that are taken in those steps are held within the leap.
 */
export const secondsHeld = (
  first: number,
  increment: number,
  steps: number,
  offset: number,
  stride: number
): number => {
  if (offset >= steps) return 0
  const count = Math.ceil((steps - offset) / stride)
  // Sums of i and of i^2 over i = offset + stride l, l < count.
  const sumOfPlaces = (count * (count - 1)) / 2
  const sumOfSquaredPlaces = ((count - 1) * count * (2 * count - 1)) / 6
  const sum = count * offset + stride * sumOfPlaces
  const squares = count * offset * offset + 2 * offset * stride * sumOfPlaces + stride * stride * sumOfSquaredPlaces
  const elapsed = first * sum + (increment / 2) * (squares - sum)
  return count * leapSeconds(first, increment, steps) - elapsed
}
