/**
 * Measured kernels: a table of matrix multiplications on one accelerator, given by the user, that corrects the
 * analytic law.
 *
 * The correction at a shape is the measured over the analytic time, interpolated between the nearest measured shapes
 * in log space; it fades to the analytic law beyond the table's edges.
 */
import type { Datatype } from "../catalog/index.ts"
import type { Device, KernelTable } from "./device.ts"
import { analyticGemmSeconds, type Gemm } from "./gemm.ts"
import { datatypeOf, gemmColumns, separatorOf } from "./measured/gemm-columns.ts"
import type { KernelTableError } from "./measured/table-error.ts"
import { isTrace, parseProfilerTrace } from "./measured/profiler-trace.ts"

const refuse = (line: number, given: string, expected: string): KernelTableError => ({
  _tag: "KernelTableError",
  line,
  given: given.slice(0, 60),
  expected
})

/**
 * Reads a CSV with the columns m, n, k, a time (latency in milliseconds, seconds, time_us ...) or tflops, and a number format (optional,
 * default bf16); or a trace of PyTorch's profiler. Rows of other formats than the first row's are kept in tables of their own.
 */
export const parseKernelTable = (name: string, text: string): readonly KernelTable[] | KernelTableError => {
  if (isTrace(text)) return parseProfilerTrace(name, text)
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const separator = separatorOf(lines[0] ?? "")
  const columns = gemmColumns((lines[0] ?? "").split(separator))
  if (columns === undefined)
    return refuse(
      1,
      lines[0] ?? "",
      "a header with the columns m, n, k and latency (ms) or seconds, time_us, time_ms, tflops, comma-separated"
    )
  const { m, n, k, format, seconds } = columns
  const rows = new Map<Datatype, number[][]>()
  for (let line = 1; line < lines.length; line++) {
    const text = lines[line] ?? ""
    if (text.trim() === "") continue
    const cells = text.split(separator).map((cell) => cell.trim().replaceAll(/^"|"$/g, ""))
    const datatype = format < 0 ? "bf16" : datatypeOf(cells[format] ?? "")
    if (datatype === undefined) continue
    const sizes = [m, n, k].map((index) => Number(cells[index]))
    const numbers = [...sizes, seconds(cells, 2 * sizes.reduce((product, size) => product * size, 1))]
    if (!numbers.every((value) => Number.isFinite(value) && value > 0))
      return refuse(line + 1, text, "positive numbers for m, n, k and the time")
    const kept = rows.get(datatype)
    if (kept === undefined) rows.set(datatype, [numbers])
    else kept.push(numbers)
  }
  if (rows.size === 0) return refuse(2, lines[1] ?? "", "at least one row of measurements")
  return [...rows].map(([datatype, all]) => ({
    name,
    datatype,
    m: Float64Array.from(all, (row) => row[0] ?? 0),
    n: Float64Array.from(all, (row) => row[1] ?? 0),
    k: Float64Array.from(all, (row) => row[2] ?? 0),
    seconds: Float64Array.from(all, (row) => row[3] ?? 0)
  }))
}

const neighbours = 4
/** Doublings between a shape and the nearest measured one up to which the table holds, and from which it tells nothing. */
const [trusted, reach] = [1, 2]

/** Measured over analytic seconds near a shape; 1 beyond the reach of every table of the format. */
export const tableRatio = (device: Device, gemm: Gemm): number => {
  const table = device.tables.find((candidate) => candidate.datatype === gemm.datatype)
  if (table === undefined) return 1
  const m = Math.log2(gemm.m * (gemm.groups ?? 1))
  const [n, k] = [Math.log2(gemm.n), Math.log2(gemm.k)]
  const best: { readonly distance: number; readonly row: number }[] = []
  for (let row = 0; row < table.m.length; row++) {
    const distance = Math.hypot(
      Math.log2(table.m[row] ?? 1) - m,
      Math.log2(table.n[row] ?? 1) - n,
      Math.log2(table.k[row] ?? 1) - k
    )
    const worst = best[best.length - 1]
    if (best.length === neighbours && worst !== undefined && distance >= worst.distance) continue
    if (best.length === neighbours) best.pop()
    best.push({ distance, row })
    best.sort((a, b) => a.distance - b.distance)
  }
  let weights = 0
  let logs = 0
  for (const { distance, row } of best) {
    const shape = { m: table.m[row] ?? 1, n: table.n[row] ?? 1, k: table.k[row] ?? 1, datatype: gemm.datatype }
    const ratio = (table.seconds[row] ?? 1) / analyticGemmSeconds(device.measuredOn ?? device, shape, 1)
    if (distance < 1e-9) return ratio
    const weight = 1 / (distance * distance)
    weights += weight
    logs += weight * Math.log(ratio)
  }
  const nearest = best[0]?.distance ?? Number.POSITIVE_INFINITY
  const trust = Math.min(1, Math.max(0, (reach - nearest) / (reach - trusted)))
  return weights === 0 ? 1 : Math.exp((trust * logs) / weights)
}

/** Seconds of a matrix multiplication: the analytic law, corrected by measured tables where they reach. */
export const gemmSeconds = (device: Device, gemm: Gemm, factor: number): number => {
  const analytic = analyticGemmSeconds(device, gemm, factor)
  return device.tables.length === 0 ? analytic : analytic * tableRatio(device, gemm)
}
