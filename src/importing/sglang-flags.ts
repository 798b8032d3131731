/**
 * The flags of `python -m sglang.launch_server` (sgl-project/sglang, python/sglang/srt/server_args.py of 0.3 to 0.5).
 */
import { flagTable } from "./flags.ts"

export const sglangFlags = flagTable({
  hasPositionalModel: false,
  aliases: {
    model: "model-path",
    tp: "tp-size",
    "tensor-parallel-size": "tp-size",
    pp: "pp-size",
    "pipeline-parallel-size": "pp-size",
    dp: "dp-size",
    "data-parallel-size": "dp-size",
    ep: "ep-size",
    "expert-parallel-size": "ep-size",
    "dist-init-addr": "nccl-init-addr",
    "speculative-algo": "speculative-algorithm",
    "speculative-draft-model": "speculative-draft-model-path"
  },
  sets: {
    ones: `model-path tp-size pp-size dp-size ep-size mem-fraction-static chunked-prefill-size max-prefill-tokens
      max-running-requests context-length schedule-policy kv-cache-dtype quantization dtype page-size cpu-offload-gb
      load-balance-method max-total-tokens max-queued-requests speculative-algorithm speculative-draft-model-path
      speculative-num-steps speculative-eagle-topk speculative-num-draft-tokens max-loras-per-batch max-lora-rank
      max-loaded-loras`,
    many: "lora-paths",
    switches: `enable-dp-attention enable-ep-moe enable-deepep-moe disable-radix-cache enable-priority-scheduling
      disable-cuda-graph disable-custom-all-reduce enable-mixed-chunk enable-lora`
  },
  nothing: {
    ones: `host port api-key tokenizer-path tokenizer-mode load-format revision served-model-name chat-template
      completion-template device log-level log-level-http random-seed seed watchdog-timeout download-dir base-gpu-id
      gpu-id-step nccl-init-addr nnodes node-rank nccl-port dist-timeout tool-call-parser reasoning-parser file-storage-path
      stream-interval decode-log-interval collect-tokens-histogram grammar-backend sampling-backend
      constrained-json-whitespace-pattern model-loader-extra-config cuda-graph-max-bs crash-dump-folder
      tokenizer-worker-num log-requests-level quantization-param-path preferred-sampling-params moe-runner-backend
      prefill-round-robin-balance sleep-on-idle tokenizer-backend kv-events-config`,
    many: "cuda-graph-bs",
    switches: `trust-remote-code skip-tokenizer-init skip-server-warmup is-embedding enable-metrics log-requests
      show-time-cost enable-cache-report enable-multimodal disable-fast-image-processor enable-memory-saver
      delete-ckpt-after-loading enable-custom-logit-processor disable-outlines-disk-cache warmups bucket-time-to-first-token
      allow-auto-truncate enable-p2p-check enable-nan-detection stream-output weights-cpu-backup
      disable-shared-experts-fusion enable-profile-cuda-graph incremental-streaming-output`
  },
  notModelled: {
    "a detail that serving.speculation does not have": {
      ones: `speculative-token-map speculative-accept-threshold-single
        speculative-accept-threshold-acc speculative-attention-mode`
    },
    "a detail that serving.adapters does not have": {
      ones: "lora-backend lora-eviction-policy",
      many: "lora-target-modules"
    },
    "prefill and decode on different servers": {
      ones: `disaggregation-mode disaggregation-transfer-backend disaggregation-bootstrap-port disaggregation-ib-device
        disaggregation-decode-tp disaggregation-decode-dp disaggregation-prefill-pp num-reserved-decode-tokens`
    },
    "KV kept outside of the accelerator": {
      ones: `hicache-ratio hicache-size hicache-write-policy hicache-io-backend hicache-storage-backend
        hicache-storage-backend-extra-config hicache-mem-layout hicache-storage-prefetch-policy`,
      switches: "enable-hierarchical-cache enable-lmcache"
    },
    "how many tokens a request is expected to generate": { ones: "schedule-conservativeness" },
    "kernels and graphs are the stack's": {
      ones: `attention-backend prefill-attention-backend decode-attention-backend mm-attention-backend torch-compile-max-bs
        torchao-config triton-attention-num-kv-splits fp8-gemm-backend moe-a2a-backend deepep-mode deepep-config
        moe-dense-tp-size cuda-graph-config`,
      switches: `enable-torch-compile disable-cuda-graph-padding enable-nccl-nvls enable-symm-mem enable-mscclpp
        disable-overlap-schedule enable-flashinfer-allreduce-fusion enable-flashinfer-cutlass-moe enable-dp-lm-head
        enable-piecewise-cuda-graph triton-attention-reduce-in-fp32 disable-chunked-prefix-cache enable-deterministic-inference`
    },
    "overlap of two micro-batches": {
      switches: "enable-two-batch-overlap enable-single-batch-overlap",
      ones: "tbo-token-distribution-threshold"
    },
    "copies of busy experts: set serving.expertImbalance": {
      ones: `ep-num-redundant-experts ep-dispatch-algorithm init-expert-location eplb-algorithm
        eplb-rebalance-num-iterations eplb-rebalance-layers-per-chunk expert-distribution-recorder-mode`,
      switches: "enable-eplb enable-expert-distribution-metrics"
    },
    "changes of the model's configuration: import its config.json": { ones: "json-model-override-args" },
    "the sliding window's own share of the cache": {
      ones: "swa-full-tokens-ratio",
      switches: "disable-hybrid-swa-memory"
    }
  }
})
