/**
 * The tables of a trace, each described once by the columns that it asks a source for. One source allocates, one copies
 * a table at another length, one (in `decode-trace.ts`) reads a file.
 */
import type { Flows, Samples, Slices, TemplateEntries, Templates } from "./trace.ts"

export interface ColumnSource {
  readonly integers: (name: string) => Int32Array
  readonly floats: (name: string) => Float64Array
}

export type Table = Readonly<Record<string, Int32Array | Float64Array>>

export const slicesFrom = ({ integers, floats }: ColumnSource): Slices => ({
  track: integers("track"),
  name: integers("name"),
  template: integers("template"),
  microBatch: integers("microBatch"),
  layer: integers("layer"),
  stage: integers("stage"),
  start: floats("start"),
  duration: floats("duration"),
  bytes: floats("bytes"),
  flops: floats("flops")
})

export const samplesFrom = ({ integers, floats }: ColumnSource): Samples => ({
  counter: integers("counter"),
  time: floats("time"),
  value: floats("value")
})

export const flowsFrom = ({ integers }: ColumnSource): Flows => ({ from: integers("from"), to: integers("to") })

export const templatesFrom = ({ integers }: ColumnSource): Templates => ({
  first: integers("first"),
  count: integers("count")
})

export const templateEntriesFrom = ({ integers, floats }: ColumnSource): TemplateEntries => ({
  name: integers("name"),
  stream: integers("stream"),
  microBatch: integers("microBatch"),
  layer: integers("layer"),
  stage: integers("stage"),
  offset: floats("offset"),
  duration: floats("duration"),
  bytes: floats("bytes"),
  flops: floats("flops")
})

/** New columns of zeros. */
export const emptyColumns = (length: number): ColumnSource => ({
  integers: () => new Int32Array(length),
  floats: () => new Float64Array(length)
})

/** Copies of a table's columns at another length: longer ones end in zeros, shorter ones are cut. */
export const resizedColumns = (table: Table, length: number): ColumnSource => {
  const copied = <Column extends Int32Array | Float64Array>(name: string, to: Column): Column => {
    const from = table[name]
    if (from !== undefined) to.set(from.subarray(0, length))
    return to
  }
  return {
    integers: (name) => copied(name, new Int32Array(length)),
    floats: (name) => copied(name, new Float64Array(length))
  }
}

/** A table that grows by doubling as rows are appended. */
export interface GrowingTable<Columns extends Table> {
  /** Current columns; longer than the rows in use, and replaced when the table grows. */
  readonly columns: Columns
  readonly count: number
  /** Index of a new row, with room for it in `columns`. */
  readonly append: () => number
  /** The rows in use, copied. */
  readonly trimmed: () => Columns
}

export const growingTable = <Columns extends Table>(
  columnsFrom: (source: ColumnSource) => Columns
): GrowingTable<Columns> => {
  let capacity = 64
  let count = 0
  let columns = columnsFrom(emptyColumns(capacity))
  return {
    get columns() {
      return columns
    },
    get count() {
      return count
    },
    append: () => {
      if (count === capacity) {
        capacity *= 2
        columns = columnsFrom(resizedColumns(columns, capacity))
      }
      return count++
    },
    trimmed: () => columnsFrom(resizedColumns(columns, count))
  }
}
