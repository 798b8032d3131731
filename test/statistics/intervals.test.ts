import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  batchBounds,
  batchMeans,
  initialTransient,
  sectioningHalfWidth,
  studentFactor
} from "../../src/statistics/index.ts"

/** Standard normal values by Box & Muller. */
const normals = (seed: number): (() => number) => {
  const draw = randomStream(seed, "normal")
  return () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
}

describe("Student's factor", () => {
  // Abramowitz & Stegun, table 26.10.
  test.each([
    [0.95, 1, 12.706],
    [0.95, 2, 4.303],
    [0.95, 4, 2.776],
    [0.95, 9, 2.262],
    [0.95, 19, 2.093],
    [0.95, 30, 2.042],
    [0.99, 10, 3.169],
    [0.9, 120, 1.658]
  ])("holds %d of the probability with %i degrees of freedom within %d", (level, degrees, factor) => {
    expect(studentFactor(level, degrees)).toBeCloseTo(factor, 3)
  })

  test("is not a number without degrees of freedom", () => {
    expect(studentFactor(0.95, 0)).toBeNaN()
    expect(studentFactor(0.95, 1.5)).toBeNaN()
    expect(studentFactor(1, 3)).toBeNaN()
  })
})

describe("batch means", () => {
  test("cut a run into batches that differ by at most one value", () => {
    expect([...batchBounds(10, 4)]).toEqual([0, 2, 5, 7, 10])
  })

  test("of two batches with means 1 and 3 give 2 within 12.7", () => {
    const { mean, halfWidth } = batchMeans(Float64Array.of(0, 2, 2, 4), 2)
    expect(mean).toBe(2)
    // 12.706 x sqrt(2 / 1 / 2): deviations of 1 each, one degree of freedom.
    expect(halfWidth).toBeCloseTo(12.706, 3)
  })

  test("need two values a batch", () => {
    expect(batchMeans(Float64Array.of(1, 2, 3), 2).halfWidth).toBeNaN()
    expect(sectioningHalfWidth([1, 1], 1)).toBe(0)
  })

  test("hold the mean of an autoregressive process 95 times of 100", () => {
    // x' = 0.9 x + e has mean 0 and values that are correlated over about 20 steps; independent values would claim an
    // interval 4.4 times too narrow.
    let [held, claimed] = [0, 0]
    const runs = 400
    for (let run = 0; run < runs; run++) {
      const normal = normals(run)
      let x = normal() / Math.sqrt(1 - 0.81)
      const values = Float64Array.from({ length: 4000 }, () => (x = 0.9 * x + normal()))
      const { mean, halfWidth } = batchMeans(values)
      claimed += halfWidth / runs
      if (Math.abs(mean) <= halfWidth) held++
    }
    expect(held / runs).toBeGreaterThan(0.91)
    expect(held / runs).toBeLessThan(0.98)
    // The mean of 4000 values has the deviation 1 / (1 - 0.9) / sqrt(4000) = 0.158.
    expect(claimed).toBeCloseTo(2.093 * 0.158, 1)
  })

  test("hold the mean wait of M/M/1 at 80 % load: 4 services", () => {
    let held = 0
    const runs = 100
    for (let run = 0; run < runs; run++) {
      const draw = randomStream(run, "queue")
      const exponential = () => -Math.log(1 - draw())
      let wait = 0
      const waits = new Float64Array(60_000)
      // Lindley's recursion; the first 5,000 are the way in.
      for (let customer = -5000; customer < waits.length; customer++) {
        if (customer >= 0) waits[customer] = wait
        wait = Math.max(0, wait + exponential() - exponential() / 0.8)
      }
      const { mean, halfWidth } = batchMeans(waits)
      // An interval that holds the mean because it holds everything would be no merit.
      expect(halfWidth).toBeLessThan(2)
      if (Math.abs(mean - 4) <= halfWidth) held++
    }
    expect(held).toBeGreaterThanOrEqual(88)
    expect(held).toBeLessThanOrEqual(100)
  })
})

describe("the initial transient", () => {
  test("of 200 values that decay onto noise ends where they have decayed", () => {
    const normal = normals(3)
    const values = Float64Array.from({ length: 5000 }, (_, index) => 20 * Math.exp(-index / 50) + normal())
    const cut = initialTransient(values)!
    expect(cut).toBeGreaterThan(100)
    expect(cut).toBeLessThan(400)
  })

  test("of noise alone is short", () => {
    const normal = normals(4)
    expect(initialTransient(Float64Array.from({ length: 5000 }, normal))).toBeLessThan(1000)
  })

  test("of a constant is none", () => {
    expect(initialTransient(new Float64Array(500).fill(7))).toBe(0)
  })

  test("cannot be told from a run that is all trend, or short", () => {
    expect(initialTransient(Float64Array.from({ length: 1000 }, (_, index) => index))).toBeNull()
    expect(initialTransient(new Float64Array(49))).toBeNull()
  })
})
