/**
 * Chrome trace events (Perfetto's JSON, PyTorch's profiler) as a trace of ours.
 *
 * Format: "Trace Event Format" (Google, 2016): complete events "X", pairs "B" and "E", async pairs "b" and "e", instants,
 * counters "C", flows "s" "t" "f", names "M". Times are microseconds. An event that makes no sense is left out and
 * counted; nothing in a file is believed before it is checked.
 */
import { makeRecorder, type Trace } from "../../src/trace/index.ts"

export interface ReadTrace {
  readonly trace: Trace
  /** Category of a slice as the file says, or "". */
  readonly categoryOf: (slice: number) => string
  /** What the file says of a slice beyond the columns. */
  readonly argumentsOf: (slice: number) => Readonly<Record<string, unknown>>
  /** What was left out, one sentence each. */
  readonly remarks: readonly string[]
}

export interface BadFile {
  readonly _tag: "BadFile"
  readonly message: string
}

export const badFile = (message: string): BadFile => ({ _tag: "BadFile", message })

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

/** Names longer than this are cut: nobody reads them, and a picture must be drawn of them. */
const longestName = 500

const textOf = (value: unknown, otherwise = ""): string =>
  typeof value === "string"
    ? value.length > longestName
      ? `${value.slice(0, longestName)}…`
      : value
    : typeof value === "number"
      ? String(value)
      : otherwise

/** The events of a document: an array, or an object that has one; undefined where there are none. */
const eventsOf = (document: unknown): readonly unknown[] | undefined => {
  if (Array.isArray(document)) return document
  if (!isFields(document)) return undefined
  return Array.isArray(document["traceEvents"]) ? document["traceEvents"] : undefined
}

/** Whether a document looks like trace events. */
export const hasEvents = (document: unknown): boolean => eventsOf(document) !== undefined

interface Slice {
  readonly row: string
  readonly name: string
  readonly start: number
  readonly duration: number
  readonly category: string
  readonly args: Fields
}

export const readChromeEvents = (document: unknown): ReadTrace | BadFile => {
  const events = eventsOf(document)
  if (events === undefined) return badFile("the file has no trace events: expected an array, or traceEvents")
  const left = new Map<string, number>()
  const leave = (why: string): undefined => {
    left.set(why, (left.get(why) ?? 0) + 1)
  }
  const processes = new Map<string, string>()
  const threads = new Map<string, string>()
  const slices: Slice[] = []
  const samples: { readonly row: string; readonly name: string; readonly time: number; readonly value: number }[] = []
  const flowEnds: { readonly id: string; readonly row: string; readonly time: number; readonly isStart: boolean }[] = []
  const open = new Map<string, { readonly event: Fields; readonly time: number }[]>()
  const rows = new Map<string, { readonly pid: string; readonly tid: string }>()
  let origin = Infinity

  const rowOf = (pid: string, tid: string): string => {
    const key = JSON.stringify([pid, tid])
    if (!rows.has(key)) rows.set(key, { pid, tid })
    return key
  }
  const timeOf = (event: Fields): number | undefined => {
    const time = typeof event["ts"] === "number" ? event["ts"] : Number(textOf(event["ts"], "x"))
    if (!Number.isFinite(time) || Math.abs(time) > 1e18) return leave("without a valid time")
    if (time < origin) origin = time
    return time
  }
  const keep = (event: Fields, row: string, start: number, duration: number): void => {
    if (!Number.isFinite(duration)) return leave("without a valid duration")
    if (duration < 0) return leave("with a negative duration")
    const args = isFields(event["args"]) ? event["args"] : {}
    const name = textOf(event["name"], "(no name)")
    slices.push({ row, name, start, duration, category: textOf(event["cat"]), args })
  }

  for (const event of events) {
    if (!isFields(event)) {
      leave("that are no objects")
      continue
    }
    const [pid, tid] = [textOf(event["pid"], "0"), textOf(event["tid"], "0")]
    const phase = event["ph"]
    if (phase === "M") {
      const args = isFields(event["args"]) ? event["args"] : {}
      const name = textOf(args["name"])
      if (event["name"] === "process_name" && name !== "") processes.set(pid, name)
      if (event["name"] === "thread_name" && name !== "") threads.set(rowOf(pid, tid), name)
      continue
    }
    const time = timeOf(event)
    if (time === undefined) continue
    if (phase === "X") {
      const duration = event["dur"] ?? 0
      keep(event, rowOf(pid, tid), time, typeof duration === "number" ? duration : Number(textOf(duration, "x")))
    } else if (phase === "B" || phase === "b") {
      const key = phase === "B" ? rowOf(pid, tid) : asyncKey(event, pid)
      const stack = open.get(key) ?? []
      open.set(key, stack)
      stack.push({ event, time })
    } else if (phase === "E" || phase === "e") {
      const begun = open.get(phase === "E" ? rowOf(pid, tid) : asyncKey(event, pid))?.pop()
      if (begun === undefined) leave("that end what never began")
      else
        keep(
          begun.event,
          rowOf(pid, phase === "E" ? tid : textOf(begun.event["cat"], "async")),
          begun.time,
          time - begun.time
        )
    } else if (phase === "i" || phase === "I" || phase === "R" || phase === "n") keep(event, rowOf(pid, tid), time, 0)
    else if (phase === "C") {
      const args = isFields(event["args"]) ? Object.entries(event["args"]).slice(0, 16) : []
      for (const [series, value] of args) {
        const number = typeof value === "number" ? value : Number(textOf(value, "x"))
        if (!Number.isFinite(number)) leave("with a counter that is no number")
        else {
          const name = textOf(event["name"], "counter")
          const whole = args.length === 1 && series === "value" ? name : `${name} ${textOf(series)}`
          samples.push({ row: rowOf(pid, ""), name: whole, time, value: number })
        }
      }
    } else if (phase === "s" || phase === "f" || phase === "t") {
      const id = `${textOf(event["cat"])} ${textOf(event["id"], textOf(event["name"]))}`
      flowEnds.push({ id, row: rowOf(pid, tid), time, isStart: phase === "s" })
    } else leave("of a kind that is not shown")
  }
  const unfinished = [...open.values()].reduce((sum, stack) => sum + stack.length, 0)
  if (unfinished > 0) left.set("that never end", unfinished)
  if (slices.length === 0 && samples.length === 0)
    return badFile(events.length === 0 ? "the file has no events" : `none of ${events.length} events can be shown`)

  const pathOf = (row: string): readonly string[] => {
    const { pid, tid } = rows.get(row) ?? { pid: "0", tid: "0" }
    const process = processes.get(pid) ?? `process ${pid}`
    // Our own export writes the path into the process's name.
    const outer = process.split(" / ")
    return tid === "" ? outer : [...outer, threads.get(row) ?? `thread ${tid}`]
  }
  const recorder = makeRecorder({ mode: "full" })
  const tracks = new Map<string, number>()
  const trackOf = (row: string): number => {
    const known = tracks.get(row)
    if (known !== undefined) return known
    const made = recorder.track(pathOf(row))
    tracks.set(row, made)
    return made
  }
  const seconds = (microseconds: number): number => (microseconds - origin) / 1e6
  for (const { row, name, start, duration, args } of slices)
    recorder.slice(trackOf(row), recorder.name(name), seconds(start), duration / 1e6, columnsOf(args))
  for (const { row, name, time, value } of samples)
    recorder.sample(recorder.counter(trackOf(row), recorder.name(name)), seconds(time), value)
  for (const [from, to] of pairFlows(flowEnds, slices)) recorder.flow(from, to)
  return {
    trace: recorder.finish(),
    categoryOf: (slice) => slices[slice]?.category ?? "",
    argumentsOf: (slice) => slices[slice]?.args ?? {},
    remarks: [...left].map(([why, count]) => `${count} event${count === 1 ? "" : "s"} ${why} left out`)
  }
}

const asyncKey = (event: Fields, pid: string): string =>
  JSON.stringify(["async", pid, textOf(event["cat"]), textOf(event["id"], textOf(event["name"]))])

const columnsOf = (args: Fields) => {
  const whole = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : undefined
  const amount = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined
  const [microBatch, layer, stage] = [whole(args["microBatch"]), whole(args["layer"]), whole(args["stage"])]
  const [bytes, flops] = [amount(args["bytes"]), amount(args["flops"])]
  return {
    ...(microBatch === undefined ? {} : { microBatch }),
    ...(layer === undefined ? {} : { layer }),
    ...(stage === undefined ? {} : { stage }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(flops === undefined ? {} : { flops })
  }
}

interface FlowEnd {
  readonly id: string
  readonly row: string
  readonly time: number
  readonly isStart: boolean
}

/** Arrows bind to the innermost slice around their ends. */
const pairFlows = (ends: readonly FlowEnd[], slices: readonly Slice[]): readonly (readonly [number, number])[] => {
  if (ends.length === 0) return []
  const byRow = Map.groupBy(
    slices.map((_, index) => index),
    (index) => slices[index]!.row
  )
  for (const own of byRow.values()) own.sort((a, b) => slices[a]!.start - slices[b]!.start)
  const sliceAt = ({ row, time }: FlowEnd): number => {
    const own = byRow.get(row) ?? []
    let [low, high] = [0, own.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (slices[own[middle]!]!.start <= time) low = middle + 1
      else high = middle
    }
    for (let at = low - 1; at >= Math.max(0, low - 50); at--) {
      const { start, duration } = slices[own[at]!]!
      if (start + duration >= time) return own[at]!
    }
    return -1
  }
  const sources = new Map<string, number>()
  const pairs: (readonly [number, number])[] = []
  for (const end of [...ends].sort((a, b) => a.time - b.time || Number(b.isStart) - Number(a.isStart))) {
    const slice = sliceAt(end)
    if (slice < 0) continue
    const from = sources.get(end.id)
    if (!end.isStart && from !== undefined && from !== slice) pairs.push([from, slice])
    sources.set(end.id, slice)
  }
  return pairs
}
