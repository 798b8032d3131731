/**
 * The columns of a sweep of matrix multiplications, under the names that common benchmarks give them: m, n, k; a time with its
 * unit, or a rate in TFLOP/s; the number format.
 */
import type { Datatype } from "../../catalog/index.ts"

export interface GemmColumns {
  readonly m: number
  readonly n: number
  readonly k: number
  /** Column of the number format; -1 = there is none. */
  readonly format: number
  /** Seconds of a row's cells. */
  readonly seconds: (cells: readonly string[], flops: number) => number
}

/** Seconds in one of each unit. */
const units: Readonly<Record<string, number>> = { s: 1, sec: 1, seconds: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 }

/** A column that names no unit: milliseconds in AIConfigurator's tables. */
const unitless: Readonly<Record<string, number>> = { latency: 1e-3, seconds: 1 }

const measures =
  /^(?:latency|time|duration|elapsed|runtime|mean|avg|median|kernel_time|gpu_time|avg_time|mean_time|median_time)?_?(seconds|sec|ms|us|\u00b5s|ns|s)$/
const rate = /^(?:t(?:era)?flops?(?:_?\/?(?:per_)?s(?:ec)?)?|throughput_tflops|tflops_measured)$/
const formats = ["gemm_dtype", "dtype", "datatype", "data_type", "precision", "a_dtype", "type", "in_dtype"]

/** "Time (us)" as "time_us". */
const plain = (title: string): string =>
  title
    .trim()
    .replaceAll(/^"|"$/g, "")
    .toLowerCase()
    .replaceAll(/[\s([\]).-]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")

/** What parts the cells of a table's first line. */
export const separatorOf = (header: string): string =>
  [",", "\t", ";"].toSorted((one, other) => header.split(other).length - header.split(one).length)[0] ?? ","

/** The columns of a header; undefined where it lacks one. */
export const gemmColumns = (titles: readonly string[]): GemmColumns | undefined => {
  const names = titles.map(plain)
  const [m, n, k] = ["m", "n", "k"].map((name) => names.indexOf(name))
  if (m === undefined || n === undefined || k === undefined || Math.min(m, n, k) < 0) return undefined
  const format = formats.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1
  const exact = names.findIndex((name) => unitless[name] !== undefined)
  const timed = names.findIndex((name) => measures.test(name))
  const rated = names.findIndex((name) => rate.test(name))
  const at = names.includes("seconds") ? names.indexOf("seconds") : exact >= 0 ? exact : timed
  if (at >= 0) {
    const title = names[at] ?? ""
    const unit = unitless[title] ?? units[measures.exec(title)?.[1] ?? ""] ?? 1
    return { m, n, k, format, seconds: (cells) => Number(cells[at]) * unit }
  }
  return rated < 0 ? undefined : { m, n, k, format, seconds: (cells, flops) => flops / (Number(cells[rated]) * 1e12) }
}

const datatypes: Readonly<Record<string, Datatype>> = {
  bfloat16: "bf16",
  bf16: "bf16",
  float16: "fp16",
  fp16: "fp16",
  half: "fp16",
  fp8: "fp8",
  float8: "fp8",
  fp8_block: "fp8",
  float8_e4m3fn: "fp8",
  float8_e4m3: "fp8",
  float8_e5m2: "fp8",
  int8: "int8",
  nvfp4: "nvfp4",
  float32: "fp32",
  fp32: "fp32",
  float: "fp32",
  tf32: "tf32"
}

/** The format of a cell such as bfloat16, torch.float16 or c10::Half. */
export const datatypeOf = (cell: string): Datatype | undefined =>
  datatypes[
    cell
      .trim()
      .replaceAll(/^"|"$/g, "")
      .toLowerCase()
      .replace(/^(?:torch\.|c10::|at::)/, "")
  ]
