/**
 * The flags of Megatron-LM from 2021 on (NVIDIA/Megatron-LM, megatron/training/arguments.py) and of its forks for DeepSpeed
 * (bigscience-workshop and deepspeedai/Megatron-DeepSpeed, megatron/arguments.py; deepspeed/__init__.py), and what each is to a
 * scenario.
 */
import { flagTable } from "../flags.ts"

/** What a flag sets, by its name. */
export const megatronTargets: Readonly<Record<string, string>> = {
  "num-layers": "model.layers",
  "hidden-size": "model.hidden",
  "ffn-hidden-size": "model.feedForward",
  "num-attention-heads": "model.heads",
  "kv-channels": "model.headDimension",
  "group-query-attention": "model.keyValueHeads",
  "num-query-groups": "model.keyValueHeads",
  "num-key-value-heads": "model.keyValueHeads",
  "seq-length": "training.sequenceLength",
  "max-position-embeddings": "model.maximumSequence",
  "position-embedding-type": "model.position",
  "use-rotary-position-embeddings": "model.position: rope",
  "use-rope": "model.position: rope",
  "no-position-embedding": "model.position: none",
  swiglu: "model.gated",
  "quick-geglu": "model.gated",
  glu: "model.gated",
  "glu-activation": "model.gated",
  normalization: "model.normalization",
  "qk-layernorm": "model.queryKeyNormalization",
  "disable-bias-linear": "model.bias: false",
  "add-bias-linear": "model.bias",
  "add-qkv-bias": "model.queryKeyValueBias",
  "embed-layernorm": "model.embeddingNormalization",
  "untie-embeddings-and-output-weights": "model.tiedEmbeddings: false",
  "vocab-size": "model.vocabulary",
  "padded-vocab-size": "model.vocabulary",
  "pad-vocab-size-to": "model.vocabulary",
  "tokenizer-type": "model.vocabulary, where the model is not the catalogue's",
  "num-experts": "model.experts.count",
  "moe-router-topk": "model.experts.active",
  topk: "model.experts.active",
  "moe-ffn-hidden-size": "model.experts.feedForward",
  "moe-shared-expert-intermediate-size": "model.experts.sharedFeedForward",
  "moe-layer-freq": "model.experts.denseLayers",
  "multi-latent-attention": "model.latentAttention",
  "q-lora-rank": "model.latentAttention.queryRank",
  "kv-lora-rank": "model.latentAttention.keyValueRank",
  "qk-head-dim": "model.latentAttention.keyDimension",
  "qk-pos-emb-head-dim": "model.latentAttention.ropeDimension",
  "v-head-dim": "model.latentAttention.valueDimension",
  "window-size": "model.slidingWindow",
  "micro-batch-size": "training.microBatch",
  "batch-size": "training.microBatch",
  "global-batch-size": "training.globalBatch",
  "rampup-batch-size": "training.run.batchRamp",
  "train-samples": "training.tokens",
  "train-tokens": "training.tokens",
  "train-iters": "training.tokens",
  "tensor-model-parallel-size": "training.parallelism.tensor",
  "model-parallel-size": "training.parallelism.tensor",
  "pipeline-model-parallel-size": "training.parallelism.pipeline",
  "no-pipeline-parallel": "training.parallelism.pipeline: 1",
  "num-layers-per-virtual-pipeline-stage": "training.parallelism.virtualPipeline",
  "num-virtual-stages-per-pipeline-rank": "training.parallelism.virtualPipeline",
  "context-parallel-size": "training.parallelism.context",
  "expert-model-parallel-size": "training.parallelism.expert",
  "moe-expert-parallel-size": "training.parallelism.expert",
  "expert-tensor-parallel-size": "training.parallelism.expertTensor",
  "sequence-parallel": "training.parallelism.sequenceParallel",
  "decoder-first-pipeline-num-layers": "training.layerSplit",
  "decoder-last-pipeline-num-layers": "training.layerSplit",
  "account-for-embedding-in-pipeline-split": "training.layerSplit",
  "account-for-loss-in-pipeline-split": "training.layerSplit",
  "pp-partition-method": "training.layerSplit",
  "use-tp-pp-dp-mapping": "training.parallelism.order",
  "use-distributed-optimizer": "training.zeroStage: 1",
  "use-torch-fsdp2": "training.zeroStage: 3",
  "torch-fsdp2-no-reshard-after-forward": "training.zeroStage: 2",
  "use-custom-fsdp": "training.zeroStage",
  "use-megatron-fsdp": "training.zeroStage",
  "data-parallel-sharding-strategy": "training.zeroStage",
  "zero-stage": "training.zeroStage",
  deepspeed: "training.stack",
  "deepspeed-config": "training.zeroStage, training.microBatch, training.globalBatch",
  bf16: "training.precision",
  fp16: "training.precision",
  "fp8-format": "training.precision: fp8",
  "fp8-hybrid": "training.precision: fp8",
  "fp8-e4m3": "training.precision: fp8",
  "fp8-recipe": "training.precision",
  "fp4-format": "training.precision: nvfp4",
  "recompute-activations": "training.recompute: selective",
  "recompute-granularity": "training.recompute",
  "recompute-method": "training.recompute",
  "recompute-num-layers": "training.recompute",
  "checkpoint-activations": "training.recompute: full",
  "activations-checkpoint-method": "training.recompute",
  "activations-checkpoint-num-layers": "training.recompute",
  "deepspeed-activation-checkpointing": "training.recompute: full",
  "optimizer-cpu-offload": "training.offload.optimizer",
  "cpu-optimizer": "training.offload.optimizer",
  "cpu-offloading": "training.offload.activations",
  "cpu-offloading-num-layers": "training.offload.activations",
  "moe-expert-capacity-factor": "training.expertCapacity.factor",
  "moe-train-capacity-factor": "training.expertCapacity.factor",
  "moe-pad-expert-input-to-capacity": "training.expertCapacity.padded",
  "enable-zero-bubble": "training.schedule: zb-h1",
  "zero-bubble-v-schedule": "training.schedule: zb-v",
  "zero-bubble-v-schedule-mem-setup": "training.schedule: v-half or v-min",
  "zero-bubble-max-pending-backward": "training.schedule: zb-1p or zb-2p",
  "enable-zb-runtime": "training.stack: zero-bubble",
  "use-mcore-models": "training.stack",
  "use-legacy-models": "training.stack",
  "transformer-impl": "training.stack",
  "use-flash-attn": "training.stack: fused attention",
  "use-flash-attn-v1": "training.stack: fused attention",
  "use-flash-attn-v2": "training.stack: fused attention",
  "use-flash-attn-triton": "training.stack: fused attention",
  "attention-backend": "training.stack"
}

const names = (wanted: readonly string[]): string =>
  Object.keys(megatronTargets)
    .filter((name) => wanted.includes(name))
    .join(" ")

const switches = [
  "group-query-attention",
  "use-rotary-position-embeddings",
  "use-rope",
  "no-position-embedding",
  "swiglu",
  "quick-geglu",
  "glu",
  "qk-layernorm",
  "disable-bias-linear",
  "add-bias-linear",
  "add-qkv-bias",
  "embed-layernorm",
  "untie-embeddings-and-output-weights",
  "multi-latent-attention",
  "no-pipeline-parallel",
  "sequence-parallel",
  "account-for-embedding-in-pipeline-split",
  "account-for-loss-in-pipeline-split",
  "use-tp-pp-dp-mapping",
  "use-distributed-optimizer",
  "use-torch-fsdp2",
  "torch-fsdp2-no-reshard-after-forward",
  "use-custom-fsdp",
  "use-megatron-fsdp",
  "deepspeed",
  "bf16",
  "fp16",
  "fp8-hybrid",
  "fp8-e4m3",
  "recompute-activations",
  "checkpoint-activations",
  "deepspeed-activation-checkpointing",
  "optimizer-cpu-offload",
  "cpu-optimizer",
  "cpu-offloading",
  "moe-pad-expert-input-to-capacity",
  "enable-zero-bubble",
  "zero-bubble-v-schedule",
  "enable-zb-runtime",
  "use-mcore-models",
  "use-legacy-models",
  "use-flash-attn",
  "use-flash-attn-v1",
  "use-flash-attn-v2",
  "use-flash-attn-triton"
]
const many = ["num-experts", "window-size", "rampup-batch-size"]

export const megatronFlags = flagTable({
  hasPositionalModel: false,
  aliases: {
    "use-fp8": "fp8-hybrid",
    fp8: "fp8-format",
    "tensor-parallel": "tensor-model-parallel-size",
    "pipeline-parallel": "pipeline-model-parallel-size"
  },
  sets: {
    switches: names(switches),
    many: names(many),
    ones: names(Object.keys(megatronTargets).filter((name) => !switches.includes(name) && !many.includes(name)))
  },
  nothing: {
    ones: `embedding-init-method-std logging-level config-logger-dir straggler-ctrlr-port straggler-minmax-count
      one-logger-project one-logger-run-name app-tag-run-name app-tag-run-version muon-momentum muon-scale-mode
      muon-fp32-matmul-prec muon-num-ns-steps muon-tp-mode muon-extra-scale-factor train-sync-interval
      result-rejected-tracker-filename dump-param-to-param-group-map error-injection-rate error-injection-type rerun-mode
      save-retain-interval non-persistent-save-interval non-persistent-ckpt-type non-persistent-global-ckpt-dir
      non-persistent-local-ckpt-dir non-persistent-local-ckpt-algo ckpt-convert-save replication-jump replication-factor
      tokenizer-metadata sample-rate mask-prob short-seq-prob retriever-seq-length num-dataset-builder-threads
      object-storage-cache-path mid-level-dataset-surplus adlr-autoresume-interval distributed-timeout-seconds-after-init
      pipeline-model-parallel-comm-backend rope-type moe-input-jitter-eps moe-upcycling-granularity glu-linear-offset
      activation-func-clamp-value suggested-communication-unit-size wgrad-deferral-limit empty-unused-memory-level
      fp8-quantizer-factory fp4-quantizer-factory fp4-recipe inprocess-max-iterations inprocess-soft-timeout
      inprocess-hard-timeout inprocess-granularity
      optimizer adam-beta1 adam-beta2 adam-eps sgd-momentum lr min-lr lr-decay-style lr-decay-iters lr-decay-samples
      lr-decay-tokens lr-warmup-iters lr-warmup-samples lr-warmup-tokens lr-warmup-fraction lr-warmup-init lr-wsd-decay-style
      lr-wsd-decay-samples lr-wsd-decay-iters warmup clip-grad weight-decay start-weight-decay end-weight-decay
      weight-decay-incr-style init-method-std  seed norm-epsilon layernorm-epsilon
      attention-dropout hidden-dropout loss-scale initial-loss-scale min-loss-scale loss-scale-window hysteresis
      tokenizer-name-or-path tokenizer-model tokenizer-config vocab-file merge-file merges-file vocab-extra-ids
      make-vocab-size-divisible-by tiktoken-pattern tiktoken-num-special-tokens tiktoken-special-tokens data-impl
      data-cache-path split num-workers valid-num-workers dataloader-type dataset-impl log-interval
      eval-interval eval-iters save load pretrained-checkpoint ckpt-format ckpt-step ckpt-convert-format dist-ckpt-format
      dist-ckpt-strictness async-ckpt tensorboard-dir tensorboard-queue-size tensorboard-log-interval wandb-project
      wandb-exp-name wandb-save-dir wandb-entity exit-interval exit-duration-in-mins exit-signal kill-switch-path
      distributed-backend distributed-timeout-minutes local-rank local_rank rank world-size master-addr master-port
      rotary-base rotary-percent rotary-seq-len-interpolation-factor rope-scaling-factor rope-theta timing-log-level
      timing-log-option profile-step-start profile-step-end profile-dir memory-snapshot-path log-memory-interval
      manual-gc-interval ddp-bucket-size ddp-num-buckets ddp-impl moe-aux-loss-coeff moe-loss-coeff moe-z-loss-coeff
      moe-router-load-balancing-type moe-router-dtype moe-router-score-function moe-router-bias-update-rate
      moe-router-pre-softmax moe-router-num-groups moe-router-group-topk moe-router-topk-scaling-factor
      moe-token-drop-policy moe-eval-capacity-factor moe-min-capacity nccl-communicator-config-path fp8-margin
      fp8-interval fp8-amax-history-len fp8-amax-compute-algo
      check-weight-hash-across-dp-replicas-interval  remote-device synchronize-each-layer
      deepscale deepscale-config curriculum-learning-ratio checkpoint-num-layers
      inference-batch-times-seqlen-threshold hf-model-name-or-path mscale mscale-all-dim rotary-scaling-factor
      bias-gelu-fusion create-moe-param-group rl-loss-scale cuda-graph-warmup-steps microbatch-group-size-per-virtual-pipeline-stage
      mtp-loss-scaling-factor decoupled-lr decoupled-min-lr stdout-log-path attention-softmax-in-fp32 `,
    many: `iterations-to-skip high-priority-stream-groups mrope-section data-path train-data-path valid-data-path test-data-path data-args-path per-split-data-args-path
      train-weighted-split-paths valid-weighted-split-paths test-weighted-split-paths train-weighted-split-paths-path
      valid-weighted-split-paths-path test-weighted-split-paths-path profile-ranks train-weighted-split-names`,
    switches: `no-log-loss-scale-to-tensorboard log-energy disable-straggler-on-startup
      run-workload-inspector-server inprocess-restart inprocess-empty-cuda-cache one-logger-async enable-ft-package calc-ft-timeouts
      muon-no-split-qkv muon-use-nesterov decrease-batch-size-if-needed check-for-spiky-loss check-for-large-grads
      no-clone-scatter-output-in-embedding disable-gloo-process-groups no-pin-cpu-grads no-pin-cpu-params no-manual-gc-eval
      use-checkpoint-opt-param-scheduler load-main-params-from-ckpt use-mp-args-from-checkpoint-args
      no-use-tokenizer-model-from-checkpoint-args exit-on-missing-checkpoint use-persistent-ckpt-worker
      ckpt-convert-update-legacy-dist-opt-format dist-ckpt-optim-fully-reshardable
      distrib-optim-fully-reshardable-mem-efficient no-strict-fsdp-dtensor-load fp16-lm-cross-entropy
      disable-bf16-reduced-precision-matmul reuse-grad-buf-for-mxfp8-param-ag overlap-p2p-communication-warmup-flush
      defer-embedding-wgrad-compute ddp-pad-buckets-for-high-nccl-busbw ddp-reduce-scatter-with-fp32-accumulation
      ddp-average-in-collective use-ring-exchange-p2p lazy-mpu-init use-nccl-ub disable-symmetric-registration
      init-model-with-meta-device no-gradient-reduce-div-fusion fsdp-double-buffer keep-fp8-transpose-cache replication
      full-validation multiple-validation-sets test-mode legacy-tokenizer trust-remote-code allow-ambiguous-pad-tokens
      adlr-autoresume openai-gelu apply-residual-connection-post-layernorm onnx-safe bert-no-binary-head
      use-fused-weighted-squared-relu fp4-param-gather inference-rng-tracker moe-router-padding-for-fp8
      moe-router-force-load-balancing moe-extended-tp te-rng-tracker init-method-xavier-uniform data-parallel-random-init
      override-opt-param-scheduler override-lr-scheduler log-timers-to-tensorboard log-batch-size-to-tensorboard log-validation-ppl-to-tensorboard log-params-norm
      log-num-zeros-in-grad log-throughput log-progress log-memory-to-tensorboard log-world-size-to-tensorboard
      log-learning-rate-to-tensorboard log-loss-scale-to-tensorboard log-optimizer-states-to-tensorboard log-straggler
      mock-data no-load-optim no-load-rng no-save-optim no-save-rng finetune use-checkpoint-args use-checkpoint-opt-param-scheduler
      use-checkpoint-lr-scheduler use-dist-ckpt async-save auto-detect-ckpt-format exit-signal-handler profile
      use-pytorch-profiler record-memory-history no-masked-softmax-fusion no-bias-gelu-fusion no-bias-swiglu-fusion
      no-bias-dropout-fusion no-rope-fusion no-gradient-accumulation-fusion no-persist-layer-norm
      apply-layernorm-1p apply-query-key-layer-scaling no-query-key-layer-scaling attention-softmax-in-fp32
      accumulate-allreduce-grads-in-fp32 fp32-residual-connection no-async-tensor-model-parallel-allreduce
      no-contiguous-buffers-in-local-ddp use-contiguous-buffers-in-local-ddp no-scatter-gather-tensors-in-pipeline
      overlap-grad-reduce overlap-param-gather overlap-param-gather-with-optimizer-step delay-grad-reduce
      no-delay-grad-reduce align-param-gather align-grad-reduce overlap-p2p-communication no-overlap-p2p-communication
      no-align-param-gather no-align-grad-reduce no-create-attention-mask-in-dataloader no-mmap-bin-files reset-position-ids
      reset-attention-mask eod-mask-loss no-check-for-nan-in-loss-and-grad check-for-nan-in-loss-and-grad use-cpu-initialization
      no-initialization manual-gc distributed-timeout abort-on-unmet-fused-kernel-constraints
      moe-grouped-gemm moe-use-legacy-grouped-gemm moe-permute-fusion moe-router-enable-expert-bias moe-router-fusion
      moe-per-layer-logging moe-use-upcycling disable-moe-token-dropping disable-moe-top2-2nd-expert-sampling
      use-rope-scaling rotary-interleaved no-rope-freq deepspeed-mpi no-load-lr-state reset-iteration reset-progress
      sync-tp-duplicated-parameters partition-activations no-strict-fusion enable-one-logger no-one-logger bias-dropout-fusion
      cross-entropy-loss-fusion calculate-per-token-loss deterministic-mode dist-ckpt-save-pre-mcore-014
      ckpt-fully-parallel-save ckpt-fully-parallel-load ckpt-assume-constant-structure no-ckpt-fully-parallel-save
      log-number-of-params log-grad-norm skip-train use-one-sent-docs universal-checkpoint use-hpu no-barrier-with-level-1-timing
      enable-experimental clone-scatter-output-in-embedding mup fp8-param-gather decoder-tokens disable-mem-efficient-ln`
  },
  notModelled: {
    "optimizer states lie once over all data ranks": { ones: "num-distributed-optimizer-instances" },
    "how often the run saves: set training.run.checkpoint, with the rate of the file system": { ones: "save-interval" },
    "tensor-parallel overlap is the stack's": {
      switches:
        "tp-comm-overlap tp-comm-overlap-ag tp-comm-overlap-rs tp-comm-split-ag tp-comm-split-rs tp-comm-bulk-dgrad tp-comm-bulk-wgrad disable-tp-comm-overlap-ag disable-tp-comm-overlap-rs disable-tp-comm-bulk-dgrad disable-tp-comm-bulk-wgrad disable-tp-comm-split-ag disable-tp-comm-split-rs tp-comm-overlap-rs-dgrad",
      ones: "tp-comm-overlap-cfg tp-comm-bootstrap-backend"
    },
    "how keys and values go around is the simulator's": { many: "cp-comm-type hierarchical-context-parallel-sizes" },
    "how tokens are sent to experts is the stack's": {
      ones: "moe-token-dispatcher-type moe-flex-dispatcher-backend",
      switches:
        "moe-enable-deepep overlap-moe-expert-parallel-comm moe-shared-expert-overlap delay-wgrad-compute moe-apply-probs-on-input"
    },
    "graphs and kernels are the stack's": {
      switches: "enable-cuda-graph external-cuda-graph use-te-activation-func use-fused-rmsnorm fused-rmsnorm",
      ones: "cuda-graph-impl cuda-graph-scope cross-entropy-fusion-impl"
    },
    "which parts of a layer are recomputed is the stack's": {
      many: "recompute-modules",
      switches: "distribute-saved-activations distribute-checkpointed-activations moe-layer-recompute"
    },
    "a share of the optimizer on the host": {
      ones: "optimizer-offload-fraction",
      switches: "use-torch-optimizer-for-cpu-offload overlap-cpu-optimizer-d2h-h2d"
    },
    "the bytes of optimizer states and gradients are the stack's": {
      switches: "use-precision-aware-optimizer grad-reduce-in-bf16 main-grads-in-bf16",
      ones: "main-grads-dtype main-params-dtype exp-avg-dtype exp-avg-sq-dtype"
    },
    "sequences that grow": { switches: "curriculum-learning data-efficiency-curriculum-learning random-ltd" },
    "the sequence-parallel attention of DeepSpeed-Ulysses": { ones: "ds-sequence-parallel-size" },
    "a layer more that predicts the next tokens": { ones: "mtp-num-layers" },
    "an encoder beside the decoder": {
      ones: "encoder-num-layers decoder-num-layers encoder-seq-length decoder-seq-length encoder-tensor-model-parallel-size encoder-pipeline-model-parallel-size pipeline-model-parallel-split-rank"
    },
    "stages laid out by a text: set training.layerSplit": { ones: "pipeline-model-parallel-layout" },
    "layers of another kind": {
      ones: "hybrid-attention-ratio hybrid-mlp-ratio hybrid-override-pattern",
      switches: "squared-relu"
    },
    "expert residuals": { ones: "mlp-type", switches: "expert-residual" },
    "layers in 16 bits beside those in 8": {
      switches: "first-last-layers-bf16 no-fp8-wgrad",
      ones: "num-layers-at-start-in-bf16 num-layers-at-end-in-bf16"
    },
    "sums in the network: set cluster.network.sumsInNetwork": { switches: "use-sharp", ones: "sharp-enabled-group" },
    "shards over groups of nodes": { switches: "enable-full-sharding-in-hsdp" },
    "layers of a model that differ": {
      ones: "heterogeneous-layers-config-path heterogeneous-layers-config-encoded-json"
    },
    "training by rewards": {
      switches: "perform-rl-step",
      ones: "grpo-group-size grpo-prompts-per-step grpo-iterations"
    },
    "multiprocessors that dispatch tokens": { ones: "moe-deepep-num-sms" },
    "what LoRA trains": { ones: "lora-rank lora-alpha" }
  }
})
