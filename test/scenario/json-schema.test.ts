import { expect, test } from "vitest"
import { scenarioJsonSchema } from "../../src/scenario/index.ts"

/** Every map below a `properties` key with its path. */
const fieldsIn = (schema: unknown, path = ""): readonly (readonly [string, unknown])[] => {
  if (typeof schema !== "object" || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => {
    const inner = fieldsIn(value, `${path}/${key}`)
    if (key !== "properties") return inner
    const own = Object.entries(value).map(([name, field]): readonly [string, unknown] => [`${path}/${name}`, field])
    return own.concat(inner)
  })
}

const schema = scenarioJsonSchema()

test("every field of a scenario says what it means", () => {
  const text = JSON.stringify(schema)
  const { Scenario } = JSON.parse(text).$defs
  const silent = fieldsIn(Scenario).filter(([, field]) => !JSON.stringify(field).includes('"description"'))
  expect(fieldsIn(Scenario).length).toBeGreaterThan(50)
  expect(silent).toEqual([])
})

test("typos are errors in an editor too", () => {
  expect(schema).toHaveProperty(["$defs", "Scenario", "additionalProperties"], false)
  expect(schema).toHaveProperty(["$defs", "InlineModel", "additionalProperties"], false)
})

test("inline entries have every field of their kind, none required, numbers with units", () => {
  expect(schema).toHaveProperty(["$defs", "InlineLink", "properties", "bandwidth"])
  expect(schema).not.toHaveProperty(["$defs", "InlineLink", "required"])
  expect(schema).toHaveProperty(["$defs", "InlineStack", "required"], ["extends"])
  expect(schema).toHaveProperty(["$defs", "InlineModel", "properties", "layers", "anyOf"])
})
