import { describe, expect, test } from "vitest"
import {
  basisText,
  latencyRanges,
  rangesDocument,
  rangesOf,
  rangeText,
  type PredictionInterval
} from "../../src/intervals/index.ts"

const basis = { cases: 94, sources: 13, medianError: 0.051, nearest: 0.2, isFar: false }
const interval: PredictionInterval = {
  bands: [
    { level: 0.5, factor: 1.1 },
    { level: 0.9, factor: 1.25 }
  ],
  basis
}
const seconds = (value: number): string => `${value} s`

describe("the interval of a number", () => {
  test("goes from the number over the factor to the number times it", () => {
    const ranged = rangesOf(100, interval)
    expect(rangesDocument(ranged)).toEqual({
      "50": [100 / 1.1, 100 * 1.1],
      "90": [80, 125],
      cases: 94,
      sources: 13,
      medianError: 0.051,
      isFar: false
    })
    expect(rangeText(ranged, seconds)).toBe("90 % interval 80 s to 125 s")
    expect(rangeText(ranged, seconds, 0.8)).toBeUndefined()
    expect(rangeText(undefined, seconds)).toBeUndefined()
  })

  test("of a latency has no end where the load is within the interval of what can be served", () => {
    // At 85 % of the capacity a server that does a tenth less keeps up; one that does a fifth less does not.
    const ranged = latencyRanges(2, interval, interval, 0.85)
    expect(ranged.ranges.map(({ level, high }) => [level, high])).toEqual([
      [0.5, 2.2],
      [0.9, null]
    ])
    expect(rangeText(ranged, seconds)).toBe("90 % interval 1.6 s and up: the load may be more than it can serve")
    expect(latencyRanges(2, interval, interval, 0.5).ranges.at(-1)?.high).toBe(2.5)
    // Users who wait cannot overload it.
    expect(latencyRanges(2, interval, undefined, 0).ranges.at(-1)?.high).toBeNull()
  })
})

test("what an interval rests on, in words", () => {
  expect(basisText(basis)).toBe("nearest measured cases: 94 of 13 sources, median error 5.1 % unseen")
  expect(basisText({ ...basis, isFar: true })).toMatch(/; far from all, so intervals are widened$/)
  expect(basisText(undefined)).toBe("no measured case is like this: nothing says how far it may be off")
})
