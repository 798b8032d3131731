/**
 * Mixtures of experts, with latent attention (DeepSeek) or without.
 */
import * as Schema from "effect/Schema"
import type { Experts, LatentAttention } from "../catalog/index.ts"
import { decodeConfig, type ConfigFile, type Fields } from "./config-file.ts"
import { decoderFields, feedForwardWidth, optional, whole, yesOrNo } from "./config-fields.ts"
import { windowOf, type WindowRule } from "./dense.ts"
import { isRefused } from "./refusal.ts"
import { countLayers, headsOf, modernDecoder, unlimited, type ReadShape, type Shape } from "./shape.ts"

const experts = (what: string, minimum = 1) => whole(what, 1_000_000, minimum)
const layers = (what: string, minimum = 1) => whole(what, 100_000, minimum)

const mixtureFields = {
  ...decoderFields,
  intermediate_size: optional(feedForwardWidth),
  num_experts: experts("the number of experts"),
  num_experts_per_tok: experts("the experts that a token goes to"),
  moe_intermediate_size: feedForwardWidth,
  shared_expert_intermediate_size: optional(whole("the width of the shared expert", 10_000_000, 0)),
  n_shared_experts: optional(experts("the number of shared experts", 0)),
  first_k_dense_replace: optional(layers("the dense layers before the first mixture", 0)),
  moe_layer_freq: optional(layers("the distance of mixture layers")),
  decoder_sparse_step: optional(layers("the distance of mixture layers")),
  mlp_only_layers: optional(
    Schema.Array(Schema.Int).annotate({ expected: "a list with the numbers of the dense layers" })
  ),
  use_qk_norm: yesOrNo("whether queries and keys are normalised"),
  use_sliding_window: yesOrNo("whether the sliding window is used"),
  max_window_layers: optional(layers("the layers below the first with a window", 0))
}

const mixtureSchema = Schema.Struct(mixtureFields)

const latentSchema = Schema.Struct({
  ...mixtureFields,
  q_lora_rank: optional(whole("the rank of the query compression")),
  kv_lora_rank: whole("the rank of the key-value compression"),
  qk_rope_head_dim: whole("the rotary dimension of a head"),
  qk_nope_head_dim: whole("the dimension of a key without its rotary part"),
  v_head_dim: whole("the dimension of a value")
})

type MixtureConfig = typeof mixtureSchema.Type

export interface MixtureTraits {
  readonly family: string
  readonly tied?: boolean
  readonly window?: WindowRule
  readonly queryKeyValueBias?: boolean
  /** Whether the mixture's configuration describes latent attention. */
  readonly latent?: boolean
  readonly differs?: Partial<Shape>
  readonly defaults?: Fields
  readonly spellings?: Readonly<Record<string, string>>
  readonly remarks?: readonly string[]
}

/** Layers that keep a dense block, by the rules of DeepSeek (first, then every n-th) and Qwen (step, list). */
const isDense = (config: MixtureConfig, layer: number): boolean =>
  layer < (config.first_k_dense_replace ?? 0) ||
  layer % (config.moe_layer_freq ?? 1) !== 0 ||
  (layer + 1) % (config.decoder_sparse_step ?? 1) !== 0 ||
  (config.mlp_only_layers ?? []).includes(layer)

const expertsOf = (config: MixtureConfig): Experts => ({
  count: config.num_experts,
  active: config.num_experts_per_tok,
  feedForward: config.moe_intermediate_size,
  sharedFeedForward:
    config.shared_expert_intermediate_size ?? (config.n_shared_experts ?? 0) * config.moe_intermediate_size,
  denseLayers: countLayers(config.num_hidden_layers, (layer) => isDense(config, layer))
})

/** The catalogue knows dense layers in front, and mixtures in every second layer. */
const arrangement = (config: MixtureConfig, dense: number): readonly string[] => {
  const all = config.num_hidden_layers
  const inFront = countLayers(dense, (layer) => isDense(config, layer)) === dense
  return inFront || 2 * dense === all ? [] : [`the ${dense} dense layers are taken to come before the mixtures`]
}

const latentOf = (config: typeof latentSchema.Type): LatentAttention => ({
  queryRank: config.q_lora_rank ?? null,
  keyValueRank: config.kv_lora_rank,
  ropeDimension: config.qk_rope_head_dim,
  keyDimension: config.qk_nope_head_dim,
  valueDimension: config.v_head_dim
})

export const readMixture =
  (traits: MixtureTraits): ReadShape =>
  (file) =>
    traits.latent === true ? readLatent(file, traits) : readPlain(file, traits)

const readPlain = (file: ConfigFile, traits: MixtureTraits) => {
  const config = decodeConfig(file, mixtureSchema, traits.spellings, traits.defaults)
  return isRefused(config) ? config : described(config, traits, {})
}

const readLatent = (file: ConfigFile, traits: MixtureTraits) => {
  const config = decodeConfig(file, latentSchema, traits.spellings, traits.defaults)
  if (isRefused(config)) return config
  return described(config, traits, {
    latentAttention: latentOf(config),
    keyValueHeads: config.num_attention_heads,
    headDimension: config.qk_nope_head_dim + config.qk_rope_head_dim
  })
}

const described = (config: MixtureConfig, traits: MixtureTraits, attention: Partial<Shape>) => {
  const mixture = expertsOf(config)
  const dense = config.intermediate_size ?? 0
  const shape: Shape = {
    ...modernDecoder,
    family: traits.family,
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    ...headsOf(config),
    feedForward: mixture.denseLayers === 0 ? 0 : dense,
    vocabulary: config.vocab_size,
    maximumSequence: config.max_position_embeddings ?? unlimited,
    tiedEmbeddings: config.tie_word_embeddings ?? traits.tied ?? false,
    queryKeyValueBias: traits.queryKeyValueBias ?? config.attention_bias ?? false,
    queryKeyNormalization: config.use_qk_norm ?? false,
    ...traits.differs,
    ...attention,
    experts: mixture,
    slidingWindow: windowOf(config, traits.window ?? "none")
  }
  return { shape, remarks: [...(traits.remarks ?? []), ...arrangement(config, mixture.denseLayers)] }
}

/** What the configurations of Mixtral's kind call things: every expert is as wide as the dense block would be. */
const mixtralNames = { num_local_experts: "num_experts", intermediate_size: "moe_intermediate_size" }
const deepseekNames = { n_routed_experts: "num_experts" }

const llama4: MixtureTraits = {
  family: "Llama-4",
  // Three of four layers attend within chunks, as a window does on average and at most.
  window: { fullEvery: 4 },
  defaults: {
    sliding_window: 8192,
    num_experts_per_tok: 1,
    n_shared_experts: 1,
    decoder_sparse_step: 1
  },
  spellings: {
    ...mixtralNames,
    intermediate_size_mlp: "intermediate_size",
    interleave_moe_layer_step: "decoder_sparse_step",
    attention_chunk_size: "sliding_window"
  },
  remarks: ["attention within chunks is taken as a sliding window of their length"]
}

/** By `model_type`. */
export const mixtureFamilies: Readonly<Record<string, MixtureTraits>> = {
  mixtral: { family: "Mixtral", window: "all", spellings: mixtralNames },
  qwen2_moe: { family: "Qwen2", window: "switched", queryKeyValueBias: true },
  qwen3_moe: { family: "Qwen3", window: "switched", differs: { queryKeyNormalization: true } },
  granitemoe: { family: "Granite", spellings: mixtralNames },
  olmoe: {
    family: "OLMo",
    differs: { queryKeyNormalization: true },
    spellings: { intermediate_size: "moe_intermediate_size" }
  },
  phimoe: {
    family: "Phi",
    window: "all",
    spellings: mixtralNames,
    differs: { normalization: "layernorm", normalizationBias: true }
  },
  minimax_m2: { family: "MiniMax", spellings: mixtralNames, differs: { queryKeyNormalization: true } },
  glm4_moe: { family: "GLM", spellings: deepseekNames, defaults: { head_dim: 128 } },
  gpt_oss: {
    family: "gpt-oss",
    window: "every-second",
    defaults: { head_dim: 64, sliding_window: 128, attention_bias: true },
    spellings: { ...mixtralNames, experts_per_token: "num_experts_per_tok" },
    differs: { bias: true },
    remarks: ["attention sinks are left out"]
  },
  llama4_text: llama4,
  llama4: llama4,
  ernie4_5_moe: {
    family: "ERNIE",
    tied: true,
    spellings: {
      moe_num_experts: "num_experts",
      moe_k: "num_experts_per_tok",
      moe_num_shared_experts: "n_shared_experts",
      moe_layer_start_index: "first_k_dense_replace"
    }
  },
  deepseek: { family: "DeepSeek", spellings: deepseekNames },
  deepseek_v2: { family: "DeepSeek", latent: true, spellings: deepseekNames },
  deepseek_v3: {
    family: "DeepSeek",
    latent: true,
    spellings: deepseekNames,
    remarks: ["without the multi-token prediction module"]
  },
  kimi_k2: { family: "Kimi", latent: true, spellings: deepseekNames }
}
