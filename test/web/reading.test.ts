import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { chromeTraceJson, encodeTrace } from "../../src/trace/index.ts"
import { readChromeEvents, type ReadTrace } from "../../web/reading/chrome-events.ts"
import { openBytes } from "../../web/reading/open-bytes.ts"
import { kindOfColour } from "../../web/model/kinds.ts"
import { coloursOf } from "../../web/model/timeline.ts"
import { twoStages } from "./recordings.ts"

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const read = (events: readonly unknown[]): ReadTrace => {
  const found = readChromeEvents({ traceEvents: events })
  if ("_tag" in found) throw new Error(found.message)
  return found
}
const slicesOf = ({ trace }: ReadTrace) =>
  Array.from(trace.slices.start, (start, slice) => [
    trace.names[trace.slices.name[slice]!],
    start,
    trace.slices.duration[slice]
  ])
const message = async (name: string, content: Uint8Array<ArrayBuffer>): Promise<string> => {
  const found = await openBytes(name, content)
  return found._tag === "BadFile" ? found.message : `opened a ${found._tag}`
}

describe("trace events", () => {
  test("microseconds become seconds from the first event", () => {
    const found = read([
      { ph: "X", name: "a", pid: 1, tid: 2, ts: 1_000_000, dur: 500_000 },
      { ph: "X", name: "b", pid: 1, tid: 2, ts: 2_500_000, dur: 250 }
    ])
    expect(slicesOf(found)).toEqual([
      ["a", 0, 0.5],
      ["b", 1.5, 0.000_25]
    ])
    expect(found.trace.tracks).toEqual([["process 1", "thread 2"]])
  })

  test("names of processes and threads are the tracks, and a name with slashes a path", () => {
    const found = read([
      { ph: "M", name: "process_name", pid: 1, args: { name: "Jean Zay / node 0 / rank 0" } },
      { ph: "M", name: "thread_name", pid: 1, tid: 7, args: { name: "compute" } },
      { ph: "X", name: "a", pid: 1, tid: 7, ts: 0, dur: 1 }
    ])
    expect(found.trace.tracks).toEqual([["Jean Zay", "node 0", "rank 0", "compute"]])
  })

  test("begin and end pair up, innermost first", () => {
    const found = read([
      { ph: "B", name: "outer", pid: 1, tid: 1, ts: 0 },
      { ph: "B", name: "inner", pid: 1, tid: 1, ts: 1e6 },
      { ph: "E", pid: 1, tid: 1, ts: 2e6 },
      { ph: "E", pid: 1, tid: 1, ts: 3e6 },
      { ph: "E", pid: 1, tid: 1, ts: 4e6 },
      { ph: "B", name: "never ends", pid: 1, tid: 1, ts: 5e6 }
    ])
    expect(slicesOf(found)).toEqual([
      ["inner", 1, 1],
      ["outer", 0, 3]
    ])
    expect(found.remarks).toEqual(["1 event that end what never began left out", "1 event that never end left out"])
  })

  test("counters and arrows", () => {
    const found = read([
      { ph: "X", name: "send", pid: 1, tid: 1, ts: 0, dur: 10 },
      { ph: "X", name: "receive", pid: 1, tid: 2, ts: 20, dur: 10 },
      { ph: "s", id: 5, name: "flow", cat: "flow", pid: 1, tid: 1, ts: 5 },
      { ph: "f", bp: "e", id: 5, name: "flow", cat: "flow", pid: 1, tid: 2, ts: 20 },
      { ph: "C", name: "memory", pid: 1, ts: 0, args: { value: 3 } },
      { ph: "C", name: "memory", pid: 1, ts: 10, args: { value: 4 } }
    ])
    expect([...found.trace.flows.from, ...found.trace.flows.to]).toEqual([0, 1])
    expect([...found.trace.samples.value]).toEqual([3, 4])
    expect(found.trace.names[found.trace.counters[0]!.name]).toBe("memory")
  })

  test("a file of PyTorch's profiler has kernels, collectives, copies and the host apart", () => {
    const found = read([
      { ph: "X", cat: "kernel", name: "ampere_bf16_s16816gemm", pid: 0, tid: 7, ts: 10, dur: 5, args: { stream: 7 } },
      { ph: "X", cat: "kernel", name: "ncclDevKernel_AllReduce_Sum_bf16", pid: 0, tid: 20, ts: 10, dur: 5 },
      { ph: "X", cat: "kernel", name: "ncclDevKernel_SendRecv", pid: 0, tid: 20, ts: 30, dur: 5 },
      { ph: "X", cat: "gpu_memcpy", name: "Memcpy HtoD", pid: 0, tid: 7, ts: 20, dur: 5 },
      { ph: "X", cat: "cpu_op", name: "aten::mm", pid: 9, tid: 9, ts: 1, dur: 5 },
      { ph: "X", cat: "cuda_runtime", name: "cudaLaunchKernel", pid: 9, tid: 9, ts: 7, dur: 1 }
    ])
    expect([...coloursOf(found.trace, found.categoryOf)].map(kindOfColour)).toEqual([
      "compute",
      "data",
      "pipeline",
      "memory",
      "host",
      "host"
    ])
    expect(found.argumentsOf(0)).toEqual({ stream: 7 })
  })

  test("events that make no sense are left out and counted", () => {
    const found = read([
      { ph: "X", name: "good", pid: 1, tid: 1, ts: 0, dur: 1 },
      { ph: "X", name: "no time", pid: 1, tid: 1, ts: "NaN", dur: 1 },
      { ph: "X", name: "null time", pid: 1, tid: 1, ts: null, dur: 1 },
      { ph: "X", name: "backwards", pid: 1, tid: 1, ts: 0, dur: -5 },
      { ph: "X", name: "endless", pid: 1, tid: 1, ts: 0, dur: "Infinity" },
      { ph: "?", name: "unknown", pid: 1, tid: 1, ts: 0 },
      null,
      "text"
    ])
    expect(slicesOf(found)).toEqual([["good", 0, 0.000_001]])
    expect(found.remarks).toEqual([
      "2 events without a valid time left out",
      "1 event with a negative duration left out",
      "1 event without a valid duration left out",
      "1 event of a kind that is not shown left out",
      "2 events that are no objects left out"
    ])
  })

  test("a name of ten million letters is cut", () => {
    const found = read([{ ph: "X", name: "x".repeat(10_000_000), pid: 1, tid: 1, ts: 0, dur: 1 }])
    expect(found.trace.names[0]).toHaveLength(501)
  })

  test("our own export comes back as it was", () => {
    const trace = twoStages()
    const found = readChromeEvents(JSON.parse([...chromeTraceJson(trace)].join("")))
    if ("_tag" in found) throw new Error(found.message)
    // The templates are written out, so there are more slices; the paths are the same.
    expect(new Set(found.trace.tracks.map((path) => path.join("/")))).toEqual(
      new Set(trace.tracks.map((path) => path.join("/")))
    )
    expect(found.trace.flows.from).toHaveLength(trace.flows.from.length)
    expect(found.trace.slices.start.length).toBe(trace.slices.start.length + 9)
  })
})

describe("files", () => {
  test("a trace of ours, packed or not", async () => {
    const file = encodeTrace(twoStages())
    expect((await openBytes("trace.windtunnel", file))._tag).toBe("Trace")
    expect((await openBytes("trace.windtunnel.gz", new Uint8Array(gzipSync(file))))._tag).toBe("Trace")
  })

  test("trace events as an object, as a list, and as a list that was cut short", async () => {
    const event = '{"ph":"X","name":"a","pid":1,"tid":1,"ts":0,"dur":1}'
    for (const text of [
      `{"traceEvents":[${event}]}`,
      `[${event}]`,
      `[${event},\n${event},\n`,
      `{"traceEvents":[${event},{"ph":`
    ])
      expect((await openBytes("trace.json", bytes(text)))._tag).toBe("Trace")
  })

  test("a result and a scenario are told apart", async () => {
    expect((await openBytes("result.json", bytes('{"windtunnel":"0.1.0","result":{"kind":"training"}}')))._tag).toBe(
      "Result"
    )
    expect((await openBytes("scenario.json", bytes('{"cluster":{},"model":"bloom-176b"}')))._tag).toBe("Scenario")
    expect((await openBytes("mine.yaml", bytes("cluster: {}\n")))._tag).toBe("Scenario")
  })

  test("what cannot be shown says why", async () => {
    expect(await message("a.json", bytes(""))).toBe("the file is empty")
    expect(await message("a.json", bytes("{"))).toMatch(/^not valid JSON/)
    expect(await message("a.json", bytes("[1,2]"))).toBe("none of 2 events can be shown")
    expect(await message("a.json", bytes("[]"))).toBe("the file has no events")
    expect(await message("a.json", bytes('{"a":1}'))).toBe("neither a trace, a result nor a scenario")
    expect(await message("a.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).toBe(
      "neither a trace, a result nor a scenario"
    )
    const packed = gzipSync(bytes('[{"ph":"X"}]'))
    expect(await message("a.json.gz", new Uint8Array(packed.subarray(0, packed.length - 6)))).toBe(
      "the gzip file is damaged or cut short"
    )
    const trace = encodeTrace(twoStages())
    expect(await message("trace.windtunnel", trace.slice(0, 200))).toMatch(/^the trace is truncated/)
    expect(await message("trace.windtunnel", trace.slice(0, -8))).toMatch(/^the trace is truncated/)
  })
})
