/**
 * The log of a real server, request by request, and its reading: JSON lines as vLLM's benchmark with per-request
 * timestamps writes them, with a description of the server beside them.
 *
 * The client's clock stamps arrivals, the engine's the rest. The two are laid over each other so that no request was
 * queued before it arrived.
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Result from "effect/Result"
import { mean, quantile } from "../../statistics/index.ts"

/** Columns over the requests, in order of arrival. Seconds from the first arrival; tokens. */
export interface RequestLogFile {
  readonly name: string
  readonly meta: LogMeta
  readonly arrival: readonly number[]
  readonly prompt: readonly number[]
  readonly output: readonly number[]
  readonly firstToken: readonly number[]
  readonly lastToken: readonly number[]
}

export interface LogIssue {
  readonly _tag: "LogIssue"
  readonly file: string
  /** From 1; 0 = the file as a whole. */
  readonly line: number
  readonly problem: string
}

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const size = optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1e9 })))
const text = optional(Schema.String)

const LogMeta = Schema.Struct({
  model: Schema.String.annotate({ expected: "the model's name" }),
  engine: text,
  vllm_version: text,
  sglang_version: text,
  version: text,
  engine_kwargs: optional(
    Schema.Struct({
      tensor_parallel_size: size,
      pipeline_parallel_size: size,
      data_parallel_size: size,
      enable_expert_parallel: optional(Schema.Boolean),
      max_num_seqs: size,
      max_num_batched_tokens: size,
      max_model_len: size,
      dtype: text,
      quantization: text,
      kv_cache_dtype: text
    })
  ),
  kv_cache: optional(
    Schema.Struct({
      num_gpu_blocks: size,
      block_size: size,
      gpu_memory_utilization: optional(Schema.Finite),
      enable_prefix_caching: optional(Schema.Boolean)
    })
  ),
  hardware: Schema.Struct({
    device_count: size,
    device_name: Schema.String.annotate({ expected: "the accelerator's name" })
  })
})

/** What the description beside a log says of the server. */
export type LogMeta = typeof LogMeta.Type

const seconds = Schema.Finite
const tokens = Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 1e8 }))

const Row = Schema.Struct({
  input_toks: tokens,
  output_toks: tokens,
  arrival_time: seconds,
  queued_ts: optional(seconds),
  first_token_ts: seconds,
  last_token_ts: seconds
})

type LogRow = typeof Row.Type

const decodeMeta = Schema.decodeUnknownResult(LogMeta, { errors: "all" })
const decodeRow = Schema.decodeUnknownResult(Row, { errors: "all" })
const format = SchemaIssue.makeFormatterStandardSchemaV1()

const problemOf = (issue: SchemaIssue.Issue): string =>
  format(issue)
    .issues.map(({ path, message }) => {
      const field = (path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".")
      return field === "" ? message : `${field}: ${message}`
    })
    .join("; ")

const parsed = (written: string): { readonly value: unknown } | { readonly problem: string } => {
  try {
    return { value: JSON.parse(written) }
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** The description of a server, or what is wrong with it. */
export const readLogMeta = (written: string, file: string): LogMeta | LogIssue => {
  const data = parsed(written.replace(/^\uFEFF/, ""))
  if ("problem" in data) return { _tag: "LogIssue", file, line: 0, problem: data.problem }
  const result = decodeMeta(data.value)
  return Result.isSuccess(result)
    ? result.success
    : { _tag: "LogIssue", file, line: 0, problem: problemOf(result.failure.issue) }
}

/**
 * A log of requests, or the first thing that is wrong with it.
 *
 * @param written JSON lines
 */
export const readRequestLog = (written: string, file: string, meta: LogMeta): RequestLogFile | LogIssue => {
  const rows: LogRow[] = []
  for (const [index, line] of written
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue
    const wrong = (problem: string): LogIssue => ({ _tag: "LogIssue", file, line: index + 1, problem })
    const data = parsed(line)
    if ("problem" in data) return wrong(data.problem)
    const result = decodeRow(data.value)
    if (Result.isFailure(result)) return wrong(problemOf(result.failure.issue))
    const row = result.success
    if (row.last_token_ts < row.first_token_ts) return wrong("last_token_ts lies before first_token_ts")
    rows.push(row)
  }
  if (rows.length === 0) return { _tag: "LogIssue", file, line: 0, problem: "there are no requests in it" }
  return logOfRows(file.replace(/^.*\//, "").replace(/_?requests?\.jsonl$|\.jsonl$/i, ""), meta, rows)
}

/** Rows as the file has them, whatever their order. */
export const logOfRows = (name: string, meta: LogMeta, unordered: readonly LogRow[]): RequestLogFile => {
  const rows = unordered.toSorted((a, b) => a.arrival_time - b.arrival_time)
  const first = rows[0]?.arrival_time ?? 0
  // The shortest way from a client into the queue is taken to be instantaneous.
  const queued = rows.flatMap((row) => (typeof row.queued_ts === "number" ? [row.arrival_time - row.queued_ts] : []))
  const offset = queued.length === 0 ? 0 : queued.reduce((most, gap) => Math.max(most, gap), -Infinity)
  return {
    name,
    meta,
    arrival: rows.map((row) => row.arrival_time - first),
    prompt: rows.map((row) => row.input_toks),
    output: rows.map((row) => row.output_toks),
    firstToken: rows.map((row) => row.first_token_ts + offset - first),
    lastToken: rows.map((row) => row.last_token_ts + offset - first)
  }
}

/** What the log says of the server's speed, in the metrics' names of measurement files. */
export const measuredOf = (log: RequestLogFile): Readonly<Record<string, number>> => {
  const { arrival, output, firstToken, lastToken } = log
  const ttft = arrival.map((time, index) => 1000 * ((firstToken[index] ?? time) - time))
  const e2e = arrival.map((time, index) => 1000 * ((lastToken[index] ?? time) - time))
  const tpot = output.flatMap((count, index) =>
    count > 1 ? [(1000 * ((lastToken[index] ?? 0) - (firstToken[index] ?? 0))) / (count - 1)] : []
  )
  const duration = lastToken.reduce((most, time) => Math.max(most, time), 0)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  return {
    ttft_ms: mean(ttft),
    ttft_p50_ms: quantile(ttft, 0.5),
    ttft_p90_ms: quantile(ttft, 0.9),
    ttft_p99_ms: quantile(ttft, 0.99),
    tpot_ms: mean(tpot),
    tpot_p50_ms: quantile(tpot, 0.5),
    tpot_p90_ms: quantile(tpot, 0.9),
    tpot_p99_ms: quantile(tpot, 0.99),
    e2e_ms: mean(e2e),
    e2e_p50_ms: quantile(e2e, 0.5),
    e2e_p90_ms: quantile(e2e, 0.9),
    e2e_p99_ms: quantile(e2e, 0.99),
    tokens_per_s: sum(output) / duration,
    req_per_s: output.length / duration
  }
}

/** The log's arrivals and lengths as a trace of our own plain format. */
export const traceTextOf = ({ arrival, prompt, output }: RequestLogFile): string =>
  arrival
    .map((seconds, index) =>
      JSON.stringify({ arrival_seconds: seconds, prompt_tokens: prompt[index], output_tokens: output[index] })
    )
    .join("\n")
