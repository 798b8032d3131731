/**
 * A trace of PyTorch's profiler (Chrome JSON) as measured matrix multiplications: operators aten::mm, addmm, linear and
 * _scaled_mm with their shapes, and the GPU kernels that each launched.
 *
 * Shapes stand in `Input Dims` where the profiler was told record_shapes=True; a kernel carries the `External id` of the operator that
 * launched it, or a `correlation` with the runtime call that does (pytorch/kineto, libkineto/src/output_json.cpp).
 */
import type { Datatype } from "../../catalog/index.ts"
import type { KernelTable } from "../device.ts"
import type { KernelTableError } from "./table-error.ts"
import { datatypeOf } from "./gemm-columns.ts"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const refuse = (given: string, expected: string): KernelTableError => ({
  _tag: "KernelTableError",
  line: 1,
  given: given.slice(0, 60),
  expected
})

interface Product {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly datatype: Datatype
}

/** Position of the first factor among an operator's inputs. */
const operators: Readonly<Record<string, number>> = {
  "aten::mm": 0,
  "aten::addmm": 1,
  "aten::linear": 0,
  "aten::_addmm_activation": 1,
  "aten::_scaled_mm": 0
}

const whole = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value > 0

const sizesOf = (value: unknown): readonly number[] | undefined =>
  Array.isArray(value) && value.length >= 2 && value.every(whole) ? value : undefined

/** The product of an operator; undefined where its shapes are not those of one. */
const productOf = (name: string, dims: readonly unknown[], types: unknown): Product | undefined => {
  const at = operators[name] ?? 0
  const [left, right] = [sizesOf(dims[at]), sizesOf(dims[at + 1])]
  const type: unknown = Array.isArray(types) ? types[at] : undefined
  const datatype = typeof type === "string" ? datatypeOf(type) : "bf16"
  if (left === undefined || right === undefined || right.length !== 2 || datatype === undefined) return undefined
  const k = left[left.length - 1] ?? 0
  const m = left.slice(0, -1).reduce((product, size) => product * size, 1)
  // The weight of a linear layer is stored transposed.
  const [rows = 0, columns = 0] = right
  const [inner, n] = name === "aten::linear" ? [columns, rows] : [rows, columns]
  return inner === k ? { m, n, k, datatype } : undefined
}

const idOf = (args: Fields): string | undefined => {
  const id = args["External id"] ?? args["external id"]
  return typeof id === "number" || typeof id === "string" ? String(id) : undefined
}

/** The text is a trace rather than a table. */
export const isTrace = (text: string): boolean => /^\s*[{[]/.test(text)

/** Reads a trace: a table a number format, each shape with the median of its times. */
export const parseProfilerTrace = (name: string, text: string): readonly KernelTable[] | KernelTableError => {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return refuse(text.trimStart().split("\n")[0] ?? "", "a trace of PyTorch's profiler: JSON, whole")
  }
  const events: unknown = isFields(document) ? document["traceEvents"] : document
  if (!Array.isArray(events))
    return refuse(text.trimStart().slice(0, 60), "a trace of PyTorch's profiler, with traceEvents")
  const products = new Map<string, Product>()
  const launches = new Map<string, string>()
  let unshaped = 0
  for (const event of events) {
    if (!isFields(event) || !isFields(event["args"])) continue
    const { name: title, cat, args } = event
    const id = idOf(args)
    if (typeof title === "string" && Object.hasOwn(operators, title)) {
      const dims: unknown = args["Input Dims"] ?? args["Input dims"]
      const product = Array.isArray(dims) ? productOf(title, dims, args["Input type"]) : undefined
      if (!Array.isArray(dims)) unshaped++
      else if (product !== undefined && id !== undefined) products.set(id, product)
    } else if (typeof cat === "string" && /runtime|driver/i.test(cat) && id !== undefined)
      launches.set(String(args["correlation"]), id)
  }
  if (products.size === 0)
    return unshaped > 0
      ? refuse(
          `${unshaped} matrix multiplications without shapes`,
          "a trace with shapes: torch.profiler.profile(record_shapes=True, ...)"
        )
      : refuse(`${events.length} events`, "a trace with operators such as aten::mm or aten::addmm and their Input Dims")
  const microseconds = kernelTimes(events, products, launches)
  if (microseconds.size === 0)
    return refuse(
      `${products.size} matrix multiplications`,
      "the GPU kernels that they launched: activities=[CPU, CUDA]"
    )
  return tablesOf(name, products, microseconds)
}

/** Microseconds of the kernels of each operator. */
const kernelTimes = (
  events: readonly unknown[],
  products: ReadonlyMap<string, Product>,
  launches: ReadonlyMap<string, string>
): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  for (const event of events) {
    if (!isFields(event) || !isFields(event["args"])) continue
    const { cat, dur, args } = event
    if (typeof cat !== "string" || cat.toLowerCase() !== "kernel" || typeof dur !== "number" || !(dur > 0)) continue
    const own = idOf(args)
    const id = own !== undefined && products.has(own) ? own : launches.get(String(args["correlation"]))
    if (id !== undefined && products.has(id)) times.set(id, (times.get(id) ?? 0) + dur)
  }
  return times
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const tablesOf = (
  name: string,
  products: ReadonlyMap<string, Product>,
  microseconds: ReadonlyMap<string, number>
): readonly KernelTable[] => {
  const times = new Map<string, { readonly product: Product; readonly all: number[] }>()
  for (const [id, time] of microseconds) {
    const product = products.get(id)
    if (product === undefined) continue
    const key = [product.datatype, product.m, product.n, product.k].join(" ")
    const known = times.get(key)
    if (known === undefined) times.set(key, { product, all: [time] })
    else known.all.push(time)
  }
  const rows = [...times.values()]
  return [...new Set(rows.map(({ product }) => product.datatype))].map((datatype) => {
    const own = rows.filter(({ product }) => product.datatype === datatype)
    const column = (key: "m" | "n" | "k"): Float64Array => Float64Array.from(own, ({ product }) => product[key])
    return {
      name,
      datatype,
      m: column("m"),
      n: column("n"),
      k: column("k"),
      seconds: Float64Array.from(own, ({ all }) => median(all) / 1e6)
    }
  })
}

/** The same as a table in CSV: a trace is large, what it says of products is not. */
export const kernelTableText = (tables: readonly KernelTable[]): string => {
  const rows = tables.flatMap(({ datatype, m, n, k, seconds }) =>
    Array.from(m, (size, row) => [datatype, size, n[row], k[row], seconds[row]].join(","))
  )
  return ["gemm_dtype,m,n,k,seconds", ...rows, ""].join("\n")
}
