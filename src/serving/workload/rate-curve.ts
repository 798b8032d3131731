/**
 * A Poisson process whose rate changes with time.
 *
 * Where the integral of the rate has an inverse, the times are inverses of the times of a process of rate 1: exact, and one
 * draw a request. The daily cosine has none and is thinned (Lewis & Shedler 1979): candidates come at the highest rate and
 * stay with probability rate / highest.
 */
import type { RandomStream } from "../../random/index.ts"
import type { RateCurve } from "../types.ts"
import { drawExponential } from "./variates.ts"

/** Time by which the integral of the rate reaches an area, in requests; Infinity when it never does. */
type Inverse = (area: number) => number

/**
 * The times of a Poisson process, one a call, ascending; Infinity when there are no more.
 *
 * @param stream    decides the gaps
 * @param thinning  decides which candidates of a daily curve stay
 */
export const poissonTimes = (curve: RateCurve, stream: RandomStream, thinning: RandomStream): (() => number) => {
  if (curve.kind === "constant") {
    const gap = 1 / curve.rate
    let time = 0
    return () => (time += curve.rate > 0 ? gap * drawExponential(stream) : Infinity)
  }
  if (curve.kind === "daily") return thinned(curve, stream, thinning)
  const inverse = inverseOf(curve)
  let area = 0
  let time = 0
  // Rounding at the seams of a curve must not turn two arrivals around.
  return () => (time = Math.max(time, inverse((area += drawExponential(stream)))))
}

/** Requests per second at a time. */
export const rateAt = (curve: RateCurve, seconds: number): number => {
  switch (curve.kind) {
    case "constant":
      return curve.rate
    case "ramp": {
      const share = curve.seconds > 0 ? Math.min(1, seconds / curve.seconds) : 1
      return curve.from + (curve.to - curve.from) * share
    }
    case "daily": {
      const phase = (2 * Math.PI * (seconds - curve.peakSeconds)) / curve.periodSeconds
      return Math.max(0, curve.mean * (1 + curve.amplitude * Math.cos(phase)))
    }
    case "bursts":
      return seconds % curve.everySeconds < curve.burstSeconds ? curve.burstRate : curve.rate
    default: {
      let rate = 0
      for (let index = 0; index < curve.seconds.length && curve.seconds[index]! <= seconds; index++)
        rate = curve.rates[index]!
      return rate
    }
  }
}

type Daily = Extract<RateCurve, { kind: "daily" }>

const thinned = (curve: Daily, stream: RandomStream, thinning: RandomStream): (() => number) => {
  const highest = curve.mean * (1 + Math.abs(curve.amplitude))
  let time = 0
  return () => {
    if (!(highest > 0)) return Infinity
    do time += drawExponential(stream) / highest
    while (thinning() * highest >= rateAt(curve, time))
    return time
  }
}

const inverseOf = (curve: Exclude<RateCurve, { kind: "constant" | "daily" }>): Inverse => {
  switch (curve.kind) {
    case "ramp": {
      const { from, to, seconds } = curve
      const during = ((from + to) / 2) * seconds
      const slope = (to - from) / seconds
      // from t + slope t^2 / 2 = area, solved so that a slope near 0 cancels nothing. At a fall to rate 0 the root is 0.
      return (area) =>
        area < during
          ? (2 * area) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * area)))
          : to > 0
            ? seconds + (area - during) / to
            : Infinity
    }
    case "bursts": {
      const burstSeconds = Math.min(curve.burstSeconds, curve.everySeconds)
      const inBurst = curve.burstRate * burstSeconds
      const inPeriod = inBurst + curve.rate * (curve.everySeconds - burstSeconds)
      if (!(inPeriod > 0)) return () => Infinity
      return (area) => {
        const periods = Math.floor(area / inPeriod)
        const left = area - periods * inPeriod
        const start = periods * curve.everySeconds
        // Where rounding leaves a whole period's area to a silent rest of the period, the next one has begun.
        if (left < inBurst) return start + left / curve.burstRate
        return curve.rate > 0 ? start + burstSeconds + (left - inBurst) / curve.rate : start + curve.everySeconds
      }
    }
    default:
      return stepsInverse(curve.seconds, curve.rates)
  }
}

/** Areas come in ascending order, so the search goes on from the step of the last one. */
const stepsInverse = (seconds: readonly number[], rates: readonly number[]): Inverse => {
  let step = 0
  let before = 0
  return (area) => {
    for (; step < seconds.length; step++) {
      const rate = rates[step]!
      const width = (seconds[step + 1] ?? Infinity) - seconds[step]!
      // 0 x Infinity is not a number: the last step of rate 0 holds nothing.
      const held = rate > 0 ? rate * width : 0
      if (area < before + held) return seconds[step]! + (area - before) / rate
      before += held
    }
    return Infinity
  }
}
