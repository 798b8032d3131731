import { describe, expect, test } from "vitest"
import { expandTemplates, makeRecorder, sliceExpander } from "../../src/trace/index.ts"
import { exampleTrace } from "./example.ts"

describe("a full recording", () => {
  test("keeps slices with their arguments, and -1 or 0 where there is none", () => {
    const { slices, names, tracks } = exampleTrace()
    expect([...slices.start]).toEqual([0, 0.5, 0.75])
    expect([...slices.duration]).toEqual([0.5, 0.25, 0.5])
    expect([...slices.microBatch]).toEqual([3, -1, 3])
    expect([...slices.stage]).toEqual([0, -1, 1])
    expect([...slices.layer]).toEqual([-1, -1, -1])
    expect([...slices.bytes]).toEqual([0, 2e6, 0])
    expect([...slices.template]).toEqual([0, -1, 0])
    expect([...slices.name].map((name) => names[name])).toEqual(["forward", "send", "forward"])
    expect([...slices.track].map((track) => tracks[track]!.at(-1))).toEqual(["compute", "network", "compute"])
  })

  test("keeps counters and arrows", () => {
    const { counters, samples, flows, names, tracks } = exampleTrace()
    expect(counters.map(({ track, name }) => [tracks[track], names[name]])).toEqual([
      [["Jean Zay", "node 0", "rank 0"], "memory"]
    ])
    expect([...samples.time, ...samples.value]).toEqual([0, 0.5, 10e9, 12e9])
    expect([...flows.from, ...flows.to]).toEqual([0, 1, 1, 2])
  })

  test("numbers the same path and the same name once", () => {
    const recorder = makeRecorder({ mode: "full" })
    expect([recorder.track(["a", "b"]), recorder.track(["a,b"]), recorder.track(["a", "b"])]).toEqual([0, 1, 0])
    expect([recorder.name("x"), recorder.name("y"), recorder.name("x")]).toEqual([0, 1, 0])
    const track = recorder.track(["a", "b"])
    expect([recorder.counter(track, 0), recorder.counter(track, 1), recorder.counter(track, 0)]).toEqual([0, 1, 0])
  })

  test("grows: 10,000 slices are all there", () => {
    const recorder = makeRecorder({ mode: "full" })
    const track = recorder.track(["rank", "stream"])
    for (let index = 0; index < 10_000; index++) recorder.slice(track, recorder.name("x"), index, 1, { layer: index })
    const { slices } = recorder.finish()
    expect(slices.start.length).toBe(10_000)
    expect([slices.start[9999], slices.layer[63], slices.layer[64]]).toEqual([9999, 63, 64])
  })
})

describe("a recorder that is off", () => {
  test("keeps nothing, answers -1 and gives an empty trace", () => {
    const recorder = makeRecorder({ mode: "off" })
    expect(recorder.isOn).toBe(false)
    expect(recorder.slice(recorder.track(["a"]), recorder.name("x"), 0, 1, { layer: 3 })).toBe(-1)
    const trace = exampleTrace("off")
    expect([trace.slices.start.length, trace.samples.time.length, trace.flows.from.length]).toEqual([0, 0, 0])
    expect([trace.tracks, trace.names, trace.counters]).toEqual([[], [], []])
  })
})

describe("a window from 0.6 s to 0.7 s", () => {
  const trace = exampleTrace({ window: [0.6, 0.7] })

  test("keeps the slices that overlap it, whole, and no arrow from or to another", () => {
    expect([...trace.slices.start, ...trace.slices.duration]).toEqual([0.5, 0.25])
    expect(trace.flows.from.length).toBe(0)
  })

  test("begins with the value that a counter had", () => {
    expect([[...trace.samples.time], [...trace.samples.value]]).toEqual([[0.6], [12e9]])
  })

  test("has the held value before the first change inside, and nothing from after", () => {
    const recorder = makeRecorder({ mode: { window: [10, 20] } })
    const counter = recorder.counter(recorder.track(["rank"]), recorder.name("memory"))
    for (const time of [1, 9, 12, 20, 21]) recorder.sample(counter, time, time * 100)
    const { samples } = recorder.finish()
    expect([[...samples.time], [...samples.value]]).toEqual([
      [10, 12, 20],
      [900, 1200, 2000]
    ])
  })
})

describe("templates", () => {
  test("expand to slices shifted to each operation, on the streams of its rank", () => {
    const trace = exampleTrace()
    const inner = [...expandTemplates(trace)].map((slice) => [
      trace.tracks[slice.track]!.slice(2).join(" "),
      trace.names[slice.name],
      slice.startSeconds,
      slice.durationSeconds
    ])
    expect(inner).toEqual([
      ["rank 0 compute", "layer", 0, 0.4],
      ["rank 0 tensor", "all-reduce", 0.25, 0.125],
      ["rank 1 compute", "layer", 0.75, 0.4],
      ["rank 1 tensor", "all-reduce", 1, 0.125]
    ])
  })

  test("inherit what they leave open from the operation", () => {
    const trace = exampleTrace()
    const [layer, allReduce] = [...sliceExpander(trace)(2)]
    expect(layer).toMatchObject({ outerSlice: 2, microBatch: 3, stage: 1, layer: 7, flops: 1e12, bytes: 0 })
    expect(allReduce).toMatchObject({ microBatch: 3, stage: 1, layer: -1, bytes: 4e6, flops: 0 })
    expect([...sliceExpander(trace)(1)]).toEqual([])
  })
})
