/**
 * The number format in which weights are released, as a config.json says it.
 */
import { isFields, type Fields } from "./config-file.ts"

export interface StoredPrecision {
  /** A quantisation of the catalogue; undefined where there is none like it. */
  readonly precision: string | undefined
  /** What the file says. */
  readonly written: string
}

const plainTypes: Readonly<Record<string, string>> = { bfloat16: "bf16", float16: "fp16", half: "fp16" }

/** Quantised weights go before the type of the others. */
export const storedPrecision = (...documents: readonly Fields[]): StoredPrecision | undefined => {
  for (const fields of documents) {
    const quantised = fields["quantization_config"]
    if (isFields(quantised)) return quantisedAs(quantised)
  }
  for (const fields of documents) {
    const type = fields["torch_dtype"] ?? fields["dtype"]
    if (typeof type === "string") {
      const written = type.replace(/^torch\./, "")
      return { precision: plainTypes[written], written }
    }
  }
  return undefined
}

const quantisedAs = (fields: Fields): StoredPrecision => {
  const method = (textIn(fields, "quant_method") ?? textIn(fields, "quant_algo") ?? "an unnamed method").toLowerCase()
  const bits = bitsOf(fields)
  const written = bits === undefined ? method : `${method} of ${bits} bits`
  switch (method) {
    case "awq":
      return { written, precision: bits === undefined || bits === 4 ? "int4-awq" : undefined }
    case "gptq":
      return { written, precision: bits === 8 ? "int8" : bits === undefined || bits === 4 ? "int4-gptq" : undefined }
    case "fp8":
      return { written, precision: Array.isArray(fields["weight_block_size"]) ? "fp8-block" : "fp8" }
    case "fbgemm_fp8":
      return { written, precision: "fp8" }
    case "nvfp4":
      return { written, precision: "nvfp4" }
    case "mxfp4":
      return { written, precision: "mxfp4" }
    case "bitsandbytes":
      // Four bits in groups of 64 (NF4) weigh nearly what AWQ's do.
      return { written, precision: fields["load_in_8bit"] === true ? "int8-llm" : "int4-awq" }
    case "compressed-tensors":
      return { written, precision: compressedAs(fields) }
    case "modelopt":
      return { written, precision: /fp4/i.test(textIn(fields, "quant_algo") ?? "") ? "nvfp4" : "fp8" }
    default:
      return { written, precision: undefined }
  }
}

const textIn = (fields: Fields, key: string): string | undefined => {
  const value = fields[key]
  return typeof value === "string" ? value : undefined
}

const bitsOf = (fields: Fields): number | undefined => {
  const bits = fields["bits"] ?? fields["w_bit"]
  return typeof bits === "number" ? bits : undefined
}

/** llm-compressor: the first group's weights and activations tell. */
const compressedAs = (fields: Fields): string | undefined => {
  const groups = fields["config_groups"]
  const group: unknown = isFields(groups) ? Object.values(groups)[0] : undefined
  if (!isFields(group) || !isFields(group["weights"])) return undefined
  const { num_bits: bits, type } = group["weights"]
  const hasActivations = isFields(group["input_activations"])
  if (type === "float") return bits === 8 ? "fp8" : bits === 4 ? "nvfp4" : undefined
  if (bits === 8) return hasActivations ? "int8-smoothquant" : "int8"
  return bits === 4 ? "int4-gptq" : undefined
}
