import { describe, expect, test } from "vitest"
import { decodeTrace, encodeTrace, makeRecorder, type Trace, type TraceError } from "../../src/trace/index.ts"
import { exampleTrace } from "./example.ts"

const problemOf = (read: Trace | TraceError): string => ("_tag" in read ? read.problem : "none")

/** A file of the example with its header's text changed, and its length kept by spaces at the end. */
const withHeader = (from: string, to: string): Uint8Array => {
  const file = encodeTrace(exampleTrace())
  const headerBytes = new DataView(file.buffer).getUint32(12, true)
  const header = new TextDecoder().decode(file.subarray(16, 16 + headerBytes))
  expect(header).toContain(from)
  file.set(new TextEncoder().encode(header.replace(from, to).padEnd(headerBytes)), 16)
  return file
}

describe("a trace file", () => {
  test("gives back the trace that was written", () => {
    const trace = exampleTrace()
    expect(decodeTrace(encodeTrace(trace))).toEqual(trace)
  })

  test("of an empty trace gives back the empty trace", () => {
    const empty = makeRecorder({ mode: "off" }).finish()
    expect(decodeTrace(encodeTrace(empty))).toEqual(empty)
  })

  test("keeps names in any script", () => {
    const recorder = makeRecorder({ mode: "full" })
    recorder.slice(recorder.track(["Île-de-France", "流"]), recorder.name('Σ "quoted"\n'), 1, 2)
    const trace = recorder.finish()
    expect(decodeTrace(encodeTrace(trace))).toEqual(trace)
  })

  test("has the same bytes whenever the same is recorded", () => {
    expect(encodeTrace(exampleTrace())).toEqual(encodeTrace(exampleTrace()))
  })

  test("is read without copying when aligned, and from any place in a buffer", () => {
    const trace = exampleTrace()
    const file = encodeTrace(trace)
    const aligned = decodeTrace(file)
    expect("slices" in aligned && aligned.slices.start.buffer === file.buffer).toBe(true)
    const shifted = new Uint8Array(file.length + 3)
    shifted.set(file, 3)
    expect(decodeTrace(shifted.subarray(3))).toEqual(trace)
  })

  test("holds a thousand operations of a hundred kernels in less than 80 kB", () => {
    const recorder = makeRecorder({ mode: "full" })
    const track = recorder.track(["cluster", "node 0", "rank 0", "compute"])
    const template = recorder.template(
      Array.from({ length: 100 }, (_, layer) => ({
        name: "kernel",
        stream: "compute",
        offsetSeconds: layer / 100,
        durationSeconds: 0.01,
        layer
      }))
    )
    for (let index = 0; index < 1000; index++) recorder.slice(track, recorder.name("forward"), index, 1, { template })
    expect(encodeTrace(recorder.finish()).length).toBeLessThan(80_000)
  })
})

describe("a file that is no trace", () => {
  const file = encodeTrace(exampleTrace())

  test("is refused when it begins otherwise", () => {
    expect(decodeTrace(new TextEncoder().encode('{"traceEvents":[]}'))).toEqual({
      _tag: "BadTrace",
      problem: "not a trace",
      detail: "the file does not begin with WTTRACE"
    })
  })

  test("is refused at every length shorter than its own", () => {
    for (let length = 0; length < file.length; length++) {
      expect(problemOf(decodeTrace(file.slice(0, length)))).toBe("truncated")
    }
  })

  test("is refused when of another version", () => {
    const newer = file.slice()
    newer[8] = 2
    expect(decodeTrace(newer)).toMatchObject({
      problem: "unknown version",
      detail: "version 2; this program reads 1"
    })
  })

  test("is refused when its header is not JSON, or is of another shape", () => {
    const garbled = file.slice()
    garbled[16] = 0xff
    expect(problemOf(decodeTrace(garbled))).toBe("damaged")
    expect(problemOf(decodeTrace(withHeader('"rows":3', '"rows":"')))).toBe("damaged")
  })

  test("is refused when a column is missing, outside the file or uneven", () => {
    expect(decodeTrace(withHeader('"name":"duration"', '"name":"durations'))).toMatchObject({ problem: "damaged" })
    expect(decodeTrace(withHeader('"name":"stage"', '"name":"stagE"'))).toMatchObject({
      detail: "column slices.stage is missing or outside the file"
    })
    expect(decodeTrace(withHeader('"rows":3', '"rows":9e9').slice())).toMatchObject({ problem: "damaged" })
    expect(decodeTrace(withHeader('"rows":3', '"rows":2'))).toMatchObject({
      detail: "the length of a column of slices has a value that cannot be"
    })
  })

  test.each([
    ["a track that is not there", (trace: Trace) => (trace.slices.track[0] = 99), "slices.track"],
    ["a name that is not there", (trace: Trace) => (trace.slices.name[1] = -1), "slices.name"],
    ["a start that is no number", (trace: Trace) => (trace.slices.start[0] = NaN), "slices.start"],
    ["a negative duration", (trace: Trace) => (trace.slices.duration[2] = -1), "slices.duration"],
    ["an arrow to nowhere", (trace: Trace) => (trace.flows.to[1] = 3), "flows.to"],
    ["a sample of no counter", (trace: Trace) => (trace.samples.counter[0] = 1), "samples.counter"],
    ["a template beyond the entries", (trace: Trace) => (trace.templates.first[0] = 1), "template 0"],
    ["a stream without its track", (trace: Trace) => (trace.templateEntries.stream[0] = 2), "the list of tracks"]
  ])("is refused with %s", (_, spoil, what) => {
    const trace = exampleTrace()
    spoil(trace)
    expect(decodeTrace(encodeTrace(trace))).toEqual({
      _tag: "BadTrace",
      problem: "damaged",
      detail: `${what} has a value that cannot be`
    })
  })
})
