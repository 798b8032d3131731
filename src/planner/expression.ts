/**
 * Conditions on the points of a sweep, such as `tensor * pipeline <= 64 && microBatch > 1`.
 *
 * Names are paths (`training.parallelism.tensor`) or their last steps (`tensor`) where only one path ends so. Strings are in quotes.
 * Operators, from the loosest: || && == != < <= > >= + - * / % ! and the sign; parentheses.
 */
import { sweepProblem, type SweepProblem } from "./axis.ts"

export type Value = number | string | boolean | null

/** What a condition and a table see of a written value: maps and lists as their text. */
export const asValue = (value: unknown): Value =>
  typeof value === "number" || typeof value === "string" || typeof value === "boolean"
    ? value
    : value === null || value === undefined
      ? null
      : JSON.stringify(value)

/** @param valueOf the value of a name */
export type Expression = (valueOf: (name: string) => Value) => Value

const token =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|("[^"]*"|'[^']*')|([A-Za-z_][\w.]*(?:-[A-Za-z][\w]*)*)|(\|\||&&|==|!=|<=|>=|[-+*/%!()<>]))/y

interface Reader {
  readonly text: string
  at: number
  next: RegExpExecArray | null
}

class Unreadable extends Error {}

const advance = (reader: Reader): void => {
  token.lastIndex = reader.at
  const found = token.exec(reader.text)
  if (found === null && reader.text.slice(reader.at).trim() !== "")
    throw new Unreadable(reader.text.slice(reader.at).trim())
  reader.next = found
  reader.at = found === null ? reader.text.length : token.lastIndex
}

const truth = (value: Value): boolean => value !== false && value !== null && value !== 0 && value !== ""

const compare = (a: Value, b: Value): number =>
  typeof a === "string" && typeof b === "string" ? (a < b ? -1 : a > b ? 1 : 0) : Number(a) - Number(b)

const binary: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => compare(a, b) < 0,
  "<=": (a, b) => compare(a, b) <= 0,
  ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0,
  "+": (a, b) => Number(a) + Number(b),
  "-": (a, b) => Number(a) - Number(b),
  "*": (a, b) => Number(a) * Number(b),
  "/": (a, b) => Number(a) / Number(b),
  "%": (a, b) => Number(a) % Number(b)
}

/** From the loosest to the tightest. */
const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"]
]

const readLevel = (reader: Reader, level: number): Expression => {
  const operators = levels[level]
  if (operators === undefined) return readUnary(reader)
  let left = readLevel(reader, level + 1)
  for (
    let operator = reader.next?.[4];
    operator !== undefined && operators.includes(operator);
    operator = reader.next?.[4]
  ) {
    advance(reader)
    left = joined(operator, left, readLevel(reader, level + 1))
  }
  return left
}

const joined = (operator: string, a: Expression, b: Expression): Expression => {
  if (operator === "||") return (of) => truth(a(of)) || truth(b(of))
  if (operator === "&&") return (of) => truth(a(of)) && truth(b(of))
  const act = binary[operator]!
  return (of) => act(a(of), b(of))
}

const readUnary = (reader: Reader): Expression => {
  const operator = reader.next?.[4]
  if (operator === "!" || operator === "-") {
    advance(reader)
    const of = readUnary(reader)
    return operator === "!" ? (values) => !truth(of(values)) : (values) => -Number(of(values))
  }
  return readAtom(reader)
}

const words: Readonly<Record<string, Value>> = { true: true, false: false, null: null }

const readAtom = (reader: Reader): Expression => {
  const { next } = reader
  if (next === null) throw new Unreadable("its end")
  const [, number, quoted, name, operator] = next
  advance(reader)
  if (number !== undefined) return () => Number(number)
  if (quoted !== undefined) return () => quoted.slice(1, -1)
  if (name !== undefined) {
    const word = words[name]
    return word === undefined ? (of) => of(name) : () => word
  }
  if (operator !== "(") throw new Unreadable(next[0].trim())
  const inner = readLevel(reader, 0)
  if (reader.next?.[4] !== ")") throw new Unreadable(reader.next?.[0].trim() ?? "its end")
  advance(reader)
  return inner
}

/** Names that an expression asks for. */
const namesIn = (expression: Expression): readonly string[] => {
  const names = new Set<string>()
  for (const answer of [0, 1]) {
    expression((name) => {
      names.add(name)
      return answer
    })
  }
  return [...names]
}

/**
 * Reads a condition.
 *
 * @param about what a problem says it is about, such as --where
 */
export const parseExpression = (
  text: string,
  about: string
):
  | { readonly holds: (valueOf: (name: string) => Value) => boolean; readonly names: readonly string[] }
  | SweepProblem => {
  const reader: Reader = { text, at: 0, next: null }
  try {
    advance(reader)
    const read = readLevel(reader, 0)
    if (reader.next !== null) throw new Unreadable(reader.next[0].trim())
    return { holds: (valueOf) => truth(read(valueOf)), names: namesIn(read) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return sweepProblem(
      `${about}, at ${error.message === "its end" ? "its end" : JSON.stringify(error.message)}`,
      text,
      "a condition such as tensor * pipeline <= 64 && microBatch > 1"
    )
  }
}
