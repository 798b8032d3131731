import { describe, expect, test } from "vitest"
import { randomStream } from "../../../src/random/index.ts"
import { summariseServing } from "../../../src/serving/result/index.ts"
import { growthPerBin, meanOfSteps, meanPresent, sumPerBin } from "../../../src/serving/result/occupancy.ts"
import { everGrew, fittedRise, growthToTheEnd, longestAbove } from "../../../src/serving/result/queue-trend.ts"
import { makeJob, makeLog } from "./hand.ts"

describe("requests present over time", () => {
  test("one from 1 to 4 of 10 s fills bins of 2 s by half, wholly, and not", () => {
    expect([...meanPresent(Float64Array.of(1), Float64Array.of(4), 0, 10, 5)]).toEqual([0.5, 1, 0, 0, 0])
    expect([...meanPresent(Float64Array.of(-3), Float64Array.of(40), 0, 10, 5)]).toEqual([1, 1, 1, 1, 1])
    expect([...meanPresent(Float64Array.of(NaN), Float64Array.of(4), 0, 10, 5)]).toEqual([0, 0, 0, 0, 0])
  })

  test("drawn by lot, they sum to the time that each was there", () => {
    const draw = randomStream(4, "intervals")
    const starts = Array.from({ length: 300 }, () => 120 * draw() - 10)
    const ends = starts.map((start) => start + 30 * draw())
    const means = meanPresent(Float64Array.from(starts), Float64Array.from(ends), 0, 100, 37)
    means.forEach((mean, bin) => {
      const [from, to] = [(bin * 100) / 37, ((bin + 1) * 100) / 37]
      const overlap = starts.reduce(
        (sum, start, index) => sum + Math.max(0, Math.min(ends[index]!, to) - Math.max(start, from)),
        0
      )
      expect(mean).toBeCloseTo(overlap / (to - from), 9)
    })
  })

  test("a counter of 4 from 1 s, 0 from 3 s and 2 from 5 s has means 2, 2, 2 and 2", () => {
    const [times, values] = [Float64Array.of(1, 3, 5), Float64Array.of(4, 0, 2)]
    expect([...meanOfSteps(times, values, 8, 4)]).toEqual([2, 2, 1, 2])
  })
})

describe("amounts over time", () => {
  test("are summed where they fall; what never happened is left out", () => {
    expect([...sumPerBin(Float64Array.of(0, 3, 3.5, 8, NaN, 9), Int32Array.of(1, 2, 4, 8, 16, 32), 8, 4)]).toEqual([
      1, 6, 0, 8
    ])
  })

  test("grow between notes, and after the last one at the end", () => {
    expect([...growthPerBin(Float64Array.of(0, 3, 3.5, 5), Float64Array.of(0, 2, 3, 7), 9, 8, 4)]).toEqual([0, 3, 4, 2])
  })
})

describe("the course of a run", () => {
  const log = makeLog(
    [
      { arrival: 0, scheduled: 1, firstToken: 2, finished: 12 },
      { arrival: 6, scheduled: 12, firstToken: 13, finished: 24, cached: 64, preemptions: 3 }
    ],
    24
  )
  const blocks = {
    time: Float64Array.of(0, 12),
    usedBlocks: Float64Array.of(100, 500),
    preemptions: Float64Array.of(0, 2)
  }
  const { series } = summariseServing(makeJob(), {
    ...log,
    replicas: log.replicas.map(({ totals, series }) => ({ totals, series: { ...series, ...blocks } }))
  })

  test("has 120 intervals that add up to the requests", () => {
    const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) * 0.2
    expect(series.until).toHaveLength(120)
    expect(series.until[119]).toBe(24)
    expect(total(series.arrivalsPerSecond)).toBeCloseTo(2, 9)
    expect(total(series.finishedPerSecond)).toBeCloseTo(2, 9)
    // 1 + 6 request seconds of waiting, 11 + 12 of running.
    expect(total(series.waiting)).toBeCloseTo(7, 9)
    expect(total(series.running)).toBeCloseTo(23, 9)
    expect(series.keyValueShare[0]).toBeCloseTo(0.1, 9)
    expect(series.keyValueShare[119]).toBeCloseTo(0.5, 9)
    expect(total(series.preemptionsPerSecond)).toBeCloseTo(3, 9)
    expect(series.preemptionsPerSecond[60]).toBeCloseTo(10, 9)
    // 64 of 100 prompt tokens of the second request, in the interval from 12 s on.
    expect([series.cacheHitShare[5], series.cacheHitShare[6], series.cacheHitShare[60]]).toEqual([0, null, 0.64])
  })
})

describe("the trend of a queue", () => {
  const arrivals = new Float64Array(40).fill(25)

  test("of a line is its rise", () => {
    expect(fittedRise([1, 2, 3, 4])).toBeCloseTo(3, 12)
    expect(fittedRise([5])).toBe(0)
  })

  test("is growth when it rises by more than two deviations of chance", () => {
    // 1,000 arrivals: 2 sqrt(1000 (1 + 1)) = 89 requests.
    const rising = (by: number) => Float64Array.from({ length: 40 }, (_, index) => (by * index) / 39)
    expect(growthToTheEnd(rising(91), arrivals, 1)).toMatchObject({ share: 1 })
    expect(growthToTheEnd(rising(88), arrivals, 1)).toEqual({ rise: 0, share: 0 })
    // Equal gaps leave chance to the service alone: 63 requests.
    expect(growthToTheEnd(rising(65), arrivals, 0).rise).toBeCloseTo(65, 9)
  })

  test("is none after a peak that went down, which has grown all the same", () => {
    const peak = Float64Array.from({ length: 40 }, (_, index) => Math.max(0, 200 - 20 * Math.abs(index - 20)))
    expect(growthToTheEnd(peak, arrivals, 1).rise).toBe(0)
    expect(everGrew(peak, arrivals, 1)).toBe(true)
    expect(
      everGrew(
        peak.map((value) => value / 10),
        arrivals,
        1
      )
    ).toBe(false)
  })

  test("finds the longest time above a level", () => {
    expect(longestAbove(Float64Array.of(0, 2, 2, 0, 3, 3, 3, 0), 1)).toEqual([4, 7])
    expect(longestAbove(Float64Array.of(0, 0), 1)).toEqual([0, 0])
    expect(longestAbove(Float64Array.of(1, 1), 1)).toEqual([0, 2])
  })
})
