/**
 * How many values at the start of a run still carry its initial state: the rule MSER-5 (White, Simulation 69 (1997)
 * 323-334; White, Cobb & Spratt 2000).
 */

const batchSize = 5

/**
 * Values to leave out: those before the cut that minimises the standard error of the mean of the rest, over means of
 * five values.
 *
 * null where the run is too short to say: fewer than 10 means of five, or the best cut lies in its second half.
 */
export const initialTransient = (values: ArrayLike<number>): number | null => {
  const batches = Math.floor(values.length / batchSize)
  if (batches < 10) return null
  let [sum, squares, least, best] = [0, 0, Infinity, 0]
  // Squares about a value of the run, lest they cancel where the mean is large against the spread.
  const about = values[values.length - 1]!
  for (let batch = batches - 1; batch >= 0; batch--) {
    let value = 0
    for (let index = batch * batchSize; index < (batch + 1) * batchSize; index++) value += values[index]! - about
    value /= batchSize
    sum += value
    squares += value * value
    const left = batches - batch
    // Cuts that leave next to nothing always look good, so the last five means are never tried.
    if (left <= 5) continue
    const error = (squares - (sum * sum) / left) / (left * left)
    // Of equal cuts the earliest.
    if (error <= least) {
      least = error
      best = batch
    }
  }
  return best > batches / 2 ? null : best * batchSize
}
