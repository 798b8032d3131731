/**
 * Number formats of weights and cached keys and values, from the words of a source.
 */
import type { Accelerator } from "../../catalog/index.ts"
import type { InferencePoint } from "./point.ts"
import type { Refusal } from "./reading.ts"

export interface ServingPrecision {
  readonly precision: string
  readonly keyValue?: "bf16" | "fp16" | "fp8" | "int8"
  readonly assumptions: readonly string[]
}

/** First match wins. */
const formats: readonly { readonly match: RegExp; readonly stack?: RegExp; readonly precision: string }[] = [
  { match: /mxfp4/, precision: "mxfp4" },
  { match: /nvfp4|fp4/, precision: "nvfp4" },
  { match: /fp8.?block|block.?fp8/, precision: "fp8-block" },
  { match: /fp8|float8|e4m3/, precision: "fp8" },
  { match: /smooth|w8a8/, precision: "int8-smoothquant" },
  { match: /q4_k|q4_0|\bq4\b/, precision: "q4_k_m" },
  { match: /q8_0|\bq8\b/, precision: "q8_0" },
  { match: /awq/, precision: "int4-awq" },
  { match: /gptq/, precision: "int4-gptq" },
  { match: /int4|4.?bit|w4a16/, stack: /llama-cpp/, precision: "q4_k_m" },
  { match: /int4|4.?bit|w4a16/, precision: "int4-awq" },
  { match: /llm\.int8|bitsandbytes/, precision: "int8-llm" },
  { match: /int8|8.?bit|w8a16/, stack: /accelerate|hf-generate|transformers/, precision: "int8-llm" },
  { match: /int8|8.?bit|w8a16/, stack: /llama-cpp/, precision: "q8_0" },
  { match: /int8|8.?bit|w8a16/, precision: "int8" },
  { match: /bf16|bfloat16/, precision: "bf16" },
  { match: /fp16|float16|half|f16|16.?bit/, precision: "fp16" }
]

/** GGML's other formats, of which no sizes are known here. */
const unknownGgml = /\biq\d|q[2356]_/

const keyValueFormats = ["bf16", "fp16", "fp8", "int8"] as const

const half = (accelerator: Accelerator): string => (accelerator.peakFlops.bf16 === undefined ? "fp16" : "bf16")

/** MLPerf's closed division runs the narrowest format that the hardware multiplies and the accuracy target allows. */
const narrowest = (accelerator: Accelerator): string => {
  if (accelerator.peakFlops.nvfp4 !== undefined) return "nvfp4"
  return accelerator.peakFlops.fp8 === undefined ? "fp16" : "fp8"
}

export const servingPrecisionOf = (
  point: InferencePoint,
  stack: string,
  accelerator: Accelerator
): ServingPrecision | Refusal => {
  const assumptions: string[] = []
  const written = point.precision.toLowerCase()
  let precision: string | undefined
  if (written === "") {
    // Formats that the engine's own words name, as in "ds-inference shard-int8".
    precision = formats.find((format) => isOf(format, point.engine.toLowerCase(), stack))?.precision
    precision ??= /mlperf/i.test(`${point.group} ${point.source}`) ? narrowest(accelerator) : half(accelerator)
    assumptions.push(`precision not stated: ${precision}`)
  } else {
    if (unknownGgml.test(written)) return { reason: `the number format ${written} is not in the catalogue` }
    precision = formats.find((format) => isOf(format, written, stack))?.precision
    if (precision === undefined) return { reason: `the number format "${written}" is not one we know` }
    if (written.includes("?")) assumptions.push(`precision in doubt: ${precision}`)
  }
  const said = keyValueFormats.find((format) => format === point.keyValuePrecision.toLowerCase())
  // TensorRT-LLM's fp8 and fp4 recipes quantise the cache as well (docs/source/performance of every release).
  const narrow = stack === "tensorrt-llm" && /^(fp8|nvfp4)/.test(precision)
  if (said === undefined && narrow) assumptions.push("keys and values in fp8")
  // InferenceMAX starts vLLM with --kv-cache-dtype fp8 on Blackwell, and with the default elsewhere (its README).
  const blackwell =
    stack === "vllm-v1" && accelerator.generation.startsWith("blackwell") && /inference(max|x)/i.test(point.notes)
  if (said === undefined && blackwell) assumptions.push("keys and values in fp8, as InferenceMAX sets them")
  const keyValue = said ?? (narrow || blackwell ? "fp8" : undefined)
  return { precision, ...(keyValue === undefined ? {} : { keyValue }), assumptions }
}

const isOf = ({ match, stack: only }: (typeof formats)[number], words: string, stack: string): boolean =>
  match.test(words) && (only === undefined || only.test(stack))
