/**
 * A real server's request log as a measurement, and as the scenario that replays it: arrival times and lengths from the
 * log, everything else by the rules that hold for every point.
 */
import type { MappedInference, ServingScenarioInput } from "./mapped.ts"
import { toServingScenario } from "./mapping.ts"
import { decodeInferencePoint, isOdd } from "./point.ts"
import type { PredictServing } from "./predict.ts"
import { isRefusal, type Refusal } from "./reading.ts"
import { measuredOf, traceTextOf, type RequestLogFile } from "./request-log.ts"
import { compareMapped, refusedRow, type InferenceRow } from "./rows.ts"
import type { ReadText } from "../../scenario/index.ts"

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 1)

const traceName = "the log's requests"

/** "bfloat16" and "auto" as a precision; a quantisation wins. */
const precisionOf = ({ dtype, quantization }: NonNullable<RequestLogFile["meta"]["engine_kwargs"]>): string =>
  quantization ?? (dtype === "auto" ? "" : (dtype ?? ""))

const engineOf = ({ engine, vllm_version: vllm, sglang_version: sglang, version }: RequestLogFile["meta"]): string => {
  if (typeof vllm === "string") return `vllm ${vllm}`
  if (typeof sglang === "string") return `sglang ${sglang}`
  return `${engine ?? "vllm"} ${version ?? ""}`.trim()
}

/** The scenario that replays a log, with the measurement that the log is. */
export const mappedLogOf = (log: RequestLogFile): MappedInference | Refusal => {
  const { meta, output, prompt, arrival } = log
  const kwargs = meta.engine_kwargs ?? {}
  const cache = meta.kv_cache ?? {}
  const last = arrival.at(-1) ?? 0
  const point = decodeInferencePoint(
    {
      id: log.name,
      group: "request-log",
      source: "request log",
      trust: "high",
      model: { name: meta.model.replace(/^.*\//, "") },
      cluster: { gpu: meta.hardware.device_name, n: meta.hardware.device_count ?? 1 },
      parallel: {
        tp: kwargs.tensor_parallel_size ?? 1,
        pp: kwargs.pipeline_parallel_size ?? 1,
        ...(kwargs.enable_expert_parallel === true ? { ep: kwargs.tensor_parallel_size ?? 1 } : {}),
        replicas: kwargs.data_parallel_size ?? 1
      },
      engine: engineOf(meta),
      precision: precisionOf(kwargs),
      ...(/fp8/.test(kwargs.kv_cache_dtype ?? "") ? { kv_precision: "fp8" } : {}),
      workload: {
        input_len: largest(prompt),
        output_len: largest(output),
        rate: last > 0 ? arrival.length / last : "offline",
        num_requests: arrival.length
      },
      measured: measuredOf(log)
    },
    0
  )
  if (isOdd(point)) return point
  const mapped = toServingScenario(point)
  if (isRefusal(mapped)) return mapped
  const runs = mapped.runs.map(({ name, scenario }) => ({
    name,
    scenario: {
      ...scenario,
      serving: {
        ...scenario.serving,
        batching: {
          ...(typeof kwargs.max_num_seqs === "number" ? { maxBatchSize: kwargs.max_num_seqs } : {}),
          ...(typeof kwargs.max_num_batched_tokens === "number"
            ? { maxBatchTokens: kwargs.max_num_batched_tokens }
            : {})
        },
        kvCache: {
          ...scenario.serving.kvCache,
          ...(typeof cache.num_gpu_blocks === "number" ? { blocks: cache.num_gpu_blocks } : {}),
          ...(typeof cache.block_size === "number" ? { blockTokens: cache.block_size } : {}),
          ...(typeof cache.gpu_memory_utilization === "number"
            ? { memoryUtilisation: cache.gpu_memory_utilization }
            : {}),
          ...(typeof cache.enable_prefix_caching === "boolean" ? { prefixCaching: cache.enable_prefix_caching } : {})
        },
        maxSequence: Math.max(scenario.serving.maxSequence, kwargs.max_model_len ?? 1)
      },
      workload: { arrivals: { trace: { file: traceName, format: "plain" } }, requests: arrival.length }
    } satisfies ServingScenarioInput
  }))
  return { ...mapped, runs }
}

const withKernels = (scenario: ServingScenarioInput, prefix: string): ServingScenarioInput => ({
  ...scenario,
  serving: { ...scenario.serving, kernels: [prefix] }
})

export interface LogKernels {
  /** Start of the names of the profile's files, as a scenario writes it. */
  readonly prefix: string
  readonly readText: ReadText
}

/**
 * Rows of a log: with the analytic kernels, and with a measured profile where there is one.
 */
export const compareLog = (
  log: RequestLogFile,
  predict: PredictServing,
  kernels?: LogKernels
): readonly InferenceRow[] => {
  const mapped = mappedLogOf(log)
  if (isRefusal(mapped)) {
    const entry = { id: log.name, group: "request-log", trust: 1, reason: mapped.reason }
    return [refusedRow(entry, mapped.reason)]
  }
  const trace = traceTextOf(log)
  const readText: ReadText = (path) =>
    path === traceName ? { text: trace } : (kernels?.readText(path) ?? { failure: "no such file" })
  const replayed: PredictServing = (scenario) => predict(scenario, { readText })
  const rows = compareMapped(mapped, replayed)
  if (kernels === undefined) return rows
  const measured: MappedInference = {
    ...mapped,
    point: {
      ...mapped.point,
      id: `${log.name} with measured kernels`,
      group: `${mapped.point.group}, measured kernels`
    },
    runs: mapped.runs.map(({ name, scenario }) => ({ name, scenario: withKernels(scenario, kernels.prefix) }))
  }
  return [...rows, ...compareMapped(measured, replayed)]
}
