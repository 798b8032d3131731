/**
 * What engines call number formats, in the catalogue's names of quantisations and of KV cache formats.
 */
import { nearestNames } from "../catalog/index.ts"
import { show } from "../scenario/index.ts"
import type { FlagProblem } from "./flags.ts"
import type { FlagReader } from "./flag-values.ts"
import { assumed, notModelled, type Remark } from "./settings.ts"

/** `--quantization`: a quantisation, or null where the checkpoint alone knows. */
const quantisations: Readonly<Record<string, string | null>> = {
  awq: "int4-awq",
  awq_marlin: "int4-awq",
  gptq: "int4-gptq",
  gptq_marlin: "int4-gptq",
  gptq_marlin_24: "int4-gptq",
  gptq_bitblas: "int4-gptq",
  bitblas: "int4-gptq",
  marlin: "int4-gptq",
  moe_wna16: "int4-gptq",
  fp8: "fp8",
  fp8_per_tensor: "fp8",
  fp8_per_block: "fp8-block",
  fbgemm_fp8: "fp8",
  ptpc_fp8: "fp8",
  modelopt: "fp8",
  modelopt_fp8: "fp8",
  w8a8_fp8: "fp8",
  mxfp8: "fp8",
  modelopt_fp4: "nvfp4",
  nvfp4: "nvfp4",
  petit_nvfp4: "nvfp4",
  mxfp4: "mxfp4",
  experts_int8: "int8",
  int8_wo: "int8",
  tpu_int8: "int8",
  w8a8_int8: "int8-smoothquant",
  squeezellm: "int4-gptq",
  aqlm: null,
  bitsandbytes: "int4-awq",
  "compressed-tensors": null,
  gguf: null,
  torchao: null,
  quark: null,
  inc: null,
  "auto-round": null,
  auto_round: null,
  "auto-awq": "int4-awq",
  hqq: null,
  rtn: null,
  deepspeedfp: null
}

const remarked: Readonly<Record<string, string>> = {
  bitsandbytes: "precision int4-awq for bitsandbytes, whose four bits (NF4) weigh about as much",
  mxfp8: "precision fp8 for mxfp8, whose blocks of 32 scales weigh 3 % more"
}

export interface FormatsRead {
  readonly precision: string | undefined
  readonly keyValuePrecision: string | undefined
  readonly remarks: readonly Remark[]
  readonly wrong: readonly FlagProblem[]
}

const types: Readonly<Record<string, string>> = {
  half: "fp16",
  float16: "fp16",
  bfloat16: "bf16",
  fp16: "fp16",
  bf16: "bf16"
}

const keyValueTypes: Readonly<Record<string, string>> = {
  ...types,
  fp8: "fp8",
  fp8_e4m3: "fp8",
  fp8_e5m2: "fp8",
  fp8_ds_mla: "fp8",
  fp8_inc: "fp8",
  int8: "int8"
}

/** Reads `--quantization`, `--dtype` and `--kv-cache-dtype`. */
export const readFormats = (flags: FlagReader): FormatsRead => {
  const remarks: Remark[] = []
  const wrong: FlagProblem[] = []
  const refuse = (name: string, text: string, expected: readonly string[]): undefined => {
    wrong.push({
      flag: `--${name}`,
      problem: `there is no such format: ${show(text)}`,
      given: show(text),
      expected: `one of ${expected.slice(0, 8).join(", ")} ...`,
      nearest: nearestNames(text, expected, 2)
    })
  }
  const method = wordOf(flags, "quantization")
  const found = method === undefined ? undefined : quantisations[method]
  if (method !== undefined && found === undefined) refuse("quantization", method, Object.keys(quantisations))
  if (method !== undefined && found === null)
    remarks.push(notModelled(`--quantization ${method}: the checkpoint alone says how; set serving.precision`))
  const remark = method === undefined ? undefined : remarked[method]
  if (remark !== undefined) remarks.push(assumed(remark))

  const type = wordOf(flags, "dtype")
  const plain = type === undefined ? undefined : types[type]
  if (type === "float32" || type === "float") remarks.push(notModelled(`--dtype ${type}: 16 bits are taken`))
  else if (type !== undefined && plain === undefined) refuse("dtype", type, Object.keys(types))

  const cache = wordOf(flags, "kv-cache-dtype")
  const keyValuePrecision = cache === undefined ? undefined : keyValueTypes[cache]
  if (cache !== undefined && keyValuePrecision === undefined) {
    if (/^(?:nvfp4|fp4|fp4_e2m1|turboquant\w*)$/.test(cache)) remarks.push(notModelled(`--kv-cache-dtype ${cache}`))
    else refuse("kv-cache-dtype", cache, Object.keys(keyValueTypes))
  }
  return { precision: found ?? plain, keyValuePrecision, remarks, wrong }
}

/** A word in lower case; `auto` and `None` are as good as nothing. */
const wordOf = (flags: FlagReader, name: string): string | undefined => {
  const word = flags.word(name)?.toLowerCase()
  return word === undefined || ["auto", "none", "null", ""].includes(word) ? undefined : word
}
