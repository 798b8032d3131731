/**
 * YAML or JSON text as data that remembers the line and column of every key and value.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml"
import { show, type Path, type Place, type ScenarioIssue } from "./issue.ts"

/** One origin of a scenario's values: a file, a `--set` argument or a script. */
export interface Source {
  readonly name: string
  readonly data: unknown
  /** Place of a value, or of the key that holds it; undefined where this source does not contain the path. */
  readonly locate: (path: Path, at: "key" | "value") => Place | "somewhere" | undefined
}

const largestText = 4e6

export const deepest = 64

/** Whether a value nests deeper than a scenario ever does; a value that contains itself does so without end. */
export const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)))

/** Reads one document; every way in which a text can be no document gives one issue. */
export const parseSource = (
  name: string,
  text: string,
  expected = "a scenario in YAML or JSON"
): Source | ScenarioIssue => {
  const refuse = (problem: string, given: string, place?: Place): ScenarioIssue => ({
    _tag: "ScenarioIssue",
    source: name,
    ...(place === undefined ? {} : { place }),
    path: "",
    problem,
    given,
    expected,
    nearest: []
  })
  if (text.length > largestText) return refuse("the file is too large for a scenario", `${text.length} characters`)
  if (text.includes("\0") || text.includes("\uFFFD"))
    return refuse("the file is not text", "bytes that are not UTF-8 text")
  if (text.trim() === "") return refuse("the file is empty", "nothing")
  const lines = new LineCounter()
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" })
    const error = document.errors[0]
    if (error !== undefined) {
      const place = placeOf(error.pos[0])
      if (/call stack/.test(error.message))
        return refuse("the document is nested too deeply", "deeply nested collections", place)
      return refuse(`not valid YAML or JSON: ${error.message.split("\n")[0] ?? ""}`, lineAt(text, place.line), place)
    }
    const data: unknown = document.toJS({ maxAliasCount: 100 })
    if (data === null || typeof data !== "object" || Array.isArray(data)) {
      const given = Array.isArray(data) ? "a list" : show(data)
      return refuse(`the document is ${given}, not a map of fields`, given, { line: 1, column: 1 })
    }
    if (isDeeperThan(data, deepest))
      return refuse("the document is nested too deeply, or refers to itself", "deeply nested collections")
    return { name, data, locate: (path, at) => locateIn(document, path, at, placeOf) }
  } catch (error) {
    // The parser recurses over nested collections, and refuses documents that aliases would blow up.
    if (error instanceof RangeError) return refuse("the document is nested too deeply", "deeply nested collections")
    if (error instanceof ReferenceError)
      return refuse("the document repeats aliases until it explodes", "more than 100 resolved aliases")
    throw error
  }
}

const lineAt = (text: string, line: number): string => show(text.split("\n")[line - 1] ?? "")

const locateIn = (
  document: Document.Parsed,
  path: Path,
  at: "key" | "value",
  placeOf: (offset: number) => Place
): Place | undefined => {
  let node: Node | null = document.contents
  let key: Node | null = node
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (pair === undefined) return undefined
      key = isNode(pair.key) ? pair.key : null
      node = isNode(pair.value) ? pair.value : null
    } else if (isSeq(node)) {
      const item: unknown = typeof step === "number" ? node.items[step] : undefined
      if (!isNode(item)) return undefined
      node = item
      key = item
    } else return undefined
  }
  const empty = node === null || (isScalar(node) && node.value === null)
  const range = (at === "key" || empty ? key : node)?.range
  return range === null || range === undefined ? undefined : placeOf(range[0])
}

/** A source that has no text: a script's value or a `--set` argument. */
export const dataSource = (name: string, data: unknown): Source => ({
  name,
  data,
  locate: (path) => {
    let value = data
    for (const step of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined
      value = Reflect.get(value, step)
    }
    return "somewhere"
  }
})
