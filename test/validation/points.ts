/** Measurements as files hold them, for the tests of this room. */
import type { Measurement } from "../../src/validation/index.ts"

/** BLOOM's main run on Jean Zay. */
export const bloom: Measurement = {
  id: "bloom176b-prod-it12695",
  kind: "pretrain",
  trust: 1,
  source: "bigscience-workshop/bigscience train/tr11-176B-ml/chronicles.md (training log lines)",
  model: { name: "BLOOM-176B", layers: 70, hidden: 14336, heads: 112, ffn: 57344, vocab: 250880, seq_len: 2048 },
  cluster: {
    gpu: "A100-80GB",
    gpu_family: "A100",
    gpus_per_node: 8,
    nodes: 48,
    gpus: 384,
    inter: "4x Omni-Path 100 Gbps per node"
  },
  parallel: { tp: 4, pp: 12, dp: 8, zero_stage: 1 },
  batch: { micro: 2, global: 2048 },
  recompute: "full",
  precision: "bf16",
  schedule: "DeepSpeed 1F1B",
  measured: { seconds_per_iteration: 105.22, tflops_per_gpu: 149.02 }
}

/** The point with other fields. */
export const changed = (changes: Partial<Measurement>): Measurement => ({ ...bloom, ...changes })
