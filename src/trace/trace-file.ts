/**
 * The trace file, version 1.
 *
 *     bytes 0-7     magic "WTTRACE\n"
 *     bytes 8-11    version, unsigned
 *     bytes 12-15   length of the header, unsigned
 *     header        JSON in UTF-8: strings, tracks, counters, and where each column is
 *     columns       each at a multiple of 8 bytes from the file's start, so a reader maps it without copying
 *
 * Numbers are little-endian, as is every machine that runs a browser. The same trace gives the same bytes.
 */
import type { Table } from "./columns.ts"
import type { Trace } from "./trace.ts"

export const magic: Uint8Array = Uint8Array.from("WTTRACE\n", (letter) => letter.charCodeAt(0))
export const version = 1
export const preludeBytes = 16
export const alignmentBytes = 8

/** Where a column is. */
export interface ColumnPlace {
  readonly table: string
  readonly name: string
  readonly type: "i32" | "f64"
  readonly rows: number
  /** From the first column's first byte. */
  readonly offset: number
}

/** The header: `tracks` are paths as indices into `pathParts`, `counters` are pairs of a track and a name. */
export interface Header {
  readonly names: readonly string[]
  readonly pathParts: readonly string[]
  readonly tracks: readonly (readonly number[])[]
  readonly counters: readonly (readonly [track: number, name: number])[]
  readonly columns: readonly ColumnPlace[]
  /** Length of all columns with the gaps between them. */
  readonly columnsBytes: number
}

export const aligned = (bytes: number): number => Math.ceil(bytes / alignmentBytes) * alignmentBytes

/** The file of a trace. */
export const encodeTrace = (trace: Trace): Uint8Array<ArrayBuffer> => {
  const columns: Array<{ readonly place: ColumnPlace; readonly values: Int32Array | Float64Array }> = []
  let columnsBytes = 0
  for (const [table, values] of Object.entries(tablesOf(trace))) {
    for (const [name, column] of Object.entries(values)) {
      const type = column instanceof Int32Array ? "i32" : "f64"
      columns.push({ place: { table, name, type, rows: column.length, offset: columnsBytes }, values: column })
      columnsBytes = aligned(columnsBytes + column.byteLength)
    }
  }
  const pathParts = [...new Set(trace.tracks.flat())]
  const partNumbers = new Map(pathParts.map((part, number) => [part, number]))
  const header: Header = {
    names: trace.names,
    pathParts,
    tracks: trace.tracks.map((path) => path.map((part) => partNumbers.get(part)!)),
    counters: trace.counters.map(({ track, name }) => [track, name]),
    columns: columns.map(({ place }) => place),
    columnsBytes
  }
  const headerText = new TextEncoder().encode(JSON.stringify(header))
  const columnsStart = aligned(preludeBytes + headerText.length)
  const file = new Uint8Array(columnsStart + columnsBytes)
  file.set(magic)
  const prelude = new DataView(file.buffer)
  prelude.setUint32(8, version, true)
  prelude.setUint32(12, headerText.length, true)
  file.set(headerText, preludeBytes)
  for (const { place, values } of columns) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), columnsStart + place.offset)
  }
  return file
}

const tablesOf = (trace: Trace): Readonly<Record<string, Table>> => ({
  slices: trace.slices,
  samples: trace.samples,
  flows: trace.flows,
  templates: trace.templates,
  templateEntries: trace.templateEntries
})
