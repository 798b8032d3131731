import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { type ChromeTraceOptions, chromeTraceJson, makeRecorder, type Trace } from "../../src/trace/index.ts"
import { exampleTrace } from "./example.ts"

const Event = Schema.Struct({
  ph: Schema.String,
  pid: Schema.Int,
  name: Schema.String,
  tid: Schema.optionalKey(Schema.Int),
  ts: Schema.optionalKey(Schema.Finite),
  dur: Schema.optionalKey(Schema.Finite),
  id: Schema.optionalKey(Schema.Int),
  bp: Schema.optionalKey(Schema.String),
  args: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite])))
})
const decode = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ displayTimeUnit: Schema.String, traceEvents: Schema.Array(Event) }))
)
const eventsOf = (trace: Trace, options?: ChromeTraceOptions) =>
  decode([...chromeTraceJson(trace, options)].join("")).traceEvents

describe("the Chrome trace of the example", () => {
  const events = eventsOf(exampleTrace())
  const named = (name: string) => events.filter((event) => event.ph === "M" && event.name === name)

  test("has a process per rank and a thread per stream, in order", () => {
    expect(named("process_name").map(({ pid, args }) => [pid, args?.["name"]])).toEqual([
      [1, "Jean Zay / node 0 / rank 0"],
      [2, "Jean Zay / node 0 / rank 1"]
    ])
    expect(named("thread_name").map(({ pid, args }) => [pid, args?.["name"]])).toEqual([
      [1, "compute"],
      [1, "network"],
      [2, "compute"],
      [1, "tensor"],
      [2, "tensor"]
    ])
    const threads = named("thread_name").map(({ tid }) => tid)
    expect(new Set(threads).size).toBe(5)
    expect(threads).not.toContain(1)
    expect(named("process_sort_index").map(({ args }) => args?.["sort_index"])).toEqual([1, 2])
  })

  test("has every slice in microseconds with its arguments, those of templates too", () => {
    const slices = events
      .filter(({ ph }) => ph === "X")
      .map(({ pid, name, ts, dur, args }) => [pid, name, ts, dur, args])
    expect(slices).toEqual([
      [1, "forward", 0, 500_000, { microBatch: 3, stage: 0 }],
      [1, "layer", 0, 400_000, { microBatch: 3, layer: 7, stage: 0, flops: 1e12 }],
      [1, "all-reduce", 250_000, 125_000, { microBatch: 3, stage: 0, bytes: 4e6 }],
      [1, "send", 500_000, 250_000, { bytes: 2e6 }],
      [2, "forward", 750_000, 500_000, { microBatch: 3, stage: 1 }],
      [2, "layer", 750_000, 400_000, { microBatch: 3, layer: 7, stage: 1, flops: 1e12 }],
      [2, "all-reduce", 1_000_000, 125_000, { microBatch: 3, stage: 1, bytes: 4e6 }]
    ])
  })

  test("leaves templates folded when asked to", () => {
    const folded = eventsOf(exampleTrace(), { expandTemplates: false }).filter(({ ph }) => ph === "X")
    expect(folded.map(({ name }) => name)).toEqual(["forward", "send", "forward"])
  })

  test("has the rank's counter on its process", () => {
    const counted = events.filter(({ ph }) => ph === "C").map(({ pid, name, ts, args }) => [pid, name, ts, args])
    expect(counted).toEqual([
      [1, "memory", 0, { value: 10e9 }],
      [1, "memory", 500_000, { value: 12e9 }]
    ])
  })

  test("has each arrow's ends right behind the slice that it binds to, before the slices inside", () => {
    const ends = events.flatMap((event, index) =>
      event.ph === "s" || event.ph === "f"
        ? [{ ...event, after: events.slice(0, index).findLast((e) => e.ph === "X") }]
        : []
    )
    expect(ends.map(({ ph, id, ts, bp, after }) => [ph, id, ts, bp, after?.name])).toEqual([
      ["s", 1, 0, undefined, "forward"],
      ["s", 2, 500_000, undefined, "send"],
      ["f", 1, 500_000, "e", "send"],
      ["f", 2, 750_000, "e", "forward"]
    ])
    expect(ends.every(({ pid, tid, after }) => pid === after?.pid && tid === after?.tid)).toBe(true)
  })
})

describe("a Chrome trace", () => {
  test("lists node 2 before node 10, and keeps a stream's counters apart by its name", () => {
    const recorder = makeRecorder({ mode: "full" })
    const queue = recorder.name("queue")
    for (const node of ["node 10", "node 2"]) {
      const track = recorder.track([node, "rank 0", "nic"])
      recorder.sample(recorder.counter(track, queue), 0, 1)
      recorder.slice(track, queue, 0, 1)
    }
    const events = eventsOf(recorder.finish())
    const processes = events.filter(({ name }) => name === "process_name").map(({ pid, args }) => [pid, args?.["name"]])
    expect(processes.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
      [1, "node 2 / rank 0"],
      [2, "node 10 / rank 0"]
    ])
    expect(events.filter(({ ph }) => ph === "C").map(({ name }) => name)).toEqual(["nic queue", "nic queue"])
  })

  test("never lets slices that follow each other overlap by rounding", () => {
    const recorder = makeRecorder({ mode: "full" })
    const track = recorder.track(["rank", "compute"])
    const kernel = { name: "kernel", stream: "compute", durationSeconds: 0.1234567891e-3 }
    const template = recorder.template(
      Array.from({ length: 500 }, (_, index) => ({ ...kernel, offsetSeconds: index * kernel.durationSeconds }))
    )
    const seconds = 500 * kernel.durationSeconds
    for (let index = 0; index < 20; index++) {
      recorder.slice(track, recorder.name("forward"), 17.3 + index * seconds, seconds, { template })
    }
    const ends = (name: string) =>
      eventsOf(recorder.finish()).flatMap((event) =>
        event.name === name && event.ts !== undefined && event.dur !== undefined
          ? [[Math.round(event.ts * 1000), Math.round((event.ts + event.dur) * 1000)] as const]
          : []
      )
    const kernels = ends("kernel")
    const forwards = ends("forward")
    expect([kernels.length, forwards.length]).toEqual([10_000, 20])
    for (const row of [kernels, forwards]) {
      expect(row.every(([start], index) => index === 0 || start >= row[index - 1]![1])).toBe(true)
    }
    expect(kernels.every(([, end], index) => end <= forwards[Math.floor(index / 500)]![1])).toBe(true)
  })

  test("puts the longest of the slices that start together first, whatever the order of recording", () => {
    const recorder = makeRecorder({ mode: "full" })
    const track = recorder.track(["rank", "compute"])
    recorder.slice(track, recorder.name("inner"), 1, 2)
    recorder.slice(track, recorder.name("outer"), 1, 5)
    recorder.slice(track, recorder.name("before"), 0, 1)
    const slices = eventsOf(recorder.finish()).filter(({ ph }) => ph === "X")
    expect(slices.map(({ name }) => name)).toEqual(["before", "outer", "inner"])
  })

  test("of 5,000 slices comes in chunks, and of none is still a document", () => {
    const recorder = makeRecorder({ mode: "full" })
    const track = recorder.track(["rank", "compute"])
    for (let index = 0; index < 5000; index++) recorder.slice(track, recorder.name("x"), index, 1)
    const trace = recorder.finish()
    expect([...chromeTraceJson(trace)].length).toBeGreaterThan(3)
    expect(eventsOf(trace).filter(({ ph }) => ph === "X").length).toBe(5000)
    expect(eventsOf(makeRecorder({ mode: "off" }).finish())).toEqual([])
  })
})
