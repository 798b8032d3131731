/**
 * Families that are not Llama's kind, each with a configuration of its own: GPT-2, GPT-J, GPT-NeoX, StarCoder, BLOOM,
 * OPT, MPT, Falcon, Phi-2.
 */
import * as Schema from "effect/Schema"
import { decodeConfig, fieldIssue } from "./config-file.ts"
import { decoderFields, feedForwardWidth, optional, tokens, whole, yesOrNo } from "./config-fields.ts"
import { isRefused } from "./refusal.ts"
import { classicDecoder, headsOf, modernDecoder, unlimited, type ReadShape, type Shape } from "./shape.ts"

/** GPT-2's names of things. */
const gptNames = {
  n_embd: "hidden_size",
  n_embed: "hidden_size",
  n_layer: "num_hidden_layers",
  n_head: "num_attention_heads",
  n_positions: "max_position_embeddings",
  n_inner: "intermediate_size"
}

const gptSchema = Schema.Struct({
  ...decoderFields,
  intermediate_size: optional(feedForwardWidth),
  multi_query: yesOrNo("whether all heads share one key and value"),
  use_parallel_residual: yesOrNo("whether attention and feed-forward read the same input"),
  parallel_attn: yesOrNo("whether attention and feed-forward read the same input"),
  qk_layernorm: yesOrNo("whether queries and keys are normalised")
})

type GptConfig = typeof gptSchema.Type

interface GptTraits {
  readonly family: string
  readonly tied: boolean
  readonly longest?: number
  readonly shape: (config: GptConfig) => Partial<Shape>
}

const readGpt =
  ({ family, tied, longest = unlimited, shape }: GptTraits): ReadShape =>
  (file) => {
    const config = decodeConfig(file, gptSchema, gptNames)
    if (isRefused(config)) return config
    return {
      remarks: [],
      shape: {
        ...classicDecoder,
        family,
        layers: config.num_hidden_layers,
        hidden: config.hidden_size,
        ...headsOf(config),
        feedForward: config.intermediate_size ?? 4 * config.hidden_size,
        vocabulary: config.vocab_size,
        maximumSequence: config.max_position_embeddings ?? longest,
        tiedEmbeddings: config.tie_word_embeddings ?? tied,
        ...shape(config)
      }
    }
  }

const optSchema = Schema.Struct({
  ...decoderFields,
  ffn_dim: feedForwardWidth,
  word_embed_proj_dim: optional(whole("the width of the embedding")),
  do_layer_norm_before: yesOrNo("whether normalisation precedes each block"),
  enable_bias: yesOrNo("whether matrices have biases")
})

const readOpt: ReadShape = (file) => {
  const config = decodeConfig(file, optSchema, {})
  if (isRefused(config)) return config
  const width = config.word_embed_proj_dim ?? config.hidden_size
  const bias = config.enable_bias ?? true
  return {
    remarks: [],
    shape: {
      ...classicDecoder,
      family: "OPT",
      layers: config.num_hidden_layers,
      hidden: config.hidden_size,
      ...headsOf(config),
      feedForward: config.ffn_dim,
      vocabulary: config.vocab_size,
      maximumSequence: config.max_position_embeddings ?? 2048,
      tiedEmbeddings: config.tie_word_embeddings ?? true,
      bias,
      queryKeyValueBias: bias,
      postNormalization: config.do_layer_norm_before === false,
      embeddingDimension: width === config.hidden_size ? null : width
    }
  }
}

const mptSchema = Schema.Struct({
  d_model: whole("the hidden width"),
  n_layers: whole("the number of layers", 100_000),
  n_heads: whole("the number of attention heads", 100_000),
  expansion_ratio: optional(
    Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1000 })).annotate({
      expected: "the width of the feed-forward block over the hidden width: a number from 0.01 to 1000"
    })
  ),
  max_seq_len: tokens("the longest sequence"),
  vocab_size: whole("the tokens of the vocabulary"),
  no_bias: yesOrNo("whether there are no biases"),
  learned_pos_emb: yesOrNo("whether there is a table of positions"),
  tie_word_embeddings: yesOrNo("whether the LM head is the embedding"),
  attn_config: optional(
    Schema.Struct({
      alibi: yesOrNo("whether positions are ALiBi's"),
      rope: yesOrNo("whether positions are rotary"),
      attn_type: optional(
        Schema.String.annotate({ expected: "multihead_attention, multiquery_attention or grouped_query_attention" })
      ),
      kv_n_heads: optional(whole("the number of key-value heads", 100_000)),
      qk_ln: yesOrNo("whether queries and keys are normalised")
    }).annotate({ expected: "a map with fields such as alibi" })
  )
})

const readMpt: ReadShape = (file) => {
  const config = decodeConfig(file, mptSchema, {})
  if (isRefused(config)) return config
  const { alibi = false, rope = false, attn_type: type, kv_n_heads: shared, qk_ln = false } = config.attn_config ?? {}
  const bias = config.no_bias === false
  const learned = config.learned_pos_emb ?? true
  return {
    remarks: [],
    shape: {
      ...classicDecoder,
      family: "MPT",
      layers: config.n_layers,
      hidden: config.d_model,
      heads: config.n_heads,
      keyValueHeads: shared ?? (type === "multiquery_attention" ? 1 : config.n_heads),
      headDimension: Math.max(1, Math.floor(config.d_model / config.n_heads)),
      feedForward: Math.round((config.expansion_ratio ?? 4) * config.d_model),
      vocabulary: config.vocab_size,
      maximumSequence: config.max_seq_len ?? 2048,
      position: alibi ? "alibi" : rope ? "rope" : learned ? "learned" : "none",
      tiedEmbeddings: config.tie_word_embeddings ?? true,
      bias,
      queryKeyValueBias: bias,
      normalizationBias: bias,
      queryKeyNormalization: qk_ln
    }
  }
}

const falconSchema = Schema.Struct({
  ...decoderFields,
  num_kv_heads: optional(whole("the number of key-value heads", 100_000)),
  ffn_hidden_size: optional(feedForwardWidth),
  multi_query: yesOrNo("whether all heads share one key and value"),
  new_decoder_architecture: yesOrNo("whether the decoder is that of Falcon-40B"),
  parallel_attn: yesOrNo("whether attention and feed-forward read the same input"),
  num_ln_in_parallel_attn: optional(whole("the normalisations of a layer", 2)),
  bias: yesOrNo("whether matrices have biases"),
  alibi: yesOrNo("whether positions are ALiBi's")
})

/** Falcon-40B's decoder has groups of queries; the older one has one key-value head for all, or one for each. */
const readFalcon: ReadShape = (file) => {
  const config = decodeConfig(file, falconSchema, { ...gptNames, n_head_kv: "num_kv_heads" })
  if (isRefused(config)) return config
  const { num_attention_heads: heads, num_kv_heads: groups, bias = false } = config
  const grouped = config.new_decoder_architecture ?? file.fields["model_type"] === "RefinedWeb"
  if (grouped && groups === undefined)
    return {
      _tag: "RefusedImport",
      issues: [fieldIssue(file, "num_kv_heads", "is missing", "the number of key-value heads of the new decoder")]
    }
  const parallel = config.parallel_attn ?? true
  const one = parallel && (grouped ? config.num_ln_in_parallel_attn === 1 : true)
  return {
    remarks: [],
    shape: {
      ...modernDecoder,
      family: "Falcon",
      gated: false,
      normalization: "layernorm",
      normalizationBias: true,
      layers: config.num_hidden_layers,
      hidden: config.hidden_size,
      heads,
      keyValueHeads: grouped ? (groups ?? heads) : (config.multi_query ?? true) ? 1 : heads,
      headDimension: config.head_dim ?? Math.max(1, Math.floor(config.hidden_size / heads)),
      feedForward: config.ffn_hidden_size ?? 4 * config.hidden_size,
      vocabulary: config.vocab_size,
      maximumSequence: config.max_position_embeddings ?? 2048,
      position: config.alibi === true ? "alibi" : "rope",
      tiedEmbeddings: config.tie_word_embeddings ?? true,
      bias,
      queryKeyValueBias: bias,
      parallelAttention: parallel,
      ...(one ? { normalizationsPerLayer: 1 } : {})
    }
  }
}

/** By `model_type`. */
export const classicFamilies: Readonly<Record<string, ReadShape>> = {
  gpt2: readGpt({ family: "GPT-2", tied: true, longest: 1024, shape: () => ({}) }),
  gpt_bigcode: readGpt({
    family: "StarCoder",
    tied: true,
    longest: 8192,
    shape: (config) => ((config.multi_query ?? true) ? { keyValueHeads: 1 } : {})
  }),
  gptj: readGpt({
    family: "GPT-J",
    tied: false,
    longest: 2048,
    // Attention has no biases, the feed-forward block has; those of the output projection are too few to matter.
    shape: () => ({ position: "rope", queryKeyValueBias: false, parallelAttention: true, normalizationsPerLayer: 1 })
  }),
  gpt_neox: readGpt({
    family: "GPT-NeoX",
    tied: false,
    longest: 2048,
    shape: (config) => ({ position: "rope", parallelAttention: config.use_parallel_residual ?? true })
  }),
  bloom: readGpt({
    family: "BLOOM",
    tied: true,
    longest: 2048,
    shape: () => ({ position: "alibi", embeddingNormalization: true })
  }),
  phi: readGpt({
    family: "Phi",
    tied: false,
    longest: 2048,
    shape: (config) => ({
      position: "rope",
      parallelAttention: true,
      normalizationsPerLayer: 1,
      queryKeyNormalization: config.qk_layernorm ?? false
    })
  }),
  opt: readOpt,
  mpt: readMpt,
  falcon: readFalcon,
  RefinedWeb: readFalcon,
  RefinedWebModel: readFalcon
}
