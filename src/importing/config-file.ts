/**
 * The text of a Hugging Face config.json as fields that remember their line and column.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { findingsOf, locate, parseSource, show, type ScenarioIssue, type ScenarioSource } from "../scenario/index.ts"
import type { RefusedImport } from "./refusal.ts"

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The fields that describe the language model, and where they stand in the file. */
export interface ConfigFile {
  readonly source: ScenarioSource
  /** Steps to the fields: `text_config` where the model also sees or hears. */
  readonly path: readonly string[]
  readonly fields: Fields
  /** The whole document. */
  readonly document: Fields
}

/** Where the text part of a model that also sees or hears keeps its own configuration. */
const textParts = ["text_config", "llm_config", "language_config"] as const

export const readConfig = (name: string, text: string): ConfigFile | RefusedImport => {
  const source = parseSource(name, text, "a config.json of Hugging Face: a JSON object")
  if ("_tag" in source) return { _tag: "RefusedImport", issues: [source] }
  const document = isFields(source.data) ? source.data : {}
  const part = textParts.find((key) => isFields(document[key]))
  const inner = part === undefined ? undefined : document[part]
  if (part === undefined || !isFields(inner)) return { source, path: [], fields: withoutNulls(document), document }
  // Fields that the inner part leaves out may stand outside of it (tie_word_embeddings, torch_dtype).
  const outer = Object.entries(document).filter(([key]) => key !== "model_type" && key !== "architectures")
  return { source, path: [part], fields: withoutNulls({ ...Object.fromEntries(outer), ...inner }), document }
}

/** A field of null is a field left out: the architecture's default holds. */
const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))

/**
 * Decodes the fields that an architecture needs.
 *
 * @param spellings other names of fields, each with the one that the Schema knows
 * @param defaults  what the architecture's class has for a field left out
 */
export const decodeConfig = <S extends Schema.Decoder<unknown>>(
  file: ConfigFile,
  schema: S,
  spellings: Readonly<Record<string, string>> = {},
  defaults: Fields = {}
): S["Type"] | RefusedImport => {
  const written = new Map<string, string>()
  const fields: Record<string, unknown> = { ...defaults }
  for (const [key, value] of Object.entries(file.fields)) {
    const name = spellings[key] ?? key
    if (written.has(name) && key !== name) continue
    written.set(name, key)
    fields[name] = value
  }
  const decoded = Schema.decodeUnknownResult(schema, { errors: "all" })(fields)
  if (Result.isSuccess(decoded)) return decoded.success
  const findings = findingsOf(decoded.failure.issue, fields).map((finding) => {
    const [first = "", ...rest] = finding.path
    return { ...finding, path: [...file.path, written.get(String(first)) ?? first, ...rest] }
  })
  return { _tag: "RefusedImport", issues: locate(findings, [file.source]) }
}

/** An issue about one field. */
export const fieldIssue = (
  file: ConfigFile,
  field: string,
  problem: string,
  expected: string,
  nearest: readonly string[] = []
): ScenarioIssue => {
  const path = field === "" ? file.path : [...file.path, field]
  const [issue] = locate([{ path, problem, given: show(file.fields[field]), expected, nearest }], [file.source])
  if (issue === undefined) throw new Error("a finding has one issue")
  return issue
}
