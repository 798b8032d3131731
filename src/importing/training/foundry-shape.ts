/**
 * An MPT's shapes from llm-foundry's configuration (llmfoundry/models/mpt/configuration_mpt.py).
 */
import type { SaidShape } from "./megatron-shape.ts"
import type { OptionReader } from "./options.ts"

export const foundryShape = (flags: OptionReader): SaidShape | undefined => {
  const count = (name: string): number | undefined => flags.count(`model.${name}`)
  const [layers, hidden, heads] = [count("n_layers"), count("d_model"), count("n_heads")]
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined
  const alibi = flags.isOn("model.attn_config.alibi") === true
  const rope = flags.isOn("model.attn_config.rope") === true
  const type = flags.word("model.attn_config.attn_type") ?? ""
  const bias = flags.isOn("model.no_bias") !== true
  const normalization = /rms/.test(flags.word("model.norm_type") ?? "") ? "rmsnorm" : "layernorm"
  const ratio = flags.number("model.expansion_ratio", 0.1, 100) ?? 4
  const window = flags.number("model.attn_config.sliding_window_size", -1, 1e9) ?? -1
  return {
    shape: {
      layers,
      hidden,
      heads,
      keyValueHeads: type === "multiquery_attention" ? 1 : (count("attn_config.kv_n_heads") ?? heads),
      headDimension: Math.max(1, Math.floor(hidden / heads)),
      feedForward: count("ffn_config.ffn_hidden_size") ?? Math.round(hidden * ratio),
      gated: /glu/.test(flags.word("model.ffn_config.ffn_type") ?? ""),
      maximumSequence: count("max_seq_len") ?? flags.count("max_seq_len") ?? 2048,
      position: alibi ? "alibi" : rope ? "rope" : flags.isOn("model.learned_pos_emb") === false ? "none" : "learned",
      tiedEmbeddings: flags.isOn("model.tie_word_embeddings") !== false,
      bias,
      queryKeyValueBias: bias,
      normalization,
      normalizationBias: bias && normalization === "layernorm",
      queryKeyNormalization: flags.isOn("model.attn_config.qk_ln") === true,
      embeddingNormalization: false,
      parallelAttention: false,
      postNormalization: false,
      embeddingDimension: null,
      experts: null,
      latentAttention: null,
      slidingWindow: window > 0 ? { tokens: window, layers } : null
    },
    vocabulary: count("vocab_size"),
    hints: [...flags.words("run_name"), ...flags.words("name")]
  }
}
