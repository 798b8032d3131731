import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"

const draws = (seed: number, name: string, count: number): ReadonlyArray<number> => {
  const stream = randomStream(seed, name)
  return Array.from({ length: count }, () => stream())
}

describe("a random stream", () => {
  test("begins with the same numbers on every machine", () => {
    // Worked out apart in Python from the definitions of FNV-1a, MurmurHash3's mixer and sfc32, as 32-bit integers.
    expect(draws(1, "arrivals", 4)).toEqual([228410435, 1887439458, 457011041, 2037035560].map((n) => n / 2 ** 32))
    expect(draws(1, "failures", 4)).toEqual([2658039054, 924961080, 195459693, 3445666940].map((n) => n / 2 ** 32))
    expect(draws(2, "arrivals", 4)).toEqual([1048756523, 3329573528, 1154491343, 4070350465].map((n) => n / 2 ** 32))
  })

  test("is not moved by draws from another stream", () => {
    const arrivals = randomStream(7, "arrivals")
    const failures = randomStream(7, "failures")
    const mixed = Array.from({ length: 5 }, () => {
      failures()
      failures()
      return arrivals()
    })
    expect(mixed).toEqual(draws(7, "arrivals", 5))
  })

  test("fills [0, 1) evenly: chi-squared over 100 bins of 100,000 draws stays under 149", () => {
    // 149.4 is exceeded by chance once in a thousand at 99 degrees of freedom.
    for (const name of ["arrivals", "failures", "lengths"]) {
      const bins = Array.from({ length: 100 }, () => 0)
      for (const value of draws(3, name, 100_000)) bins[Math.floor(value * 100)]! += 1
      const chiSquared = bins.reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0)
      expect(chiSquared).toBeLessThan(149)
      expect(chiSquared).toBeGreaterThan(58)
    }
  })

  test("never reaches one and never leaves [0, 1)", () => {
    const values = draws(4, "bounds", 100_000)
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(50_000))).toBeLessThan(1)
  })

  test("is uncorrelated with its neighbours in name, in seed and with itself one draw later", () => {
    // The correlation of 20,000 independent pairs has a standard deviation of 1 / sqrt(20,000) = 0.007.
    const correlation = (xs: ReadonlyArray<number>, ys: ReadonlyArray<number>): number =>
      xs.reduce((sum, x, index) => sum + (x - 0.5) * (ys[index]! - 0.5), 0) / (xs.length / 12)
    const own = draws(1, "node 1", 20_001)
    const base = own.slice(0, 20_000)
    expect(correlation(base, base)).toBeCloseTo(1, 1)
    expect(Math.abs(correlation(base, draws(1, "node 2", 20_000)))).toBeLessThan(0.028)
    expect(Math.abs(correlation(base, draws(2, "node 1", 20_000)))).toBeLessThan(0.028)
    expect(Math.abs(correlation(base, own.slice(1)))).toBeLessThan(0.028)
  })
})
