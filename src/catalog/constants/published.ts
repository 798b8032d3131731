/**
 * Constants read in publications rather than fitted by us.
 */
import type { Constant } from "../types.ts"

const mamf = "largest matrix multiplication found by search (MAMF), stas00/ml-engineering@744d01e1 compute/accelerator"

export const published: Readonly<Record<string, Constant>> = {
  "a100.attentionSustained": { value: 1, origin: "assumed", source: "training rows ask for no correction of the isolated kernel" },
  "mi300x.gemm.bf16": { value: 0.514, origin: "published", source: mamf },
  "mi325x.gemm.bf16": { value: 0.604, origin: "published", source: mamf },
  "mi355x.gemm.bf16": { value: 0.68, origin: "published", source: mamf },
  "gaudi3.gemm.bf16": { value: 0.741, origin: "published", source: mamf },
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
