/**
 * A published measurement of inference as a file states it, and its decoding.
 *
 * Sources say what they like: the Schema asks only that a number is a number or text, and knows no field that must be
 * there. A point in which a known field holds something else is listed as uncovered, with the field; it never spoils
 * the points beside it.
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Result from "effect/Result"

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const number = optional(Schema.Union([Schema.Finite, Schema.String]).annotate({ expected: "a number" }))
const text = optional(Schema.String.annotate({ expected: "text" }))
const flag = optional(
  Schema.Union([Schema.Boolean, Schema.Finite, Schema.String]).annotate({ expected: "true or false" })
)
/** Words for people, where a rule looks for hints: anything goes. */
const words = Schema.optionalKey(Schema.Unknown)

const model = Schema.Struct({
  name: text,
  params_b: number,
  layers: number,
  hidden: number,
  heads: number,
  kv_heads: number,
  head_dim: number,
  ffn: number,
  vocab: number,
  experts: number,
  topk: number,
  top_k: number,
  moe_ffn: number,
  shared_expert_ffn: number
})

const cluster = Schema.Struct({
  gpu: text,
  gpu_family: text,
  n: number,
  gpus: number,
  nodes: number,
  gpus_per_node: number,
  intra: words,
  inter: words
})

const parallel = Schema.Struct({
  tp: number,
  pp: number,
  ep: number,
  dp: number,
  replicas: number,
  attention_dp: flag
})

const workload = Schema.Struct({
  input_len: number,
  output_len: number,
  batch: number,
  rate: number,
  concurrency: number,
  num_requests: number,
  dataset: words,
  length_range: number
})

const measured = Schema.Struct({
  ms_per_token: number,
  step_ms: number,
  e2e_ms: number,
  e2e_p50_ms: number,
  e2e_p90_ms: number,
  e2e_p99_ms: number,
  ttft_ms: number,
  ttft_p50_ms: number,
  ttft_p90_ms: number,
  ttft_p99_ms: number,
  tpot_ms: number,
  tpot_p50_ms: number,
  tpot_p90_ms: number,
  tpot_p99_ms: number,
  itl_ms: number,
  tokens_per_s: number,
  tokens_per_s_per_gpu: number,
  total_tokens_per_s: number,
  req_per_s: number,
  decode_tokens_per_s: number,
  prefill_tokens_per_s: number,
  load_s: number,
  gpu_mem_gb: number,
  peak_power_norm: number,
  avg_power_norm: number,
  fits: flag,
  oom: flag
})

const Point = Schema.Struct({
  id: text,
  group: words,
  source: words,
  url: words,
  trust: words,
  stack: text,
  version: number,
  model: optional(Schema.Union([Schema.String, model])),
  cluster: optional(cluster),
  parallel: optional(parallel),
  engine: words,
  precision: text,
  kv_precision: text,
  workload: optional(workload),
  measured: optional(measured),
  metric_def: words,
  notes: words
})

type Decoded = typeof Point.Type
type Group<Name extends "cluster" | "parallel" | "workload" | "measured"> = NonNullable<Decoded[Name]>

/** One point: groups are always there, words are text, "" where the source is silent. */
export interface InferencePoint {
  readonly id: string
  readonly group: string
  readonly source: string
  readonly url: string
  /** 1 is best. */
  readonly trust: number
  readonly stack: string
  readonly version: string
  readonly model: Extract<NonNullable<Decoded["model"]>, object>
  readonly cluster: Group<"cluster">
  readonly parallel: Group<"parallel">
  readonly engine: string
  readonly precision: string
  readonly keyValuePrecision: string
  readonly workload: Group<"workload">
  readonly measured: Group<"measured">
  readonly metricDefinition: string
  readonly notes: string
}

/** A point that cannot be read, and why. */
export interface OddPoint {
  readonly id: string
  readonly group: string
  readonly trust: number
  readonly reason: string
}

export type InferenceEntry = InferencePoint | OddPoint

export const isOdd = (entry: InferenceEntry): entry is OddPoint => "reason" in entry

const textOf = (value: unknown): string => {
  if (typeof value === "string") return value
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return ""
}

const trusts: Readonly<Record<string, number>> = { high: 1, medium: 2, low: 3, "1": 1, "2": 2, "3": 3 }

/** "high", "medium" and "low" as 1, 2 and 3; what is not said counts as medium. */
const trustOf = (value: unknown): number => trusts[textOf(value).trim().toLowerCase()] ?? 2

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Words that training points never have. */
const ownFields = ["workload", "engine", "metric_def"] as const
const ownMetrics = Object.keys(measured.fields)

/** Tells a measurement of inference from one of training: by what it states, not by where it comes from. */
export const isInferencePoint = (value: unknown): boolean => {
  if (!isRecord(value)) return false
  if (ownFields.some((field) => field in value)) return true
  const said = value.measured
  return !("kind" in value) && isRecord(said) && ownMetrics.some((metric) => metric !== "oom" && metric in said)
}

const decode = Schema.decodeUnknownResult(Point, { errors: "all" })
const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * @param value one entry of a measurement file
 * @param index its place there, which names it when it has no id
 */
export const decodeInferencePoint = (value: unknown, index: number): InferenceEntry => {
  const raw = isRecord(value) ? value : {}
  const id = textOf(raw.id) === "" ? `point ${index}` : textOf(raw.id)
  const group = textOf(raw.group) === "" ? textOf(raw.source) : textOf(raw.group)
  const trust = trustOf(raw.trust)
  const result = decode(typeof raw.id === "string" ? raw : { ...raw, id })
  if (Result.isFailure(result)) {
    const fields = format(result.failure.issue).issues.map(({ path, message }) => {
      const field = (path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".")
      return field === "" ? message : `${field}: ${message}`
    })
    return { id, group, trust, reason: fields.join("; ") }
  }
  const said = result.success
  return {
    id,
    group,
    source: textOf(said.source) === "" ? group : textOf(said.source),
    url: textOf(said.url),
    trust,
    stack: said.stack ?? "",
    version: /\d[\w.+-]*/.exec(textOf(said.version))?.[0] ?? "",
    model: typeof said.model === "string" ? { name: said.model } : (said.model ?? {}),
    cluster: said.cluster ?? {},
    parallel: said.parallel ?? {},
    engine: textOf(said.engine),
    precision: said.precision ?? "",
    keyValuePrecision: said.kv_precision ?? "",
    workload: said.workload ?? {},
    measured: said.measured ?? {},
    metricDefinition: textOf(said.metric_def),
    notes: textOf(said.notes)
  }
}

/** The points of a parsed list; every entry of the list gives one. */
export const decodeInferencePoints = (values: readonly unknown[]): readonly InferenceEntry[] =>
  values.map(decodeInferencePoint)
