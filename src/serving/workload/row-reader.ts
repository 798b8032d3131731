/**
 * The rows of a trace, checked one by one and kept in typed columns: 16 bytes a request, and 8 for each block of its prompt.
 */
import type { RequestTrace } from "../types.ts"
import { makeColumn } from "./growing-column.ts"
import { numberOf } from "./timestamp.ts"
import type { Placement, Role, TraceFormat } from "./trace-formats.ts"
import { excerpt, type TraceRefusal } from "./trace-refusal.ts"

/** What is wrong with a row. */
export type Problem = Pick<TraceRefusal, "column" | "given" | "expected">

export interface RowReader {
  /** Keeps the row whose fields are given by role, or says what is wrong with it; then nothing of it is kept. */
  readonly read: (field: (role: Role) => unknown) => Problem | undefined
  /** Requests that failed when they were recorded; left out. */
  readonly failures: () => number
  readonly rows: () => number
  /** The trace; only of one row or more. */
  readonly take: (name: string, skippedRows: number) => RequestTrace
}

const mostTokens = 2 ** 31 - 1
// The simulator adds 1 to every id, for 0 is no id there; the sum must stay exact.
const greatestBlock = Number.MAX_SAFE_INTEGER - 1

export const makeRowReader = (format: TraceFormat, placement: Placement): RowReader => {
  const arrival = makeColumn((length) => new Float64Array(length))
  const prompt = makeColumn((length) => new Int32Array(length))
  const output = makeColumn((length) => new Int32Array(length))
  const firstBlock = makeColumn((length) => new Int32Array(length))
  const blocks = makeColumn((length) => new Float64Array(length))
  const classIndex = makeColumn((length) => new Int32Array(length))
  const classNames = new Map<string, number>()
  const readTime = format.makeTimeReader()
  let firstTime: unknown
  let failures = 0
  firstBlock.push(0)

  const read: RowReader["read"] = (field) => {
    const bad = (role: Role, expected: string): Problem => ({
      column: placement[role]!.name,
      given: shown(field(role)),
      expected
    })
    const time = placement.time === undefined ? 0 : readTime(field("time"))
    if (Number.isNaN(time)) return bad("time", format.timeExpected)
    if (time < arrival.last()) return bad("time", "a time not before the row above: sort the rows by time")
    const outputTokens = numberOf(field("output"))
    if (format.areFailuresListed && outputTokens === 0) {
      failures++
      return undefined
    }
    const promptTokens = numberOf(field("prompt"))
    if (!isTokenCount(promptTokens)) return bad("prompt", tokensExpected)
    if (!isTokenCount(outputTokens)) return bad("output", tokensExpected)
    const className = placement.class === undefined ? "" : field("class")
    if (typeof className !== "string" || (placement.class !== undefined && className === ""))
      return bad("class", "the name of a class")
    const ids = placement.blocks === undefined ? [] : field("blocks")
    const most = placement.blocks === undefined ? 0 : Math.ceil(promptTokens / format.blockTokens)
    if (!isBlockList(ids) || ids.length > most)
      return bad("blocks", `at most ${most} whole numbers, one a block of ${format.blockTokens} tokens of the prompt`)

    if (arrival.length() === 0) firstTime = field("time")
    arrival.push(time)
    prompt.push(promptTokens)
    output.push(outputTokens)
    if (placement.class !== undefined) {
      if (!classNames.has(className)) classNames.set(className, classNames.size)
      classIndex.push(classNames.get(className)!)
    }
    if (placement.blocks !== undefined) {
      for (const id of ids) blocks.push(id)
      firstBlock.push(blocks.length())
    }
    return undefined
  }

  const notes = (): readonly string[] => {
    const timeNote =
      placement.time === undefined
        ? ["the trace has no times: every request comes at 0 s"]
        : Number(firstTime) === 0
          ? []
          : [`times are counted from the first request, at ${placement.time.name} ${shown(firstTime)}`]
    return failures === 0 ? timeNote : [...timeNote, `${failures} requests that failed when recorded are left out`]
  }

  return {
    read,
    failures: () => failures,
    rows: arrival.length,
    take: (name, skippedRows) => {
      const arrivalSeconds = arrival.take()
      const start = arrivalSeconds[0]!
      for (let row = 0; row < arrivalSeconds.length; row++) arrivalSeconds[row]! -= start
      return {
        name,
        arrivalSeconds,
        promptTokens: prompt.take(),
        outputTokens: output.take(),
        prefixes:
          placement.blocks === undefined
            ? null
            : { first: firstBlock.take(), ids: blocks.take(), blockTokens: format.blockTokens },
        skippedRows,
        ...(placement.class === undefined
          ? {}
          : { classes: { names: [...classNames.keys()], index: classIndex.take() } }),
        notes: notes()
      }
    }
  }
}

const tokensExpected = "a whole number of tokens, at least 1"

const isTokenCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= mostTokens

const isBlockList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0 && id <= greatestBlock)

const shown = (value: unknown): string =>
  value === "" ? "nothing" : excerpt(typeof value === "string" ? value : JSON.stringify(value))
