/**
 * The header of a trace file, read by hand: the viewer opens traces without the weight of a schema library.
 */
import type { ColumnPlace, Header } from "./trace-file.ts"

type Check<A> = (value: unknown) => value is A

const isText: Check<string> = (value) => typeof value === "string"
const isIndex: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const listOf =
  <A>(isOne: Check<A>): Check<readonly A[]> =>
  (value): value is readonly A[] =>
    Array.isArray(value) && value.every(isOne)
const isPair: Check<readonly [number, number]> = (value): value is readonly [number, number] =>
  listOf(isIndex)(value) && value.length === 2

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const isColumn: Check<ColumnPlace> = (value): value is ColumnPlace => {
  const { table, name, type, rows, offset } = fieldsOf(value)
  return isText(table) && isText(name) && (type === "i32" || type === "f64") && isIndex(rows) && isIndex(offset)
}

const isHeader: Check<Header> = (value): value is Header => {
  const { names, pathParts, tracks, counters, columns, columnsBytes } = fieldsOf(value)
  return (
    listOf(isText)(names) &&
    listOf(isText)(pathParts) &&
    listOf(listOf(isIndex))(tracks) &&
    listOf(isPair)(counters) &&
    listOf(isColumn)(columns) &&
    isIndex(columnsBytes)
  )
}

/** The header in a text, or undefined where the text is not one. */
export const decodeHeader = (text: string): Header | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isHeader(value) ? value : undefined
  } catch {
    return undefined
  }
}
