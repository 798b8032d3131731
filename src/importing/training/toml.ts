/**
 * TOML as a training configuration uses it: sections, dotted keys, strings, numbers, truths, arrays, inline tables (toml.io, 1.0).
 * Dates, tables in arrays and strings over several lines are refused.
 */

export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue }

export interface TomlLeaf {
  /** Section and key, joined by dots. */
  readonly path: string
  readonly value: TomlValue
  /** Counted from 1. */
  readonly line: number
}

export interface TomlError {
  readonly _tag: "TomlError"
  readonly line: number
  readonly given: string
  readonly expected: string
}

const wrong = (line: number, given: string, expected: string): TomlError => ({
  _tag: "TomlError",
  line,
  given: given.trim().slice(0, 60),
  expected
})

const keyPattern = String.raw`(?:[\w-]+|"[^"\n]*"|'[^'\n]*')`
const dotted = new RegExp(String.raw`^${keyPattern}(?:\s*\.\s*${keyPattern})*`)
const sectionLine = /^\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/

const pathOf = (key: string): string =>
  [...key.matchAll(new RegExp(keyPattern, "g"))].map(([part]) => part.replaceAll(/^["']|["']$/g, "")).join(".")

const deepest = 20
/** Lines with brackets of one list. */
const mostAttempts = 200

export const parseToml = (text: string): readonly TomlLeaf[] | TomlError => {
  const leaves: TomlLeaf[] = []
  const lines = text.split(/\r?\n/)
  let section = ""
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").trim()
    if (line === "" || line.startsWith("#")) continue
    if (line.startsWith("[["))
      return wrong(index + 1, line, "a section such as [training]: lists of tables are not read here")
    const [, name] = sectionLine.exec(line) ?? []
    if (name !== undefined) {
      section = pathOf(name)
      continue
    }
    const key = dotted.exec(line)?.[0]
    const rest = key === undefined ? "" : line.slice(key.length).trimStart()
    if (key === undefined || !rest.startsWith("=")) return wrong(index + 1, line, "a section or key = value")
    // An array may go on over lines.
    let written = rest.slice(1).trim()
    let read = readValue(written, 0, 0)
    const start = index
    let attempts = 0
    while (read === "more" && index + 1 < lines.length && attempts < mostAttempts) {
      const more = lines[++index] ?? ""
      written = `${written}\n${more}`
      // Only a bracket ends it.
      if (!more.includes("]")) continue
      read = readValue(written, 0, 0)
      attempts++
    }
    if (read === undefined || read === "more" || !/^\s*(?:#.*)?$/.test(written.slice(read.end)))
      return wrong(start + 1, line, "a text in quotes, a number, true, false, or a list of these")
    leaves.push({
      path: [section, pathOf(key)].filter((part) => part !== "").join("."),
      value: read.value,
      line: start + 1
    })
  }
  return leaves
}

interface Read {
  readonly value: TomlValue
  readonly end: number
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" }

/** The value at a place; "more" where the text ends inside of a list. */
const readValue = (text: string, from: number, depth: number): Read | "more" | undefined => {
  let at = skipBlank(text, from)
  const character = text[at]
  if (character === undefined) return depth > 0 ? "more" : undefined
  if (depth > deepest) return undefined
  if (character === '"' || character === "'") return readText(text, at)
  if (character === "[") {
    const items: TomlValue[] = []
    at = skipBlank(text, at + 1)
    while (text[at] !== "]") {
      const item = readValue(text, at, depth + 1)
      if (item === undefined || item === "more") return item
      items.push(item.value)
      at = skipBlank(text, item.end)
      if (text[at] === ",") at = skipBlank(text, at + 1)
      else if (text[at] === undefined) return "more"
      else if (text[at] !== "]") return undefined
    }
    return { value: items, end: at + 1 }
  }
  if (character === "{") return readTable(text, at, depth)
  const word = /^[^\s,\]}#]+/.exec(text.slice(at, at + 100))?.[0] ?? ""
  const end = at + word.length
  if (word === "true" || word === "false") return { value: word === "true", end }
  const plain = word.replaceAll(/(?<=\d)_(?=\d)/g, "")
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? { value: Number(plain), end } : undefined
}

const readTable = (text: string, opened: number, depth: number): Read | undefined => {
  const table: Record<string, TomlValue> = Object.create(null) as Record<string, TomlValue>
  let at = skipBlank(text, opened + 1)
  while (text[at] !== "}") {
    const key = dotted.exec(text.slice(at))?.[0]
    if (key === undefined) return undefined
    at = skipBlank(text, at + key.length)
    if (text[at] !== "=") return undefined
    const item = readValue(text, at + 1, depth + 1)
    if (item === undefined || item === "more") return undefined
    table[pathOf(key)] = item.value
    at = skipBlank(text, item.end)
    if (text[at] === ",") at = skipBlank(text, at + 1)
    else if (text[at] !== "}") return undefined
  }
  return { value: { ...table }, end: at + 1 }
}

const readText = (text: string, opened: number): Read | undefined => {
  const quote = text[opened] ?? ""
  if (text.startsWith(quote.repeat(3), opened)) return undefined
  let value = ""
  for (let at = opened + 1; at < text.length; at++) {
    const character = text[at] ?? ""
    if (character === quote) return { value, end: at + 1 }
    if (character === "\n") return undefined
    if (character === "\\" && quote === '"') {
      const escaped = escapes[text[++at] ?? ""]
      if (escaped === undefined) return undefined
      value += escaped
    } else value += character
  }
  return undefined
}

/** Blanks, line ends and comments. */
const skipBlank = (text: string, from: number): number => {
  let at = from
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at++
    if (text[at] !== "#") return at
    const end = text.indexOf("\n", at)
    at = end < 0 ? text.length : end
  }
}
