/**
 * Standard random variables made of uniform draws. Each takes the stream as an argument and keeps no state, so that one
 * recipe serves many streams (one for each user, say) without one moving another.
 */
import type { RandomStream } from "../../random/index.ts"

/** Exponential of mean 1, by inversion. 1 - u lies in (0, 1], so the logarithm is finite. */
export const drawExponential = (stream: RandomStream): number => -Math.log(1 - stream())

/** Standard normal (Box & Muller 1958); the second variable of the pair is thrown away rather than remembered. */
export const drawNormal = (stream: RandomStream): number => {
  const radius = Math.sqrt(-2 * Math.log(1 - stream()))
  return radius * Math.cos(2 * Math.PI * stream())
}

/**
 * Gamma of scale 1, mean and variance `shape` > 0, by rejection from a cubed normal (Marsaglia & Tsang 2000). Below shape 1
 * a gamma of shape + 1 is shrunk by u^(1/shape), their section 6.
 */
export const drawGamma = (stream: RandomStream, shape: number): number => {
  if (shape < 1) return drawGamma(stream, shape + 1) * (1 - stream()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = drawNormal(stream)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - stream()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
