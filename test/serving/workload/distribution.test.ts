import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { mean, standardDeviation } from "../../../src/statistics/index.ts"
import { distributionMean, sampler, tokenSampler } from "../../../src/serving/workload/index.ts"
import type { Distribution } from "../../../src/serving/types.ts"

const draws = 200_000

const sample = (distribution: Distribution, make = sampler, name = "test"): Float64Array => {
  const draw = make(distribution)
  const stream = randomStream(1, name)
  return Float64Array.from({ length: draws }, () => draw(stream))
}

/** Share of a sample that equals a value. */
const share = (values: Float64Array, value: number): number => values.filter((one) => one === value).length / draws

describe("seconds", () => {
  // Mean and standard deviation of 200,000 draws; the tolerance is five standard errors of the mean or more.
  const cases: readonly (readonly [Distribution, number, number])[] = [
    [{ kind: "constant", value: 2.5 }, 2.5, 0],
    [{ kind: "uniform", low: 1, high: 5 }, 3, 4 / Math.sqrt(12)],
    [{ kind: "exponential", mean: 3 }, 3, 3],
    [{ kind: "lognormal", mean: 100, deviation: 50 }, 100, 50],
    // A third at 1 ... 2 and two thirds at 2 ... 6: mean 0.5 + 8/3, second moment 7/9 + 2/3 x 52/3.
    [{ kind: "histogram", low: 1, edges: [2, 6], weights: [1, 2] }, 19 / 6, Math.sqrt(7 / 9 + 104 / 9 - (19 / 6) ** 2)],
    [{ kind: "empirical", values: [1, 2, 6] }, 3, Math.sqrt(14 / 3)],
    // 1, 1/2 and 1/3 of 11/6: mean 3 / (11/6), second moment 6 / (11/6).
    [{ kind: "zipf", exponent: 1, low: 1, high: 3 }, 18 / 11, Math.sqrt(36 / 11 - (18 / 11) ** 2)]
  ]
  test.each(cases)("%o have mean %d and deviation %d", (distribution, middle, deviation) => {
    const values = sample(distribution)
    expect(Math.abs(mean(values) - middle)).toBeLessThanOrEqual((5 * deviation) / Math.sqrt(draws) + 1e-12)
    expect(Math.abs(standardDeviation(values) - deviation)).toBeLessThanOrEqual(0.02 * deviation)
    expect(distributionMean(distribution)).toBeCloseTo(middle, 10)
  })

  test("a lognormal has the quantiles of its logarithm: median 80 and 84 % below 158.4", () => {
    // Mean 100, deviation 75: variance of the logarithm ln(1 + 0.75^2) = 0.4463, location ln 100 - 0.2231 = ln 80.
    const values = sample({ kind: "lognormal", mean: 100, deviation: 75 }).sort()
    expect(values[draws / 2]! / 80).toBeCloseTo(1, 2)
    expect(values[Math.floor(draws * 0.84134)]! / (80 * Math.exp(Math.sqrt(Math.log(1.5625))))).toBeCloseTo(1, 2)
  })

  test("a lognormal cut at a maximum puts the rest of its mass there", () => {
    const distribution: Distribution = { kind: "lognormal", mean: 100, deviation: 75, high: 80 }
    const values = sample(distribution)
    expect(Math.max(...values.subarray(0, 1000))).toBe(80)
    expect(share(values, 80)).toBeCloseTo(0.5, 2)
    expect(mean(values) / distributionMean(distribution)).toBeCloseTo(1, 2)
    // Half the mass at 80, and 100 Phi(-0.668) below it: 25.20.
    expect(distributionMean(distribution)).toBeCloseTo(40 + 25.205, 2)
  })

  test.each([0, 0.5, 0.99, 1, 1.01, 2, 4])(
    "Zipf of exponent %d gives rank r the share r^-exponent / sum",
    (exponent) => {
      const values = sample({ kind: "zipf", exponent, low: 11, high: 60 })
      const weights = Array.from({ length: 50 }, (_, index) => (index + 1) ** -exponent)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const rank of [1, 2, 3, 10, 50]) {
        const expected = weights[rank - 1]! / total
        const error = Math.sqrt((expected * (1 - expected)) / draws)
        expect(Math.abs(share(values, 10 + rank) - expected)).toBeLessThan(5 * error)
      }
      expect(values.every((value) => Number.isInteger(value) && value >= 11 && value <= 60)).toBe(true)
    }
  )

  test("Zipf over a single rank is that rank", () => {
    expect(new Set(sample({ kind: "zipf", exponent: 1.2, low: 7, high: 7 }))).toEqual(new Set([7]))
  })

  test("a bin without width is a value by itself, one without weight never comes", () => {
    const values = sample({ kind: "histogram", low: 5, edges: [5, 9, 10], weights: [3, 0, 1] })
    expect(share(values, 5)).toBeCloseTo(0.75, 2)
    expect(values.filter((value) => value > 5 && value < 9)).toHaveLength(0)
  })
})

describe("tokens", () => {
  test("are whole and at least 1", () => {
    for (const distribution of [
      { kind: "exponential", mean: 0.7 },
      { kind: "lognormal", mean: 2, deviation: 3 },
      { kind: "constant", value: 0 }
    ] as const) {
      const values = sample(distribution, tokenSampler)
      expect(values.every((value) => Number.isInteger(value) && value >= 1)).toBe(true)
    }
    expect(new Set(sample({ kind: "constant", value: 12.6 }, tokenSampler))).toEqual(new Set([13]))
  })

  test("uniform from 1 to 4 gives each of the four a quarter, the ends too", () => {
    const values = sample({ kind: "uniform", low: 1, high: 4 }, tokenSampler)
    for (const value of [1, 2, 3, 4]) expect(share(values, value)).toBeCloseTo(0.25, 2)
  })
})
