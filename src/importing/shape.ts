/**
 * What a config.json says of a model: the shapes of a catalogue entry, and remarks for the reader.
 */
import type { Model } from "../catalog/index.ts"
import type { ConfigFile } from "./config-file.ts"
import type { RefusedImport } from "./refusal.ts"

/** The fields of an entry that follow from an architecture's configuration. */
export type Shape = Omit<
  Model,
  "name" | "title" | "aliases" | "publishedParameters" | "publishedActiveParameters" | "notes" | "sources"
>

/** A shape with what it leaves out. */
export interface Described {
  readonly shape: Shape
  readonly remarks: readonly string[]
}

export type ReadShape = (file: ConfigFile) => Described | RefusedImport

/** A decoder as most are since Llama: rotary positions, gated feed-forward, RMS normalisation, no biases. */
export const modernDecoder = {
  gated: true,
  position: "rope",
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
  slidingWindow: null
} as const

/** A decoder as those of GPT-2's time: learned positions, two matrices, layer normalisation, biases everywhere. */
export const classicDecoder = {
  ...modernDecoder,
  gated: false,
  position: "learned",
  bias: true,
  queryKeyValueBias: true,
  normalization: "layernorm",
  normalizationBias: true
} as const

interface HeadFields {
  readonly hidden_size: number
  readonly num_attention_heads: number
  readonly num_key_value_heads?: number
  readonly head_dim?: number
}

/** Heads of equal width, each with its own keys and values unless told otherwise. */
export const headsOf = (config: HeadFields) => ({
  heads: config.num_attention_heads,
  keyValueHeads: config.num_key_value_heads ?? config.num_attention_heads,
  headDimension: config.head_dim ?? Math.max(1, Math.floor(config.hidden_size / config.num_attention_heads))
})

/** Positions of a model whose configuration names no longest sequence. */
export const unlimited = 1_000_000

/** How many layers have a property that a list or a rule gives to each. */
export const countLayers = (layers: number, has: (layer: number) => boolean): number => {
  let count = 0
  for (let layer = 0; layer < layers; layer++) if (has(layer)) count++
  return count
}
