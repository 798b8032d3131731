/**
 * Inline catalogue entries: what a scenario writes in place of a name, completed by the entry that it extends and
 * checked by the catalogue's Schema.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  AcceleratorSchema,
  currentStack,
  find,
  isUnknownName,
  LinkSchema,
  ModelSchema,
  override,
  SystemSchema,
  type EntryOf,
  type Kind,
  type UnknownName
} from "../catalog/index.ts"
import { nearestAccelerator } from "./borrowing.ts"
import { findingsOf } from "./findings.ts"
import { show, type Finding, type Path } from "./issue.ts"
import { isFields, type Fields } from "./merge.ts"
import { readQuantities } from "./written-quantities.ts"
import { changedStack } from "./stack-changes.ts"

type Schemed = Exclude<Kind, "stacks" | "serving-stacks" | "quantisations">
export type Entry<K extends Kind> = EntryOf[K] | readonly Finding[]

/** Tells findings from an entry. */
export const isFindings = (value: object): value is readonly Finding[] => Array.isArray(value)

const strict = { errors: "all", onExcessProperty: "error" } as const

const decoders: { readonly [K in Schemed]: (value: unknown) => Result.Result<EntryOf[K], Schema.SchemaError> } = {
  accelerators: Schema.decodeUnknownResult(AcceleratorSchema, strict),
  links: Schema.decodeUnknownResult(LinkSchema, strict),
  models: Schema.decodeUnknownResult(ModelSchema, strict),
  systems: Schema.decodeUnknownResult(SystemSchema, strict)
}

const schemas = { accelerators: AcceleratorSchema, links: LinkSchema, models: ModelSchema, systems: SystemSchema }

/** Shorter spellings of an inline entry's fields. */
const shorthands: Readonly<Record<string, string>> = { bandwidth: "bytesPerSecond", latency: "latencySeconds" }

/**
 * The catalogue entry that a field means: the one of that name, or an inline one.
 *
 * @param fallback what an inline entry without `extends` starts from, where its surroundings suggest an entry
 */
export const entryOf = <K extends Schemed>(
  kind: K,
  written: string | Fields,
  path: Path,
  fallback?: EntryOf[K]
): Entry<K> => {
  if (typeof written === "string") return named(kind, written, path)
  const { extends: parent, ...changes } = written
  const start = parent === undefined ? fallback : parentOf(kind, parent, path)
  if (start !== undefined && isFindings(start)) return start
  const read = readQuantities(expanded(kind, changes), schemas[kind].ast, path)
  if (read.findings.length > 0) return read.findings.map((finding) => asWritten(finding, path, changes))
  const base: Fields = start === undefined ? blank(kind, read.fields) : changedFrom(start, changes)
  const whole = override(base, read.fields)
  const decoded = decoders[kind](whole)
  if (Result.isSuccess(decoded)) return decoded.success
  return findingsOf(decoded.failure.issue, whole).map((finding) =>
    asWritten({ ...finding, path: [...path, ...finding.path] }, path, changes)
  )
}

/** The same for stacks, whose constants only a shipped stack has. */
export const stackOf = (written: string | Fields, path: Path): Entry<"stacks"> => {
  const name = typeof written === "string" ? written : written["extends"]
  if (typeof name !== "string")
    return [
      {
        path: [...path, "extends"],
        at: "key",
        problem: name === undefined ? "is missing" : `given ${show(name)}`,
        given: show(name),
        expected: "a name from `windtunnel catalog stacks`: an inline stack starts from one that was measured"
      }
    ]
  const found = named("stacks", name, typeof written === "string" ? path : [...path, "extends"])
  if (isFindings(found)) return found
  const stack = currentStack(found.name) ?? found
  return typeof written === "string" ? stack : changedStack(stack, written, path)
}

/** The entry of a name. */
export const named = <K extends Kind>(kind: K, name: string, path: Path): Entry<K> => {
  const found = find(kind, name)
  return isUnknownName(found) ? [unknownName(found, path)] : found
}

const nouns: Readonly<Record<Kind, string>> = {
  accelerators: "accelerator",
  links: "link",
  models: "model",
  stacks: "stack",
  systems: "system",
  "serving-stacks": "serving stack",
  quantisations: "quantisation"
}

const unknownName = ({ kind, name, nearest }: UnknownName, path: Path): Finding => ({
  path,
  problem: `there is no ${nouns[kind]} ${show(name)}`,
  given: show(name),
  expected: `a name from \`windtunnel catalog ${kind}\``,
  nearest
})

const parentOf = <K extends Schemed>(kind: K, parent: unknown, path: Path): Entry<K> =>
  typeof parent === "string"
    ? named(kind, parent, [...path, "extends"])
    : [
        {
          path: [...path, "extends"],
          problem: `given ${show(parent)}`,
          given: show(parent),
          expected: `a name from \`windtunnel catalog ${kind}\``
        }
      ]

const expanded = (kind: Kind, changes: Fields): Fields =>
  Object.fromEntries(
    Object.entries(changes).map(([key, value]) => {
      if (kind === "accelerators" && key === "memory" && !isFields(value)) return [key, { bytes: value }]
      return [kind === "links" ? (shorthands[key] ?? key) : key, value]
    })
  )

/** A finding about a field in the spelling that the scenario used. */
const asWritten = (finding: Finding, path: Path, changes: Fields): Finding => {
  const field = finding.path[path.length]
  const short = Object.keys(shorthands).find((key) => shorthands[key] === field && key in changes)
  if (short !== undefined) return { ...finding, path: [...path, short] }
  return field === "memory" && !isFields(changes["memory"]) && "memory" in changes
    ? { ...finding, path: [...path, "memory"] }
    : finding
}

const given = "given in the scenario"

/** An entry as a start for changes: it says in title and sources that it is no longer the shipped one. */
const changedFrom = (entry: EntryOf[Schemed], changes: Fields): Fields => ({
  ...entry,
  title: `${entry.title}, changed`,
  sources: {
    ...entry.sources,
    ...Object.fromEntries(Object.keys(changes).map((key) => [shorthands[key] ?? key, given]))
  }
})

/** What an inline entry may leave out where it extends nothing: facts that follow from the others, or that no time depends on. */
const blank = (kind: Schemed, fields: Fields): Fields => {
  const start = {
    name: `inline-${nouns[kind]}`,
    title: fields["name"] ?? `inline ${nouns[kind]}`,
    notes: [],
    sources: { default: given }
  }
  switch (kind) {
    case "accelerators": {
      const nearest = nearestAccelerator(fields)
      return {
        ...start,
        vendor: "not given",
        generation: nearest.generation,
        efficiencyClass: nearest.efficiencyClass,
        year: nearest.year,
        multiprocessors: null,
        memory: { type: "not given" },
        powerWatts: nearest.powerWatts,
        scaleUp: nearest.scaleUp,
        host: nearest.host
      }
    }
    case "links": {
      const { name, title, sources } = start
      return {
        name,
        title,
        sources,
        kind: "network",
        collectiveShare: 0.8,
        pointToPointShare: 0.9,
        inNetworkReduction: false
      }
    }
    case "systems":
      return { ...start, nodes: null, network: null, nodeWatts: 0, hostMemoryBytes: null }
    default:
      return { ...start, ...modelShape(fields), ...plainModel }
  }
}

const plainModel = {
  family: "inline",
  gated: false,
  maximumSequence: 1_000_000,
  position: "rope",
  tiedEmbeddings: false,
  bias: false,
  queryKeyValueBias: false,
  normalization: "rmsnorm",
  normalizationBias: false,
  queryKeyNormalization: false,
  embeddingNormalization: false,
  parallelAttention: false,
  postNormalization: false,
  embeddingDimension: null,
  experts: null,
  latentAttention: null,
  slidingWindow: null,
  publishedParameters: null,
  publishedActiveParameters: null
}

/** Every head has its keys and values, heads share the width, a feed-forward block is four widths wide. */
const modelShape = ({ hidden, heads }: Fields): Fields =>
  typeof hidden === "number" && typeof heads === "number"
    ? { keyValueHeads: heads, headDimension: Math.max(1, Math.floor(hidden / heads)), feedForward: 4 * hidden }
    : {}
