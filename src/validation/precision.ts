/**
 * Number format of a training run from the words of its source.
 */
import type { Datatype } from "../catalog/index.ts"

interface Reading {
  readonly precision: Datatype
  readonly assumption?: string
}

/** First match wins. */
const formats: readonly { readonly match: RegExp; readonly precision: Datatype; readonly assumption?: string }[] = [
  { match: /nvfp4|fp4/, precision: "nvfp4" },
  { match: /mxfp8|fp8-mx/, precision: "mxfp8" },
  {
    // Scaling row by row gains nothing over bf16: torchtitan issue 1207 and its benchmarks of June 2025.
    match: /(float8|fp8).*row/,
    precision: "bf16",
    assumption: "row-wise fp8 runs at the speed of bf16 (torchtitan issue 1207)"
  },
  { match: /fp8|float8/, precision: "fp8" },
  { match: /bf16|bfloat16/, precision: "bf16" },
  { match: /fp16|float16|half/, precision: "fp16" },
  { match: /tf32/, precision: "tf32" },
  { match: /fp32|float32/, precision: "fp32" }
]

/**
 * @param words        precision as the source writes it; null or undefined where it is silent
 * @param generation   family of the accelerator: volta, ampere, hopper, blackwell ...
 */
export const precisionOf = (words: string | null | undefined, generation: string): Reading | undefined => {
  if (words === null || words === undefined || words === "") {
    return /volta|ampere/.test(generation)
      ? { precision: "fp16", assumption: "precision not stated: fp16, usual on this generation" }
      : { precision: "bf16", assumption: "precision not stated: bf16, usual on this generation" }
  }
  const lower = words.toLowerCase()
  // NeMo 25.09 prints block-scaled fp8 in parentheses: MXFP8 where the hardware has it.
  if (/finer/.test(lower)) return { precision: generation.startsWith("blackwell") ? "mxfp8" : "fp8" }
  const found = formats.find(({ match }) => match.test(lower))
  if (found === undefined) return undefined
  const { precision, assumption } = found
  return assumption === undefined ? { precision } : { precision, assumption }
}
