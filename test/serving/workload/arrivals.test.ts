import { describe, expect, test } from "vitest"
import { mean, standardDeviation } from "../../../src/statistics/index.ts"
import { rateAt } from "../../../src/serving/workload/index.ts"
import type { Arrivals, RateCurve } from "../../../src/serving/types.ts"
import { requestsOf, workload } from "./workload.ts"

const timesOf = (arrivals: Arrivals, requests: number, seed = 1): readonly number[] =>
  requestsOf(workload(arrivals, { requests }), seed).map(({ arrivalSeconds }) => arrivalSeconds)

const gapsOf = (times: readonly number[]): readonly number[] =>
  times.map((time, index) => time - (times[index - 1] ?? 0))

describe("open arrivals", () => {
  test("Poisson at 10 a second have exponential gaps: mean and deviation 0.1 s, 63 % below the mean", () => {
    const gaps = gapsOf(timesOf({ kind: "poisson", rate: { kind: "constant", rate: 10 } }, 100_000))
    expect(mean(gaps)).toBeCloseTo(0.1, 2)
    expect(standardDeviation(gaps)).toBeCloseTo(0.1, 2)
    expect(gaps.filter((gap) => gap < 0.1).length / 1e5).toBeCloseTo(1 - Math.exp(-1), 2)
  })

  test.each([0.25, 1, 2, 4])("gamma gaps of variation %d have their mean and their deviation", (variation) => {
    const gaps = gapsOf(timesOf({ kind: "gamma", rate: 10, variation }, 200_000))
    expect(mean(gaps) / 0.1).toBeCloseTo(1, 1)
    expect(Math.abs(standardDeviation(gaps) / (0.1 * variation) - 1)).toBeLessThan(0.03)
  })

  test("gamma without variation is deterministic", () => {
    expect(timesOf({ kind: "gamma", rate: 4, variation: 0 }, 3)).toEqual([0, 0.25, 0.5])
  })

  test("deterministic arrivals come at the multiples of their gap, the millionth without drift", () => {
    const times = timesOf({ kind: "deterministic", rate: 10 }, 1_000_000)
    expect(times.slice(0, 3)).toEqual([0, 0.1, 0.2])
    expect(times[999_999]).toBe(99_999.9)
  })

  test("a batch is there at once", () => {
    expect(timesOf({ kind: "batch" }, 3)).toEqual([0, 0, 0])
  })

  test("a rate of 0 brings nobody", () => {
    expect(timesOf({ kind: "poisson", rate: { kind: "constant", rate: 0 } }, 3)).toEqual([])
    expect(timesOf({ kind: "gamma", rate: 0, variation: 1 }, 3)).toEqual([])
    expect(timesOf({ kind: "deterministic", rate: 0 }, 3)).toEqual([])
  })
})

describe("a Poisson process of a rate curve", () => {
  // Arrivals between two times over 400 processes, against the integral of the rate there.
  const curves: readonly (readonly [
    string,
    RateCurve,
    readonly (readonly [from: number, to: number, mean: number])[]
  ])[] = [
    [
      "ramp from 2 to 10 a second over 10 s",
      { kind: "ramp", from: 2, to: 10, seconds: 10 },
      [
        [0, 5, 20],
        [5, 10, 40],
        [10, 20, 100]
      ]
    ],
    [
      "ramp from 10 down to 0",
      { kind: "ramp", from: 10, to: 0, seconds: 10 },
      [
        [0, 5, 37.5],
        [5, 10, 12.5],
        [10, 20, 0]
      ]
    ],
    [
      "level ramp",
      { kind: "ramp", from: 4, to: 4, seconds: 10 },
      [
        [0, 10, 40],
        [10, 20, 40]
      ]
    ],
    [
      "bursts of 20 a second for 1 s of every 5 over 2 a second",
      { kind: "bursts", rate: 2, burstRate: 20, burstSeconds: 1, everySeconds: 5 },
      [
        [0, 1, 20],
        [1, 5, 8],
        [5, 6, 20],
        [6, 10, 8]
      ]
    ],
    [
      "bursts with silence between",
      { kind: "bursts", rate: 0, burstRate: 20, burstSeconds: 1, everySeconds: 5 },
      [
        [0, 1, 20],
        [1, 5, 0],
        [5, 6, 20]
      ]
    ],
    [
      "daily curve, mean 10, amplitude 0.5, highest at 5 s of 20 s",
      { kind: "daily", mean: 10, amplitude: 0.5, peakSeconds: 5, periodSeconds: 20 },
      // The integral of the cosine over its upper half is period / pi.
      [
        [0, 10, 100 + (10 * 0.5 * 20) / Math.PI],
        [10, 20, 100 - (10 * 0.5 * 20) / Math.PI]
      ]
    ],
    [
      "steps: 5 a second from 2 s on, none from 4 s, 8 from 6 s",
      { kind: "steps", seconds: [2, 4, 6], rates: [5, 0, 8] },
      [
        [0, 2, 0],
        [2, 4, 10],
        [4, 6, 0],
        [6, 8, 16]
      ]
    ]
  ]
  test.each(curves)("%s", (_name, rate, windows) => {
    const processes = Array.from({ length: 400 }, (_, seed) => timesOf({ kind: "poisson", rate }, 400, seed))
    for (const [from, to, expected] of windows) {
      const counts = processes.map((times) => times.filter((time) => time >= from && time < to).length)
      if (expected === 0) expect(Math.max(...counts)).toBe(0)
      else {
        expect(Math.abs(mean(counts) - expected)).toBeLessThan(5 * Math.sqrt(expected / 400))
        // Counts of a Poisson process vary as much as their mean.
        expect(standardDeviation(counts) ** 2 / expected).toBeGreaterThan(0.7)
        expect(standardDeviation(counts) ** 2 / expected).toBeLessThan(1.35)
      }
    }
    for (const times of processes) expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test("a ramp to 0 ends", () => {
    expect(
      timesOf({ kind: "poisson", rate: { kind: "ramp", from: 10, to: 0, seconds: 10 } }, 1000).at(-1)
    ).toBeLessThan(10)
  })

  test("a curve is read at any time", () => {
    expect(rateAt({ kind: "ramp", from: 2, to: 10, seconds: 10 }, 5)).toBe(6)
    expect(rateAt({ kind: "bursts", rate: 2, burstRate: 20, burstSeconds: 1, everySeconds: 5 }, 5.5)).toBe(20)
    expect(rateAt({ kind: "daily", mean: 10, amplitude: 0.5, peakSeconds: 5, periodSeconds: 20 }, 25)).toBe(15)
    expect(rateAt({ kind: "daily", mean: 10, amplitude: 2, peakSeconds: 5, periodSeconds: 20 }, 15)).toBe(0)
    expect(rateAt({ kind: "steps", seconds: [2, 4], rates: [5, 7] }, 1)).toBe(0)
    expect(rateAt({ kind: "steps", seconds: [2, 4], rates: [5, 7] }, 4)).toBe(7)
  })
})
