/**
 * Measurements that are not to be believed, by rule and with the reason. They are compared like all others and listed
 * apart; no constant is fitted to them.
 */
import type { InferenceMetric } from "./metrics.ts"
import type { InferencePoint } from "./point.ts"

interface Doubt {
  /** All points that it is about; undefined = no condition. */
  readonly source?: RegExp
  readonly engine?: RegExp
  readonly gpu?: RegExp
  readonly model?: RegExp
  readonly precision?: RegExp
  readonly notes?: RegExp
  readonly when?: (point: InferencePoint) => boolean
  /** Only these metrics. */
  readonly metrics?: RegExp
  readonly reason: string
}

const lengths = (point: InferencePoint): string =>
  `${point.workload.input_len ?? ""}/${point.workload.output_len ?? ""}`

/** The experiment note's "points to distrust" and the quirks that the collection of measurements records. */
const doubts: readonly Doubt[] = [
  {
    gpu: /power-?capped/i,
    reason: "generated: times to first token are exactly 1.300 times, per token 1.000 times those without the cap"
  },
  {
    source: /splitwise/i,
    metrics: /^e2e/,
    when: ({ workload }) => Number(workload.output_len ?? 0) >= 512,
    reason: "requests of 512 tokens and more often ended early: end to end is shorter than its tokens"
  },
  {
    source: /splitwise/i,
    when: ({ parallel, workload, model }) =>
      Number(parallel.tp ?? 0) === 2 && Number(workload.batch ?? 0) >= 64 && /70b/i.test(model.name ?? ""),
    reason: "a batch of 64 does not fit on two GPUs"
  },
  {
    source: /aic|silicon/i,
    engine: /vllm 0\.12\.0/i,
    gpu: /h200/i,
    model: /8b/i,
    reason: "about 90 % of the fp8 peak"
  },
  {
    source: /aic|silicon/i,
    engine: /sglang 0\.5\.[68]/i,
    metrics: /^ttft/,
    reason: "times to first token of these runs contradict those beside them"
  },
  {
    source: /aic|silicon/i,
    engine: /trtllm 1\.[23]/i,
    reason: "pre-release engine, erratic: 8, 42, 28 ms a token at 1, 2, 8 clients"
  },
  {
    source: /aic|silicon/i,
    when: ({ workload }) => workload.concurrency === null || workload.concurrency === undefined,
    reason: "the concurrency is not stated"
  },
  {
    notes: /trust tpot only/i,
    metrics: /^ttft/,
    reason: "the time to first token falls as clients are added: warm-up is part of it"
  },
  {
    metrics: /^req_per_s/,
    when: ({ workload }) => typeof workload.concurrency === "string" && !/^\d/.test(workload.concurrency),
    reason: "the number of users is not stated"
  },
  { precision: /\?/, reason: "the source does not state the precision" },
  {
    notes: /ignore prefill/i,
    metrics: /^prefill/,
    reason: "a tenth of the same card's speed on another host"
  },
  {
    engine: /tensorrt-llm 1\.0/i,
    model: /qwen3-30b/i,
    gpu: /b200/i,
    reason: "half of what the same table's other accelerators imply"
  },
  { engine: /tensorrt-llm 1\.0/i, model: /maverick/i, reason: "1.5 times what the same table's other models imply" },
  {
    engine: /tensorrt-llm 0\.10/i,
    gpu: /h100/i,
    model: /llama-3-8b/i,
    precision: /fp8/i,
    when: (point) => lengths(point) === "2048/2048",
    reason: "out of line with its neighbours in the table"
  },
  {
    engine: /tensorrt-llm 0\.10/i,
    gpu: /h200/i,
    model: /gpt-?j/i,
    when: (point) => Number(point.measured.tokens_per_s ?? 0) > 40_000,
    reason: "1.5 times releases 0.9 and 0.11"
  },
  {
    engine: /tensorrt-llm 0\.11/i,
    gpu: /l40s/i,
    model: /gpt-?j/i,
    when: (point) => Number(point.measured.tokens_per_s ?? Infinity) < 100,
    reason: "a misprint: about 680 tokens/s"
  },
  {
    engine: /unsharded|ds-?zero|zero/i,
    metrics: /^load/,
    reason: "four to six times the bytes at the storage's stated 3 GB/s"
  },
  {
    source: /mlperf/i,
    metrics: /^(tpot|e2e)/,
    when: ({ workload, measured }) => typeof workload.rate === "number" && typeof measured.tpot_ms === "number",
    reason: "MLPerf servers near their limit: two to three times what any simulation at that load gives"
  }
]

/** Why a metric of a point is not to be believed; undefined where nothing speaks against it. */
export const doubtOf = (point: InferencePoint, metric: InferenceMetric): string | undefined =>
  doubts.find(
    (doubt) =>
      (doubt.source === undefined || doubt.source.test(`${point.source} ${point.group}`)) &&
      (doubt.engine === undefined || doubt.engine.test(point.engine)) &&
      (doubt.gpu === undefined || doubt.gpu.test(point.cluster.gpu ?? "")) &&
      (doubt.model === undefined || doubt.model.test(point.model.name ?? "")) &&
      (doubt.precision === undefined || doubt.precision.test(point.precision)) &&
      (doubt.notes === undefined || doubt.notes.test(point.notes)) &&
      (doubt.metrics === undefined || doubt.metrics.test(metric)) &&
      (doubt.when === undefined || doubt.when(point))
  )?.reason
