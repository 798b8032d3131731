import { describe, expect, test } from "vitest"
import { bubbleSeconds, executeSchedule, peakInFlight, schedules, validateSchedule } from "../../src/parallel/index.ts"
import type { OperationTimes } from "../../src/parallel/index.ts"
import { equal, made, plain } from "./make-schedule.ts"

/** Times in a fixed pseudo-random order (Park-Miller). */
const drawn = (seed: number): (() => OperationTimes) => {
  let state = seed
  const random = (low: number, high: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return low + (state % (high - low + 1))
  }
  return () => ({
    forward: random(5, 15),
    backwardInput: random(5, 20),
    backwardWeight: random(1, 20),
    communication: random(0, 3)
  })
}

/** Micro-batches of each number of stages: few, about as many as the stages, many. */
const microBatches = (p: number): readonly number[] => [1, p - 1, p, 2 * p + 1, 5 * p + 3]

/** Most micro-batches in flight on any stage, in whole stages, by the publications. */
const promises: Readonly<
  Record<string, { readonly chunks: number; readonly limit: (p: number, m: number) => number }>
> = {
  gpipe: { chunks: 1, limit: (_, m) => m },
  "1f1b": { chunks: 1, limit: (p, m) => Math.min(p, m) },
  "zb-h1": { chunks: 1, limit: (p) => p },
  "zb-h2": { chunks: 1, limit: (p) => 2 * p - 1 },
  "zb-1p": { chunks: 1, limit: (p) => p },
  "zb-2p": { chunks: 1, limit: (p) => 2 * p },
  "zb-v": { chunks: 2, limit: (p) => p },
  "v-half": { chunks: 2, limit: (p) => Math.floor((p + 2) / 2) },
  "v-min": { chunks: 2, limit: (p) => Math.floor((p + 4) / 3) },
  "interleaved-1f1b": { chunks: 2, limit: (p) => (3 * p - 1) / 2 },
  automatic: { chunks: 2, limit: (p) => p }
}

describe("peak of live activations per stage, 2 to 16 stages, few and many micro-batches", () => {
  test.each(Object.entries(promises))("%s keeps its promise whatever the times", (name, { chunks, limit }) => {
    const times = drawn(name.length * 7919)
    // The search of the automatic schedule takes longer.
    for (let p = 2; p <= 16; p += name === "automatic" ? 3 : 1)
      for (const m of microBatches(p)) {
        if (m < 1 || (name === "interleaved-1f1b" && m % p !== 0)) continue
        const options = (p + m) % 2 === 0 ? plain(p, m, chunks) : { ...plain(p, m, chunks), times: times() }
        expect(validateSchedule(made(name, options), limit(p, m)), `p ${p}, m ${m}`).toBe(undefined)
      }
  })
  test("DualPipe p + 1, DualPipeV half a micro-batch above p", () => {
    for (let p = 2; p <= 16; p++) {
      const m = 2 * p + 2 * (p % 3)
      if (p % 2 === 0) expect(peakInFlight(made("dualpipe", plain(p, m, 2)))).toEqual(Array(p).fill(p + 1))
      expect(peakInFlight(made("dualpipe-v", plain(p, m, 2)))).toEqual(Array(p).fill(2 * p + 1))
    }
  })
  test("V-Min needs a third of 1F1B's, V-Half a half: 6 and 9 of 16, 12 and 17 of 32", () => {
    const peak = (name: string, p: number): number => Math.max(...peakInFlight(made(name, plain(p, 2 * p, 2)))) / 2
    expect([peak("v-min", 16), peak("v-half", 16), peak("zb-v", 16)]).toEqual([6, 9, 16])
    expect([peak("v-min", 32), peak("v-half", 32), peak("zb-v", 32)]).toEqual([12, 17, 32])
  })
  test("a limit below the promise is kept by every automatic and every V schedule, at the price of time", () => {
    for (const name of ["v-min", "v-half", "zb-v", "automatic"])
      for (let limit = 1; limit <= 4; limit += 0.5)
        expect(
          validateSchedule(made(name, { ...plain(6, 11, 2), maximumInFlight: limit }), limit),
          `${name} ${limit}`
        ).toBe(undefined)
  })
})

describe("bubbles of the V schedules, F = Bi = W", () => {
  /** Seconds that a stage idles, in forwards of a whole stage. */
  const bubble = (name: string, p: number, m: number): number => bubbleSeconds(made(name, plain(p, m, 2)), equal) / 2
  test("are at most the published ones, 2p/3 and p/2 of 1F1B's p micro-batches of work, for any number of micro-batches", () => {
    for (let p = 2; p <= 16; p++)
      for (const m of [2 * p, 5 * p, 20 * p]) {
        expect(bubble("v-min", p, m), `p ${p}, m ${m}`).toBeLessThanOrEqual(2 * p)
        expect(bubble("v-half", p, m), `p ${p}, m ${m}`).toBeLessThanOrEqual(1.5 * p)
      }
  })
  test("of ZB-V are none from 2p micro-batches on, as published", () => {
    for (const p of [2, 3, 4, 5, 6, 7, 8, 11, 16, 32])
      for (const m of [2 * p, 2 * p + 1, 6 * p]) expect(bubble("zb-v", p, m), `p ${p}, m ${m}`).toBe(0)
  })
  test("p = 8, m = 32: 21 forwards of 1F1B, 13.5 of V-Min, 8.5 of V-Half, 0 of ZB-V", () => {
    expect(bubbleSeconds(made("1f1b", plain(8, 32)), equal)).toBe(21)
    expect([bubble("v-min", 8, 32), bubble("v-half", 8, 32), bubble("zb-v", 8, 32)]).toEqual([13.5, 8.5, 0])
  })
})

describe("DualPipeV", () => {
  test("idles (p - 1)(F&B + B - 3W) of a chunk, which is DualPipe's bubble at twice the stages", () => {
    for (const p of [1, 2, 3, 4, 7, 8])
      for (const m of [2 * p, 2 * p + 3])
        expect(bubbleSeconds(made("dualpipe-v", plain(p, m, 2)), equal), `p ${p}, m ${m}`).toBeCloseTo(2 * (p - 1), 9)
  })
  test("of 2 stages is the upper half of DualPipe's 4, the second direction being the way back up", () => {
    const whole = made("dualpipe", plain(4, 8, 2))
    const cut = made("dualpipe-v", plain(2, 4, 2))
    const numbered = (list: Int32Array, second: number): readonly number[] =>
      [...list].map((code) => ((code >>> 3) & 255 ? code - (second << 11) : code))
    for (const stage of [0, 1])
      expect(numbered(cut.operations[stage] ?? new Int32Array(0), 0)).toEqual(
        numbered(whole.operations[stage] ?? new Int32Array(0), 4)
      )
  })
})

describe("a steady state", () => {
  /** Micro-batches after which the middle of every list repeats. */
  const periods: Readonly<Record<string, (p: number) => number>> = {
    naive: () => 1,
    "1f1b": () => 1,
    interleaved: (p) => p,
    "interleaved-1f1b": (p) => p,
    "zb-h1": () => 1,
    "zb-h2": () => 1,
    "zb-v": () => 1,
    "v-half": () => 1,
    "v-min": () => 1,
    "zb-1p": () => 1,
    "zb-2p": () => 1,
    automatic: () => 1,
    dualpipe: () => 1,
    "dualpipe-v": () => 1
  }
  test("is reached by every schedule but GPipe, with the period that its file names", () => {
    expect(Object.keys(schedules).filter((name) => periods[name] === undefined)).toEqual(["gpipe"])
    for (const [name, period] of Object.entries(periods)) {
      const p = 4
      const m = 96
      const { operations, chunks } = made(name, plain(p, m, name.startsWith("interleaved") ? 2 : 1))
      for (const list of operations) {
        // DualPipe repeats a forward and a backward of each direction, one micro-batch further on in each.
        const length = name.startsWith("dualpipe") ? 4 : (list.length / m) * period(p)
        const from = (list.length >> 1) - length
        for (let at = from; at < from + length; at++)
          expect(((list[at + length] ?? 0) - (list[at] ?? 0)) >>> 11, `${name} of ${chunks}`).toBe(period(p))
      }
    }
  })
  test("makes 3,000 micro-batches from the plan of a few: valid, all of the work, the same bubble", () => {
    const times = { forward: 10, backwardInput: 12, backwardWeight: 7, communication: 1 }
    for (const name of ["zb-h1", "zb-h2", "zb-v", "v-half", "zb-1p", "zb-2p", "automatic"]) {
      const chunks = name.includes("v") ? 2 : 1
      const long = made(name, { ...plain(5, 3000, chunks), times })
      expect(validateSchedule(long), name).toBe(undefined)
      for (const busy of executeSchedule(long, times).busySeconds) expect(busy).toBe(3000 * 29 * long.chunks)
      const short = made(name, { ...plain(5, 60, chunks), times })
      expect(bubbleSeconds(long, times, times), name).toBeCloseTo(bubbleSeconds(short, times, times), 6)
    }
  })
})
