/** Reading a trace file: nothing in it is believed before it is checked, so a trace that was read is safe to index. */
import {
  type ColumnSource,
  flowsFrom,
  samplesFrom,
  slicesFrom,
  type Table,
  templateEntriesFrom,
  templatesFrom
} from "./columns.ts"
import { decodeHeader } from "./decode-header.ts"
import { pathKey, siblingPath, templateStreams } from "./sibling-tracks.ts"
import type { Trace } from "./trace.ts"
import { aligned, alignmentBytes, magic, preludeBytes, version, type ColumnPlace } from "./trace-file.ts"

/** Why a file is not a trace that can be read. */
export interface TraceError {
  readonly _tag: "BadTrace"
  readonly problem: "not a trace" | "unknown version" | "truncated" | "damaged"
  /** What was found where. */
  readonly detail: string
}

const bad = (problem: TraceError["problem"], detail: string): TraceError => ({ _tag: "BadTrace", problem, detail })

/** The trace of a file, its columns being views of the file where they are aligned; or what is wrong with the file. */
export const decodeTrace = (bytes: Uint8Array): Trace | TraceError => {
  if (magic.some((byte, index) => index < bytes.length && bytes[index] !== byte)) {
    return bad("not a trace", "the file does not begin with WTTRACE")
  }
  if (bytes.length < preludeBytes) return bad("truncated", `${bytes.length} of at least ${preludeBytes} bytes`)
  const prelude = new DataView(bytes.buffer, bytes.byteOffset, preludeBytes)
  const fileVersion = prelude.getUint32(8, true)
  if (fileVersion !== version) return bad("unknown version", `version ${fileVersion}; this program reads ${version}`)
  const headerEnd = preludeBytes + prelude.getUint32(12, true)
  if (bytes.length < headerEnd) return bad("truncated", `${bytes.length} of at least ${headerEnd} bytes`)

  const header = decodeHeader(new TextDecoder().decode(bytes.subarray(preludeBytes, headerEnd)))
  if (header === undefined) return bad("damaged", "the header is not as it should be")
  const columnsStart = aligned(headerEnd)
  const fileBytes = columnsStart + header.columnsBytes
  if (bytes.length < fileBytes) return bad("truncated", `${bytes.length} of ${fileBytes} bytes`)

  // Columns can be views only where the file itself begins at a multiple of their alignment.
  const file = bytes.byteOffset % alignmentBytes === 0 ? bytes : bytes.slice()
  const reader = columnReader(file.subarray(columnsStart, fileBytes), header.columns)
  const trace: Trace = {
    names: header.names,
    tracks: header.tracks.map((path) => path.map((part) => header.pathParts[part] ?? "")),
    counters: header.counters.map(([track, name]) => ({ track, name })),
    slices: slicesFrom(reader.table("slices")),
    samples: samplesFrom(reader.table("samples")),
    flows: flowsFrom(reader.table("flows")),
    templates: templatesFrom(reader.table("templates")),
    templateEntries: templateEntriesFrom(reader.table("templateEntries"))
  }
  const missing = reader.missing[0]
  if (missing !== undefined) return bad("damaged", `column ${missing} is missing or outside the file`)
  const damage = header.tracks.flat().some((part) => part >= header.pathParts.length) ? "tracks" : damageOf(trace)
  return damage === undefined ? trace : bad("damaged", `${damage} has a value that cannot be`)
}

const columnReader = (columnBytes: Uint8Array, places: readonly ColumnPlace[]) => {
  const missing: Array<string> = []
  const placeOf = (table: string, name: string, type: "i32" | "f64"): readonly [start: number, rows: number] => {
    const bytesPerRow = type === "i32" ? 4 : 8
    const place = places.find((column) => column.table === table && column.name === name && column.type === type)
    const isThere =
      place !== undefined &&
      place.offset % alignmentBytes === 0 &&
      place.offset + place.rows * bytesPerRow <= columnBytes.length
    if (isThere) return [columnBytes.byteOffset + place.offset, place.rows]
    missing.push(`${table}.${name}`)
    return [columnBytes.byteOffset, 0]
  }
  return {
    missing,
    table: (table: string): ColumnSource => ({
      integers: (name) => new Int32Array(columnBytes.buffer, ...placeOf(table, name, "i32")),
      floats: (name) => new Float64Array(columnBytes.buffer, ...placeOf(table, name, "f64"))
    })
  }
}

type Check = readonly [what: string, column: Int32Array | Float64Array, least: number, below: number]

/** The first column with a value that no recorder writes, or undefined. */
const damageOf = (trace: Trace): string | undefined => {
  const { slices, samples, flows, templates, templateEntries: entries, names, tracks, counters } = trace
  const tables: Readonly<Record<string, Table>> = { slices, samples, flows, templates, entries }
  const uneven = Object.entries(tables).find(([, table]) => new Set(Object.values(table).map((c) => c.length)).size > 1)
  if (uneven !== undefined) return `the length of a column of ${uneven[0]}`

  const emptyPath = tracks.findIndex((path) => path.length === 0)
  if (emptyPath >= 0) return `track ${emptyPath}`
  const badCounter = counters.findIndex(({ track, name }) => track >= tracks.length || name >= names.length)
  if (badCounter >= 0) return `counter ${badCounter}`

  const checks: ReadonlyArray<Check> = [
    ["slices.track", slices.track, 0, tracks.length],
    ["slices.name", slices.name, 0, names.length],
    ["slices.template", slices.template, -1, templates.first.length],
    ["slices.start", slices.start, -Number.MAX_VALUE, Infinity],
    ["slices.duration", slices.duration, 0, Infinity],
    ["samples.counter", samples.counter, 0, counters.length],
    ["samples.time", samples.time, -Number.MAX_VALUE, Infinity],
    ["flows.from", flows.from, 0, slices.track.length],
    ["flows.to", flows.to, 0, slices.track.length],
    ["templates.first", templates.first, 0, entries.name.length + 1],
    ["templates.count", templates.count, 0, entries.name.length + 1],
    ["templateEntries.name", entries.name, 0, names.length],
    ["templateEntries.stream", entries.stream, 0, names.length],
    ["templateEntries.offset", entries.offset, -Number.MAX_VALUE, Infinity],
    ["templateEntries.duration", entries.duration, 0, Infinity]
  ]
  // Written so that NaN fails.
  const failed = checks.find(([, column, least, below]) => !column.every((value) => value >= least && value < below))
  if (failed !== undefined) return failed[0]

  const overlong = templates.first.findIndex((first, index) => first + templates.count[index]! > entries.name.length)
  if (overlong >= 0) return `template ${overlong}`
  const known = new Set(tracks.map(pathKey))
  for (const [track, stream] of templateStreams(slices, templates, entries)) {
    if (!known.has(pathKey(siblingPath(tracks[track]!, names[stream]!)))) return "the list of tracks"
  }
  return undefined
}
