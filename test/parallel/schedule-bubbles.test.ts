import { describe, expect, test } from "vitest"
import { bubbleSeconds, executeSchedule, idealMakespan, peakInFlight } from "../../src/parallel/index.ts"
import { equal, made, plain, refusal } from "./make-schedule.ts"

/** F 1, Bi 1.3, W 0.8. */
const unequal = { forward: 1, backwardInput: 1.3, backwardWeight: 0.8 }

describe("the bubble under equal stages is the closed form", () => {
  const sizes = [
    [2, 4],
    [4, 8],
    [8, 16],
    [12, 48],
    [16, 32]
  ] as const
  test.each(sizes)("p = %i, m = %i", (p, m) => {
    // 1 + 1.3 + 0.8 = 3.1 seconds of a micro-batch.
    expect(bubbleSeconds(made("gpipe", plain(p, m)), unequal)).toBeCloseTo((p - 1) * 3.1, 9)
    expect(bubbleSeconds(made("1f1b", plain(p, m)), unequal)).toBeCloseTo((p - 1) * 3.1, 9)
    // Naive: p times the work of one stage, so utilisation is 1 / p.
    expect((m * 3.1) / idealMakespan(made("naive", plain(p, m)), unequal)).toBeCloseTo(1 / p, 9)
    for (const v of [1, 2, 4]) {
      const chunk = { forward: 1 / v, backwardInput: 1.3 / v, backwardWeight: 0.8 / v }
      expect(bubbleSeconds(made("interleaved", plain(p, Math.ceil(m / p) * p, v)), chunk)).toBeCloseTo(
        ((p - 1) * 3.1) / v,
        9
      )
    }
    for (const times of [equal, unequal]) {
      const options = { ...plain(p, m), times: { ...times, communication: 0 } }
      const { forward, backwardInput, backwardWeight } = times
      const half = forward + backwardInput - backwardWeight
      expect(bubbleSeconds(made("zb-h1", options), times)).toBeCloseTo((p - 1) * half, 9)
      expect(bubbleSeconds(made("zb-h2", options), times)).toBeCloseTo((p - 1) * (half - backwardWeight), 9)
    }
    // F&B + B - 3W with B = Bi + W = 2 and the pair not faster than its halves: 3 + 2 - 3.
    expect(bubbleSeconds(made("dualpipe", plain(p, Math.max(m, 2 * p))), equal)).toBeCloseTo((p / 2 - 1) * 2, 9)
  })
  test("1F1B of 4 stages and 8 micro-batches takes (8 + 3) x 3 = 33 seconds", () => {
    expect(idealMakespan(made("1f1b", plain(4, 8)), equal)).toBe(33)
  })
  test("the stages of ZB-H2 start one forward apart and end one apart: its ramp is in the makespan, not in the bubble", () => {
    const { startSeconds, endSeconds, busySeconds } = executeSchedule(made("zb-h2", plain(4, 8)), equal)
    expect(startSeconds).toEqual([0, 1, 2, 3])
    expect(busySeconds).toEqual([24, 24, 24, 24])
    expect(endSeconds).toEqual([24, 25, 26, 27])
  })
  test("a pair that overlaps perfectly shortens the 8 stages of DualPipe", () => {
    const dualpipe = made("dualpipe", plain(8, 16, 2))
    const apart = idealMakespan(dualpipe, equal)
    // A forward (1) hidden in a backward (2).
    const { endSeconds } = executeSchedule(dualpipe, equal, { pair: Math.max })
    expect(Math.max(...endSeconds)).toBeLessThan(apart - 6)
  })
  test("a transfer of 0.5 s delays 1 micro-batch by two passes of 3 hops", () => {
    expect(idealMakespan(made("1f1b", plain(4, 1)), equal, 0.5)).toBe(4 * 3 + 6 * 0.5)
  })
  test("a slow part sets the pace: 8 micro-batches of 6 s, and one pass of the others", () => {
    const slow = { forward: 2, backwardInput: 2, backwardWeight: 2 }
    expect(idealMakespan(made("1f1b", plain(2, 8)), [equal, slow])).toBe(8 * 6 + 3)
  })
})

describe("micro-batches in flight", () => {
  test("GPipe holds all, 1F1B p - i, interleaved 2(p - i - 1) + (v - 1)p + 1 chunks", () => {
    expect(peakInFlight(made("gpipe", plain(4, 8)))).toEqual([8, 8, 8, 8])
    expect(peakInFlight(made("naive", plain(4, 8)))).toEqual([1, 1, 1, 1])
    expect(peakInFlight(made("1f1b", plain(4, 8)))).toEqual([4, 3, 2, 1])
    expect(peakInFlight(made("interleaved", plain(4, 8, 2)))).toEqual([11, 9, 7, 5])
  })
  test("ZB-H1 p, ZB-H2 2p - 1, ZB-V 2p chunks, DualPipe p + 1", () => {
    expect(Math.max(...peakInFlight(made("zb-h1", plain(4, 16))))).toBe(4)
    expect(Math.max(...peakInFlight(made("zb-h2", plain(4, 16))))).toBe(7)
    expect(Math.max(...peakInFlight(made("zb-v", plain(4, 16))))).toBe(8)
    expect(peakInFlight(made("dualpipe", plain(4, 16, 2)))).toEqual([5, 5, 5, 5])
  })
  test("a limit is kept where the order can give way, at the price of time", () => {
    const tight = made("1f1b", { ...plain(4, 8), maximumInFlight: 2 })
    expect(peakInFlight(tight)).toEqual([2, 2, 2, 1])
    expect(idealMakespan(tight, equal)).toBeGreaterThan(33)
    expect(Math.max(...peakInFlight(made("zb-h2", { ...plain(4, 16), maximumInFlight: 5 })))).toBe(5)
  })
  test("and refused where it cannot", () => {
    expect(refusal("gpipe", { ...plain(4, 8), maximumInFlight: 4 })).toMatchObject({
      field: "maximumInFlight",
      given: "4",
      nearest: [8]
    })
    expect(refusal("interleaved", { ...plain(4, 8, 2), maximumInFlight: 4 }).nearest).toEqual([5.5])
  })
})
