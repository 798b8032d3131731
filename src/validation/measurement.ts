/**
 * A published measurement as a file states it, and the decoding of such files.
 *
 * The Schema is tolerant: a source may be silent about anything (`null` or absent) and may say more than we read. Text
 * where a number belongs ("128-512") decodes; the mapping then calls the point inexpressible. A point in which a field
 * holds something else is listed as uncovered, with the field; it never spoils the points beside it.
 */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Result from "effect/Result"

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))
const number = optional(Schema.Union([Schema.Finite, Schema.String]).annotate({ expected: "a number" }))
const text = optional(Schema.String)
const switchable = optional(Schema.Union([Schema.Boolean, Schema.Finite, Schema.String]))

const model = Schema.Struct({
  name: text,
  layers: number,
  hidden: number,
  heads: number,
  kv_heads: number,
  head_dim: number,
  ffn: number,
  vocab: number,
  seq_len: number,
  params: number,
  experts: number,
  top_k: number,
  moe_ffn: number,
  shared_expert_ffn: number
})

const cluster = Schema.Struct({
  gpu: text,
  gpu_family: text,
  gpus_per_node: number,
  nodes: number,
  gpus: number,
  inter: text
})

const parallel = Schema.Struct({
  tp: number,
  pp: number,
  dp: number,
  cp: number,
  vpp: number,
  ep: number,
  etp: number,
  model_parallel: number,
  dp_replicas: number,
  zero_stage: number,
  zero: switchable,
  fsdp: switchable,
  sequence_parallel: optional(Schema.Boolean)
})

const batch = Schema.Struct({
  micro: number,
  grad_accum: number,
  num_microbatches: number,
  global: number
})

const measured = Schema.Struct({
  seconds_per_iteration: number,
  seconds_per_iteration_min: number,
  seconds_per_iteration_max: number,
  tokens_per_second: number,
  tokens_per_second_per_gpu: number,
  samples_per_second: number,
  samples_per_gpu_per_second: number,
  tflops_per_gpu: number,
  mfu: number,
  hfu: number,
  memory_gb: number,
  memory_gib: number,
  memory_gb_first_last_stage: number,
  oom: optional(Schema.Boolean)
})

const Measurement = Schema.Struct({
  id: Schema.String,
  kind: text,
  trust: number,
  source: text,
  url: text,
  stack: text,
  model: optional(model),
  cluster: optional(cluster),
  parallel: optional(parallel),
  batch: optional(batch),
  recompute: text,
  precision: text,
  schedule: text,
  measured: optional(measured),
  flops_counting: text,
  notes: text
})

/** One point of a measurement file. */
export type Measurement = typeof Measurement.Type & {
  /** What could not be read of it, field by field: such a point is listed, and has no prediction. */
  readonly unreadable?: string
}

/** A measurement file that cannot be read at all. */
export interface MeasurementIssue {
  readonly _tag: "MeasurementIssue"
  readonly file: string
  readonly problem: string
}

const decodePoint = Schema.decodeUnknownResult(Measurement, { errors: "all" })
const format = SchemaIssue.makeFormatterStandardSchemaV1()

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Words for people: whatever a source puts there is read as text. */
const remarks = ["source", "url", "notes", "flops_counting"] as const

const withRemarks = (value: unknown): unknown => {
  if (!isRecord(value)) return value
  const odd = remarks.filter(
    (name) => value[name] !== undefined && value[name] !== null && typeof value[name] !== "string"
  )
  return odd.length === 0
    ? value
    : { ...value, ...Object.fromEntries(odd.map((name) => [name, JSON.stringify(value[name])])) }
}

const unreadablePoint = (value: unknown, index: number, unreadable: string): Measurement => ({
  id: isRecord(value) && typeof value["id"] === "string" ? value["id"] : `point ${index}`,
  unreadable
})

const pointOf = (value: unknown, index: number): Measurement => {
  const result = decodePoint(withRemarks(value))
  if (Result.isSuccess(result)) return result.success
  const problems = format(result.failure.issue).issues.map(({ path, message }) => {
    const field = (path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".")
    return field === "" ? message : `${field}: ${message}`
  })
  return unreadablePoint(value, index, problems.join("; "))
}

/**
 * Points that are already parsed.
 *
 * @param file only names them in an issue
 * @param indices where each stands in its file, where they are not all of it
 */
export const decodePoints = (
  data: unknown,
  file: string,
  indices?: readonly number[]
): readonly Measurement[] | readonly MeasurementIssue[] =>
  Array.isArray(data)
    ? data.map((value: unknown, index) => pointOf(value, indices?.[index] ?? index))
    : [{ _tag: "MeasurementIssue", file, problem: "expected a list of points" }]

/** The points of a file's text, or everything that is wrong with it. */
export const decodeMeasurements = (
  text: string,
  file = "measurements"
): readonly Measurement[] | readonly MeasurementIssue[] => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    return [
      {
        _tag: "MeasurementIssue",
        file,
        problem: `not JSON: ${error instanceof Error ? error.message : String(error)}`
      }
    ]
  }
  return decodePoints(data, file)
}

/** Tells the issues of a file from its points. */
export const areIssues = (
  decoded: readonly Measurement[] | readonly MeasurementIssue[]
): decoded is readonly MeasurementIssue[] => decoded.some((entry) => "_tag" in entry)

/** An issue as one line. */
export const formatMeasurementIssue = ({ file, problem }: MeasurementIssue): string => `${file}: ${problem}`
