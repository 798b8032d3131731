/**
 * A model's shapes from NeMo's configuration.
 */
import type { Model } from "../../catalog/index.ts"
import { vocabularies, type SaidShape } from "./megatron-shape.ts"
import type { OptionReader } from "./options.ts"

export const nemoShape = (flags: OptionReader): SaidShape | undefined => {
  const count = (name: string): number | undefined => flags.count(`model.${name}`)
  const [layers, hidden, heads] = [count("num_layers"), count("hidden_size"), count("num_attention_heads")]
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined
  const gated = flags.word("model.activation")?.endsWith("glu") === true
  const bias = flags.isOn("model.bias") !== false
  const normalization = /rms/i.test(flags.word("model.normalization") ?? "") ? "rmsnorm" : "layernorm"
  const feedForward = count("ffn_hidden_size") ?? 4 * hidden
  const experts = count("num_moe_experts")
  return {
    shape: {
      layers,
      hidden,
      heads,
      keyValueHeads: count("num_query_groups") ?? heads,
      headDimension: count("kv_channels") ?? Math.max(1, Math.floor(hidden / heads)),
      feedForward,
      gated,
      maximumSequence: count("max_position_embeddings") ?? count("encoder_seq_length") ?? 2048,
      position: positionOf(flags),
      tiedEmbeddings: flags.isOn("model.share_embeddings_and_output_weights") !== false,
      bias,
      queryKeyValueBias: bias || flags.isOn("model.add_qkv_bias") === true,
      normalization,
      normalizationBias: normalization === "layernorm",
      queryKeyNormalization: flags.isOn("model.qk_layernorm") === true,
      embeddingNormalization: false,
      parallelAttention: false,
      postNormalization: false,
      embeddingDimension: null,
      experts:
        experts === undefined || experts === 1
          ? null
          : {
              count: experts,
              active: count("moe_router_topk") ?? 2,
              feedForward: count("moe_ffn_hidden_size") ?? feedForward,
              sharedFeedForward: count("moe_shared_expert_intermediate_size") ?? 0,
              denseLayers: 0
            },
      latentAttention: null,
      slidingWindow: null
    },
    vocabulary: count("override_vocab_size") ?? vocabularies[flags.word("model.tokenizer.type") ?? ""],
    hints: ["name", "run.name", "model.tokenizer.model", "model.tokenizer.type", "exp_manager.name"].flatMap((key) =>
      flags.words(key)
    )
  }
}

const positions: Readonly<Record<string, Model["position"]>> = {
  learned_absolute: "learned",
  rope: "rope",
  alibi: "alibi",
  kerple: "alibi",
  none: "none"
}

const positionOf = (flags: OptionReader): Model["position"] => {
  const key = "model.position_embedding_type"
  const text = flags.option(key)?.values[0] ?? "learned_absolute"
  return positions[text] ?? flags.refuse(key, "learned_absolute, rope, alibi or none") ?? "learned"
}
