/**
 * Reads measured kernel profiles: the CSV files of LLMServingSim's profiler (casys-kaist/LLMServingSim@5daddb21), of its
 * present layout and of its first one.
 *
 * | file        | columns                                                                        |
 * | ----------- | ------------------------------------------------------------------------------ |
 * | dense       | layer, tokens, time_us                                                         |
 * | perSequence | layer, sequences, time_us                                                      |
 * | attention   | prefill_chunk, kv_prefill, n_decode, kv_decode, time_us                        |
 * | experts     | tokens, activated_experts, time_us                                             |
 * | dense, v0   | (gpu, model,) tp, layer, tokens, latency_ns                                    |
 * | attention, v0 | tp, batch_size, prefill_chunk_size, kv_cache_size, is_prefill, median_ms     |
 */
import type { KernelProfile, ProfileCurve } from "./types.ts"

export interface ProfileFiles {
  readonly dense: string
  readonly perSequence?: string
  readonly attention?: string
  readonly experts?: string
}

/** A profile that cannot be read: which file and line, what stands there, what was expected. */
export interface KernelProfileError {
  readonly _tag: "KernelProfileError"
  readonly file: keyof ProfileFiles
  readonly line: number
  readonly given: string
  readonly expected: string
}

export const isProfileError = (value: object): value is KernelProfileError => "_tag" in value

type Cells = Readonly<Record<string, string>>

const wrong = (file: keyof ProfileFiles, line: number, given: string, expected: string): KernelProfileError => ({
  _tag: "KernelProfileError",
  file,
  line,
  given: given.slice(0, 60),
  expected
})

interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly line: number; readonly cells: Cells }[]
}

const readTable = (file: keyof ProfileFiles, text: string): Table | KernelProfileError => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
  const columns = (lines[0] ?? "").split(",").map((cell) => cell.trim())
  const rows: Table["rows"][number][] = []
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? ""
    if (line.trim() === "") continue
    const cells = line.split(",")
    if (cells.length !== columns.length)
      return wrong(file, index + 1, line, `${columns.length} cells, as in the header`)
    rows.push({ line: index + 1, cells: Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ""])) })
  }
  return rows.length === 0 ? wrong(file, 2, lines[1] ?? "", "at least one row of measurements") : { columns, rows }
}

const lacks = (
  file: keyof ProfileFiles,
  { columns }: Table,
  wanted: readonly string[]
): KernelProfileError | undefined =>
  wanted.every((column) => columns.includes(column))
    ? undefined
    : wrong(file, 1, columns.join(","), `a header with the columns ${wanted.join(", ")}`)

/** A column of numbers, none of them negative. */
const numbers = (file: keyof ProfileFiles, { rows }: Table, column: string): readonly number[] | KernelProfileError => {
  const found: number[] = []
  for (const { line, cells } of rows) {
    const value = Number(cells[column])
    if (!Number.isFinite(value) || value < 0 || cells[column]?.trim() === "")
      return wrong(file, line, cells[column] ?? "", `a number of at least 0 in the column ${column}`)
    found.push(value)
  }
  return found
}

const isError = (value: object): value is KernelProfileError => !Array.isArray(value) && isProfileError(value)

/** Curves by operator: seconds by tokens (or sequences), ascending. */
const curves = (
  file: "dense" | "perSequence",
  table: Table,
  at: string,
  time: string,
  scale: number
): readonly ProfileCurve[] | KernelProfileError => {
  const points = numbers(file, table, at)
  if (isError(points)) return points
  const times = numbers(file, table, time)
  if (isError(times)) return times
  const byOperator = new Map<string, (readonly [number, number])[]>()
  table.rows.forEach(({ cells }, index) => {
    const operator = (cells["layer"] ?? "").trim()
    const kept = byOperator.get(operator) ?? []
    kept.push([points[index] ?? 0, (times[index] ?? 0) * scale])
    byOperator.set(operator, kept)
  })
  return [...byOperator].map(([operator, pairs]) => {
    pairs.sort((a, b) => a[0] - b[0])
    return {
      operator,
      at: Float64Array.from(pairs, (pair) => pair[0]),
      seconds: Float64Array.from(pairs, (pair) => pair[1])
    }
  })
}

/** Operators of the first layout that run once a step, and those whose attention is measured apart. */
const endsOfFirstLayout: readonly string[] = ["lm_head"]
const measuredApart: readonly string[] = ["attn"]

const ofSize = (table: Table, tensor: number): Table => ({
  columns: table.columns,
  rows: table.columns.includes("tp") ? table.rows.filter(({ cells }) => Number(cells["tp"]) === tensor) : table.rows
})

const readDense = (
  text: string,
  tensor: number
): { readonly dense: readonly ProfileCurve[]; readonly ends: readonly ProfileCurve[] } | KernelProfileError => {
  const whole = readTable("dense", text)
  if ("_tag" in whole) return whole
  const isFirst = whole.columns.includes("latency_ns")
  const missing = lacks("dense", whole, ["layer", "tokens", isFirst ? "latency_ns" : "time_us"])
  if (missing !== undefined) return missing
  const table = ofSize(whole, tensor)
  if (table.rows.length === 0) return wrong("dense", 2, "", `rows for tensor parallel ${tensor}`)
  const all = curves("dense", table, "tokens", isFirst ? "latency_ns" : "time_us", isFirst ? 1e-9 : 1e-6)
  if (isError(all)) return all
  const isEnd = ({ operator }: ProfileCurve): boolean => isFirst && endsOfFirstLayout.includes(operator)
  return {
    dense: all.filter((curve) => !isEnd(curve) && !measuredApart.includes(curve.operator)),
    ends: all.filter(isEnd)
  }
}

const attentionColumns = ["prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"] as const
const firstAttentionColumns = ["batch_size", "prefill_chunk_size", "kv_cache_size", "is_prefill", "median_ms"] as const

const readAttention = (text: string, tensor: number): KernelProfile["attention"] | KernelProfileError => {
  const whole = readTable("attention", text)
  if ("_tag" in whole) return whole
  const isFirst = whole.columns.includes("is_prefill")
  const missing = lacks("attention", whole, isFirst ? firstAttentionColumns : attentionColumns)
  if (missing !== undefined) return missing
  const table = ofSize(whole, tensor)
  if (table.rows.length === 0) return wrong("attention", 2, "", `rows for tensor parallel ${tensor}`)
  const columns: (readonly number[])[] = []
  for (const column of isFirst
    ? ["batch_size", "prefill_chunk_size", "kv_cache_size", "median_ms"]
    : attentionColumns) {
    const values = numbers("attention", table, column)
    if (isError(values)) return values
    columns.push(values)
  }
  const column = (index: number): readonly number[] => columns[index] ?? []
  if (!isFirst)
    return {
      prefillChunk: Float64Array.from(column(0)),
      prefillContext: Float64Array.from(column(1)),
      decodes: Float64Array.from(column(2)),
      decodeContext: Float64Array.from(column(3)),
      seconds: Float64Array.from(column(4), (microseconds) => microseconds * 1e-6)
    }
  const isPrompt = table.rows.map(({ cells }) => /^true$/i.test((cells["is_prefill"] ?? "").trim()))
  return {
    prefillChunk: Float64Array.from(column(1), (chunk, row) => (isPrompt[row] === true ? chunk : 0)),
    prefillContext: Float64Array.from(column(2), (context, row) => (isPrompt[row] === true ? context : 0)),
    decodes: Float64Array.from(column(0), (count, row) => (isPrompt[row] === true ? 0 : count)),
    decodeContext: Float64Array.from(column(2), (context, row) => (isPrompt[row] === true ? 0 : context)),
    seconds: Float64Array.from(column(3), (milliseconds) => milliseconds * 1e-3)
  }
}

const readExperts = (text: string): NonNullable<KernelProfile["experts"]> | KernelProfileError => {
  const table = readTable("experts", text)
  if ("_tag" in table) return table
  const missing = lacks("experts", table, ["tokens", "activated_experts", "time_us"])
  if (missing !== undefined) return missing
  const tokens = numbers("experts", table, "tokens")
  if (isError(tokens)) return tokens
  const reached = numbers("experts", table, "activated_experts")
  if (isError(reached)) return reached
  const times = numbers("experts", table, "time_us")
  if (isError(times)) return times
  return {
    tokens: Float64Array.from(tokens),
    reached: Float64Array.from(reached),
    seconds: Float64Array.from(times, (microseconds) => microseconds * 1e-6)
  }
}

/**
 * A profile from the texts of its files.
 *
 * @param tensor tensor-parallel size at which it was measured; picks the rows of files with a `tp` column
 */
export const parseKernelProfile = (
  name: string,
  files: ProfileFiles,
  tensor: number
): KernelProfile | KernelProfileError => {
  const layers = readDense(files.dense, tensor)
  if ("_tag" in layers) return layers
  let perSequence = layers.ends
  if (files.perSequence !== undefined) {
    const table = readTable("perSequence", files.perSequence)
    if ("_tag" in table) return table
    const missing = lacks("perSequence", table, ["layer", "sequences", "time_us"])
    if (missing !== undefined) return missing
    const found = curves("perSequence", table, "sequences", "time_us", 1e-6)
    if (isError(found)) return found
    perSequence = found
  }
  const attention = files.attention === undefined ? null : readAttention(files.attention, tensor)
  if (attention !== null && isProfileError(attention)) return attention
  const experts = files.experts === undefined ? undefined : readExperts(files.experts)
  if (experts !== undefined && isProfileError(experts)) return experts
  return { name, tensor, dense: layers.dense, perSequence, attention, ...(experts === undefined ? {} : { experts }) }
}
