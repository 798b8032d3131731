/** Nodes of eight H800 on InfiniBand that serve with SGLang, as DeepSeek's. */
import { find, isUnknownName } from "../../src/catalog/index.ts"
import { makeFabric } from "../../src/cluster/index.ts"
import type { InferenceLayout, InferenceTarget } from "../../src/inference/index.ts"
import { acceleratorOf, modelOf, stackOf } from "./targets.ts"

const linkOf = (name: string) => {
  const found = find("links", name)
  if (isUnknownName(found)) throw new Error(`no link ${name}`)
  return found
}

export const h800 = (
  accelerators: number,
  layout: Partial<InferenceLayout>,
  rest: Partial<InferenceTarget> = {}
): InferenceTarget => {
  const system = find("systems", "hgx-h800")
  if (isUnknownName(system)) throw new Error("no hgx-h800")
  const accelerator = acceleratorOf("h800-sxm")
  const stack = stackOf("sglang")
  return {
    accelerator,
    fabric: makeFabric({
      system,
      accelerator,
      scaleUp: linkOf("nvlink4-h800"),
      network: linkOf("ib-ndr"),
      nodes: Math.ceil(accelerators / 8)
    }),
    model: modelOf("deepseek-v3"),
    stack,
    version: stack.version,
    layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1, ...layout },
    precision: "fp8",
    keyValuePrecision: "bf16",
    maximumSequence: 32_768,
    maximumSequences: 256,
    maximumStepTokens: 16_384,
    offload: null,
    expertImbalance: 1,
    profiles: [],
    ...rest
  }
}

/** Ranks that each attend for themselves and share the experts, tokens sent as DeepEP does. */
export const wide = (ranks: number, rest: Partial<InferenceTarget> = {}): InferenceTarget =>
  h800(
    ranks,
    { expert: ranks, dataAttention: ranks },
    { expertExchange: { by: "all-to-all", dispatch: "fp8", nodeLimit: 4 }, ...rest }
  )

/** So many ranks of attention and of experts, micro-batches in turns. */
export const apart = (
  attention: number,
  ranks: number,
  microBatches: number,
  rest: Partial<InferenceTarget> = {}
): InferenceTarget =>
  h800(
    attention + ranks,
    { expert: ranks, dataAttention: attention, feedForward: { ranks, microBatches } },
    { expertExchange: { by: "all-to-all", dispatch: "fp8", nodeLimit: null }, ...rest }
  )
