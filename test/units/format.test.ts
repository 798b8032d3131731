import { describe, expect, test } from "vitest"
import {
  formatBytes,
  formatCount,
  formatFigures,
  formatFlops,
  formatPercent,
  formatQuantity3,
  formatSeconds,
  parseQuantity
} from "../../src/units/index.ts"

describe("shown quantities", () => {
  test("a time chooses its unit", () => {
    const shown = [0, 1.5e-7, 12.34e-6, 2.6e-3, 9.4, 105.2, 3599, 5400, 36 * 3600, 105 * 86_400].map(formatSeconds)
    expect(shown).toEqual([
      "0 s",
      "150 ns",
      "12.3 us",
      "2.60 ms",
      "9.40 s",
      "105 s",
      "1.00 h",
      "1.50 h",
      "36 h",
      "105 days"
    ])
  })

  test("a time is rounded before its unit is chosen", () => {
    expect([0.9994, 0.9996, 999.6e-9].map(formatSeconds)).toEqual(["999 ms", "1.00 s", "1.00 us"])
  })

  test("times before zero and without end keep their sign and sense", () => {
    expect([-0.005, Infinity].map(formatSeconds)).toEqual(["-5 ms", "Infinity s"])
  })

  test("bytes and rates take decimal prefixes", () => {
    expect([0, 512, 1500, 80e9, 62.98e9].map(formatBytes)).toEqual(["0 B", "512 B", "1.50 kB", "80 GB", "63.0 GB"])
    expect(formatFlops(149.3e12)).toBe("149 TFLOP/s")
    expect(formatQuantity3(0.97e6, "GPU-hours")).toBe("970 kGPU-hours")
  })

  test("counts are whole below a million, and grouped", () => {
    const shown = [0, 384, 16_384, 39_912.4, 999_999, 1_234_567, 366e9, 1.4e12, 0.5].map(formatCount)
    expect(shown).toEqual(["0", "384", "16,384", "39,900", "999,999", "1.23M", "366B", "1.40T", "0.500"])
  })

  test("shares are in per cent", () => {
    const shown = [0.3621, -0.0021, 1, 1.344, 0, 0.026, 0.995].map(formatPercent)
    expect(shown).toEqual(["36.2 %", "-0.21 %", "100 %", "134 %", "0 %", "2.6 %", "99.5 %"])
  })

  test("three figures stay three figures at every size", () => {
    const shown = [0.00123, 0.0999, 0.9996, 9.996, 99.96, 999.6, 39_912, 1_234_567].map(formatFigures)
    expect(shown).toEqual(["0.00123", "0.0999", "1.00", "10.0", "100", "1,000", "39,900", "1,230,000"])
  })

  test("what is shown can be read back to within half a unit of the third figure", () => {
    for (let power = -9; power < 7; power += 0.37) {
      const seconds = 10 ** power
      const back = parseQuantity(formatSeconds(seconds), "time")!
      expect(Math.abs(back / seconds - 1)).toBeLessThan(0.005001)
    }
  })
})
