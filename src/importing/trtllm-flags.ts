/**
 * The flags of `trtllm-serve` (NVIDIA/TensorRT-LLM, tensorrt_llm/commands/serve.py of 0.17 to 1.2).
 */
import { flagTable } from "./flags.ts"

export const trtllmFlags = flagTable({
  hasPositionalModel: true,
  aliases: {
    "tp-size": "tensor-parallel-size",
    "pp-size": "pipeline-parallel-size",
    "cp-size": "context-parallel-size",
    "ep-size": "moe-expert-parallel-size",
    "cluster-size": "moe-cluster-parallel-size",
    "free-gpu-memory-fraction": "kv-cache-free-gpu-memory-fraction",
    config: "extra-llm-api-options",
    "kv-cache-dtype": "kv-cache-dtype"
  },
  sets: {
    ones: `tensor-parallel-size pipeline-parallel-size moe-expert-parallel-size max-batch-size max-num-tokens max-seq-len
      kv-cache-free-gpu-memory-fraction kv-cache-dtype extra-llm-api-options`,
    switches: "enable-chunked-prefill"
  },
  nothing: {
    ones: `tokenizer custom-tokenizer host port backend log-level gpus-per-node num-postprocess-workers revision
      reasoning-parser tool-parser chat-template media-io-kwargs otlp-traces-endpoint custom-module-dirs
      served-model-name`,
    switches: "trust-remote-code fail-fast-on-attention-window-too-large"
  },
  notModelled: {
    "beam search": { ones: "max-beam-width" },
    "context parallelism": { ones: "context-parallel-size" },
    "clusters of experts": { ones: "moe-cluster-parallel-size" },
    "prefill and decode on different servers": {
      ones: "server-role metadata-server-config-file disagg-cluster-uri"
    }
  }
})
