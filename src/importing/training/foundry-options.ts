/**
 * The options of llm-foundry (mosaicml/llm-foundry, scripts/train and llmfoundry/utils/config_utils.py), and what each is to a
 * scenario.
 */
import type { RuleTable } from "./config-tree.ts"

export const foundryRules: RuleTable = {
  sets: {
    "model.name": "model",
    "model.pretrained_model_name_or_path": "model",
    "model.d_model": "model.hidden",
    "model.n_heads": "model.heads",
    "model.n_layers": "model.layers",
    "model.expansion_ratio": "model.feedForward",
    "model.ffn_config.ffn_hidden_size": "model.feedForward",
    "model.ffn_config.ffn_type": "model.gated",
    "model.max_seq_len": "model.maximumSequence",
    "model.vocab_size": "model.vocabulary",
    "model.no_bias": "model.bias",
    "model.norm_type": "model.normalization",
    "model.tie_word_embeddings": "model.tiedEmbeddings",
    "model.learned_pos_emb": "model.position",
    "model.attn_config.alibi": "model.position",
    "model.attn_config.rope": "model.position",
    "model.attn_config.qk_ln": "model.queryKeyNormalization",
    "model.attn_config.kv_n_heads": "model.keyValueHeads",
    "model.attn_config.attn_type": "model.keyValueHeads",
    "model.attn_config.attn_impl": "training.stack",
    "model.attn_config.sliding_window_size": "model.slidingWindow",
    max_seq_len: "training.sequenceLength",
    global_train_batch_size: "training.globalBatch",
    device_train_microbatch_size: "training.microBatch",
    max_duration: "training.tokens",
    precision: "training.precision",
    "fsdp_config.sharding_strategy": "training.zeroStage",
    "fsdp_config.activation_checkpointing": "training.recompute",
    "fsdp_config.activation_cpu_offload": "training.offload.activations",
    "compute.gpus": "cluster.accelerators",
    gpu_num: "cluster.accelerators"
  },
  notModelled: {
    "the number format of gradients and gathers is the stack's": "fsdp_config.mixed_precision",
    "a mesh of devices": "fsdp_config.device_mesh* tp_config.* parallelism_config.*",
    "layers that are recomputed, by name":
      "fsdp_config.activation_checkpointing_target* activation_checkpointing_target*",
    "mixtures of experts of MegaBlocks": "model.ffn_config.moe_*",
    "layers that differ": "model.block_overrides.*"
  },
  ignored: `run_name name image command integrations* cluster gpu_type compute.* data_local data_remote tokenizer_name global_seed
    seed model.init_device model.init_config.* model.loss_fn model.attn_config.* model.pretrained model.use_auth_token
    model.resid_pdrop model.emb_pdrop model.embedding_fraction model.logit_scale model.verbose model.use_cache model.fc_type
    model.config_overrides.* model.use_flash_attention_2 model.ffn_config.fc_type model.use_pad_tok_in_ffn model.norm_eps
    tokenizer.* train_loader.* eval_loader.* eval_loaders* scheduler.* optimizer.* algorithms.* eval_interval eval_first
    eval_subset_num_batches device_eval_batch_size eval_gauntlet* icl_* fsdp_config.state_dict_type
    fsdp_config.limit_all_gathers fsdp_config.verbose fsdp_config.backward_prefetch fsdp_config.forward_prefetch fsdp_config.sync_module_states
    fsdp_config.use_orig_params fsdp_config.activation_checkpointing_reentrant fsdp_config.keep_low_precision_grads
    fsdp_config.load_planner fsdp_config.save_planner fsdp_config.sharded_ckpt_prefix_dir fsdp_config.flatten_parameters
    fsdp_config.min_params fsdp_config.cpu_offload fsdp_config.load_monolith_rank0_only fsdp_config.data_parallel_shard_degree
    fsdp_config.te_* fsdp_config.auto_wrap progress_bar log_to_console
    console_log_interval callbacks.* loggers.* save_* load_* autoresume expandable_segments metadata.* python_log_level
    dist_timeout run_kwargs* scheduling.* env_variables* variables.* code_paths log_config profiler.* compile_config.*
    max_split_size_mb max_duration_unit only_* algorithms callbacks loggers`
}
