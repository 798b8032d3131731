/**
 * Fields that take a catalogue entry: a name, or an inline entry, which the catalogue's own Schema checks later.
 */
import * as Schema from "effect/Schema"
import type { Accelerator, Constant, Link, Model, ServingStack, Stack, System } from "../catalog/index.ts"

/** An entry as a person writes it: any of its fields, numbers with units, constants as bare numbers. */
export type Written<T> = T extends Constant
  ? number | Constant
  : T extends number
    ? number | string
    : T extends readonly (infer Item)[]
      ? readonly Written<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]?: Written<T[Key]> }
        : T

/** Shorter spellings: `memory: "40 GB"`, `bandwidth`, `latency`. */
interface Shorthands {
  readonly extends?: string
}

export type InlineAccelerator = Shorthands &
  Omit<Written<Accelerator>, "memory"> & {
    readonly memory?: string | number | Written<Accelerator["memory"]>
  }
export type InlineLink = Shorthands &
  Written<Link> & { readonly bandwidth?: string | number; readonly latency?: string | number }
export type InlineModel = Shorthands & Written<Model>
export type InlineStack = Shorthands & Written<Stack>
export type InlineSystem = Shorthands & Written<System>
export type InlineServingStack = Shorthands & Written<ServingStack>

/** Names of the inline shapes in the JSON Schema; `jsonSchema` says there what each may hold. */
export const inlineIdentifiers = {
  accelerators: "InlineAccelerator",
  links: "InlineLink",
  models: "InlineModel",
  stacks: "InlineStack",
  systems: "InlineSystem",
  "serving-stacks": "InlineServingStack"
} as const

const entry = (kind: keyof typeof inlineIdentifiers, description: string, example: string) =>
  Schema.Union([
    Schema.String.check(Schema.isMaxLength(200)),
    Schema.Record(Schema.String, Schema.Unknown).annotate({ identifier: inlineIdentifiers[kind] })
  ]).annotate({
    expected: `a name from \`windtunnel catalog ${kind}\`, or { extends: NAME, ... }`,
    description: `${description}; a name from \`windtunnel catalog ${kind}\`, or { extends: NAME, ... }`,
    examples: [example]
  })

export const acceleratorEntry = entry("accelerators", "Accelerator; default the system's", "a100-sxm-80gb")
export const systemEntry = entry("systems", "Machines: node, links and network", "jean-zay-a100")
export const modelEntry = entry("models", "Model", "bloom-176b")
export const stackEntry = entry("stacks", "Software; default megatron-core", "megatron-deepspeed")
export const servingStackEntry = entry("serving-stacks", "Serving software; default vllm-v1", "trtllm-1.0")
export const linkEntry = (description: string, example: string) => entry("links", description, example)
