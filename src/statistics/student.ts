/** Student's t distribution, for intervals of a mean whose deviation is estimated from few values. */

/**
 * Probability that |T| is at most t, T of Student's distribution with a whole number of degrees of freedom: the finite
 * sums 26.7.3 and 26.7.4 of Abramowitz & Stegun, as a function of the angle atan(t / sqrt(degrees)).
 */
const centralProbability = (angle: number, degrees: number): number => {
  const cosine = Math.cos(angle)
  const isOdd = degrees % 2 === 1
  if (degrees === 1) return (2 * angle) / Math.PI
  let term = isOdd ? cosine : 1
  let sum = term
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  const arc = Math.sin(angle) * sum
  return isOdd ? (2 / Math.PI) * (angle + arc) : arc
}

/**
 * The t with |T| <= t at probability `level`: 2.093 for level 0.95 and 19 degrees of freedom.
 *
 * @param level    0 <= level < 1
 * @param degrees  whole number of at least 1; NaN otherwise
 */
export const studentFactor = (level: number, degrees: number): number => {
  if (!Number.isInteger(degrees) || degrees < 1 || !(level >= 0 && level < 1)) return NaN
  let low = 0
  let high = Math.PI / 2
  // Halving an angle 60 times exhausts the digits of a double.
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (centralProbability(middle, degrees) < level) low = middle
    else high = middle
  }
  return Math.tan((low + high) / 2) * Math.sqrt(degrees)
}
