/**
 * A trace as Chrome trace events, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
 *
 * Format: "Trace Event Format" (Google, 2016). A rank is a process and a stream a thread; slices are complete events
 * ("X"), counters "C", and arrows pairs of "s" and "f". Times are microseconds, rounded to whole nanoseconds.
 */
import { type InnerSlice, sliceExpander } from "./expand-templates.ts"
import { rowsOfTracks, type TrackRow } from "./track-rows.ts"
import { noIndex, type Trace } from "./trace.ts"

export interface ChromeTraceOptions {
  /** Whether the slices inside templates are written too; they are unless this is false. */
  readonly expandTemplates?: boolean
}

const chunkLength = 65_536

/** The JSON document in chunks of some 64 kB, so that a trace of any size can be written to a file. */
export function* chromeTraceJson(trace: Trace, options: ChromeTraceOptions = {}): Generator<string, void, void> {
  let chunk = '{"displayTimeUnit":"ns","traceEvents":[\n'
  let separator = ""
  for (const event of events(trace, options.expandTemplates ?? true)) {
    chunk += separator + JSON.stringify(event)
    separator = ",\n"
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = ""
  }
  yield `${chunk}\n]}\n`
}

interface ChromeEvent {
  readonly ph: "X" | "C" | "M" | "s" | "f"
  readonly pid: number
  readonly tid?: number
  readonly name: string
  readonly [field: string]: unknown
}

function* events(trace: Trace, expandsTemplates: boolean): Generator<ChromeEvent, void, void> {
  const rows = rowsOfTracks(trace)
  yield* metadata(rows)
  yield* slices(trace, rows, expandsTemplates)
  yield* counters(trace, rows)
}

function* metadata(rows: ReadonlyArray<TrackRow>): Generator<ChromeEvent, void, void> {
  const named = new Set<number>()
  for (const { pid, tid, processName, threadName, isThread } of rows) {
    if (!named.has(pid)) {
      named.add(pid)
      yield { ph: "M", pid, name: "process_name", args: { name: processName } }
      yield { ph: "M", pid, name: "process_sort_index", args: { sort_index: pid } }
    }
    if (!isThread) continue
    yield { ph: "M", pid, tid, name: "thread_name", args: { name: threadName } }
    yield { ph: "M", pid, tid, name: "thread_sort_index", args: { sort_index: tid } }
  }
}

function* slices(trace: Trace, rows: ReadonlyArray<TrackRow>, expandsTemplates: boolean): Generator<ChromeEvent> {
  const { slices, flows } = trace
  const expand = sliceExpander(trace)
  const flowsOut = flowsBySlice(flows.from, slices.track.length)
  const flowsIn = flowsBySlice(flows.to, slices.track.length)
  const endNanoseconds = new Float64Array(trace.tracks.length).fill(-Infinity)

  // Sums of seconds may round to one nanosecond before the end of the slice that they follow, or after the end of the
  // outer one, and a viewer would nest the two wrongly: such a nanosecond is taken away.
  const complete = (slice: Omit<InnerSlice, "outerSlice">, outerEnd = Infinity): ChromeEvent => {
    const { pid, tid } = rows[slice.track]!
    let start = nanoseconds(slice.startSeconds)
    if (start === endNanoseconds[slice.track]! - 1) start++
    let end = Math.max(start, nanoseconds(slice.startSeconds + slice.durationSeconds))
    if (end === outerEnd + 1) end = outerEnd
    endNanoseconds[slice.track] = end
    const name = trace.names[slice.name]!
    return { ph: "X", pid, tid, name, ts: start / 1000, dur: (end - start) / 1000, args: argumentsOf(slice) }
  }

  for (const index of inOrderOfTime(trace)) {
    const track = slices.track[index]!
    const outer = complete({
      track,
      name: slices.name[index]!,
      startSeconds: slices.start[index]!,
      durationSeconds: slices.duration[index]!,
      microBatch: slices.microBatch[index]!,
      layer: slices.layer[index]!,
      stage: slices.stage[index]!,
      bytes: slices.bytes[index]!,
      flops: slices.flops[index]!
    })
    const outerEnd = endNanoseconds[track]!
    yield outer
    // An arrow binds to the slice that began last on its thread: hence at the start, and before the slices inside.
    const end = { pid: outer.pid, tid: rows[track]!.tid, name: "flow", cat: "flow", ts: outer["ts"] }
    for (let flow = flowsOut.first[index]!; flow >= 0; flow = flowsOut.next[flow]!)
      yield { ph: "s", id: flow + 1, ...end }
    for (let flow = flowsIn.first[index]!; flow >= 0; flow = flowsIn.next[flow]!) {
      yield { ph: "f", bp: "e", id: flow + 1, ...end }
    }
    if (expandsTemplates) for (const inner of expand(index)) yield complete(inner, outerEnd)
  }
}

function* counters(trace: Trace, rows: ReadonlyArray<TrackRow>): Generator<ChromeEvent> {
  const { samples } = trace
  for (let row = 0; row < samples.time.length; row++) {
    const counter = trace.counters[samples.counter[row]!]!
    const { pid, counterPrefix } = rows[counter.track]!
    yield {
      ph: "C",
      pid,
      name: counterPrefix + trace.names[counter.name]!,
      ts: nanoseconds(samples.time[row]!) / 1000,
      args: { value: samples.value[row]! }
    }
  }
}

const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9)

const argumentsOf = ({ microBatch, layer, stage, bytes, flops }: Omit<InnerSlice, "outerSlice">) => ({
  ...(microBatch === noIndex ? {} : { microBatch }),
  ...(layer === noIndex ? {} : { layer }),
  ...(stage === noIndex ? {} : { stage }),
  ...(bytes === 0 ? {} : { bytes }),
  ...(flops === 0 ? {} : { flops })
})

/** Slices by start; of those that start together the longest first, so that it becomes the outer one. */
const inOrderOfTime = ({ slices: { start, duration } }: Trace): Uint32Array =>
  Uint32Array.from(start, (_, index) => index).sort(
    (a, b) => start[a]! - start[b]! || duration[b]! - duration[a]! || a - b
  )

/** The flows at each slice as linked lists in two arrays, in the order of recording. */
const flowsBySlice = (ends: Int32Array, sliceCount: number) => {
  const first = new Int32Array(sliceCount).fill(-1)
  const next = new Int32Array(ends.length)
  for (let flow = ends.length - 1; flow >= 0; flow--) {
    next[flow] = first[ends[flow]!]!
    first[ends[flow]!] = flow
  }
  return { first, next }
}
