/** Every field that a scenario may have is written in what the fuzzers start from: else nobody mutates it. */
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { scenarioJsonSchema } from "../../src/scenario/index.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const material = globSync(
  ["scenarios/*.yaml", "test/fuzz/*families.ts", "test/fuzz/mutations.ts", "test/fuzz/whole-runs.test.ts"],
  {
    cwd: root
  }
)
  .map((file) => readFileSync(`${root}${file}`, "utf8"))
  .join("\n")

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const schema: unknown = JSON.parse(JSON.stringify(scenarioJsonSchema()))
const definitions = isNode(schema) && isNode(schema["$defs"]) ? schema["$defs"] : {}

/** Paths of all fields; inline catalogue entries are mutated number by number elsewhere. */
const fieldsIn = (node: unknown, path: string, found: Set<string>): Set<string> => {
  if (!isNode(node)) return found
  const reference = node["$ref"]
  if (typeof reference === "string") {
    const name = reference.split("/").at(-1) ?? ""
    return name.startsWith("Inline") ? found : fieldsIn(definitions[name], path, found)
  }
  for (const key of ["anyOf", "oneOf", "allOf"]) for (const one of listOf(node[key])) fieldsIn(one, path, found)
  for (const [key, inner] of Object.entries(isNode(node["properties"]) ? node["properties"] : {})) {
    const field = `${path}.${key}`
    if (found.has(field)) continue
    found.add(field)
    fieldsIn(inner, field, found)
  }
  fieldsIn(node["items"], `${path}[]`, found)
  return found
}

/** What no simulation reads: words, and figures that are laid beside a prediction. */
const isShownOnly = (field: string): boolean => /^\.(?:description|measured)\b|\.pools\[\]\.measured\b/.test(field)

test("every field stands in what the fuzzers mutate", () => {
  const fields = [...fieldsIn(schema, "", new Set())].filter((field) => !isShownOnly(field))
  expect(fields.length).toBeGreaterThan(300)
  const missing = fields.filter((field) => !new RegExp(`\\b${field.split(".").at(-1) ?? ""}\\b`).test(material))
  expect(missing).toEqual([])
})
