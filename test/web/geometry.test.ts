import { describe, expect, test } from "vitest"
import { axisOf, tickStep } from "../../web/base/ticks.ts"
import {
  around,
  between,
  bucketSeconds,
  panned,
  toPixel,
  toSeconds,
  within,
  zoomed
} from "../../web/base/time-window.ts"

const bounds = { start: 0, end: 100 }

describe("the window", () => {
  test("a time is at its pixel, and back", () => {
    expect(toPixel({ start: 10, end: 20 }, 500, 12)).toBe(100)
    expect(toSeconds({ start: 10, end: 20 }, 500, 100)).toBe(12)
  })

  test("zooming keeps what is under the pointer where it is", () => {
    const window = zoomed({ start: 0, end: 100 }, 25, 0.5, bounds)
    expect(window).toEqual({ start: 12.5, end: 62.5 })
    expect(toPixel(window, 400, 25)).toBe(toPixel(bounds, 400, 25))
  })

  test("zooming out ends at the whole, and in at a nanosecond", () => {
    expect(zoomed({ start: 10, end: 90 }, 50, 10, bounds)).toEqual(bounds)
    const small = zoomed({ start: 50, end: 50.001 }, 50, 1e-12, bounds)
    expect(small.end - small.start).toBeCloseTo(1e-9, 12)
  })

  test("panning stops at the ends without changing the length", () => {
    expect(panned({ start: 10, end: 30 }, -0.25, bounds)).toEqual({ start: 5, end: 25 })
    expect(panned({ start: 10, end: 30 }, -5, bounds)).toEqual({ start: 0, end: 20 })
    expect(panned({ start: 10, end: 30 }, 5, bounds)).toEqual({ start: 80, end: 100 })
  })

  test("a window from outside is moved in", () => {
    expect(within({ start: -50, end: -40 }, bounds)).toEqual({ start: 0, end: 10 })
    expect(within({ start: -50, end: 500 }, bounds)).toEqual(bounds)
  })

  test("a stretch gets a tenth of room on both sides", () => {
    expect(around({ start: 20, end: 30 }, bounds)).toEqual({ start: 19, end: 31 })
  })

  test("between two windows the length changes geometrically", () => {
    const half = between({ start: 0, end: 100 }, { start: 0, end: 1 }, 0.5)
    expect(half.end - half.start).toBeCloseTo(10)
    expect(between({ start: 0, end: 10 }, { start: 20, end: 30 }, 0.5)).toEqual({ start: 10, end: 20 })
    expect(between({ start: 0, end: 100 }, { start: 5, end: 6 }, 1)).toEqual({ start: 5, end: 6 })
  })

  test("a bucket is the greatest power of two within a pixel", () => {
    expect(bucketSeconds({ start: 0, end: 1000 }, 1000)).toBe(1)
    expect(bucketSeconds({ start: 0, end: 999 }, 1000)).toBe(0.5)
    expect(bucketSeconds({ start: 3, end: 7 }, 1000)).toBe(2 ** -8)
  })
})

describe("the axis", () => {
  const labels = (start: number, end: number, width = 1000) =>
    axisOf({ start, end }, width).ticks.map(({ label }) => label)

  test("steps are round: 1, 2, 5 below a second, the clock's above", () => {
    expect([0.0011, 0.3, 0.9, 3, 11, 70, 700, 4000, 50_000, 200_000].map(tickStep)).toEqual([
      0.002, 0.5, 1, 5, 20, 120, 1200, 7200, 86_400, 432_000
    ])
  })

  test("labels have the unit that keeps them short", () => {
    expect(labels(0, 105)).toEqual(["0", "20 s", "40 s", "60 s", "80 s", "100 s"])
    expect(labels(0, 0.0021, 400)).toEqual(["0", "1.0 ms", "2.0 ms"].map((text) => text.replace(".0", "")))
    expect(labels(1.5, 2.5, 500)).toEqual(["1.6 s", "1.8 s", "2.0 s", "2.2 s", "2.4 s"])
  })

  test("deep inside, labels count from a base", () => {
    const axis = axisOf({ start: 52.123_003_5, end: 52.123_014_5 }, 600)
    expect(axis.base).toBe("52.1230 s")
    expect(axis.ticks.map(({ label }) => label)).toEqual(["+4 us", "+6 us", "+8 us", "+10 us", "+12 us", "+14 us"])
  })

  test("ticks stay within the window, at least as far apart as asked", () => {
    for (const [start, end] of [
      [0, 1],
      [0, 7e-7],
      [99.999, 100],
      [12_345, 99_999],
      [1e6, 1e6 + 1e-3]
    ] as const) {
      const { ticks } = axisOf({ start, end }, 1200, 100)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThanOrEqual(13)
      for (const { seconds } of ticks) {
        expect(seconds).toBeGreaterThanOrEqual(start)
        expect(seconds).toBeLessThanOrEqual(end)
      }
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length)
    }
  })

  test("a window of no length has no ticks", () => {
    expect(axisOf({ start: 1, end: 1 }, 100).ticks).toEqual([])
    expect(axisOf({ start: 0, end: 1 }, 0).ticks).toEqual([])
  })
})
