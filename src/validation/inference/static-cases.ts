/**
 * Measured static batches as the fit of constants sees them: a target, a batch, and seconds, priced by the step model in
 * closed form (the scheduler has no choice in a static batch, so the simulator gives the same).
 */
import {
  makeStepLoad,
  makeStepModel,
  type InferenceTarget,
  type StepLoad,
  type StepModel
} from "../../inference/index.ts"
import { doubtOf } from "./distrust.ts"
import type { MappedInference } from "./mapped.ts"
import { toServingScenario } from "./mapping.ts"
import { comparisonsOf, type InferenceMetric } from "./metrics.ts"
import { isOdd, type InferenceEntry } from "./point.ts"
import { servingJobOf } from "./job.ts"
import { isRefusal, numberOf } from "./reading.ts"

export interface StaticCase {
  readonly id: string
  readonly group: string
  readonly metric: InferenceMetric
  readonly trust: number
  /** Resolved anew at each call, under the constants of that moment. */
  readonly target: () => InferenceTarget
  /** Sequences of a stage's batch, and how many batches are in flight. */
  readonly batch: number
  readonly batches: number
  readonly prompt: number
  readonly output: number
  /** Of the whole batch, of its prompts, or of one token. */
  readonly part: "whole" | "prefill" | "token"
  readonly seconds: number
}

/** Seconds of a step of every batch in flight: a batch after the other through all stages, or all stages at work. */
const stepSeconds = (steps: StepModel, load: StepLoad, batches: number): number => {
  const host = steps.hostSeconds(load)
  let sum = host
  let slowest = 0
  for (let stage = 0; stage < steps.stages; stage++) {
    const seconds = steps.stageSeconds(stage, load)
    sum += seconds
    if (stage + 1 < steps.stages) sum += steps.hopSeconds(load)
    slowest = Math.max(slowest, seconds)
  }
  return Math.max(sum, batches * slowest)
}

/** Seconds that the step model gives a case. */
export const staticSeconds = (
  { batch, batches, prompt, output, part }: StaticCase,
  target: InferenceTarget
): number => {
  const steps = makeStepModel(target)
  const window = target.model.slidingWindow?.tokens ?? Infinity
  const load = makeStepLoad()
  load.prefills = batch
  load.prefillTokens = batch * prompt
  load.prefillPairs = (batch * prompt * (prompt + 1)) / 2
  load.prefillContext = batch * prompt
  load.sampled = batch
  const prefill = steps.firstTokenSeconds + stepSeconds(steps, load, batches)
  if (part === "prefill") return prefill
  load.prefills = load.prefillTokens = load.prefillPairs = load.prefillContext = 0
  load.decodes = batch
  let decode = 0
  for (let token = 1; token < output; token++) {
    load.decodeContext = batch * (prompt + token)
    load.decodeWindow = batch * Math.min(prompt + token, window)
    decode += stepSeconds(steps, load, batches)
  }
  return part === "token" ? decode / Math.max(1, output - 1) : prefill + decode
}

const parts: Readonly<Partial<Record<InferenceMetric, StaticCase["part"]>>> = {
  ms_per_token: "whole",
  step_ms: "whole",
  e2e_ms: "whole",
  tokens_per_s: "whole",
  ttft_ms: "prefill",
  tpot_ms: "token",
  decode_tokens_per_s: "token",
  prefill_tokens_per_s: "prefill"
}

/** Seconds that a metric of a static batch states. */
const secondsOf = (mapped: MappedInference, metric: InferenceMetric, measured: number): number => {
  const tokens = mapped.requests * mapped.workload.meanOutput
  switch (metric) {
    case "ms_per_token":
      return (measured * tokens) / 1000
    case "step_ms":
      return (measured * mapped.workload.meanOutput) / 1000
    case "tokens_per_s":
      return tokens / measured
    case "decode_tokens_per_s":
      return mapped.requests / measured
    case "prefill_tokens_per_s":
      return (mapped.requests * mapped.prefillTokens) / measured
    default:
      return measured / 1000
  }
}

/** Believed measurements of static batches, one a clock. */
export const staticCasesOf = (entries: readonly InferenceEntry[]): readonly StaticCase[] =>
  entries.flatMap((entry) => {
    if (isOdd(entry) || entry.trust > 2) return []
    const mapped = toServingScenario(entry)
    if (isRefusal(mapped) || mapped.workload.kind !== "static") return []
    const clocks = new Set<string>()
    return comparisonsOf(mapped).flatMap(({ metric, run, clock, measured }): readonly StaticCase[] => {
      const part = parts[metric]
      const scenario = mapped.runs.find(({ name }) => name === run)?.scenario
      if (part === undefined || scenario === undefined || clocks.has(clock)) return []
      if (!("prompt" in scenario.workload)) return []
      if (doubtOf(entry, metric) !== undefined) return []
      clocks.add(clock)
      const resolve = (): InferenceTarget => {
        const job = servingJobOf(scenario)
        if ("reason" in job) throw new Error(job.reason)
        return job.target
      }
      const first = servingJobOf(scenario)
      if ("reason" in first || !first.memory.fits) return []
      const { pipeline } = scenario.serving.parallelism
      const { requests, prompt, output } = scenario.workload
      const size = scenario.serving.batching.maxBatchSize ?? requests
      return [
        {
          id: entry.id,
          group: entry.group,
          metric,
          trust: entry.trust,
          target: resolve,
          batch: size,
          batches: Math.min(pipeline, Math.ceil(requests / scenario.serving.replicas / size)),
          prompt: numberOf(typeof prompt === "number" ? prompt : null) ?? mapped.workload.meanPrompt,
          output: numberOf(typeof output === "number" ? output : null) ?? mapped.workload.meanOutput,
          part,
          seconds: secondsOf(mapped, metric, measured)
        }
      ]
    })
  })
