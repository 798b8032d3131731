/**
 * What a shell puts in place of `$NAME`, `${NAME:-default}`, `${LIST[@]}` and `$((1 + 2))`. Nothing is run: `$(...)` stays as it is
 * written, and so does a variable that the script does not set.
 */
import { arithmetic } from "./shell-arithmetic.ts"

/** Variables, and arrays by name. */
export interface Variables {
  readonly texts: ReadonlyMap<string, string>
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** Characters that may still be put in: a text that doubles itself line by line would fill the memory. */
  readonly budget: { left: number }
}

/** More than any script puts in. */
export const usualBudget = 2e7
/** What a word takes besides its characters. */
const wordCost = 20

/** Brackets that are never closed, after which no more are looked for. */
const mostUnclosed = 100

export interface Piece {
  readonly value: string
  readonly end: number
  /** The elements of an array, which are words even inside of double quotes. */
  readonly list?: readonly string[]
}

/** Defaults inside of defaults; a text nests them no deeper unless it is hostile. */
const deepest = 20

/** The expansion that begins with the $ at a place; undefined where a bracket is never closed. */
export const expansion = (text: string, at: number, variables: Variables, depth = 0): Piece | undefined => {
  if (text[at + 1] === "(") return bracketed(text, at, variables)
  if (text[at + 1] === "{") return braced(text, at, variables, depth)
  const name = /^[A-Za-z_]\w*/.exec(text.slice(at + 1, at + 200))?.[0]
  if (name === undefined) return { value: "$", end: at + 1 }
  return { value: valueOf(name, variables) ?? `$${name}`, end: at + 1 + name.length }
}

const valueOf = (name: string, { texts, lists, budget }: Variables): string | undefined => {
  const value = texts.get(name) ?? lists.get(name)?.[0]
  budget.left -= value?.length ?? 0
  return budget.left < 0 ? undefined : value
}

/** Quotes around a default keep blanks and are no part of it. */
const quotes = /"((?:[^"\\]|\\.)*)"|'([^']*)'/g

const braced = (text: string, at: number, variables: Variables, depth: number): Piece | undefined => {
  const close = closing(text, at + 1, "{", "}")
  if (close === undefined) return undefined
  const inside = text.slice(at + 2, close)
  const end = close + 1
  const whole = { value: text.slice(at, end), end }
  const [, listed, index] = /^([A-Za-z_]\w*)\[(@|\*|\d+)\]$/.exec(inside) ?? []
  if (listed !== undefined && index !== undefined) {
    const list = variables.lists.get(listed)
    for (const item of list ?? []) variables.budget.left -= item.length + wordCost
    if (list === undefined || variables.budget.left < 0) return whole
    return index === "@" || index === "*"
      ? { value: list.join(" "), end, list }
      : { value: list[Number(index)] ?? "", end }
  }
  const [, name = "", operator, written = ""] = /^(\w+)(?:(:?[-=+])([\s\S]*))?$/.exec(inside) ?? []
  const other = written.replaceAll(quotes, "$1$2")
  const value = valueOf(name, variables)
  const isSet = value !== undefined && (value !== "" || operator?.startsWith(":") !== true)
  if (operator === undefined) return value === undefined ? whole : { value, end }
  const instead = (): Piece => ({ value: depth > deepest ? other : expanded(other, variables, depth + 1), end })
  if (operator.endsWith("+")) return isSet ? instead() : { value: "", end }
  return isSet ? { value, end } : instead()
}

/** A text with its variables put in, as between double quotes or in a document of a script. */
export const expanded = (text: string, variables: Variables, depth = 0): string => {
  let value = ""
  let unclosed = 0
  for (let at = 0; at < text.length;) {
    const character = text[at] ?? ""
    const isOpen = character === "$" && unclosed < mostUnclosed
    const read = isOpen ? expansion(text, at, variables, depth) : undefined
    if (isOpen && read === undefined) unclosed++
    if (read !== undefined) {
      value += read.value
      at = read.end
    } else if (character === "\\" && "\\$`\n".includes(text[at + 1] ?? " ")) {
      value += text[at + 1] === "\n" ? "" : (text[at + 1] ?? "")
      at += 2
    } else {
      value += character
      at++
    }
  }
  return value
}

/** A sum in `$((...))`; else a command substitution as it is written, to its closing bracket. */
const bracketed = (text: string, at: number, variables: Variables): Piece | undefined => {
  const close = closing(text, at + 1, "(", ")")
  if (close === undefined) return undefined
  const end = close + 1
  const written = text.slice(at, end)
  if (!written.startsWith("$((") || !written.endsWith("))")) return { value: written, end }
  const value = arithmetic(written.slice(3, -2), (name) => valueOf(name, variables))
  return { value: value === undefined ? written : String(value), end }
}

const closing = (text: string, opened: number, open: string, close: string): number | undefined => {
  let depth = 0
  for (let at = opened; at < text.length; at++) {
    if (text[at] === open) depth++
    if (text[at] === close && --depth === 0) return at
  }
  return undefined
}

/** Text between backticks, as it is written. */
export const backticked = (text: string, opened: number): Piece | undefined => {
  const close = text.indexOf("`", opened + 1)
  return close < 0 ? undefined : { value: text.slice(opened, close + 1), end: close + 1 }
}

/** What stands between double quotes; a list in it parts words. */
export const doubleQuoted = (text: string, opened: number, variables: Variables) => {
  // Words but the last are complete; the last one goes on behind the quote.
  const words = [""]
  const add = (piece: string): void => {
    words[words.length - 1] = `${words[words.length - 1] ?? ""}${piece}`
  }
  let at = opened + 1
  while (at < text.length) {
    const character = text[at] ?? ""
    if (character === '"') return { words, end: at + 1 }
    if (character === "\\") {
      const next = text[at + 1] ?? ""
      // Inside of double quotes a backslash is one, except before these.
      add(next === "\n" ? "" : '"\\$`'.includes(next) ? next : `\\${next}`)
      at += 2
    } else if (character === "$") {
      const read = expansion(text, at, variables)
      if (read === undefined) return undefined
      if (read.list === undefined) add(read.value)
      else {
        add(read.list[0] ?? "")
        for (const item of read.list.slice(1)) words.push(item)
      }
      at = read.end
    } else {
      add(character)
      at++
    }
  }
  return undefined
}

/** Words of a value that stands outside of quotes: `$ARGS` is as many as blanks part, a command substitution is one. */
export const fieldsOf = (value: string): readonly string[] => {
  const fields: string[] = []
  let field = ""
  let unclosed = 0
  for (let at = 0; at < value.length; at++) {
    const character = value[at] ?? ""
    const isOpen = character === "$" && value[at + 1] === "(" && unclosed < mostUnclosed
    const close = isOpen ? closing(value, at + 1, "(", ")") : undefined
    if (isOpen && close === undefined) unclosed++
    if (close !== undefined) {
      field += value.slice(at, close + 1)
      at = close
    } else if (/\s/.test(character)) {
      if (field !== "") fields.push(field)
      field = ""
    } else field += character
  }
  return field === "" ? fields : [...fields, field]
}
