/**
 * The parts of published config.json files that shapes follow from, retyped, with the catalogue's entry and the parameter
 * count that the model card or a checkpoint's index gives.
 */
export interface PublishedConfig {
  readonly entry: string
  readonly parameters: number
  readonly config: Readonly<Record<string, unknown>>
  /** Where the entry and the file differ on purpose. */
  readonly except?: readonly string[]
}

const llama3 = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  attention_bias: false,
  hidden_act: "silu",
  max_position_embeddings: 131_072,
  mlp_bias: false,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  vocab_size: 128_256
}

const deepseek = {
  attention_bias: false,
  first_k_dense_replace: 1,
  kv_lora_rank: 512,
  max_position_embeddings: 163_840,
  moe_layer_freq: 1,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16"
}

export const publishedConfigs: readonly PublishedConfig[] = [
  {
    entry: "llama-3.1-8b",
    parameters: 8_030_261_248,
    config: { ...llama3, hidden_size: 4096, intermediate_size: 14336, num_attention_heads: 32, num_hidden_layers: 32 }
  },
  {
    entry: "llama-3.1-405b",
    parameters: 405_853_388_800,
    config: {
      ...llama3,
      hidden_size: 16384,
      intermediate_size: 53248,
      num_attention_heads: 128,
      num_hidden_layers: 126
    }
  },
  {
    entry: "llama-3.2-1b",
    parameters: 1_235_814_400,
    config: {
      ...llama3,
      head_dim: 64,
      hidden_size: 2048,
      intermediate_size: 8192,
      num_attention_heads: 32,
      num_hidden_layers: 16,
      tie_word_embeddings: true
    }
  },
  {
    entry: "llama-2-7b",
    parameters: 6_738_415_616,
    config: {
      model_type: "llama",
      hidden_size: 4096,
      intermediate_size: 11008,
      max_position_embeddings: 4096,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 32,
      pretraining_tp: 1,
      rope_scaling: null,
      tie_word_embeddings: false,
      torch_dtype: "float16",
      vocab_size: 32000
    }
  },
  {
    entry: "mistral-7b-v0.1",
    parameters: 7_241_732_096,
    config: {
      model_type: "mistral",
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      sliding_window: 4096,
      tie_word_embeddings: false,
      vocab_size: 32000
    }
  },
  {
    entry: "mistral-7b-v0.3",
    parameters: 7_248_023_552,
    config: {
      model_type: "mistral",
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      sliding_window: null,
      tie_word_embeddings: false,
      vocab_size: 32768
    }
  },
  {
    entry: "mixtral-8x7b",
    parameters: 46_702_792_704,
    config: {
      model_type: "mixtral",
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      num_attention_heads: 32,
      num_experts_per_tok: 2,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      num_local_experts: 8,
      sliding_window: null,
      tie_word_embeddings: false,
      vocab_size: 32000
    }
  },
  {
    entry: "qwen2.5-7b",
    parameters: 7_615_616_512,
    config: {
      model_type: "qwen2",
      hidden_size: 3584,
      intermediate_size: 18944,
      max_position_embeddings: 131_072,
      max_window_layers: 28,
      num_attention_heads: 28,
      num_hidden_layers: 28,
      num_key_value_heads: 4,
      sliding_window: 131_072,
      tie_word_embeddings: false,
      use_sliding_window: false,
      vocab_size: 152_064
    }
  },
  {
    entry: "qwen3-0.6b",
    parameters: 596_049_920,
    config: {
      model_type: "qwen3",
      attention_bias: false,
      head_dim: 128,
      hidden_size: 1024,
      intermediate_size: 3072,
      max_position_embeddings: 40960,
      max_window_layers: 28,
      num_attention_heads: 16,
      num_hidden_layers: 28,
      num_key_value_heads: 8,
      sliding_window: null,
      tie_word_embeddings: true,
      use_sliding_window: false,
      vocab_size: 151_936
    }
  },
  {
    entry: "qwen3-30b-a3b",
    parameters: 30_532_122_624,
    config: {
      model_type: "qwen3_moe",
      attention_bias: false,
      decoder_sparse_step: 1,
      head_dim: 128,
      hidden_size: 2048,
      intermediate_size: 6144,
      max_position_embeddings: 40960,
      mlp_only_layers: [],
      moe_intermediate_size: 768,
      num_attention_heads: 32,
      num_experts: 128,
      num_experts_per_tok: 8,
      num_hidden_layers: 48,
      num_key_value_heads: 4,
      sliding_window: null,
      tie_word_embeddings: false,
      use_sliding_window: false,
      vocab_size: 151_936
    }
  },
  {
    entry: "qwen3-235b-a22b",
    parameters: 235_093_634_560,
    config: {
      model_type: "qwen3_moe",
      attention_bias: false,
      decoder_sparse_step: 1,
      head_dim: 128,
      hidden_size: 4096,
      intermediate_size: 12288,
      max_position_embeddings: 40960,
      mlp_only_layers: [],
      moe_intermediate_size: 1536,
      num_attention_heads: 64,
      num_experts: 128,
      num_experts_per_tok: 8,
      num_hidden_layers: 94,
      num_key_value_heads: 4,
      tie_word_embeddings: false,
      vocab_size: 151_936
    }
  },
  {
    entry: "deepseek-v2-lite",
    parameters: 15_706_484_224,
    config: {
      ...deepseek,
      model_type: "deepseek_v2",
      hidden_size: 2048,
      intermediate_size: 10944,
      moe_intermediate_size: 1408,
      n_routed_experts: 64,
      n_shared_experts: 2,
      num_attention_heads: 16,
      num_experts_per_tok: 6,
      num_hidden_layers: 27,
      num_key_value_heads: 16,
      q_lora_rank: null,
      vocab_size: 102_400
    }
  },
  {
    entry: "deepseek-v3",
    parameters: 671_026_419_200,
    config: {
      ...deepseek,
      model_type: "deepseek_v3",
      first_k_dense_replace: 3,
      hidden_size: 7168,
      intermediate_size: 18432,
      moe_intermediate_size: 2048,
      n_routed_experts: 256,
      n_shared_experts: 1,
      num_attention_heads: 128,
      num_experts_per_tok: 8,
      num_hidden_layers: 61,
      num_key_value_heads: 128,
      num_nextn_predict_layers: 1,
      q_lora_rank: 1536,
      quantization_config: {
        activation_scheme: "dynamic",
        fmt: "e4m3",
        quant_method: "fp8",
        weight_block_size: [128, 128]
      },
      vocab_size: 129_280
    }
  },
  {
    entry: "falcon-7b",
    parameters: 6_921_720_704,
    config: {
      model_type: "falcon",
      alibi: false,
      bias: false,
      hidden_size: 4544,
      multi_query: true,
      new_decoder_architecture: false,
      num_attention_heads: 71,
      num_hidden_layers: 32,
      parallel_attn: true,
      vocab_size: 65024
    }
  },
  {
    entry: "falcon-40b",
    parameters: 41_303_293_952,
    config: {
      model_type: "falcon",
      alibi: false,
      bias: false,
      hidden_size: 8192,
      new_decoder_architecture: true,
      num_attention_heads: 128,
      num_hidden_layers: 60,
      num_kv_heads: 8,
      parallel_attn: true,
      vocab_size: 65024
    }
  },
  {
    entry: "bloom-176b",
    parameters: 176_247_271_424,
    config: {
      model_type: "bloom",
      attention_dropout: 0,
      n_embed: 14336,
      n_layer: 70,
      num_attention_heads: 112,
      pretraining_tp: 4,
      vocab_size: 250_880
    }
  },
  {
    entry: "bloom-560m",
    parameters: 559_214_592,
    config: { model_type: "bloom", n_embed: 1024, n_layer: 24, num_attention_heads: 16, vocab_size: 250_880 }
  },
  {
    entry: "mpt-30b",
    parameters: 29_958_000_000,
    config: {
      model_type: "mpt",
      attn_config: { alibi: true, attn_impl: "torch", attn_pdrop: 0, attn_type: "multihead_attention", qk_ln: false },
      d_model: 7168,
      expansion_ratio: 4,
      learned_pos_emb: true,
      max_seq_len: 8192,
      n_heads: 64,
      n_layers: 48,
      no_bias: true,
      vocab_size: 50432
    }
  },
  {
    entry: "gpt2-xl",
    parameters: 1_557_611_200,
    config: {
      model_type: "gpt2",
      n_ctx: 1024,
      n_embd: 1600,
      n_head: 25,
      n_layer: 48,
      n_positions: 1024,
      vocab_size: 50257
    }
  },
  {
    entry: "opt-350m",
    parameters: 331_196_416,
    config: {
      model_type: "opt",
      do_layer_norm_before: false,
      ffn_dim: 4096,
      hidden_size: 1024,
      max_position_embeddings: 2048,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      vocab_size: 50272,
      word_embed_proj_dim: 512
    }
  },
  {
    entry: "opt-30b",
    parameters: 29_974_540_288,
    config: {
      model_type: "opt",
      do_layer_norm_before: true,
      ffn_dim: 28672,
      hidden_size: 7168,
      max_position_embeddings: 2048,
      num_attention_heads: 56,
      num_hidden_layers: 48,
      vocab_size: 50272,
      word_embed_proj_dim: 7168
    }
  },
  {
    entry: "phi-2",
    parameters: 2_779_683_840,
    config: {
      model_type: "phi",
      hidden_size: 2560,
      intermediate_size: 10240,
      max_position_embeddings: 2048,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: null,
      partial_rotary_factor: 0.4,
      qk_layernorm: false,
      tie_word_embeddings: false,
      vocab_size: 51200
    }
  },
  {
    entry: "phi-3-mini-4k",
    parameters: 3_821_079_552,
    config: {
      model_type: "phi3",
      hidden_size: 3072,
      intermediate_size: 8192,
      max_position_embeddings: 4096,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 32,
      sliding_window: 2047,
      tie_word_embeddings: false,
      vocab_size: 32064
    }
  },
  {
    entry: "gemma-2-9b",
    parameters: 9_241_705_984,
    config: {
      model_type: "gemma2",
      head_dim: 256,
      hidden_size: 3584,
      intermediate_size: 14336,
      max_position_embeddings: 8192,
      num_attention_heads: 16,
      num_hidden_layers: 42,
      num_key_value_heads: 8,
      sliding_window: 4096,
      vocab_size: 256_000
    }
  },
  {
    // The file of the larger models is a text tower inside of a model that sees, and leaves out what is usual.
    entry: "gemma-3-4b",
    parameters: 3_880_000_000,
    config: {
      architectures: ["Gemma3ForConditionalGeneration"],
      model_type: "gemma3",
      text_config: {
        hidden_size: 2560,
        intermediate_size: 10240,
        model_type: "gemma3_text",
        num_hidden_layers: 34,
        rope_scaling: { factor: 8, rope_type: "linear" },
        sliding_window: 1024
      },
      torch_dtype: "bfloat16",
      vision_config: { hidden_size: 1152, num_hidden_layers: 27 }
    }
  },
  {
    entry: "gpt-oss-20b",
    parameters: 20_914_757_184,
    config: {
      model_type: "gpt_oss",
      attention_bias: true,
      experts_per_token: 4,
      head_dim: 64,
      hidden_size: 2880,
      intermediate_size: 2880,
      layer_types: Array.from({ length: 24 }, (_, layer) => (layer % 2 === 0 ? "sliding_attention" : "full_attention")),
      max_position_embeddings: 131_072,
      num_attention_heads: 64,
      num_experts_per_tok: 4,
      num_hidden_layers: 24,
      num_key_value_heads: 8,
      num_local_experts: 32,
      quantization_config: { quant_method: "mxfp4" },
      sliding_window: 128,
      tie_word_embeddings: false,
      vocab_size: 201_088
    }
  },
  {
    entry: "nemotron-4-340b",
    parameters: 341e9,
    config: {
      model_type: "nemotron",
      hidden_act: "relu2",
      hidden_size: 18432,
      intermediate_size: 73728,
      max_position_embeddings: 4096,
      num_attention_heads: 96,
      num_hidden_layers: 96,
      num_key_value_heads: 8,
      tie_word_embeddings: false,
      vocab_size: 256_000
    }
  },
  {
    entry: "llama-4-maverick",
    parameters: 400.7e9,
    config: {
      model_type: "llama4",
      text_config: {
        model_type: "llama4_text",
        attention_bias: false,
        head_dim: 128,
        hidden_size: 5120,
        interleave_moe_layer_step: 2,
        intermediate_size: 8192,
        intermediate_size_mlp: 16384,
        max_position_embeddings: 1_048_576,
        num_attention_heads: 40,
        num_experts_per_tok: 1,
        num_hidden_layers: 48,
        num_key_value_heads: 8,
        num_local_experts: 128,
        tie_word_embeddings: false,
        use_qk_norm: false,
        vocab_size: 202_048
      }
    }
  }
]

/** Models without an entry: the published count alone. */
export const otherConfigs: readonly (Omit<PublishedConfig, "entry"> & { readonly name: string })[] = [
  {
    name: "GPT-J 6B",
    parameters: 6_050_882_784,
    config: {
      model_type: "gptj",
      n_embd: 4096,
      n_head: 16,
      n_layer: 28,
      n_positions: 2048,
      rotary_dim: 64,
      tie_word_embeddings: false,
      vocab_size: 50400
    }
  },
  {
    name: "GPT-NeoX 20B",
    parameters: 20_554_567_680,
    config: {
      model_type: "gpt_neox",
      hidden_size: 6144,
      intermediate_size: 24576,
      max_position_embeddings: 2048,
      num_attention_heads: 64,
      num_hidden_layers: 44,
      tie_word_embeddings: false,
      use_parallel_residual: true,
      vocab_size: 50432
    }
  },
  {
    name: "StarCoder 15B",
    parameters: 15_517_456_384,
    config: {
      model_type: "gpt_bigcode",
      multi_query: true,
      n_embd: 6144,
      n_head: 48,
      n_inner: 24576,
      n_layer: 40,
      n_positions: 8192,
      vocab_size: 49152
    }
  },
  {
    name: "Gemma 7B",
    parameters: 8_537_680_896,
    config: {
      model_type: "gemma",
      head_dim: 256,
      hidden_size: 3072,
      intermediate_size: 24576,
      max_position_embeddings: 8192,
      num_attention_heads: 16,
      num_hidden_layers: 28,
      num_key_value_heads: 16,
      vocab_size: 256_000
    }
  },
  {
    name: "Granite 3.1 8B",
    parameters: 8_170_848_256,
    config: {
      model_type: "granite",
      attention_bias: false,
      hidden_size: 4096,
      intermediate_size: 12800,
      max_position_embeddings: 131_072,
      mlp_bias: false,
      num_attention_heads: 32,
      num_hidden_layers: 40,
      num_key_value_heads: 8,
      tie_word_embeddings: true,
      vocab_size: 49155
    }
  },
  {
    name: "Qwen1.5-MoE A2.7B",
    parameters: 14_315_784_192,
    config: {
      model_type: "qwen2_moe",
      decoder_sparse_step: 1,
      hidden_size: 2048,
      intermediate_size: 5632,
      max_position_embeddings: 8192,
      moe_intermediate_size: 1408,
      num_attention_heads: 16,
      num_experts: 60,
      num_experts_per_tok: 4,
      num_hidden_layers: 24,
      num_key_value_heads: 16,
      shared_expert_intermediate_size: 5632,
      tie_word_embeddings: false,
      use_sliding_window: false,
      vocab_size: 151_936
    }
  },
  {
    name: "Command R 35B",
    parameters: 34_980_831_232,
    config: {
      model_type: "cohere",
      hidden_size: 8192,
      intermediate_size: 22528,
      max_position_embeddings: 8192,
      num_attention_heads: 64,
      num_hidden_layers: 40,
      num_key_value_heads: 64,
      use_qk_norm: false,
      vocab_size: 256_000
    }
  }
]
