/**
 * `path=value` arguments (`--set training.microBatch=4`): one value of a scenario set from outside of its file.
 */
import { parseDocument } from "yaml"
import { pathText, show, splitPath, type Finding, type Path } from "./issue.ts"
import { isFields, rivalsOf } from "./merge.ts"

export interface Assignment {
  readonly path: Path
  readonly value: unknown
}

/** Fields that name a catalogue entry: setting something inside of a name changes a copy of that entry. */
const entryPaths: readonly string[] = [
  "cluster.system",
  "cluster.accelerator",
  "cluster.scaleUp.link",
  "cluster.network.link",
  "model",
  "training.stack",
  "serving.stack"
]

/** Reads `path=value`; the value is YAML, so that numbers, lists and maps can be written. */
export const parseAssignment = (text: string): Assignment | Finding => {
  const wrong = (problem: string): Finding => ({
    path: [],
    problem,
    given: show(text),
    expected: "path=value such as training.microBatch=4"
  })
  const equals = text.indexOf("=")
  if (equals < 0) return wrong(`there is no "=" in ${show(text)}`)
  const path = splitPath(text.slice(0, equals).trim())
  if (path.includes("")) return wrong(`the path before "=" has an empty step in ${show(text)}`)
  const document = parseDocument(text.slice(equals + 1), { logLevel: "error", prettyErrors: false })
  if (document.errors.length > 0) return wrong(`the value after "=" is not valid YAML in ${show(text)}`)
  try {
    return { path, value: document.toJS({ maxAliasCount: 100 }) }
  } catch {
    return wrong(`the value after "=" is not valid YAML in ${show(text)}`)
  }
}

/** `data` with the value at the path; null takes the field away. */
export const assign = (data: unknown, { path, value }: Assignment): unknown => setAt(data, path, value, [])

const setAt = (base: unknown, path: Path, value: unknown, prefix: Path): unknown => {
  const [step, ...rest] = path
  if (step === undefined) return value
  const here = [...prefix, step]
  if (Array.isArray(base) && typeof step === "number" && step < base.length)
    return base.map((item: unknown, index) => (index === step ? setAt(item, rest, value, here) : item))
  const fields = new Map(Object.entries(fieldsOf(base, prefix)))
  const key = String(step)
  if (rest.length === 0 && value === null) fields.delete(key)
  else {
    if (!fields.has(key)) for (const rival of rivalsOf(key)) fields.delete(rival)
    fields.set(key, setAt(fields.get(key), rest, value, here))
  }
  return Object.fromEntries(fields)
}

const fieldsOf = (base: unknown, prefix: Path): Readonly<Record<string, unknown>> => {
  if (isFields(base)) return base
  return typeof base === "string" && entryPaths.includes(pathText(prefix)) ? { extends: base } : {}
}
