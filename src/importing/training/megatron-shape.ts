/**
 * A model's shapes from the flags of Megatron.
 */
import type { Model } from "../../catalog/index.ts"
import { layerPattern } from "./layer-pattern.ts"
import type { OptionReader } from "./options.ts"

/** What a script says of its model; a vocabulary may be the tokenizer's, which no script tells. */
export interface SaidShape {
  readonly shape: Omit<
    Model,
    | "name"
    | "title"
    | "family"
    | "vocabulary"
    | "publishedParameters"
    | "publishedActiveParameters"
    | "notes"
    | "sources"
  >
  readonly vocabulary: number | undefined
  /** Names that the script drops, which tell models of the same shapes apart. */
  readonly hints: readonly string[]
}

/** Entries of vocabularies that tokenizers bring, without padding. */
export const vocabularies: Readonly<Record<string, number>> = {
  GPT2BPETokenizer: 50_257,
  Llama2Tokenizer: 32_000,
  BertWordPieceLowerCase: 30_522
}

/** Megatron makes a feed-forward block of SwiGLU two thirds as wide, a multiple of 64. */
const widthOf = (hidden: number, gated: boolean): number =>
  gated ? Math.floor(Math.floor((4 * hidden * 2) / 3) / 64) * 64 : 4 * hidden

export const megatronShape = (flags: OptionReader, isDeepspeed: boolean): SaidShape | undefined => {
  const layers = flags.count("num-layers")
  const hidden = flags.count("hidden-size")
  const heads = flags.count("num-attention-heads")
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined
  const gated =
    flags.isOn("swiglu") === true ||
    flags.isOn("quick-geglu") === true ||
    flags.isOn("glu") === true ||
    flags.word("glu-activation")?.endsWith("glu") === true
  const bias = flags.isOn("disable-bias-linear") !== true && flags.isOn("add-bias-linear") !== false
  const normalization = /rms/i.test(flags.word("normalization") ?? "") ? "rmsnorm" : "layernorm"
  const groups =
    flags.count("num-key-value-heads") ??
    (flags.isOn("group-query-attention") === true ? (flags.count("num-query-groups") ?? 1) : undefined)
  // A mixture in every layer has no dense block, of which some write the width 0.
  const feedForward = flags.count("ffn-hidden-size", flags.has("num-experts") ? 0 : 1) ?? widthOf(hidden, gated)
  const latentAttention = latentOf(flags)
  return {
    shape: {
      layers,
      hidden,
      heads,
      keyValueHeads: groups ?? heads,
      headDimension: flags.count("kv-channels") ?? Math.max(1, Math.floor(hidden / heads)),
      feedForward,
      gated,
      maximumSequence: flags.count("max-position-embeddings") ?? flags.count("seq-length") ?? 2048,
      position: positionOf(flags),
      tiedEmbeddings: flags.isOn("untie-embeddings-and-output-weights") !== true,
      bias,
      queryKeyValueBias: bias || flags.isOn("add-qkv-bias") === true,
      normalization,
      normalizationBias: normalization === "layernorm",
      queryKeyNormalization: flags.isOn("qk-layernorm") === true,
      embeddingNormalization: flags.isOn("embed-layernorm") === true,
      parallelAttention: false,
      postNormalization: false,
      embeddingDimension: null,
      experts: expertsOf(flags, layers, feedForward, isDeepspeed),
      latentAttention,
      slidingWindow: windowOf(flags, layers)
    },
    vocabulary: vocabularyOf(flags),
    hints: ["tokenizer-name-or-path", "tokenizer-model", "save", "load", "wandb-exp-name", "wandb-project"].flatMap(
      (key) => flags.words(key)
    )
  }
}

const positionOf = (flags: OptionReader): Model["position"] => {
  const type = flags.word("position-embedding-type")
  if (flags.isOn("use-rotary-position-embeddings") === true || flags.isOn("use-rope") === true) return "rope"
  if (flags.isOn("no-position-embedding") === true && type === undefined) return "none"
  switch (type) {
    case "alibi":
      return "alibi"
    case "rope":
    case "rotary":
    case "yarn":
    case "mrope":
      return "rope"
    case "none":
    case "relative":
      return "none"
    case undefined:
    case "learned_absolute":
    case "absolute":
      return "learned"
    default:
      flags.refuse("position-embedding-type", "one of learned_absolute, rope, alibi, none")
      return "learned"
  }
}

const vocabularyOf = (flags: OptionReader): number | undefined => {
  const padded = flags.count("pad-vocab-size-to") ?? flags.count("padded-vocab-size")
  if (padded !== undefined) return padded
  const said = flags.count("vocab-size")
  const type = flags.word("tokenizer-type") ?? ""
  // A NullTokenizer adds the end of a document to what it is told.
  if (said !== undefined) return type === "NullTokenizer" ? said + 1 : said
  return vocabularies[type]
}

const windowOf = (flags: OptionReader, layers: number): Model["slidingWindow"] => {
  const [first] = flags
    .words("window-size")
    .join(",")
    .replaceAll(/[()[\] ]/g, "")
    .split(",")
  const tokens = Number(first)
  return Number.isInteger(tokens) && tokens > 0 ? { tokens: tokens + 1, layers } : null
}

const latentOf = (flags: OptionReader): Model["latentAttention"] =>
  flags.isOn("multi-latent-attention") === true
    ? {
        queryRank: flags.count("q-lora-rank") ?? null,
        keyValueRank: flags.count("kv-lora-rank") ?? 32,
        ropeDimension: flags.count("qk-pos-emb-head-dim") ?? 64,
        keyDimension: flags.count("qk-head-dim") ?? 128,
        valueDimension: flags.count("v-head-dim") ?? 128
      }
    : null

const expertsOf = (
  flags: OptionReader,
  layers: number,
  feedForward: number,
  isDeepspeed: boolean
): Model["experts"] => {
  const count = flags.count("num-experts")
  if (count === undefined || (isDeepspeed && count === 1)) return null
  return {
    count,
    active: flags.count("moe-router-topk") ?? flags.count("topk") ?? (isDeepspeed ? 1 : 2),
    feedForward: flags.count("moe-ffn-hidden-size") ?? feedForward,
    sharedFeedForward: flags.count("moe-shared-expert-intermediate-size") ?? 0,
    denseLayers: denseLayersOf(flags, layers)
  }
}

/** Layers that are no mixtures: by a list, or every nth layer is one. */
const denseLayersOf = (flags: OptionReader, layers: number): number => {
  const text = flags.word("moe-layer-freq")
  if (text === undefined) return 0
  if (/^\d{1,6}$/.test(text)) return Number(text) < 1 ? 0 : layers - Math.ceil(layers / Number(text))
  const pattern = layerPattern(text)
  if (pattern === undefined || pattern.length !== layers)
    return flags.refuse("moe-layer-freq", `a number, or a list of ${layers} such as ([0]*3+[1]*${layers - 3})`) ?? 0
  return pattern.filter((kind) => kind === 0).length
}
