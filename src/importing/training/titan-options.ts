/**
 * The options of torchtitan from 2024 on (pytorch/torchtitan, torchtitan/config/job_config.py and its predecessors), and what each is
 * to a scenario.
 */
import type { RuleTable } from "./config-tree.ts"

export const titanRules: RuleTable = {
  sets: {
    "model.name": "model",
    "model.flavor": "model",
    module: "model",
    config: "model",
    "model.converters": "training.precision",
    "training.local_batch_size": "training.microBatch",
    "training.batch_size": "training.microBatch",
    "training.global_batch_size": "training.globalBatch",
    "training.seq_len": "training.sequenceLength",
    "training.steps": "training.tokens",
    "training.mixed_precision_param": "training.precision",
    "training.enable_cpu_offload": "training.offload.optimizer",
    "parallelism.data_parallel_replicate_degree": "training.parallelism.data",
    "parallelism.data_parallel_shard_degree": "training.sharding.group",
    "parallelism.fsdp_reshard_after_forward": "training.zeroStage",
    "parallelism.tensor_parallel_degree": "training.parallelism.tensor",
    "parallelism.context_parallel_degree": "training.parallelism.context",
    "parallelism.pipeline_parallel_degree": "training.parallelism.pipeline",
    "parallelism.pipeline_parallel_schedule": "training.schedule",
    "parallelism.pipeline_parallel_microbatch_size": "training.microBatch",
    "parallelism.pipeline_parallel_layers_per_stage": "training.parallelism.virtualPipeline",
    "parallelism.expert_parallel_degree": "training.parallelism.expert",
    "parallelism.expert_tensor_parallel_degree": "training.parallelism.expertTensor",
    "activation_checkpoint.mode": "training.recompute",
    "activation_checkpoint.selective_ac_option": "training.recompute",
    "float8.enable_float8_linear": "training.precision: fp8"
  },
  notModelled: {
    "every second layer: all of them keep what the operator policy keeps":
      "activation_checkpoint.selective_ac_option.*",
    "a sub-list of operators":
      "activation_checkpoint.per_op_sac_force_recompute_mm_shapes_by_fqns activation_checkpoint.memory_budget",
    "overlap of tensor parallelism is the stack's":
      "parallelism.enable_async_tensor_parallel experimental.enable_async_tensor_parallel parallelism.disable_loss_parallel parallelism.enable_loss_parallel",
    "compiled autograd": "parallelism.enable_compiled_autograd experimental.enable_compiled_autograd",
    "stages laid out by hand: set training.layerSplit":
      "parallelism.pipeline_parallel_split_points parallelism.module_fqns_per_model_part experimental.pipeline_parallel_split_points parallelism.pipeline_parallel_first_stage_less_layers parallelism.pipeline_parallel_last_stage_less_layers",
    "fault tolerance": "fault_tolerance.*",
    "how keys and values go around is the simulator's":
      "parallelism.context_parallel_rotate_method parallelism.context_parallel_load_balancer experimental.context_parallel_rotate_method"
  },
  ignored: `job.* profiling.* metrics.* optimizer.* lr_scheduler.* checkpoint.* comm.* memory_estimation.* validation.* debug.*
    compile.* quantize.* float8.* mx.* experimental.custom_import experimental.custom_args_module model.norm_type
    model.tokenizer_path model.hf_assets_path model.print_after_conversion model.use_flex_attn model.attn_mask_type
    training.dataset training.dataset_path training.data_parallel training.max_norm training.warmup_steps training.compile
    training.gc_freq training.gc_debug training.seed training.deterministic training.debug_moe_force_load_balance
    training.mixed_precision_reduce training.dtype training.dataloader.* training.fp8_linear
    parallelism.pipeline_parallel_schedule_csv parallelism.pipeline_parallel_expert_parallel_overlap`
}

/** Names that options had before they moved to [parallelism]. */
export const formerNames: Readonly<Record<string, string>> = {
  "training.data_parallel_degree": "parallelism.data_parallel_shard_degree",
  "training.data_parallel_replicate_degree": "parallelism.data_parallel_replicate_degree",
  "training.data_parallel_shard_degree": "parallelism.data_parallel_shard_degree",
  "training.fsdp_reshard_after_forward": "parallelism.fsdp_reshard_after_forward",
  "training.tensor_parallel_degree": "parallelism.tensor_parallel_degree",
  "experimental.context_parallel_degree": "parallelism.context_parallel_degree",
  "experimental.pipeline_parallel_degree": "parallelism.pipeline_parallel_degree",
  "experimental.pipeline_parallel_schedule": "parallelism.pipeline_parallel_schedule",
  "training.expert_parallel_degree": "parallelism.expert_parallel_degree"
}
