/**
 * Reads a recorded workload from its text, piece by piece as it comes from a file or the network; of a row only its numbers
 * are kept.
 *
 * A row is bad when it does not have its columns, its time is no time or lies before the row above, or its tokens are not whole
 * numbers of at least 1. A bad row is refused with its line number, or skipped and counted. What makes the whole file suspect
 * (compressed, binary, empty, of no known format, without a column it should have) is always refused.
 */
import type { RequestTrace } from "../types.ts"
import { csvFields } from "./csv-fields.ts"
import { makeLineSplitter } from "./lines.ts"
import { makeRowReader, type Problem, type RowReader } from "./row-reader.ts"
import { signatureOf } from "./signatures.ts"
import { formatList, placeColumns, recognise, traceFormats, type Placement } from "./trace-formats.ts"
import type { TraceFormatName } from "./trace-formats.ts"
import { excerpt, type TraceRefusal } from "./trace-refusal.ts"

export interface TraceReaderOptions {
  /** Named in refusals and in the trace: usually the file. */
  readonly name: string
  /** Recognised from the columns when left out. */
  readonly format?: TraceFormatName | undefined
  readonly onBadRow: "refuse" | "skip"
}

export interface TraceReader {
  /** Takes the next piece of the text; a refusal is final and comes again from every later call. */
  readonly push: (chunk: string) => TraceRefusal | undefined
  /** The trace, after the last piece; its first request comes at 0 s. */
  readonly finish: () => RequestTrace | TraceRefusal
}

/** Characters of a line. A prompt of 10 million tokens in blocks of 512 takes about 150,000. */
const longestLine = 2 ** 20

/** What the header of a CSV, or the first object of JSON lines, told of the rows. */
interface Layout {
  readonly placement: Placement
  readonly rows: RowReader
  /** Fields of a CSV row; null for JSON lines. */
  readonly fields: number | null
}

export const makeTraceReader = ({ name, format: wanted, onBadRow }: TraceReaderOptions): TraceReader => {
  let layout: Layout | undefined
  let skipped = 0
  let refusal: TraceRefusal | undefined
  let firstBadRow: TraceRefusal | undefined

  const refuse = (line: number, problem: Problem): void => {
    refusal ??= { _tag: "BadTrace", name, line, ...problem }
  }
  const badRow = (line: number, problem: Problem): void => {
    if (onBadRow === "refuse") return refuse(line, problem)
    skipped++
    firstBadRow ??= { _tag: "BadTrace", name, line, ...problem }
  }

  /** Finds the format by the columns; refuses when they belong to none or one is missing. */
  const lookAt = (columns: readonly string[], line: number, fields: number | null): Layout | undefined => {
    const found = wanted ?? recognise(columns)
    const given = excerpt(columns.join(", "))
    if (found === undefined) {
      refuse(line, { given, expected: `the columns of a format: ${formatList()}` })
      return undefined
    }
    const placement = placeColumns(traceFormats[found], columns)
    if (typeof placement !== "string") return { placement, rows: makeRowReader(traceFormats[found], placement), fields }
    refuse(line, { column: placement, given, expected: `a column ${placement}, as ${found} traces have` })
    return undefined
  }

  const readObject = (text: string, line: number): void => {
    const row = parsedObject(text)
    if (row === undefined)
      return badRow(line, {
        given: excerpt(text),
        expected: /\b(?:NaN|Infinity)\b/.test(text)
          ? "a JSON object, in which NaN and Infinity are no numbers"
          : "a whole JSON object on one line"
      })
    layout ??= lookAt(Object.keys(row), line, null)
    if (layout === undefined) return
    const { placement, rows } = layout
    for (const { name: column } of Object.values(placement))
      if (!Object.hasOwn(row, column))
        return badRow(line, { column, given: excerpt(text), expected: `a key ${column}, as in the first row` })
    const problem = rows.read((role) => row[placement[role]?.name ?? ""])
    if (problem !== undefined) badRow(line, problem)
  }

  const readFields = (text: string, line: number): void => {
    const fields = csvFields(text)
    if (layout === undefined) {
      layout = lookAt(fields, line, fields.length)
      return
    }
    if (fields.length !== layout.fields)
      return badRow(line, { given: excerpt(text), expected: `${layout.fields} fields, as the header has` })
    const { placement, rows } = layout
    const problem = rows.read((role) => fields[placement[role]?.place ?? -1])
    if (problem !== undefined) badRow(line, problem)
  }

  const readLine = (text: string, line: number): void => {
    if (refusal !== undefined || text.trim() === "") return
    if (text.includes("\0")) {
      const problem = { given: excerpt(text), expected: "UTF-8 text: this is binary, or UTF-16" }
      return layout === undefined ? refuse(line, problem) : badRow(line, problem)
    }
    if (layout === undefined && text.trimStart().startsWith("["))
      return refuse(line, { given: excerpt(text), expected: "one JSON object a line, not a JSON array" })
    const areObjects = layout === undefined ? text.trimStart().startsWith("{") : layout.fields === null
    if (areObjects) readObject(text, line)
    else readFields(text, line)
  }

  const checkBeginning = (text: string): void => {
    const compression = signatureOf(text)
    if (compression !== undefined) refuse(1, { given: `a ${compression} file`, expected: "text: decompress it first" })
  }

  const lines = makeLineSplitter(longestLine, {
    line: (text, line) => {
      if (line === 1) checkBeginning(text)
      readLine(text, line)
    },
    tooLong: (beginning, line) => {
      const expected = `one request a line, of at most ${longestLine.toLocaleString("en")} characters`
      const problem = { given: excerpt(beginning), expected }
      if (layout === undefined) refuse(line, problem)
      else badRow(line, problem)
    }
  })

  let isAtStart = true
  const push = (chunk: string): TraceRefusal | undefined => {
    if (refusal !== undefined || chunk === "") return refusal
    lines.push(isAtStart && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk)
    isAtStart = false
    // A compressed file shows itself before its first line ends, which may be far away.
    const { text, number } = lines.unfinished()
    if (number === 1) checkBeginning(text)
    return refusal
  }

  const finish = (): RequestTrace | TraceRefusal => {
    if (refusal === undefined) lines.finish()
    if (refusal !== undefined) return refusal
    if (layout !== undefined && layout.rows.rows() > 0) return layout.rows.take(name, skipped)
    if (firstBadRow !== undefined) return firstBadRow
    const given =
      layout === undefined
        ? "an empty file"
        : layout.rows.failures() > 0
          ? "failed requests alone"
          : "a header without rows"
    return { _tag: "BadTrace", name, line: 0, given, expected: "at least one request" }
  }
  return { push, finish }
}

const parsedObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
