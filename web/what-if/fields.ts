/** The scenario's JSON Schema as fields of a form. */

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export interface FormField {
  readonly path: readonly string[]
  readonly label: string
  readonly meaning: string
  readonly input:
    | { readonly kind: "choice"; readonly options: readonly string[] }
    | { readonly kind: "number"; readonly minimum: number; readonly maximum: number }
    | { readonly kind: "flag" }
    /** Free text: a quantity with a unit, or a name of which the catalogue knows some. */
    | { readonly kind: "text"; readonly catalogue: string | undefined }
  readonly example: string
}

export interface FormGroup {
  readonly name: string
  readonly fields: readonly FormField[]
}

/** Parts of a scenario that are no business of a form. */
const leftOut = new Set([
  "name",
  "description",
  "extends",
  "measured",
  "seed",
  "symmetry",
  "leap",
  "sweep",
  "plan",
  "capacity",
  "calibration"
])

const referenced = (schema: Fields, root: Fields): Fields => {
  const reference = schema["$ref"]
  if (typeof reference !== "string") return schema
  const found = reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((at, step) => (isFields(at) ? at[step] : undefined), root)
  return isFields(found) ? found : {}
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()

/** What a value may be, alternatives of alternatives included. */
const alternatives = (schema: Fields, root: Fields): readonly Fields[] => {
  const own = referenced(schema, root)
  return Array.isArray(own["anyOf"]) ? own["anyOf"].filter(isFields).flatMap((one) => alternatives(one, root)) : [own]
}

const inputOf = (schema: Fields, root: Fields): FormField["input"] | undefined => {
  if (schema["type"] === "boolean") return { kind: "flag" }
  const options = alternatives(schema, root)
  const choices = options.find((one) => Array.isArray(one["enum"]))?.["enum"]
  if (Array.isArray(choices)) return { kind: "choice", options: choices.filter((one) => typeof one === "string") }
  const number = options.find(({ type }) => type === "number" || type === "integer")
  if (number !== undefined) {
    const [minimum, maximum] = [Number(number["minimum"] ?? 0), Number(number["maximum"] ?? 1e12)]
    // A count of things is a number; a quantity may have a unit and stays text.
    const examples = schema["examples"] ?? number["examples"]
    const [example] = Array.isArray(examples) ? examples : []
    if (typeof example === "number" || example === undefined) return { kind: "number", minimum, maximum }
    return { kind: "text", catalogue: undefined }
  }
  const text = options.find(({ type }) => type === "string")
  if (text === undefined) return undefined
  const catalogue = /`windtunnel catalog ([\w-]+)`/.exec(textOf(schema["description"]))?.[1]
  return { kind: "text", catalogue }
}

const fieldsOf = (schema: Fields, root: Fields, path: readonly string[], depth: number): readonly FormField[] => {
  const properties = isFields(schema["properties"]) ? schema["properties"] : {}
  return Object.entries(properties).flatMap(([name, value]) => {
    if (!isFields(value) || (path.length === 0 && leftOut.has(name))) return []
    const field = referenced(value, root)
    const own = [...path, name]
    if (field["type"] === "object" && isFields(field["properties"]))
      return depth > 0 ? fieldsOf(field, root, own, depth - 1) : []
    const input = inputOf(field, root)
    if (input === undefined) return []
    const description = textOf(field["description"]).replace(/; a name from .*$/, "")
    const [example = ""] = Array.isArray(field["examples"]) ? field["examples"] : []
    return [{ path: own, label: words(name), meaning: description, input, example: String(example) }]
  })
}

/** Groups of fields: one a part of the scenario, and one a part inside that has fields of its own. */
export const formGroups = (schema: unknown): readonly FormGroup[] => {
  if (!isFields(schema)) return []
  const root = referenced(schema, schema)
  const all = fieldsOf(root, schema, [], 3)
  const groups = Map.groupBy(all, ({ path }) => path.slice(0, -1).map(words).join(" · ") || "model")
  return [...groups].map(([name, fields]) => ({ name, fields }))
}

/** The value that a scenario has at a path. */
export const valueAt = (data: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, step) => (isFields(at) ? at[step] : undefined), data)

/** A typed text as the value that YAML would read: a number where it is one. */
export const typed = (text: string): unknown => {
  const trimmed = text.trim()
  if (trimmed === "") return undefined
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed
}

/** Changed fields as arguments of the command line. */
export const changes = (before: unknown, after: unknown, path: readonly string[] = []): readonly string[] => {
  if (isFields(before) && isFields(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => changes(before[key], after[key], [...path, key]))
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  const isPlain = typeof after === "string" || typeof after === "number" || typeof after === "boolean"
  const value = after === undefined ? "null" : isPlain ? String(after) : JSON.stringify(after)
  return [`${path.join(".")}=${value}`]
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** The command that runs a changed scenario. */
export const commandOf = (scenario: string, before: unknown, after: unknown): string =>
  [
    "windtunnel",
    "run",
    quoted(scenario),
    ...changes(before, after).flatMap((change) => ["--set", quoted(change)])
  ].join(" ")
