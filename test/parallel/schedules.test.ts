import { describe, expect, test } from "vitest"
import {
  executeSchedule,
  formatSchedule,
  isPaired,
  nextHop,
  operationChunk,
  operationKind,
  operationMicroBatch,
  packOperation,
  pairWithNext,
  partOf,
  parts,
  peakInFlight,
  previousHop,
  schedules,
  validateSchedule
} from "../../src/parallel/index.ts"
import type { Schedule } from "../../src/parallel/index.ts"
import { equal, made, plain, refusal } from "./make-schedule.ts"

/** Small sizes in a fixed pseudo-random order (Park-Miller), the same in every run. */
const seeded = (seed: number) => {
  let state = seed
  return (low: number, high: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return low + (state % (high - low + 1))
  }
}

describe("an operation in 32 bits", () => {
  test("gives back its kind, micro-batch and chunk at the ends of their ranges", () => {
    const last = packOperation("backwardWeight", 2 ** 20 - 1, 255)
    expect([operationKind(last), operationMicroBatch(last), operationChunk(last)]).toEqual([
      "backwardWeight",
      1_048_575,
      255
    ])
    expect(Int32Array.of(last)[0]).toBe(last)
    expect(packOperation("forward", 0, 0)).toBe(0)
  })
  test("keeps them when it is marked as the first of a pair", () => {
    const pair = pairWithNext(packOperation("forward", 7, 1))
    expect([isPaired(pair), operationKind(pair), operationMicroBatch(pair), operationChunk(pair)]).toEqual([
      true,
      "forward",
      7,
      1
    ])
    expect(isPaired(packOperation("forward", 7, 1))).toBe(false)
  })
})

describe("parts of the model on 4 stages", () => {
  const shape = (layout: Schedule["layout"]) => ({ stages: 4, chunks: 2, layout })
  const all = (layout: Schedule["layout"]) =>
    [0, 1].map((chunk) => [0, 1, 2, 3].map((stage) => partOf(shape(layout), stage, chunk)))
  test("a loop goes round twice, a V turns, two directions hold each part twice", () => {
    expect(all("loop")).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7]
    ])
    expect(all("mirror")).toEqual([
      [0, 1, 2, 3],
      [7, 6, 5, 4]
    ])
    expect(all("bidirectional")).toEqual([
      [0, 1, 2, 3],
      [3, 2, 1, 0]
    ])
    expect([parts(shape("loop")), parts(shape("mirror")), parts(shape("bidirectional"))]).toEqual([8, 8, 4])
  })
  test("the next hop after the last stage is stage 0 of a loop, the same stage of a V, nothing of two directions", () => {
    expect(nextHop(shape("loop"), 3, 0)).toEqual({ stage: 0, chunk: 1 })
    expect(nextHop(shape("mirror"), 3, 0)).toEqual({ stage: 3, chunk: 1 })
    expect(nextHop(shape("bidirectional"), 3, 0)).toBe(null)
    expect(nextHop(shape("bidirectional"), 3, 1)).toEqual({ stage: 2, chunk: 1 })
  })
  test.each(["loop", "mirror", "bidirectional"] as const)("hops of a %s lead from part to part and back", (layout) => {
    for (let stage = 0; stage < 4; stage++) {
      for (const chunk of [0, 1]) {
        const part = partOf(shape(layout), stage, chunk)
        const next = nextHop(shape(layout), stage, chunk)
        if (next === null) expect(part).toBe(parts(shape(layout)) - 1)
        else {
          expect(partOf(shape(layout), next.stage, next.chunk)).toBe(part + 1)
          expect(previousHop(shape(layout), next.stage, next.chunk)).toEqual({ stage, chunk })
        }
        if (part === 0) expect(previousHop(shape(layout), stage, chunk)).toBe(null)
      }
    }
  })
})

describe("orders a reader can check", () => {
  test("1F1B of 3 stages and 4 micro-batches", () => {
    expect(formatSchedule(made("1f1b", plain(3, 4)))).toEqual([
      "F0 F1 F2 B0 F3 B1 B2 B3",
      "F0 F1 B0 F2 B1 F3 B2 B3",
      "F0 B0 F1 B1 F2 B2 F3 B3"
    ])
  })
  test("interleaved 1F1B of 2 stages, 2 chunks and 2 micro-batches", () => {
    expect(formatSchedule(made("interleaved", plain(2, 2, 2)))).toEqual([
      "F0 F1 F0.1 F1.1 B0.1 B1.1 B0 B1",
      "F0 F1 F0.1 B0.1 F1.1 B1.1 B0 B1"
    ])
  })
  test("GPipe and the naive pipeline", () => {
    expect(formatSchedule(made("gpipe", plain(2, 2)))).toEqual(["F0 F1 B0 B1", "F0 F1 B0 B1"])
    expect(formatSchedule(made("naive", plain(2, 2)))).toEqual(["F0 B0 F1 B1", "F0 B0 F1 B1"])
  })
  test("ZB-H1 defers no weight gradient on stage 0 of 2 and one on stage 1", () => {
    expect(formatSchedule(made("zb-h1", plain(2, 4)))).toEqual([
      "F0 F1 I0 W0 F2 I1 W1 F3 I2 W2 I3 W3",
      "F0 I0 F1 I1 W0 F2 I2 W1 F3 I3 W2 W3"
    ])
  })
  test("DualPipe of 2 stages: overlapped pairs, and the second direction mirrors the first", () => {
    const [first, second] = formatSchedule(made("dualpipe", plain(2, 4, 2)))
    expect(first).toBe("F0 F2.1 F1 B2.1 F3.1&B0 B3.1 I1 W1")
    expect(second).toBe("F2.1 F0 F3.1 B0 F1&B2.1 B1 I3.1 W3.1")
  })
})

describe("for random sizes", () => {
  const limits: Readonly<Record<string, (p: number, m: number, v: number) => number>> = {
    naive: () => 1,
    gpipe: (_, m) => m,
    "1f1b": (p, m) => Math.min(p, m),
    "interleaved-1f1b": (p, _, v) => (v === 1 ? p : p + (p - 1) / v),
    "zb-h1": (p) => p,
    "zb-h2": (p) => 2 * p - 1,
    "zb-v": (p) => p,
    "v-half": (p) => Math.floor((p + 2) / 2),
    "v-min": (p) => Math.floor((p + 4) / 3),
    "zb-1p": (p) => p,
    "zb-2p": (p) => 2 * p,
    automatic: (p) => p,
    dualpipe: (p) => p + 1,
    "dualpipe-v": (p) => p + 1 / 2
  }
  test.each(Object.entries(limits))("%s is complete, in order, and within its memory", (name, limit) => {
    const random = seeded(name.length * 7919)
    for (let round = 0; round < 120; round++) {
      const even = name === "dualpipe" ? 2 : 1
      const p = random(1, 9) * even
      const v = name === "interleaved-1f1b" ? random(1, 5) : 1
      const m =
        name === "dualpipe-v"
          ? 2 * p + random(0, 9)
          : name === "dualpipe"
            ? 2 * p + 2 * random(0, 9)
            : v > 1
              ? p * random(1, 6)
              : random(1, 40)
      const times = {
        forward: random(5, 15),
        backwardInput: random(5, 20),
        backwardWeight: random(1, 20),
        communication: random(0, 3)
      }
      const schedule = made(name, { ...plain(p, m, v), ...(round % 2 === 0 ? {} : { times }) })
      expect(validateSchedule(schedule, limit(p, m, v)), `p ${p}, m ${m}, v ${v}`).toBe(undefined)
      const work = schedule.chunks
      const perChunk = name === "dualpipe" ? m / 2 : m
      for (const busy of executeSchedule(schedule, equal).busySeconds) expect(busy).toBe(3 * perChunk * work)
    }
  })
  test("each stage of 1F1B holds min(p - i, m)", () => {
    const random = seeded(12)
    for (let round = 0; round < 100; round++) {
      const p = random(1, 12)
      const m = random(1, 20)
      expect(peakInFlight(made("1f1b", plain(p, m)))).toEqual(Array.from({ length: p }, (_, i) => Math.min(p - i, m)))
    }
  })
  test("a tight memory limit never stops a zero-bubble schedule", () => {
    for (const name of ["zb-h1", "zb-h2", "zb-v", "v-half", "v-min", "zb-1p", "zb-2p", "automatic"])
      for (let limit = 1; limit <= 4; limit += 0.5)
        expect(
          validateSchedule(made(name, { ...plain(5, 11), maximumInFlight: limit }), limit),
          `${name} ${limit}`
        ).toBe(undefined)
  })
})

describe("a size that a schedule cannot run is refused with the nearest that it can", () => {
  test("interleaving needs a multiple of the stages", () => {
    expect(refusal("interleaved-1f1b", plain(4, 9, 2))).toEqual({
      _tag: "ScheduleError",
      field: "microBatches",
      given: "9",
      expected: "a multiple of the 4 stages",
      nearest: [8, 12]
    })
    expect(refusal("interleaved", plain(4, 3, 2)).nearest).toEqual([4])
  })
  test("DualPipe needs even stages, and an even number of at least 2p micro-batches", () => {
    expect(refusal("dualpipe", plain(5, 16))).toMatchObject({ field: "stages", nearest: [4, 6] })
    expect(refusal("dualpipe", plain(4, 7))).toMatchObject({ field: "microBatches", nearest: [8] })
    expect(refusal("dualpipe", plain(4, 9))).toMatchObject({ field: "microBatches", nearest: [8, 10] })
  })
  test("1F1B has one chunk, a V two", () => {
    expect(refusal("1f1b", plain(4, 8, 2))).toMatchObject({ field: "chunks", given: "2", nearest: [1] })
    expect(refusal("zb-v", plain(4, 8, 3))).toMatchObject({ field: "chunks", nearest: [2, 1] })
  })
  test.each(Object.keys(schedules))("%s wants whole numbers from 1", (name) => {
    expect(refusal(name, plain(0, 8)).field).toBe("stages")
    expect(refusal(name, plain(4, 2.5)).field).toBe("microBatches")
    expect(refusal(name, plain(4, Number.NaN)).field).toBe("microBatches")
  })
})
