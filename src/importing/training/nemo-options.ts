/**
 * The options of NeMo's GPT pre-training (NVIDIA/NeMo, examples/nlp/language_modeling/conf/megatron_gpt_config.yaml, 2022 to 2024)
 * and of the recipes of NeMo 2 (nemo/collections/llm/recipes), and what each is to a scenario.
 */
import type { RuleTable } from "./config-tree.ts"

export const nemoRules: RuleTable = {
  sets: {
    "--factory": "model",
    "trainer.num_nodes": "cluster.nodes",
    "trainer.devices": "cluster.accelerators",
    "trainer.precision": "training.precision",
    "trainer.max_steps": "training.tokens",
    "model.micro_batch_size": "training.microBatch",
    "model.global_batch_size": "training.globalBatch",
    "model.rampup_batch_size": "training.run.batchRamp",
    "model.tensor_model_parallel_size": "training.parallelism.tensor",
    "model.pipeline_model_parallel_size": "training.parallelism.pipeline",
    "model.virtual_pipeline_model_parallel_size": "training.parallelism.virtualPipeline",
    "model.context_parallel_size": "training.parallelism.context",
    "model.expert_model_parallel_size": "training.parallelism.expert",
    "model.expert_tensor_parallel_size": "training.parallelism.expertTensor",
    "model.sequence_parallel": "training.parallelism.sequenceParallel",
    "model.encoder_seq_length": "training.sequenceLength",
    "model.seq_length": "training.sequenceLength",
    "model.data.seq_length": "training.sequenceLength",
    "model.max_position_embeddings": "model.maximumSequence",
    "model.num_layers": "model.layers",
    "model.hidden_size": "model.hidden",
    "model.ffn_hidden_size": "model.feedForward",
    "model.num_attention_heads": "model.heads",
    "model.num_query_groups": "model.keyValueHeads",
    "model.kv_channels": "model.headDimension",
    "model.activation": "model.gated",
    "model.bias": "model.bias",
    "model.add_qkv_bias": "model.queryKeyValueBias",
    "model.normalization": "model.normalization",
    "model.qk_layernorm": "model.queryKeyNormalization",
    "model.position_embedding_type": "model.position",
    "model.share_embeddings_and_output_weights": "model.tiedEmbeddings",
    "model.num_moe_experts": "model.experts.count",
    "model.moe_router_topk": "model.experts.active",
    "model.moe_ffn_hidden_size": "model.experts.feedForward",
    "model.moe_shared_expert_intermediate_size": "model.experts.sharedFeedForward",
    "model.override_vocab_size": "model.vocabulary",
    "model.tokenizer.type": "model.vocabulary, where the model is not the catalogue's",
    "model.optim.name": "training.zeroStage",
    "model.fp8": "training.precision: fp8",
    "model.fp8_hybrid": "training.precision: fp8",
    "model.activations_checkpoint_granularity": "training.recompute",
    "model.activations_checkpoint_method": "training.recompute",
    "model.activations_checkpoint_num_layers": "training.recompute",
    "model.cpu_offloading": "training.offload.activations",
    "model.use_flash_attention": "training.stack",
    "model.recompute_granularity": "training.recompute",
    "model.recompute_method": "training.recompute",
    "model.recompute_num_layers": "training.recompute",
    "trainer.strategy.ddp.use_distributed_optimizer": "training.zeroStage"
  },
  notModelled: {
    "tensor-parallel overlap is the stack's":
      "model.ub_tp_comm_overlap* model.tp_comm_overlap* trainer.strategy.tp_comm_overlap*",
    "layers left to the host": "model.cpu_offloading_num_layers model.cpu_offloading_weights",
    "graphs and kernels are the stack's":
      "model.enable_cuda_graph model.get_attention_mask_from_fusion model.attention_backend",
    "how tokens are sent to experts is the stack's":
      "model.moe_token_dispatcher_type model.moe_grouped_gemm model.moe_expert_capacity_factor",
    "what is fine-tuned": "model.peft.* peft.* model.restore_from_path",
    "dropout costs what the stack's costs": "model.hidden_dropout model.attention_dropout model.ffn_dropout"
  },
  ignored: `name restore_from_path run.* exp_manager.* trainer.* hydra.* defaults cluster.* stages training training_config
    launcher_scripts_path data_dir base_results_dir env_vars.* container* log.* resume.* optim.* data.* ci.* numa_mapping.*
    model.resume_from_checkpoint model.init_method_std model.use_scaled_init_method model.apply_query_key_layer_scaling
    model.normalize_attention_scores model.layernorm_epsilon model.do_layer_norm_weight_decay model.make_vocab_size_divisible_by
    model.pre_process model.post_process model.persist_layer_norm model.transformer_block_type model.openai_gelu
    model.headscale model.rotary_percentage model.rotary_base model.seq_len_interpolation_factor model.attention_type
    model.apply_rope_fusion model.tokenizer.* model.native_amp_* model.hysteresis model.fp32_residual_connection
    model.fp16_lm_cross_entropy model.megatron_amp_O2 model.grad_allreduce_chunk_size_mb model.grad_div_ar_fusion
    model.gradient_accumulation_fusion model.bias_activation_fusion model.bias_dropout_add_fusion model.masked_softmax_fusion
    model.seed model.use_cpu_initialization model.onnx_safe model.apex_transformer_log_level model.gradient_as_bucket_view
    model.sync_batch_comm model.num_micro_batches_with_partial_activation_checkpoints
    model.activations_checkpoint_layers_per_pipeline model.nsys_profile.* model.gc_interval model.data.* model.optim.*
    model.transformer_engine model.fp8_* model.reduce_amax model.use_emha model.mcore_gpt model.nccl_communicator_config_path
    model.dist_ckpt_* model.use_te_rng_tracker model.inference_batch_times_seqlen_threshold model.memory_profile.*
    model.batch_p2p_comm model.fsdp* model.defer_embedding_wgrad_compute model.wgrad_deferral_limit model.target
    model.deterministic_mode model.overlap_p2p_comm model.moe_aux_loss_coeff model.moe_router_load_balancing_type
    model.moe_z_loss_coeff model.moe_input_jitter_eps model.moe_permute_fusion model.get_attention_mask_from_fusion
    model.perform_initialization model.transformer_layer_* model.scale_positional_embedding model.gpt_model_type
    model.async_grad_allreduce model.sequence_len_offset model.use_cpu_init model.parallel_attention_mlp_adapter`
}

/** Paths of NeMo 2, by those of its predecessor. */
export const nemoNames: Readonly<Record<string, string>> = {
  "trainer.strategy.tensor_model_parallel_size": "model.tensor_model_parallel_size",
  "trainer.strategy.pipeline_model_parallel_size": "model.pipeline_model_parallel_size",
  "trainer.strategy.virtual_pipeline_model_parallel_size": "model.virtual_pipeline_model_parallel_size",
  "trainer.strategy.context_parallel_size": "model.context_parallel_size",
  "trainer.strategy.expert_model_parallel_size": "model.expert_model_parallel_size",
  "trainer.strategy.expert_tensor_parallel_size": "model.expert_tensor_parallel_size",
  "trainer.strategy.sequence_parallel": "model.sequence_parallel",
  "data.micro_batch_size": "model.micro_batch_size",
  "data.global_batch_size": "model.global_batch_size",
  "data.rampup_batch_size": "model.rampup_batch_size",
  "data.seq_length": "model.seq_length",
  "model.config.seq_length": "model.seq_length",
  "model.config.recompute_granularity": "model.recompute_granularity",
  "model.config.recompute_method": "model.recompute_method",
  "model.config.recompute_num_layers": "model.recompute_num_layers"
}
