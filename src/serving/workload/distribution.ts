/**
 * A `Distribution` as something that draws: seconds as they are, tokens as whole numbers of at least 1.
 *
 * A sampler takes the stream as an argument; a constant takes nothing from it.
 */
import type { RandomStream } from "../../random/index.ts"
import type { Distribution } from "../types.ts"
import { drawExponential, drawNormal } from "./variates.ts"
import { zipfRank } from "./zipf.ts"

export type Sampler = (stream: RandomStream) => number

/** Draws the variable itself, a real number: seconds. */
export const sampler = (distribution: Distribution): Sampler => {
  switch (distribution.kind) {
    case "constant": {
      const { value } = distribution
      return () => value
    }
    case "uniform": {
      const { low, high } = distribution
      return (stream) => low + (high - low) * stream()
    }
    case "exponential": {
      const { mean } = distribution
      return (stream) => mean * drawExponential(stream)
    }
    case "lognormal": {
      const { location, scale } = logarithmOf(distribution.mean, distribution.deviation)
      const high = distribution.high ?? Infinity
      return (stream) => Math.min(high, Math.exp(location + scale * drawNormal(stream)))
    }
    case "zipf": {
      const { low, high, exponent } = distribution
      const rank = zipfRank(Math.floor(high - low) + 1, exponent)
      return (stream) => low - 1 + rank(stream)
    }
    case "histogram":
      return histogram(distribution.low, distribution.edges, distribution.weights)
    default: {
      const { values } = distribution
      return (stream) => values[Math.floor(stream() * values.length)]!
    }
  }
}

/**
 * Draws whole numbers of at least 1: the variable rounded. A uniform is the exception: rounding would make its two ends half
 * as likely as the rest, so every whole number from low to high is as likely.
 */
export const tokenSampler = (distribution: Distribution): Sampler => {
  if (distribution.kind === "constant") return sampler({ kind: "constant", value: wholeTokens(distribution.value) })
  if (distribution.kind === "uniform") {
    const low = Math.max(1, Math.ceil(distribution.low))
    const count = Math.max(1, Math.floor(distribution.high) - low + 1)
    return (stream) => low + Math.floor(stream() * count)
  }
  const draw = sampler(distribution)
  return (stream) => wholeTokens(draw(stream))
}

/** Mean of the variable in closed form, before tokens are rounded. */
export const distributionMean = (distribution: Distribution): number => {
  switch (distribution.kind) {
    case "constant":
      return distribution.value
    case "uniform":
      return (distribution.low + distribution.high) / 2
    case "exponential":
      return distribution.mean
    case "lognormal": {
      const { mean, deviation, high = Infinity } = distribution
      if (high === Infinity || deviation === 0) return Math.min(mean, high)
      // E min(X, h) = mean x Phi((ln h - location) / scale - scale) + h x (1 - Phi((ln h - location) / scale)).
      const { location, scale } = logarithmOf(mean, deviation)
      const cut = (Math.log(high) - location) / scale
      return mean * normalShare(cut - scale) + high * (1 - normalShare(cut))
    }
    case "zipf": {
      let weights = 0
      let sum = 0
      for (let rank = 1; distribution.low - 1 + rank <= distribution.high; rank++) {
        const weight = rank ** -distribution.exponent
        weights += weight
        sum += weight * (distribution.low - 1 + rank)
      }
      return weights === 0 ? distribution.low : sum / weights
    }
    case "histogram": {
      let weights = 0
      let sum = 0
      let lower = distribution.low
      for (const [bin, upper] of distribution.edges.entries()) {
        const weight = distribution.weights[bin] ?? 0
        weights += weight
        sum += (weight * (lower + upper)) / 2
        lower = upper
      }
      return sum / weights
    }
    default:
      return distribution.values.reduce((sum, value) => sum + value, 0) / distribution.values.length
  }
}

const wholeTokens = (value: number): number => Math.max(1, Math.round(value))

/** Parameters of the logarithm of a lognormal variable of this mean and standard deviation. */
const logarithmOf = (mean: number, deviation: number): { readonly location: number; readonly scale: number } => {
  const variance = Math.log1p((deviation / mean) ** 2)
  return { location: Math.log(mean) - variance / 2, scale: Math.sqrt(variance) }
}

const histogram = (low: number, edges: readonly number[], weights: readonly number[]): Sampler => {
  const cumulative = cumulated(weights)
  const total = cumulative.at(-1)!
  // One draw does for bin and place: what is left of it inside its bin is uniform again.
  return (stream) => {
    const share = stream() * total
    const bin = placeOf(share, cumulative)
    const lower = bin === 0 ? low : edges[bin - 1]!
    const before = bin === 0 ? 0 : cumulative[bin - 1]!
    return lower + ((share - before) / (cumulative[bin]! - before)) * (edges[bin]! - lower)
  }
}

/** Running sums of weights. */
export const cumulated = (weights: readonly number[]): Float64Array => {
  const sums = new Float64Array(weights.length)
  let sum = 0
  for (let index = 0; index < weights.length; index++) sums[index] = sum += weights[index]!
  return sums
}

/** First index whose running sum exceeds a share below the total: index i with the probability of its weight. */
export const placeOf = (share: number, sums: Float64Array): number => {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > share) high = middle
    else low = middle + 1
  }
  return low
}

/** Standard normal distribution function, by the complementary error function of Numerical Recipes, 1.2e-7 of error. */
const normalShare = (x: number): number => {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + z / 2)
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368
  ]
  const polynomial = series.reduce((sum, coefficient) => sum * t + coefficient, 0)
  const tail = (t * Math.exp(-z * z - 1.26551223 + t * polynomial)) / 2
  return x > 0 ? 1 - tail : tail
}
