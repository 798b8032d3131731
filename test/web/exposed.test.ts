/** What ranks do with the time of an area: work, communication that nothing hides, the bubble. */
import { describe, expect, test } from "vitest"
import { areaTime } from "../../web/model/exposed.ts"
import { streamsOf } from "../../web/model/streams.ts"
import { timelineOf } from "../../web/model/timeline.ts"
import { makeRecorder } from "../../src/trace/index.ts"
import { manySlices, twoStages } from "./recordings.ts"

const timeOf = (trace: ReturnType<typeof twoStages>, start: number, end: number, tracks?: readonly number[]) =>
  areaTime(timelineOf(trace), streamsOf(trace), tracks ?? trace.tracks.map((_, track) => track), { start, end })

describe("the time of an area", () => {
  test("of two stages: kernels work, an all-reduce between them is exposed, a send under a product is not", () => {
    // Rank 0: 2 x 0.8 s of products and 2 s of backward; rank 1: 0.8 s and 2 s. All-reduces of 0.2 s, three of them.
    const { ranks, seconds, work, exposed, bubble } = timeOf(twoStages(), 0, 7)
    expect([ranks, seconds]).toEqual([2, 14])
    expect(work).toBeCloseTo(6.4)
    expect(exposed).toEqual([["tensor", expect.closeTo(0.6)]])
    expect(bubble).toBeCloseTo(7)
  })

  test("of one track is that of its rank", () => {
    const trace = twoStages()
    const second = trace.tracks.findIndex((path) => path[1] === "node 1" && path.at(-1) === "schedule")
    const { ranks, work, bubble } = timeOf(trace, 2, 3, [second])
    // F 0 until 2.5 s: 0.1 s of its first product, 0.2 s of all-reduce, 0.2 s of the second; then backward.
    expect(ranks).toBe(1)
    expect(work).toBeCloseTo(0.1 + 0.2 + 0.5)
    expect(bubble).toBeCloseTo(0)
  })

  test("gives a moment with two communications to one of them", () => {
    const recorder = makeRecorder({ mode: "full" })
    const slice = (stream: string, start: number, seconds: number): number =>
      recorder.slice(recorder.track(["run", "rank 0", stream]), recorder.name(stream), start, seconds)
    slice("compute", 0, 1)
    slice("tensor", 0.5, 1)
    slice("data", 1.25, 0.75)
    const { work, exposed, bubble } = timeOf(recorder.finish(), 0, 4)
    expect(work).toBe(1)
    expect(exposed).toEqual([
      ["tensor", 0.5],
      ["data", 0.5]
    ])
    expect(bubble).toBe(2)
  })

  test("adds up, whatever lies there", () => {
    const { ranks, seconds, work, exposed, bubble } = timeOf(manySlices(8, 500), 0.7, 2.9)
    expect(ranks).toBe(8)
    expect(work + exposed.reduce((sum, [, one]) => sum + one, 0) + bubble).toBeCloseTo(seconds, 9)
    expect(work).toBeGreaterThan(0)
  })
})
