/**
 * The weights of measured cases and what they say, in columns: shared by the interval of one prediction and the spread of
 * ratios of two.
 *
 * A score is how far off a case was, |log(measured / predicted)|. What is asked about counts as one more case with a score of
 * infinity: the finite-sample correction of conformal prediction (Tibshirani, Barber, Candès and Ramdas, NeurIPS 2019).
 */

/** Distance over which the weight of a case falls to 1/e. */
const bandwidth = 1
/** Cases alike that a source may count as: they share their errors. */
const mostOfASource = 2

export const weightAt = (far: number): number => Math.exp(-far / bandwidth)

/** Caps what each source weighs, in place. @param source  of each case, by number */
export const capSources = (weights: Float64Array, source: Int32Array): void => {
  const sums = new Float64Array(source.reduce((most, one) => Math.max(most, one), 0) + 1)
  for (let at = 0; at < weights.length; at++) sums[source[at]!]! += weights[at]!
  for (let at = 0; at < weights.length; at++) weights[at]! *= Math.min(1, mostOfASource / sums[source[at]!]!)
}

interface Sums {
  readonly sum: number
  /** What the unknown case weighs: as much as the nearest. */
  readonly unknown: number
}

const sumsOf = (weights: Float64Array): Sums => {
  let [sum, unknown] = [0, 0]
  for (const weight of weights) {
    sum += weight
    if (weight > unknown) unknown = weight
  }
  return { sum, unknown }
}

/** Sums of weights differ in their last digits. */
const rounding = 1e-9

/**
 * The score below which a share of the weight lies; where the one unknown case is more than the rest, of all cases, alike or
 * not; undefined where they are too few.
 *
 * @param scores  ascending
 * @param copies  times that each case is among them
 */
export const scoreAt = (scores: Float64Array, weights: Float64Array, level: number, copies = 1): number | undefined => {
  const { sum, unknown } = sumsOf(weights)
  const wanted = level * (sum + copies * unknown) * (1 - rounding)
  let below = 0
  for (let at = 0; at < scores.length; at++) {
    below += weights[at]!
    if (below >= wanted) return scores[at]
  }
  return scores[Math.ceil(level * (scores.length + 1)) - 1]
}

/** Share of the weight below a score, the unknown case not among it. */
export const shareBelow = (scores: Float64Array, weights: Float64Array, score: number): number => {
  const { sum, unknown } = sumsOf(weights)
  let below = 0
  for (let at = 0; at < scores.length; at++) if (scores[at]! < score) below += weights[at]!
  return sum + unknown > 0 ? below / (sum + unknown) : 0
}

/** Places of the nearest cases that together have half of the weight. */
export const heaviest = (weights: Float64Array): readonly number[] => {
  const { sum } = sumsOf(weights)
  const descending = weights.toSorted().reverse()
  let [heard, count] = [0, 0]
  while (count < descending.length && heard < 0.5 * sum) heard += descending[count++]!
  const least = descending[count - 1] ?? Infinity
  let ties = 0
  for (let at = 0; at < count; at++) if (descending[at] === least) ties++
  const chosen: number[] = []
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!
    if (weight > least || (weight === least && ties-- > 0)) chosen.push(at)
  }
  return chosen
}

/** Names as numbers, in the order in which they come. */
export const numbered = (names: readonly string[]): Int32Array => {
  const places = new Map<string, number>()
  return Int32Array.from(names, (name) => {
    const known = places.get(name) ?? places.size
    places.set(name, known)
    return known
  })
}
