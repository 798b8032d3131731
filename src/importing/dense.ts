/**
 * Dense decoders after Llama's pattern, and what each family does differently. The defaults are those of the
 * configuration classes of transformers, for fields that a config.json leaves out.
 */
import * as Schema from "effect/Schema"
import { decodeConfig, type Fields } from "./config-file.ts"
import { decoderFields, feedForwardWidth, optional, whole, yesOrNo } from "./config-fields.ts"
import { isRefused } from "./refusal.ts"
import { countLayers, headsOf, modernDecoder, unlimited, type ReadShape, type Shape } from "./shape.ts"

/** Which layers see a window only: all, those that a switch turns on, every second, or all but every n-th. */
export type WindowRule = "none" | "all" | "switched" | "every-second" | { readonly fullEvery: number }

export interface DenseTraits {
  readonly family: string
  /** What `tie_word_embeddings` is where it is left out. */
  readonly tied?: boolean
  readonly window?: WindowRule
  /** True where queries, keys and values have biases whatever the configuration says. */
  readonly queryKeyValueBias?: boolean
  readonly differs?: Partial<Shape>
  readonly defaults?: Fields
  readonly spellings?: Readonly<Record<string, string>>
  readonly remarks?: readonly string[]
}

const schema = Schema.Struct({
  ...decoderFields,
  intermediate_size: feedForwardWidth,
  mlp_bias: yesOrNo("whether the feed-forward block has biases"),
  use_bias: yesOrNo("whether matrices have biases"),
  use_qkv_bias: yesOrNo("whether queries, keys and values have biases"),
  use_parallel_residual: yesOrNo("whether attention and feed-forward read the same input"),
  use_qk_norm: yesOrNo("whether queries and keys are normalised"),
  use_sliding_window: yesOrNo("whether the sliding window is used"),
  max_window_layers: optional(whole("the layers below the first with a window", 100_000, 0)),
  sliding_window_pattern: optional(whole("the distance of layers that see everything", 100_000))
})

type DenseConfig = typeof schema.Type

interface WindowFields {
  readonly num_hidden_layers: number
  readonly sliding_window?: number
  readonly layer_types?: readonly string[]
  readonly use_sliding_window?: boolean
  readonly max_window_layers?: number
  readonly sliding_window_pattern?: number
}

/** Local attention: a list that names each layer goes before the family's rule. */
export const windowOf = (config: WindowFields, rule: WindowRule): Shape["slidingWindow"] => {
  const { num_hidden_layers: layers, sliding_window: tokens, layer_types: types } = config
  if (tokens === undefined || rule === "none") return null
  if (rule === "switched" && config.use_sliding_window !== true) return null
  const local = types === undefined ? layersOf(rule, config, layers) : countLocal(types)
  return local === 0 ? null : { tokens, layers: local }
}

const countLocal = (types: readonly string[]): number =>
  types.filter((type) => type === "sliding_attention" || type === "chunked_attention").length

const layersOf = (rule: WindowRule, config: WindowFields, layers: number): number => {
  if (rule === "all") return layers
  if (rule === "switched") return Math.max(0, layers - (config.max_window_layers ?? 0))
  if (rule === "every-second") return Math.ceil(layers / 2)
  const every = config.sliding_window_pattern ?? (typeof rule === "object" ? rule.fullEvery : 1)
  return countLayers(layers, (layer) => (layer + 1) % every !== 0)
}

export const readDense =
  (traits: DenseTraits): ReadShape =>
  (file) => {
    const config = decodeConfig(file, schema, traits.spellings, traits.defaults)
    if (isRefused(config)) return config
    return { shape: denseShape(config, traits), remarks: traits.remarks ?? [] }
  }

const denseShape = (config: DenseConfig, traits: DenseTraits): Shape => {
  const bias = config.mlp_bias ?? config.use_bias ?? false
  return {
    ...modernDecoder,
    family: traits.family,
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    ...headsOf(config),
    feedForward: config.intermediate_size,
    vocabulary: config.vocab_size,
    maximumSequence: config.max_position_embeddings ?? unlimited,
    tiedEmbeddings: config.tie_word_embeddings ?? traits.tied ?? false,
    bias,
    queryKeyValueBias:
      traits.queryKeyValueBias ?? config.attention_bias ?? config.use_qkv_bias ?? config.use_bias ?? false,
    parallelAttention: config.use_parallel_residual ?? false,
    queryKeyNormalization: config.use_qk_norm ?? false,
    ...traits.differs,
    slidingWindow: windowOf(config, traits.window ?? "none")
  }
}

const gemmaDefaults = { head_dim: 256 }

/** Gemma3TextConfig: the published config.json of the larger models leaves these fields out. */
const gemma3Defaults = {
  vocab_size: 262_208,
  hidden_size: 2304,
  intermediate_size: 9216,
  num_hidden_layers: 26,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  max_position_embeddings: 131_072,
  sliding_window: 4096
}

const gemma3: DenseTraits = {
  family: "Gemma-3",
  tied: true,
  window: { fullEvery: 6 },
  defaults: gemma3Defaults,
  spellings: { _sliding_window_pattern: "sliding_window_pattern" },
  differs: { normalizationsPerLayer: 4, queryKeyNormalization: true }
}

const layerNorm = { normalization: "layernorm", normalizationBias: true } as const

/** By `model_type`. */
export const denseFamilies: Readonly<Record<string, DenseTraits>> = {
  llama: { family: "Llama" },
  mistral: { family: "Mistral", window: "all" },
  ministral: { family: "Mistral", window: "all" },
  qwen2: { family: "Qwen2", window: "switched", queryKeyValueBias: true },
  qwen3: { family: "Qwen3", window: "switched", differs: { queryKeyNormalization: true } },
  gemma: { family: "Gemma", tied: true, defaults: gemmaDefaults },
  gemma2: {
    family: "Gemma-2",
    tied: true,
    window: "every-second",
    defaults: { ...gemmaDefaults, sliding_window: 4096, max_position_embeddings: 8192 },
    differs: { normalizationsPerLayer: 4 }
  },
  gemma3_text: gemma3,
  phi3: { family: "Phi", window: "all" },
  granite: { family: "Granite" },
  smollm3: { family: "SmolLM", tied: true, window: "switched" },
  seed_oss: { family: "Seed-OSS" },
  internlm2: { family: "InternLM", spellings: { bias: "use_bias" } },
  internlm3: { family: "InternLM", spellings: { qkv_bias: "use_qkv_bias" } },
  baichuan: { family: "Baichuan", spellings: { model_max_length: "max_position_embeddings" } },
  ernie4_5: { family: "ERNIE", tied: true },
  olmo2: { family: "OLMo", differs: { queryKeyNormalization: true } },
  exaone: {
    family: "EXAONE",
    spellings: { num_layers: "num_hidden_layers" }
  },
  stablelm: { family: "StableLM", differs: layerNorm },
  starcoder2: {
    family: "StarCoder",
    tied: true,
    window: "all",
    defaults: { use_bias: true },
    differs: { ...layerNorm, gated: false }
  },
  nemotron: { family: "Nemotron", differs: { ...layerNorm, gated: false } },
  cohere: {
    family: "Command",
    tied: true,
    differs: { normalization: "layernorm", normalizationsPerLayer: 1, parallelAttention: true }
  },
  cohere2: {
    family: "Command",
    tied: true,
    window: { fullEvery: 4 },
    differs: { normalization: "layernorm", normalizationsPerLayer: 1, parallelAttention: true }
  },
  glm: { family: "GLM", defaults: { head_dim: 128, attention_bias: true } },
  glm4: { family: "GLM", defaults: { head_dim: 128, attention_bias: true }, differs: { normalizationsPerLayer: 4 } }
}
