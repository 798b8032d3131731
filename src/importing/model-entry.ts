/**
 * A Hugging Face config.json as an entry of the catalogue: shapes checked by the catalogue's Schema, parameters counted.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { models, ModelSchema, nearestNames, type Model } from "../catalog/index.ts"
import { findDisagreements, findingsOf, locate } from "../scenario/index.ts"
import { countParameters } from "../transformer/index.ts"
import { classicFamilies } from "./classic.ts"
import { fieldIssue, isFields, readConfig, type ConfigFile, type Fields } from "./config-file.ts"
import { denseFamilies, readDense } from "./dense.ts"
import { mixtureFamilies, readMixture } from "./mixture.ts"
import { isRefused, type RefusedImport } from "./refusal.ts"
import type { ReadShape } from "./shape.ts"
import { storedPrecision, type StoredPrecision } from "./stored-precision.ts"

export interface ImportedModel {
  readonly _tag: "ImportedModel"
  readonly model: Model
  readonly architecture: string
  readonly parameters: { readonly total: number; readonly active: number }
  /** Number format of the released weights; undefined where the file does not say. */
  readonly stored: StoredPrecision | undefined
  /** Entry of the catalogue with the same shapes. */
  readonly sameAs: string | undefined
}

/** How to read each `model_type`. */
const architectures: ReadonlyMap<string, ReadShape> = new Map([
  ...Object.entries(denseFamilies).map(([type, traits]) => [type, readDense(traits)] as const),
  ...Object.entries(mixtureFamilies).map(([type, traits]) => [type, readMixture(traits)] as const),
  ...Object.entries(classicFamilies)
])

/** Models that also see or hear, by the decoder inside. */
const decoderInside: Readonly<Record<string, string>> = {
  gemma3: "gemma3_text",
  mistral3: "mistral",
  qwen2_vl: "qwen2",
  qwen2_vl_text: "qwen2",
  qwen2_5_vl: "qwen2",
  qwen2_5_vl_text: "qwen2",
  qwen3_vl: "qwen3",
  qwen3_vl_text: "qwen3",
  qwen3_vl_moe: "qwen3_moe",
  qwen3_vl_moe_text: "qwen3_moe"
}

/** Names of `model_type` that an import understands. */
export const modelTypes = (): readonly string[] => [...architectures.keys(), ...Object.keys(decoderInside)]

/**
 * Reads a config.json.
 *
 * @param source the file's name, for refusals
 * @param name   of the entry; default: what the file calls itself, else its type and size
 */
export const importModel = (source: string, text: string, name?: string): ImportedModel | RefusedImport => {
  const file = readConfig(source, text)
  if (isRefused(file)) return file
  const architecture = architectureOf(file)
  if (isRefused(architecture)) return architecture
  const described = architecture.read(file)
  if (isRefused(described)) return described
  const entry: Model = {
    name: "model",
    title: "model",
    ...described.shape,
    publishedParameters: null,
    publishedActiveParameters: null,
    notes: [...(file.path.length > 0 ? ["text tower only"] : []), ...described.remarks],
    sources: { default: `Hugging Face config.json of model_type ${architecture.type}` }
  }
  const wrong = checked(entry, file)
  if (wrong !== undefined) return wrong
  const { total, active } = countParameters(entry)
  const called = name ?? ownName(file.document) ?? `${architecture.type.replaceAll("_", "-")}-${sizeText(total)}`
  return {
    _tag: "ImportedModel",
    model: { ...entry, name: called.toLowerCase(), title: called },
    architecture: architecture.type,
    parameters: { total, active },
    stored: storedPrecision(file.document, file.fields),
    sameAs: models.find((known) => sameShape(known, entry))?.name
  }
}

const architectureOf = (file: ConfigFile): { readonly type: string; readonly read: ReadShape } | RefusedImport => {
  const given = typeOf(file.fields) ?? typeOf(file.document)
  const type = given === undefined ? undefined : (decoderInside[given] ?? given)
  const read = type === undefined ? undefined : architectures.get(type)
  if (type !== undefined && read !== undefined) return { type, read }
  const known = modelTypes()
  const issue =
    given === undefined
      ? fieldIssue(file, "model_type", "is missing", "the architecture, such as llama, qwen3_moe or deepseek_v3")
      : fieldIssue(
          file,
          "model_type",
          `there is no architecture "${given}" here`,
          "that of a decoder-only transformer with attention in every layer",
          nearestNames(given, known)
        )
  return { _tag: "RefusedImport", issues: [issue] }
}

/** `model_type`, or what the class of `architectures` says: LlamaForCausalLM. */
const typeOf = (fields: Fields): string | undefined => {
  const { model_type: type, architectures: classes } = fields
  if (typeof type === "string" && type !== "") return type
  const first: unknown = Array.isArray(classes) ? classes[0] : undefined
  if (typeof first !== "string") return undefined
  const letters = (text: string): string => text.toLowerCase().replaceAll("_", "")
  const wanted = letters(first.replace(/(?:ForCausalLM|LMHeadModel|ForConditionalGeneration|Model)$/, ""))
  return modelTypes().find((known) => letters(known) === wanted)
}

/** The catalogue's bounds, and fields that disagree. The fields are the catalogue's, which the message names. */
const checked = (entry: Model, file: ConfigFile): RefusedImport | undefined => {
  const decoded = Schema.decodeUnknownResult(ModelSchema, { errors: "all" })(entry)
  const findings = Result.isFailure(decoded)
    ? findingsOf(decoded.failure.issue, entry).map((finding) => ({ ...finding, path: ["model", ...finding.path] }))
    : findDisagreements(entry)
  return findings.length === 0 ? undefined : { _tag: "RefusedImport", issues: locate(findings, [file.source]) }
}

/** A repository's name that the file carries; paths of somebody's disk are none. */
const ownName = (document: Fields): string | undefined => {
  const written = document["_name_or_path"] ?? document["name_or_path"]
  if (typeof written !== "string") return undefined
  return /^[\w.-]+\/([\w.-]+)$/.exec(written)?.[1]
}

/** Parameters in a name: 8b, 0.5b, 30.5b, 124m. */
export const sizeText = (parameters: number): string => {
  const [value, unit] = parameters >= 1e9 ? [parameters / 1e9, "b"] : [parameters / 1e6, "m"]
  return `${Number(value.toPrecision(3))}${unit}`
}

const described = [
  "name",
  "title",
  "aliases",
  "family",
  "notes",
  "sources",
  "publishedParameters",
  "publishedActiveParameters"
]

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => (one < other ? -1 : 1)

/** A shape as text, its fields in alphabetical order. */
const shapeText = (model: Model): string =>
  JSON.stringify(
    Object.entries(model)
      .filter(([key]) => !described.includes(key))
      .sort(byKey)
      .map(([key, value]) => [key, isFields(value) ? Object.entries(value).sort(byKey) : value])
  )

const sameShape = (one: Model, other: Model): boolean => shapeText(one) === shapeText(other)
