/**
 * The flags of `vllm serve` from 0.2 to 0.19 (vllm-project/vllm, vllm/engine/arg_utils.py and
 * vllm/entrypoints/openai/cli_args.py), and what each is to a scenario.
 */
import { flagTable } from "./flags.ts"

export const vllmFlags = flagTable({
  hasPositionalModel: true,
  aliases: {
    tp: "tensor-parallel-size",
    pp: "pipeline-parallel-size",
    dp: "data-parallel-size",
    dpl: "data-parallel-size-local",
    dpr: "data-parallel-rank",
    dpn: "data-parallel-rank",
    dpa: "data-parallel-address",
    dpp: "data-parallel-rpc-port",
    dpb: "data-parallel-backend",
    dph: "data-parallel-hybrid-lb",
    dpe: "data-parallel-external-lb",
    ep: "enable-expert-parallel",
    dcp: "decode-context-parallel-size",
    pcp: "prefill-context-parallel-size",
    asc: "api-server-count",
    n: "nnodes",
    r: "node-rank",
    q: "quantization",
    O: "compilation-config",
    cc: "compilation-config",
    ac: "attention-config",
    sc: "speculative-config",
    "max-seq-len": "max-model-len",
    "kv-cache-memory": "kv-cache-memory-bytes",
    "max-cudagraph-capture-size": "cudagraph-capture-sizes",
    "cuda-graph-sizes": "cudagraph-capture-sizes"
  },
  sets: {
    ones: `model tensor-parallel-size pipeline-parallel-size data-parallel-size max-model-len max-num-seqs
      max-num-batched-tokens gpu-memory-utilization block-size kv-cache-dtype quantization dtype swap-space
      cpu-offload-gb scheduling-policy long-prefill-token-threshold num-gpu-blocks-override preemption-mode
      speculative-config speculative-model num-speculative-tokens max-loras max-lora-rank max-cpu-loras`,
    many: "lora-modules",
    switches: `enable-expert-parallel enable-prefix-caching enable-chunked-prefill enforce-eager
      disable-custom-all-reduce enable-lora`
  },
  nothing: {
    ones: `host port uds uvicorn-log-level api-key allowed-origins allowed-methods allowed-headers chat-template
      chat-template-content-format response-role ssl-keyfile ssl-certfile ssl-ca-certs ssl-cert-reqs ssl-ciphers root-path
      tool-call-parser tool-parser-plugin tool-server reasoning-parser reasoning-parser-plugin max-log-len log-config-file
      h11-max-incomplete-event-size h11-max-header-count default-chat-template-kwargs tokenizer tokenizer-mode
      tokenizer-revision revision code-revision download-dir load-format config-format hf-config-path seed max-logprobs
      generation-config override-generation-config guided-decoding-backend structured-outputs-config logits-processor-pattern
      distributed-executor-backend data-parallel-size-local data-parallel-rank data-parallel-start-rank
      data-parallel-address data-parallel-rpc-port data-parallel-backend api-server-count node-rank nnodes master-addr
      master-port allowed-local-media-path mm-processor-kwargs mm-processor-cache-gb mm-processor-cache-type
      media-io-kwargs otlp-traces-endpoint show-hidden-metrics-for-version model-impl model-loader-extra-config
      max-parallel-loading-workers worker-cls worker-extension-cls device runner convert prefix-caching-hash-algo
      kv-events-config engine-use-ray max-seq-len-to-capture max-context-len-to-capture tokenizer-pool-size
      tokenizer-pool-type tokenizer-pool-extra-config num-lookahead-slots logprobs-mode stream-interval
      rope-theta profiler-config observability-config logits-processors safetensors-load-strategy
      quantization-param-path cudagraph-capture-sizes numa-bind numa-bind-nodes`,
    many: `served-model-name prompt-adapters middleware limit-mm-per-prompt ignore-patterns
      collect-detailed-traces allowed-media-domains`,
    switches: `allow-credentials enable-ssl-refresh return-tokens-as-token-ids disable-frontend-multiprocessing
      enable-request-id-headers enable-auto-tool-choice exclude-tools-when-tool-choice-none enable-server-load-tracking
      disable-uvicorn-access-log disable-access-log-for-endpoints disable-fastapi-docs enable-prompt-tokens-details
      enable-log-requests disable-log-requests enable-log-outputs enable-log-deltas disable-log-stats
      enable-force-include-usage enable-tokenizer-info-endpoint trust-request-chat-template trust-remote-code
      skip-tokenizer-init hf-token enable-reasoning worker-use-ray data-parallel-hybrid-lb data-parallel-external-lb
      headless disable-mm-preprocessor-cache interleave-mm-strings skip-mm-profiling enable-sleep-mode
      enable-prompt-embeds use-tqdm-on-load ray-workers-use-nsight use-v2-block-manager disable-cascade-attn
      disable-async-output-proc disable-chunked-mm-input calculate-kv-scales tokens-only grpc
      enable-layerwise-nvtx-tracing cudagraph-metrics kv-cache-metrics enable-mfu-metrics disable-nccl-for-dp-synchronization
      multi-step-stream-outputs enable-flashinfer-autotune language-model-only`
  },
  notModelled: {
    "a detail that serving.speculation does not have": {
      ones: `speculative-draft-tensor-parallel-size
        speculative-max-model-len speculative-disable-by-batch-size ngram-prompt-lookup-max ngram-prompt-lookup-min
        spec-decoding-acceptance-method speculative-model-quantization typical-acceptance-sampler-posterior-threshold
        typical-acceptance-sampler-posterior-alpha`,
      switches: "speculative-disable-mqa-scorer disable-logprobs-during-spec-decoding"
    },
    "a detail that serving.adapters does not have": {
      ones: "lora-dtype lora-extra-vocab-size long-lora-scaling-factors default-mm-loras",
      switches: "fully-sharded-loras enable-lora-bias enable-prompt-adapter specialize-active-lora"
    },
    "prefill and decode on different servers, or KV kept outside of the accelerator": {
      ones: "kv-transfer-config ec-transfer-config kv-offloading-size kv-offloading-backend"
    },
    "context parallelism": {
      ones: "decode-context-parallel-size prefill-context-parallel-size dcp-kv-cache-interleave-size cp-kv-cache-interleave-size"
    },
    "several steps a scheduling decision": { ones: "num-scheduler-steps" },
    "the limits on prompts that are prefilled at once": {
      ones: "max-num-partial-prefills max-long-partial-prefills scheduler-delay-factor scheduler-cls"
    },
    "the host's overhead is the stack's for its version": { switches: "async-scheduling" },
    "kernels and graphs are the stack's": {
      ones: `compilation-config optimization-level attention-backend attention-config moe-backend all2all-backend
        kernel-config linear-backend performance-mode`,
      switches: "enable-fused-moe-activation-chunking"
    },
    "overlap of two micro-batches": {
      switches: "enable-dbo",
      ones: "dbo-decode-token-threshold dbo-prefill-token-threshold ubatch-size"
    },
    "copies of busy experts: set serving.expertImbalance": {
      switches: "enable-eplb",
      ones: "eplb-config num-redundant-experts eplb-window-size eplb-step-interval expert-placement-strategy"
    },
    "changes of the model's configuration: import its config.json": { ones: "hf-overrides rope-scaling" },
    "the sliding window as a switch": {
      switches: "disable-sliding-window disable-hybrid-kv-cache-manager kv-sharing-fast-prefill"
    },
    "a size of the KV cache in bytes: set serving.kvCache.blocks": { ones: "kv-cache-memory-bytes" },
    "a task other than generation": { ones: "task pooler-config override-pooler-config" },
    "state space layers": { ones: "mamba-cache-dtype mamba-ssm-cache-dtype mamba-block-size mamba-cache-mode" },
    "plugins and platform options": { ones: "additional-config override-neuron-config io-processor-plugin" },
    "the encoder's own layout": {
      ones: "mm-encoder-tp-mode mm-encoder-attn-backend",
      switches: "enable-multimodal-encoder-data-parallel"
    }
  }
})
