/**
 * Constants read in publications rather than fitted by us.
 */
import type { Constant } from "../types.ts"

const mamf = "largest matrix multiplication found by search (MAMF), stas00/ml-engineering@744d01e1 compute/accelerator"

const kernels = "prefill attention tables of ai-dynamo/aiconfigurator@095f58a5, head dimension 64 or 256 over 128"
const corner =
  "exponent of the smooth roofline on H100, H200 and B200 gemm tables of ai-dynamo/aiconfigurator: 2.6 to 3.3"
const flash2 =
  "forward and backward at 16k tokens, Dao 2023 (FlashAttention-2, arXiv:2307.08691), figure 4: 171 over 189 TFLOP/s"

export const published: Readonly<Record<string, Constant>> = {
  "a100.attentionSustained": {
    value: 1,
    origin: "assumed",
    source: "training rows ask for no correction of the isolated kernel"
  },
  "mi300x.gemm.bf16": { value: 0.514, origin: "published", source: mamf },
  "mi325x.gemm.bf16": { value: 0.604, origin: "published", source: mamf },
  "mi355x.gemm.bf16": { value: 0.68, origin: "published", source: mamf },
  "gaudi3.gemm.bf16": { value: 0.741, origin: "published", source: mamf },
  "h100.corner": { value: 2.7, origin: "published", source: corner },
  "b200.corner": { value: 2.7, origin: "published", source: corner },
  "a100.attentionNarrow": { value: 0.91, origin: "published", source: flash2 },
  "a100.attentionWide": { value: 1, origin: "assumed", source: "head dimension 256 as fast as 128" },
  "h100.attentionNarrow": { value: 0.8, origin: "published", source: kernels },
  "h100.attentionWide": { value: 1.18, origin: "published", source: kernels },
  "b200.attentionNarrow": { value: 0.59, origin: "published", source: kernels },
  "b200.attentionWide": { value: 1.1, origin: "published", source: kernels },
  "l40s.attentionNarrow": { value: 0.94, origin: "published", source: kernels },
  "l40s.attentionWide": { value: 1.02, origin: "published", source: kernels },
  "elementwise.share": {
    value: 0.8,
    origin: "published",
    source: "AIConfigurator mem_bw_empirical_scaling_factor (ai-dynamo/aiconfigurator@095f58a5)"
  },
  "elementwise.launch": {
    value: 3e-6,
    origin: "published",
    source: "AIConfigurator mem_empirical_constant_latency (ai-dynamo/aiconfigurator@095f58a5)"
  }
}
