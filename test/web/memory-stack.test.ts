/** Memory by kind over time, from the counters of a rank. */
import { describe, expect, test } from "vitest"
import { makeRecorder, type Trace } from "../../src/trace/index.ts"
import { counterSeries } from "../../web/model/counters.ts"
import { atPeak, kindCounters, memoryStack, memoryTotals } from "../../web/model/memory-stack.ts"
import { foldedAtFirst, nodesOf, treeOf } from "../../web/model/tree.ts"
import { streamsOf } from "../../web/model/streams.ts"
import { timelineOf } from "../../web/model/timeline.ts"
import { twoStages } from "./recordings.ts"

/** Weights that stay, activations and working memory that move; two events at the same time in the end. */
const rank = (): Trace => {
  const recorder = makeRecorder({ mode: "full" })
  const path = ["run", "node 0", "rank 0 (stage 0)"]
  recorder.slice(recorder.track([...path, "schedule"]), recorder.name("F 0"), 0, 10)
  const counter = (track: readonly string[], name: string): number =>
    recorder.counter(recorder.track(track), recorder.name(`${name} (bytes)`))
  const total = counter(path, "memory")
  const [activations, weights, working] = ["activations", "weights", "working"].map((name) =>
    counter([...path, "memory"], name)
  ) as [number, number, number]
  recorder.sample(weights, 0, 100)
  for (const [time, live, extra] of [
    [0, 10, 0],
    [4, 20, 30],
    [6, 40, 0],
    [8, 5, 0],
    [8, 5, 60]
  ] as const) {
    recorder.sample(total, time, 100 + live + extra)
    recorder.sample(activations, time, live)
    recorder.sample(working, time, extra)
  }
  return recorder.finish()
}

describe("memory by kind", () => {
  const trace = rank()
  const series = counterSeries(trace)
  const [total = -1] = memoryTotals(trace)
  const kinds = kindCounters(trace, total)
  const ofKinds = kinds.map(({ counter }) => series[counter]!)

  test("is found below the rank's sum, what stays first", () => {
    expect(memoryTotals(trace)).toHaveLength(1)
    expect(kinds.map(({ kind }) => kind)).toEqual(["weights", "activations", "working"])
    const other = twoStages()
    expect(kindCounters(other, memoryTotals(other)[0]!)).toEqual([])
  })

  test("is at each pixel what it was when the sum was greatest there", () => {
    // Pixels of 5 s: 150 at 4 s in the first, 165 at 8 s in the second.
    const stack = memoryStack(series[total]!, ofKinds, { start: 0, end: 10 }, 2)
    expect(stack.map((bytes) => [...bytes])).toEqual([
      [100, 100],
      [20, 5],
      [30, 60]
    ])
  })

  test("adds up to the sum at any zoom, and holds between two changes", () => {
    for (const width of [1, 7, 40, 333]) {
      const stack = memoryStack(series[total]!, ofKinds, { start: 0, end: 10 }, width)
      const [whole] = memoryStack(series[total]!, [series[total]!], { start: 0, end: 10 }, width)
      whole!.forEach((bytes, pixel) =>
        expect(
          stack.reduce((sum, kind) => sum + kind[pixel]!, 0),
          `${width}, ${pixel}`
        ).toBe(bytes)
      )
    }
    expect(memoryStack(series[total]!, ofKinds, { start: 6.5, end: 7 }, 1).map(([bytes]) => bytes)).toEqual([
      100, 40, 0
    ])
  })

  test("at the peak is that of one moment", () => {
    expect(atPeak(series[total]!, ofKinds)).toEqual([100, 5, 60])
  })

  test("is a folded group of its rank, which is still a rank with a headline", () => {
    const timeline = timelineOf(trace)
    const tree = treeOf(timeline, streamsOf(trace))
    const nodes = [...nodesOf(tree)]
    const group = nodes.find(({ label }) => label === "memory")!
    expect(group.children.map(({ label }) => label)).toEqual([
      "activations (bytes)",
      "weights (bytes)",
      "working (bytes)"
    ])
    expect(foldedAtFirst(tree).has(group.id)).toBe(true)
    expect(nodes.find(({ label }) => label.endsWith("rank 0 (stage 0)"))!.headline).toBeGreaterThanOrEqual(0)
  })
})
