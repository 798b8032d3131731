/**
 * The catalogue's model that a Hugging Face name means, and the number format that its weights are released in.
 */
import { find, isUnknownName, models, nearestNames, namesOf, type Model } from "../catalog/index.ts"

export interface FoundModel {
  readonly model: Model
  /** Whether the name is one of the entry's own; else it is that of a variant with the same shape. */
  readonly isExact: boolean
  /** Format of the released weights; undefined = 16 bits. */
  readonly released: string | undefined
}

/** Parts of a name that tell how a model was tuned, packed or dated, not what it is. */
const tuned = "instruct|chat|it|hf|base|pt|meta|preview|thinking|sft|dpo|hermes|uncensored|abliterated|unsloth"
const packed =
  "awq|gptq|gguf|ggml|fp8|bf16|fp16|int8|int4|w8a8|w4a16|w8a16|nvfp4|fp4|mxfp4|bnb|4bit|8bit|dynamic|static|kv|marlin|quantized(?:\\.\\w+)?"
const dated = "turbo|128k|4k|8k|32k|1m|\\d{4}|\\d{6,8}|v\\d+(?:\\.\\d+)*"
const incidental = new RegExp(`^(?:${tuned}|${packed}|${dated})$`)

const base = (name: string): string => name.trim().replace(/\/+$/, "").replace(/^.*\//, "")

const partsOf = (name: string): readonly string[] =>
  base(name)
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-")
    .split("-")
    .filter((part) => part !== "")

/** A name without what is incidental; versions count first, and do not where nothing is found with them. */
const plain = (name: string): string =>
  partsOf(name)
    .filter((part) => !incidental.test(part))
    .join("-")
const versioned = (name: string): string =>
  partsOf(name)
    .filter((part) => !incidental.test(part) || /^v\d|^\d{4}$/.test(part))
    .join("-")

const namesOfModel = ({ name, aliases = [] }: Model): readonly string[] => [name, ...aliases]

/** How a name says that its weights are quantised. */
const formats: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[-_.])awq(?:$|[-_.])/i, "int4-awq"],
  [/gptq.*(?:8bit|int8)/i, "int8"],
  [/gptq/i, "int4-gptq"],
  [/w4a16/i, "int4-gptq"],
  [/nvfp4|(?:^|[-_.])fp4(?:$|[-_.])/i, "nvfp4"],
  [/mxfp4/i, "mxfp4"],
  [/(?:^|[-_.])fp8(?:$|[-_.])/i, "fp8"],
  [/w8a8/i, "int8-smoothquant"],
  [/bnb-?4bit/i, "int4-awq"],
  [/(?:^|[-_.])int4(?:$|[-_.])/i, "int4-gptq"],
  [/(?:^|[-_.])(?:int8|w8a16)(?:$|[-_.])/i, "int8"]
]

/** Weights that were never published in 16 bits. */
const releasedIn: Readonly<Record<string, string>> = {
  "deepseek-v3": "fp8-block",
  "deepseek-r1": "fp8-block",
  "kimi-k2": "fp8-block",
  "gpt-oss-20b": "mxfp4",
  "gpt-oss-120b": "mxfp4"
}

export const releasedFormat = (name: string, entry: string): string | undefined =>
  formats.find(([pattern]) => pattern.test(base(name)))?.[1] ?? releasedIn[entry]

/** Finds a model by its name on Hugging Face, by a path that ends in it, or by a variant's name. */
export const findModel = (name: string): FoundModel | undefined => {
  for (const spelled of [name, base(name)]) {
    const found = find("models", spelled)
    if (!isUnknownName(found)) return { model: found, isExact: true, released: releasedFormat(name, found.name) }
  }
  for (const reduced of [versioned, plain]) {
    const wanted = reduced(name)
    const found = models.find((model) => namesOfModel(model).some((own) => reduced(own) === wanted))
    if (wanted !== "" && found !== undefined)
      return { model: found, isExact: false, released: releasedFormat(name, found.name) }
  }
  return undefined
}

export const nearestModels = (name: string): readonly string[] =>
  // A distilled model is another model's kind: "DeepSeek-R1-Distill-Llama-70B" is a Llama.
  nearestNames(plain(name.replace(/^.*-distill-/i, "")), namesOf("models"))
