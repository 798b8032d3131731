import { describe, expect, test } from "vitest"
import {
  extent,
  mean,
  median,
  quantile,
  quantileOfSorted,
  ranks,
  spearman,
  standardDeviation
} from "../../src/statistics/index.ts"

describe("a sample's summary", () => {
  test("the mean of 2, 4 and 9 is 5", () => expect(mean([2, 4, 9])).toBe(5))

  test("the extent is the least and the greatest, of a million values too", () => {
    expect(extent([4, -2, 9])).toEqual([-2, 9])
    expect(extent(Array.from({ length: 1e6 }, (_, index) => index))).toEqual([0, 999_999])
    expect(extent([])).toEqual([Infinity, -Infinity])
  })

  test("the median is the middle value, or half-way between the middle two", () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 7])).toBe(6)
  })

  test("a quantile lies between its neighbours in proportion", () => {
    // Of 10, 20, 30, 40 the 90 % quantile is at place 0.9 x 3 = 2.7: seven tenths of the way from 30 to 40.
    expect(quantile([40, 10, 30, 20], 0.9)).toBeCloseTo(37)
    expect(quantile([40, 10, 30, 20], 0)).toBe(10)
    expect(quantile([40, 10, 30, 20], 1)).toBe(40)
    expect(quantileOfSorted([10, 20, 30, 40], 0.5)).toBe(25)
  })

  test("a quantile leaves the sample in its order and sorts numbers, not text", () => {
    const sample = [100, 9, 20]
    expect(quantile(sample, 0.5)).toBe(20)
    expect(sample).toEqual([100, 9, 20])
  })

  test("the standard deviation of 2, 4, 4, 4, 5, 5, 7, 9 is the square root of 32 / 7", () => {
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12)
  })

  test("an empty sample has no statistics, and no sample has a quantile beyond 1", () => {
    expect([mean([]), median([]), quantile([], 0.9), quantile([1, 2], 1.1)]).toEqual([NaN, NaN, NaN, NaN])
    expect(standardDeviation([5])).toBeNaN()
  })
})

describe("Spearman's rank correlation", () => {
  test("equal values share the average of their ranks", () => {
    expect([...ranks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1])
    expect([...ranks([7, 7, 7])]).toEqual([2, 2, 2])
  })

  test("is 1 for the same order however curved, and -1 for the opposite order", () => {
    expect(spearman([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12)
    expect(spearman([1, 2, 3, 4], [9, 7, 5, 1])).toBeCloseTo(-1, 12)
  })

  test("is 1 - 6 x 4 / (5 x 24) = 0.8 when two pairs of neighbours of five have changed places", () => {
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])).toBeCloseTo(0.8, 12)
  })

  test("with ties is Pearson's correlation of the average ranks", () => {
    // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 x 5).
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12)
  })

  test("is not defined for a constant, for one value or for lists of different lengths", () => {
    expect([spearman([1, 1, 1], [1, 2, 3]), spearman([1], [1]), spearman([1, 2], [1])]).toEqual([NaN, NaN, NaN])
  })
})
