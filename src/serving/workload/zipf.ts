/**
 * Zipf's law on ranks 1 ... n: probability proportional to rank^-exponent.
 *
 * Drawn exactly and without a table by rejection-inversion (Hörmann & Derflinger 1996, "Rejection-inversion to generate
 * variates from monotone discrete distributions"): x^-exponent is integrated in closed form, a uniform draw of the integral
 * is inverted and rounded to a rank, and the rank is rejected where the rounding overshoots its bar. Above exponent 0 fewer
 * than one draw in four is rejected, whatever n is.
 */
import type { RandomStream } from "../../random/index.ts"

/**
 * A recipe that draws ranks.
 *
 * @param ranks     n, a whole number of at least 1
 * @param exponent  at least 0; 0 makes every rank as likely
 */
export const zipfRank = (ranks: number, exponent: number): ((stream: RandomStream) => number) => {
  if (ranks <= 1) return () => 1
  if (exponent === 0) return (stream) => 1 + Math.floor(stream() * ranks)
  // The integral of x^-exponent from 1 to x, and its inverse; both continuous in the exponent through 1.
  const integral = (x: number): number =>
    exponent === 1 ? Math.log(x) : Math.expm1((1 - exponent) * Math.log(x)) / (1 - exponent)
  const inverse = (area: number): number =>
    exponent === 1 ? Math.exp(area) : Math.exp(Math.log1p((1 - exponent) * area) / (1 - exponent))
  // Rank 1's bar stands whole to the left of 1.5, so that it is never rejected.
  const first = integral(1.5) - 1
  const last = integral(ranks + 0.5)
  return (stream) => {
    for (;;) {
      const area = first + stream() * (last - first)
      const rank = Math.min(ranks, Math.max(1, Math.round(inverse(area))))
      if (area >= integral(rank + 0.5) - rank ** -exponent) return rank
    }
  }
}
