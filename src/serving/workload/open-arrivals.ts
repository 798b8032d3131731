/**
 * When requests come that wait for nobody: every kind of arrivals but the closed loop.
 *
 * A deterministic process and a batch begin at time 0. A random one begins with a gap, so that time 0 is like any other.
 */
import { randomStream } from "../../random/index.ts"
import type { Arrivals } from "../types.ts"
import { poissonTimes } from "./rate-curve.ts"
import { drawGamma } from "./variates.ts"

/** Gives the time of the next arrival, one a call, ascending; Infinity when there are no more. */
export const openArrivals = (arrivals: Arrivals, seed: number): (() => number) => {
  switch (arrivals.kind) {
    case "poisson":
      return poissonTimes(arrivals.rate, randomStream(seed, "arrivals"), randomStream(seed, "thinning of arrivals"))
    case "gamma":
      return gammaTimes(arrivals.rate, arrivals.variation, seed)
    case "deterministic":
      return equalGaps(arrivals.rate)
    case "batch":
      return () => 0
    case "trace": {
      const { arrivalSeconds } = arrivals.trace
      let row = 0
      return () => (row < arrivalSeconds.length ? arrivalSeconds[row++]! / arrivals.speedUp : Infinity)
    }
    default:
      return () => Infinity
  }
}

/** A gamma variable of shape k varies by 1 / sqrt(k) of its mean. */
const gammaTimes = (rate: number, variation: number, seed: number): (() => number) => {
  if (!(rate > 0)) return () => Infinity
  if (variation === 0) return equalGaps(rate)
  const stream = randomStream(seed, "arrivals")
  const shape = 1 / variation ** 2
  let time = 0
  return () => (time += drawGamma(stream, shape) / (shape * rate))
}

/** Multiples of the gap rather than a running sum, which would drift. */
const equalGaps = (rate: number): (() => number) => {
  let count = 0
  return () => (rate > 0 ? count++ / rate : Infinity)
}
