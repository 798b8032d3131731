import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  mean,
  progressionMoments,
  progressionQuantiles,
  quantileOfSorted,
  type Progressions
} from "../../src/statistics/index.ts"

const progressions = (rows: readonly (readonly [number, number, number, number])[]): Progressions => ({
  count: rows.length,
  first: Float64Array.from(rows, ([first]) => first),
  increment: Float64Array.from(rows, ([, increment]) => increment),
  steps: Float64Array.from(rows, ([, , steps]) => steps),
  weights: Float64Array.from(rows, ([, , , weight]) => weight)
})

const expanded = ({ count, first, increment, steps, weights }: Progressions): Float64Array => {
  const values: number[] = []
  for (let row = 0; row < count; row++)
    for (let j = 0; j < steps[row]!; j++)
      for (let copy = 0; copy < weights[row]!; copy++) values.push(first[row]! + increment[row]! * j)
  return Float64Array.from(values).sort()
}

const shares = [0, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

/** Gaps as decode leaps leave them: about 25 ms, growing by nanoseconds, with some ties and some long stalls. */
const decodeLike = (seed: number, rows: number, longest: number): Progressions => {
  const draw = randomStream(seed, "rows")
  return progressions(
    Array.from({ length: rows }, () => {
      const stalled = draw() < 0.02
      const first = stalled ? draw() * 3 : draw() < 0.2 ? 0.025 : 0.02 + 0.01 * draw()
      const increment = draw() < 0.2 ? 0 : draw() < 0.1 ? -1e-8 * draw() : 1e-6 * draw()
      return [first, increment, Math.floor(draw() * longest), 1 + Math.floor(draw() * 5)] as const
    })
  )
}

describe("progressions", () => {
  test("1 3 5 5 5 7 7 7 have the median 5 and the mean 5", () => {
    const rows = progressions([
      [1, 2, 2, 1],
      [5, 2, 2, 3]
    ])
    expect(progressionQuantiles(rows, [0, 0.5, 1])).toEqual([1, 5, 7])
    expect(progressionMoments(rows)).toMatchObject({ count: 8, mean: 5 })
    // (16 + 4 + 3 x 0 + 3 x 4) / 8
    expect(progressionMoments(rows).deviation).toBeCloseTo(Math.sqrt(4), 12)
  })

  test("a trillion equal values are a row like any other", () => {
    const rows = progressions([
      [0.01, 0, 1e9, 1000],
      [0.5, 0, 1, 1]
    ])
    expect(progressionQuantiles(rows, [0.5, 0.999, 1])).toEqual([0.01, 0.01, 0.5])
  })

  test("a million steps between 1 and 2 have their quantiles at 1 + p", () => {
    const rows = progressions([[1, 1e-6, 1_000_001, 7]])
    const [p50, p90, p999] = progressionQuantiles(rows, [0.5, 0.9, 0.999])
    expect(p50).toBe(1.5)
    expect(p90).toBe(1.9)
    expect(p999).toBe(1 + 1e-6 * 999_000)
  })

  test("nothing has no quantiles", () => {
    expect(progressionQuantiles(progressions([[1, 1, 0, 4]]), [0.5])).toEqual([NaN])
    expect(progressionMoments(progressions([])).mean).toBeNaN()
  })

  test.each([
    [1, 3, 4],
    [2, 40, 30],
    [3, 2000, 40],
    [4, 30, 20_000],
    [5, 5000, 3]
  ])("drawn by lot (seed %i: %i rows of up to %i) have the quantiles of the expanded sample", (seed, rows, longest) => {
    const sample = decodeLike(seed, rows, longest)
    const all = expanded(sample)
    expect(progressionQuantiles(sample, shares)).toEqual(shares.map((share) => quantileOfSorted(all, share)))
    const { count, mean: middle, deviation } = progressionMoments(sample)
    expect(count).toBe(all.length)
    expect(middle).toBeCloseTo(mean(all), 12)
    const squares = all.reduce((sum, value) => sum + (value - middle) ** 2, 0)
    expect(deviation).toBeCloseTo(Math.sqrt(squares / all.length), 12)
  })

  test("increments below the last digit of the values change nothing", () => {
    const sample = progressions([
      [0.025, 1e-25, 50_000, 1],
      [0.025, 3e-18, 50_000, 2],
      [0.0250001, -2e-18, 50_000, 1]
    ])
    const all = expanded(sample)
    expect(progressionQuantiles(sample, shares)).toEqual(shares.map((share) => quantileOfSorted(all, share)))
  })
})
