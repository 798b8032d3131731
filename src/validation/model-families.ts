/**
 * What the names in measurement files mean: which catalogue entry a model is, or is like, and what families leave
 * unsaid. First match wins; names are lower case with single hyphens.
 */
import type { Model } from "../catalog/index.ts"

export interface Family {
  readonly match: RegExp
  /** Catalogue entry that lends the traits (gating, norms, position, ties). */
  readonly base: string
  /** The entry's sizes are the model's own and fill what a measurement leaves out. */
  readonly exact?: true
  /** Differences from the entry that hold for the whole family. */
  readonly differences?: Partial<Model>
  /** Sequence length where none is given; default 8192. */
  readonly sequence?: number
  readonly heads?: number
}

/** Models that cannot be expressed, and why. */
export const inexpressible: readonly { readonly match: RegExp; readonly reason: string }[] = [
  { match: /nemotron-?(h|3|nano|super|ultra)|mamba|jamba|zamba|hybrid/, reason: "state-space layers are not modelled" },
  { match: /qwen-?3-?next|qwen-?3\.5|linear|retnet|rwkv/, reason: "linear-attention layers are not modelled" },
  { match: /deepseek-?v?4/, reason: "the sparse attention of DeepSeek-V4 is not modelled" },
  {
    match: /\b(bert|t5|vit|clip|flux|whisper|dlrm|wan)\b|diffusion|-vl\b|vlm/,
    reason: "not a decoder-only language model"
  },
  { match: /\b(lora|peft)\b/, reason: "only a part of the parameters is trained" }
]

const experts = (count: number, active: number, feedForward: number, sharedFeedForward = 0, denseLayers = 0) => ({
  count,
  active,
  feedForward,
  sharedFeedForward,
  denseLayers
})

export const families: readonly Family[] = [
  // Upcycled from Llama-3 70B: every feed-forward block becomes eight (MoE Parallel Folding, section 4).
  {
    match: /llama-?3-?8x70b/,
    base: "llama-3.1-70b",
    exact: true,
    differences: { feedForward: 0, experts: experts(8, 2, 28672) }
  },
  { match: /llama-?4.*maverick/, base: "llama-4-maverick", exact: true },
  { match: /llama-?4.*scout/, base: "llama-4-scout", exact: true },
  { match: /llama-?3\.2-?1b/, base: "llama-3.2-1b", exact: true },
  { match: /llama-?3\.2-?3b/, base: "llama-3.2-3b", exact: true },
  { match: /llama-?3(\.\d)?-?8b/, base: "llama-3.1-8b", exact: true },
  { match: /llama-?3(\.\d)?-?70b/, base: "llama-3.1-70b", exact: true },
  { match: /llama-?3(\.\d)?-?405b/, base: "llama-3.1-405b", exact: true },
  { match: /llama-?3/, base: "llama-3.1-8b" },
  { match: /llama-?2-?7b/, base: "llama-2-7b", exact: true, sequence: 4096 },
  { match: /llama-?2-?13b/, base: "llama-2-13b", exact: true, sequence: 4096 },
  { match: /llama-?2-?70b/, base: "llama-2-70b", exact: true, sequence: 4096 },
  {
    // Code Llama 34B (Roziere et al. 2308.12950), the 34B shape of fms-fsdp.
    match: /llama.*34b/,
    base: "llama-2-70b",
    exact: true,
    differences: { layers: 48, feedForward: 22016 },
    sequence: 4096
  },
  { match: /llama-?(1-)?7b/, base: "llama-7b", exact: true, sequence: 2048 },
  { match: /llama-?(1-)?13b/, base: "llama-13b", exact: true, sequence: 2048 },
  { match: /llama-?(1-)?3[03]b/, base: "llama-30b", exact: true, sequence: 2048 },
  { match: /llama-?(1-)?65b/, base: "llama-65b", exact: true, sequence: 2048 },
  { match: /llama/, base: "llama-2-7b", sequence: 4096 },
  // Every expert of Mixtral cut into eight, eight active (MoE Parallel Folding, section 4).
  { match: /mixtral-?8x22b-?g8t8/, base: "mixtral-8x22b", exact: true, differences: { experts: experts(64, 8, 2048) } },
  { match: /mixtral-?8x22b/, base: "mixtral-8x22b", exact: true },
  { match: /mixtral-?8x7b/, base: "mixtral-8x7b", exact: true },
  { match: /mistral-?large/, base: "mistral-large-2407", exact: true },
  { match: /mistral/, base: "mistral-7b-v0.3", exact: true },
  {
    // xai-org/grok-1 run.py: head size 128, eight experts of which two, gated.
    match: /grok-?1?/,
    base: "mixtral-8x22b",
    exact: true,
    differences: { layers: 64, vocabulary: 131_072, maximumSequence: 8192, experts: experts(8, 2, 32768) }
  },
  {
    // Qwen2 technical report 2407.10671, table 1; shared expert of the Hugging Face config.
    match: /qwen-?2-?57b/,
    base: "qwen2.5-7b",
    exact: true,
    differences: { feedForward: 0, vocabulary: 151_936, experts: experts(64, 8, 2560, 20480) }
  },
  { match: /qwen-?3-?30b/, base: "qwen3-30b-a3b", exact: true },
  { match: /qwen-?3-?235b/, base: "qwen3-235b-a22b", exact: true },
  { match: /qwen-?3-?(coder-?)?480b/, base: "qwen3-coder-480b-a35b", exact: true },
  { match: /deepseek-?(v3|r1)/, base: "deepseek-v3", exact: true },
  { match: /deepseek-?v2-?lite/, base: "deepseek-v2-lite", exact: true },
  { match: /deepseek-?v2/, base: "deepseek-v2", exact: true },
  { match: /kimi/, base: "kimi-k2", exact: true },
  { match: /gpt-?oss-?120b/, base: "gpt-oss-120b", exact: true },
  { match: /gpt-?oss-?20b/, base: "gpt-oss-20b", exact: true },
  { match: /nemotron-?4-?340b/, base: "nemotron-4-340b", exact: true },
  { match: /nemotron-?4-?15b/, base: "nemotron-4-15b", exact: true },
  // NeMo's nemotron3_8b and nemotron3_22b configs: as Nemotron-4 with every head its own keys and values.
  { match: /nemotron/, base: "nemotron-4-15b" },
  // The benchmark of llm-foundry trains with learned positions, not ALiBi.
  { match: /mpt/, base: "mpt-7b", differences: { position: "learned", vocabulary: 50_368 }, sequence: 2048 },
  // The 200B candidates of February 2022 state 96 heads wherever they state them (chronicles-prequel).
  { match: /bloom-?proto/, base: "bloom-176b", sequence: 2048, heads: 96 },
  { match: /bloom-?(176b)?$/, base: "bloom-176b", exact: true, sequence: 2048 },
  { match: /bloom/, base: "bloom-176b", sequence: 2048 },
  {
    // Zeng et al. 2210.02414, table 11: GeGLU of 32,768, rotary positions, DeepNorm.
    match: /glm-?130b/,
    base: "gpt-sc21-145.6b",
    exact: true,
    differences: { layers: 70, feedForward: 32768, gated: true, vocabulary: 150_528, position: "rope" },
    sequence: 2048
  },
  {
    // Black et al. 2204.06745, section 2: rotary positions, parallel blocks, untied embeddings.
    match: /neox-?20b/,
    base: "gpt-sc21-18.4b",
    exact: true,
    differences: {
      layers: 44,
      heads: 64,
      keyValueHeads: 64,
      headDimension: 96,
      vocabulary: 50_432,
      position: "rope",
      parallelAttention: true,
      tiedEmbeddings: false
    },
    sequence: 2048
  },
  { match: /gpt-?3?-?175b/, base: "gpt3-175b", exact: true, differences: { vocabulary: 51_200 }, sequence: 2048 },
  // Alpa's benchmark suite (alpa-projects/alpa, suite_manual_gpt.py).
  { match: /gpt-?2\.6b/, base: "gpt3-2.7b", exact: true, differences: { vocabulary: 51_200 }, sequence: 1024 },
  { match: /gpt|megatron|mt-?nlg|turing/, base: "gpt-sc21-7.5b", sequence: 2048 }
]
