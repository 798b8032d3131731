import { describe, expect, test } from "vitest"
import { bubbleSeconds, idealMakespan, isScheduleError, peakInFlight, schedules } from "../../src/parallel/index.ts"
import type { OperationTimes, Schedule, ScheduleOptions } from "../../src/parallel/index.ts"
import { made, plain, refusal } from "./make-schedule.ts"

const seeded = (seed: number) => {
  let state = seed
  return (low: number, high: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return low + (state % (high - low + 1))
  }
}

const named = {
  1: ["gpipe", "1f1b", "zb-h1", "zb-h2", "zb-1p", "zb-2p"],
  2: ["zb-v", "v-half", "v-min", "interleaved-1f1b"]
} as const

const peakOf = (schedule: Schedule, weightShare: number): number =>
  Math.max(...peakInFlight(schedule, weightShare)) / schedule.chunks

describe("the automatic schedule", () => {
  test("is never worse than the best named one that keeps the same memory, and keeps it", () => {
    const random = seeded(2024)
    let better = 0
    for (let round = 0; round < 120; round++) {
      const chunks = random(1, 2) as 1 | 2
      const p = random(1, 10)
      const m = random(0, 2) === 0 ? p * random(1, 5) : random(1, 40)
      const weightShare = random(1, 2) / 2
      const times: OperationTimes = {
        forward: random(5, 15),
        backwardInput: random(5, 20),
        backwardWeight: random(1, 20),
        communication: random(0, 3)
      }
      const limit = Math.max(1, (random(1, 10) / 4) * p)
      const options: ScheduleOptions = { ...plain(p, m, chunks), times, weightShare }
      const automatic = made("automatic", { ...options, maximumInFlight: limit })
      const label = `p ${p}, m ${m}, chunks ${chunks}, limit ${limit}`
      expect(peakOf(automatic, weightShare), label).toBeLessThanOrEqual(limit + 1e-9)
      const bubble = bubbleSeconds(automatic, times, times)
      for (const name of named[chunks]) {
        const other = schedules[name]?.(options)
        if (other === undefined || isScheduleError(other) || peakOf(other, weightShare) > limit) continue
        const theirs = bubbleSeconds(other, times, times)
        expect(bubble, `${label}: ${name}`).toBeLessThanOrEqual(theirs + 1e-6)
        if (bubble < theirs - 1e-6) better++
      }
    }
    expect(better).toBeGreaterThan(100)
  })
  test("idles less, the more memory it may use: 8 stages, 24 micro-batches of F 10, Bi 10, W 7", () => {
    const times = { forward: 10, backwardInput: 10, backwardWeight: 7, communication: 0 }
    const bubbles = [1, 2, 3, 4, 6, 8, 10, 12, 16].map((maximumInFlight) =>
      bubbleSeconds(made("automatic", { ...plain(8, 24), times, maximumInFlight, weightShare: 0.5 }), times)
    )
    for (const [index, bubble] of bubbles.entries())
      if (index > 0) expect(bubble).toBeLessThanOrEqual((bubbles[index - 1] ?? 0) + 1e-9)
    // ZB-H1's (p - 1)(F + Bi - W) with 1F1B's memory, next to nothing with twice as much.
    expect(bubbles[5]).toBeCloseTo(7 * 13, 9)
    expect(bubbles[8]).toBeLessThan(10)
  })
  test("in a V with half of 1F1B's memory is V-Half or better, in 1F1B's whole has no bubble if F = Bi = W", () => {
    const times = { forward: 1, backwardInput: 1, backwardWeight: 1, communication: 0 }
    const half = made("automatic", { ...plain(8, 32, 2), times, maximumInFlight: 5 })
    expect(bubbleSeconds(half, times)).toBeLessThanOrEqual(17)
    expect(bubbleSeconds(made("automatic", plain(8, 32, 2)), times)).toBe(0)
  })
  test("keeps what it is asked to keep short: spans of stages, or the end of the last", () => {
    const times = { forward: 10, backwardInput: 11, backwardWeight: 8, communication: 1 }
    const options = { ...plain(8, 40), times, maximumInFlight: 16, weightShare: 0.5 }
    const spans = made("automatic", { ...options, objective: "span" })
    const ends = made("automatic", { ...options, objective: "makespan" })
    expect(bubbleSeconds(spans, times, times)).toBeLessThan(bubbleSeconds(ends, times, times))
    expect(idealMakespan(ends, times, 1)).toBeLessThanOrEqual(idealMakespan(spans, times, 1))
  })
  test("has one chunk or two, and room for a micro-batch", () => {
    expect(refusal("automatic", plain(4, 8, 3))).toMatchObject({ field: "chunks", nearest: [2, 1] })
    expect(refusal("automatic", { ...plain(4, 8), maximumInFlight: 0.5 })).toMatchObject({
      field: "maximumInFlight",
      given: "0.5",
      nearest: [1]
    })
    expect(refusal("zb-2p", plain(4, 8, 2))).toMatchObject({ field: "chunks", nearest: [1] })
  })
})
