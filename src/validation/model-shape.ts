/**
 * The shape of a measured model: what the measurement states, filled from the catalogue by name.
 */
import { models, type Experts, type Model } from "../catalog/index.ts"
import type { Measurement } from "./measurement.ts"
import { families, inexpressible, type Family } from "./model-families.ts"
import { numberOf, sizeOf, type Refusal } from "./reading.ts"

/** A model as a scenario writes it: a catalogue entry and what differs from it. */
export type ModelInput = string | ({ readonly extends: string } & Partial<Model>)

export interface ShapedModel {
  readonly model: Model
  readonly input: ModelInput
  /** Sequence length of the measurement. */
  readonly sequence: number
  readonly assumptions: readonly string[]
}

/** "LLAMA3_70B (proxy)" as "llama3-70b". */
export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/\(.*?\)/g, " ")
    .replace(/^.*\//, "")
    .replace(/\bproxy\b.*$/, "")
    .trim()
    .replaceAll(/[\s_]+/g, "-")

const squeeze = (name: string): string => plainName(name).replaceAll("-", "")

const entryOf = (name: string): Model | undefined => models.find((entry) => entry.name === name)

const catalogueFamily = (name: string): Family | undefined => {
  const key = squeeze(name)
  const found = models.find((entry) =>
    [entry.name, ...(entry.aliases ?? [])].some((written) => squeeze(written) === key)
  )
  return found === undefined ? undefined : { match: /^/, base: found.name, exact: true }
}

/**
 * Layers of a GPT from its parameters: 12 h^2 a layer; the figure may count the embedding or not. Among the counts
 * that the pipeline can split (L or L + 2 a multiple of its stages) the one nearest to that interval.
 */
export const layersFromParameters = (
  parameters: number,
  hidden: number,
  vocabulary: number,
  stages: number
): number => {
  const perLayer = 12 * hidden * hidden
  const low = (parameters - vocabulary * hidden) / perLayer
  const high = parameters / perLayer
  let best = Math.max(1, Math.round(low))
  let least = Infinity
  for (let layers = Math.max(1, Math.floor(low) - 4); layers <= high + 4; layers++) {
    const even = layers % stages === 0
    if (!even && (layers + 2) % stages !== 0) continue
    const outside = Math.max(0, low - layers, layers - high)
    const distance = outside + (even ? 0 : 0.5) + 0.01 * Math.abs(layers - low)
    if (distance < least) {
      least = distance
      best = layers
    }
  }
  return best
}

/** "BLOOM-proto-181B" has 181e9 parameters. */
const parametersInName = (name: string): number | undefined => {
  const found = /(\d+(?:\.\d+)?)\s*([mbt])\b/i.exec(name.replaceAll(/[_(]/g, " "))
  if (found === null) return undefined
  const unit = { m: 1e6, b: 1e9, t: 1e12 }[found[2]?.toLowerCase() ?? ""]
  return unit === undefined ? undefined : Number(found[1]) * unit
}

/** No published model is deeper. */
const mostLayers = 2000

/** Keys of which a difference from the base entry is written into the scenario. */
const fields = [
  "layers",
  "hidden",
  "heads",
  "keyValueHeads",
  "headDimension",
  "feedForward",
  "gated",
  "vocabulary",
  "maximumSequence",
  "position",
  "tiedEmbeddings",
  "parallelAttention",
  "experts"
] as const satisfies readonly (keyof Model)[]

/**
 * @param stages pipeline stages, which hint at the number of layers where none is given
 * @param known  what names mean; first match wins
 */
export const shapeOf = (
  point: Measurement,
  stages: number,
  known: readonly Family[] = families
): ShapedModel | Refusal => {
  const said = point.model ?? {}
  const name = said.name ?? ""
  const plain = plainName(name)
  const refused = inexpressible.find(({ match }) => match.test(plain))
  if (refused !== undefined) return { reason: refused.reason }

  const family = known.find(({ match }) => match.test(plain)) ?? catalogueFamily(name)
  const entry = family === undefined ? undefined : entryOf(family.base)
  if (family === undefined || entry === undefined) return { reason: "the model is not in the catalogue" }
  const assumptions: string[] = []
  const base: Model = { ...entry, ...family.differences }
  const own = family.exact === true ? base : undefined

  const hidden = numberOf(said.hidden) ?? own?.hidden
  if (hidden === undefined) return { reason: "the model's shape is not given" }
  const vocabulary = numberOf(said.vocab) ?? base.vocabulary
  const parameters = numberOf(said.params) ?? parametersInName(name)
  let layers = numberOf(said.layers) ?? own?.layers
  if (layers === undefined) {
    if (parameters === undefined || base.experts !== null)
      return { reason: "the model's number of layers is not given" }
    if (parameters > 12 * hidden * hidden * mostLayers) return { reason: "the parameters do not fit the width" }
    layers = layersFromParameters(parameters, hidden, vocabulary, stages)
    assumptions.push(`${layers} layers, from the parameters and the pipeline`)
  }
  const heads = numberOf(said.heads) ?? own?.heads ?? family.heads ?? Math.max(1, Math.round(hidden / 128))
  if (said.heads === null || said.heads === undefined)
    if (own === undefined) assumptions.push(`${heads} attention heads`)
  // Head size is its own dimension where the family says so (Qwen3, gpt-oss, latent attention), else hidden / heads.
  const kept = own !== undefined && heads === base.heads && hidden === base.hidden
  const headDimension = numberOf(said.head_dim) ?? (kept ? base.headDimension : Math.floor(hidden / heads))
  const keyValueHeads = numberOf(said.kv_heads) ?? (kept ? base.keyValueHeads : heads)
  const experts = expertsOf(said, base, layers)
  const dense = experts === null || experts.denseLayers > 0
  const feedForward = dense ? (numberOf(said.ffn) ?? (kept ? base.feedForward : 4 * hidden)) : 0
  const sequence = numberOf(said.seq_len) ?? family.sequence ?? 8192
  if (said.seq_len === null || said.seq_len === undefined) assumptions.push(`sequences of ${sequence}`)

  const model: Model = {
    ...base,
    layers,
    hidden,
    heads,
    keyValueHeads,
    headDimension,
    feedForward,
    vocabulary,
    maximumSequence: base.position === "learned" ? sequence : Math.max(base.maximumSequence, sequence),
    experts
  }
  const changed = fields.filter((field) => JSON.stringify(model[field]) !== JSON.stringify(entry[field]))
  if (changed.length === 0) return { model, input: entry.name, sequence, assumptions }
  const differences: Partial<Model> = Object.fromEntries(changed.map((field) => [field, model[field]]))
  return { model, input: { extends: entry.name, ...differences }, sequence, assumptions }
}

const expertsOf = (said: NonNullable<Measurement["model"]>, base: Model, layers: number): Experts | null => {
  const count = sizeOf(said.experts) ?? base.experts?.count ?? 0
  if (count <= 1) return null
  // A proxy of fewer layers keeps the share of dense ones where they alternate, and their number where they lead.
  const denseLayers = Math.min(base.experts?.denseLayers ?? 0, Math.floor(layers / 2))
  return {
    count,
    active: sizeOf(said.top_k) ?? base.experts?.active ?? 2,
    feedForward: sizeOf(said.moe_ffn) ?? base.experts?.feedForward ?? numberOf(said.ffn) ?? 4 * base.hidden,
    sharedFeedForward: numberOf(said.shared_expert_ffn) ?? base.experts?.sharedFeedForward ?? 0,
    denseLayers
  }
}
