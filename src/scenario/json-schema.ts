/**
 * The JSON Schema of a scenario, for editors and for `windtunnel schema`.
 */
import * as Schema from "effect/Schema"
import { AcceleratorSchema, LinkSchema, ModelSchema, servingStacks, stacks, SystemSchema } from "../catalog/index.ts"
import { inlineIdentifiers } from "./entries.ts"
import { isFields, type Fields } from "./merge.ts"
import { fixedServingFields } from "./serving/stack.ts"
import { scenarioSchema } from "./schema.ts"

type Json = unknown

const number = { anyOf: [{ type: "number" }, { type: "string", description: "a number with its unit" }] }

/** Bounds are in SI units, which text with a unit is not. */
const dropped = ["required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]

/** An entry's JSON Schema made into that of an inline entry: nothing is required, numbers may have units. */
const relaxed = (schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(relaxed)
  if (!isFields(schema)) return schema
  const { type } = schema
  const numeric = type === "number" || type === "integer"
  const kept = Object.entries(schema).filter(([key]) => !dropped.includes(key) && !(numeric && key === "type"))
  return {
    ...Object.fromEntries(kept.map(([key, value]) => [key, key === "description" ? value : relaxed(value)])),
    ...(numeric ? number : {})
  }
}

const inline = (definition: Json, more: Fields, required: readonly string[] = []): Json => {
  const shape = isFields(definition) ? definition : {}
  const properties = isFields(shape["properties"]) ? shape["properties"] : {}
  const start = { type: "string", description: "Name of the catalogue entry that this one changes" }
  return {
    ...shape,
    properties: { extends: start, ...properties, ...more },
    ...(required.length === 0 ? {} : { required })
  }
}

const definitionOf = (schema: Schema.Top): Json => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  return relaxed(Object.values(document.definitions)[0] ?? document.schema)
}

/** The shape of a value, each field of which may be left out. */
const shapeOf = (value: unknown): Json => {
  if (Array.isArray(value)) return { type: "array" }
  if (isFields(value) && "origin" in value) return { anyOf: [...number.anyOf, { type: "object" }] }
  if (isFields(value))
    return {
      type: "object",
      properties: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)])),
      additionalProperties: false
    }
  return typeof value === "number" ? number : { type: typeof value }
}

/** The fields of a serving stack that a scenario may change. */
const changeable = (stack: object = {}): Fields =>
  Object.fromEntries(Object.entries(stack).filter(([key]) => !fixedServingFields.includes(key)))

/** Those of which an example does not tell what else they may be. */
const servingStackFields: Fields = {
  graphs: {
    anyOf: [
      { const: "none" },
      { type: "object", properties: { sizes: { type: "array", items: { type: "integer" } } }, required: ["sizes"] }
    ],
    description: "Batch sizes that CUDA graphs were captured for"
  },
  promptPieceTokens: {
    anyOf: [{ type: "integer" }, { const: "none" }],
    description: "Prompts of a pipeline run in pieces of so many tokens"
  },
  weightTraffic: { type: "object", additionalProperties: { type: "number" } }
}

const kinds = [
  { required: ["training"], not: { anyOf: [{ required: ["serving"] }, { required: ["workload"] }] } },
  { required: ["serving", "workload"], not: { required: ["training"] } }
]

const scenarioOf = (definitions: Json): Fields => {
  const found = isFields(definitions) ? definitions["Scenario"] : undefined
  return isFields(found) ? found : {}
}

/** A JSON Schema (draft 2020-12) of scenario files. */
export const scenarioJsonSchema = (): Fields => {
  const document = Schema.toJsonSchemaDocument(scenarioSchema, { onExcessProperty: "error" })
  const accelerator = definitionOf(AcceleratorSchema)
  const memory = isFields(accelerator) && isFields(accelerator["properties"]) ? accelerator["properties"]["memory"] : {}
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...document.schema,
    $defs: {
      ...document.definitions,
      // A scenario is about one of the two.
      Scenario: { ...scenarioOf(document.definitions), oneOf: kinds },
      [inlineIdentifiers.accelerators]: inline(accelerator, { memory: { anyOf: [...number.anyOf, memory] } }),
      [inlineIdentifiers.links]: inline(definitionOf(LinkSchema), { bandwidth: number, latency: number }),
      [inlineIdentifiers.models]: inline(definitionOf(ModelSchema), {}),
      [inlineIdentifiers.systems]: inline(definitionOf(SystemSchema), {}),
      [inlineIdentifiers.stacks]: inline(shapeOf(stacks[0]), {}, ["extends"]),
      [inlineIdentifiers["serving-stacks"]]: inline(shapeOf(changeable(servingStacks[0])), servingStackFields, [
        "extends"
      ])
    }
  }
}
