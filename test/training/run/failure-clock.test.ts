import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { failureClock, gamma } from "../../../src/training/run/failure-clock.ts"

const countUntil = (clock: () => number, seconds: number): number => {
  let count = 0
  while (clock() <= seconds) count++
  return count
}

/** Failures until a time, averaged over clocks with streams of their own. */
const meanCount = (units: number, meanSeconds: number, shape: number, seconds: number, clocks: number): number => {
  let sum = 0
  for (let index = 0; index < clocks; index++)
    sum += countUntil(failureClock({ units, meanSeconds, shape }, randomStream(1, `clock ${index}`)), seconds)
  return sum / clocks
}

/** The same with a draw for every unit and every replacement of it. */
const meanCountByUnit = (
  units: number,
  meanSeconds: number,
  shape: number,
  seconds: number,
  clocks: number
): number => {
  const scale = meanSeconds / gamma(1 + 1 / shape)
  let sum = 0
  for (let index = 0; index < clocks; index++) {
    const draw = randomStream(2, `units ${index}`)
    for (let unit = 0; unit < units; unit++)
      for (let time = 0; ; sum++) {
        time += scale * (-Math.log(1 - draw())) ** (1 / shape)
        if (time > seconds) break
      }
  }
  return sum / clocks
}

describe("failures", () => {
  test("of 1,000 units that last 1,000 h come 100 times in 100 h", () => {
    expect(meanCount(1000, 1000, 1, 100, 400)).toBeGreaterThan(98.5)
    expect(meanCount(1000, 1000, 1, 100, 400)).toBeLessThan(101.5)
  })

  test("never come where there are no units", () => {
    expect(failureClock({ units: 0, meanSeconds: 1, shape: 1 }, randomStream(1, "none"))()).toBe(Infinity)
  })

  test.each([0.5, 0.8, 1.5, 3])("of Weibull units of shape %d come as often as unit by unit", (shape) => {
    const [few, many] = [meanCount(40, 100, shape, 150, 600), meanCountByUnit(40, 100, shape, 150, 600)]
    expect(Math.abs(few / many - 1)).toBeLessThan(0.03)
  })

  test("come early below shape 1 and late above it", () => {
    // A tenth of the mean life: 10 % of exponential units have failed and been replaced.
    const early = meanCount(100, 1000, 0.5, 100, 300)
    const late = meanCount(100, 1000, 3, 100, 300)
    expect(early).toBeGreaterThan(40)
    expect(late).toBeLessThan(0.2)
  })

  test("a Weibull law of shape 1 is the exponential one", () => {
    const nearly = meanCount(40, 100, 1 + 1e-9, 150, 600)
    expect(Math.abs(nearly / meanCount(40, 100, 1, 150, 600) - 1)).toBeLessThan(0.03)
  })

  test("come in order", () => {
    for (const shape of [0.4, 1, 5]) {
      const clock = failureClock({ units: 30, meanSeconds: 10, shape }, randomStream(3, "order"))
      let last = 0
      for (let index = 0; index < 2000; index++) {
        const next = clock()
        expect(next).toBeGreaterThanOrEqual(last)
        last = next
      }
    }
  })
})

test("the gamma function: 1, 1, 2, 24 and the root of pi", () => {
  expect([1, 2, 3, 5].map((value) => gamma(value))).toEqual([1, 1, 2, 24].map((value) => expect.closeTo(value, 10)))
  expect(gamma(0.5)).toBeCloseTo(1.7724538509055159, 12)
  expect(gamma(6)).toBeCloseTo(120, 9)
})
