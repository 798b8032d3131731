/**
 * From a published measurement of inference to the scenario that it measured. One mapping for every source: the point's
 * own words first, then the rules of the files beside this one; whatever a rule filled in is listed as an assumption.
 */
import { currentServingStack, type ServingStack } from "../../catalog/index.ts"
import { servingClusterOf } from "./cluster.ts"
import { servingLayoutOf } from "./layout.ts"
import type { MappedInference, RunName, ServingScenarioInput } from "./mapped.ts"
import { comparisonsOf } from "./metrics.ts"
import { servedModelOf } from "./model.ts"
import type { InferencePoint } from "./point.ts"
import { servingPrecisionOf } from "./precision.ts"
import { isRefusal, numberOf, type Refusal } from "./reading.ts"
import { serverSettingsOf } from "./server-settings.ts"
import { servingStackOf } from "./stack.ts"
import { servedWorkloadOf, type ServedWorkload, type WorkloadInput } from "./workload.ts"

export type { MappedInference, ServingScenarioInput } from "./mapped.ts"

/** llama-bench: a prompt of so many tokens, and so many generated from an empty context. */
const benchTokens = 1024

/** Sequences in a step where a source says "as many as fit". */
const asManyAsFit = 2048

export const isDisaggregated = (point: InferencePoint): boolean =>
  /disagg/i.test(`${point.notes} ${point.engine} ${point.id} ${point.source}`)

/** The scenarios that a point measured, or why there are none. */
export const toServingScenario = (point: InferencePoint): MappedInference | Refusal => {
  if (isDisaggregated(point)) return { reason: "separate pools for prompts and answers are not modelled" }
  if (/speculative|draft|eagle|medusa|mtp\b/i.test(`${point.engine} ${point.notes}`))
    return { reason: "speculative decoding is not modelled" }
  const cluster = servingClusterOf(point)
  if (isRefusal(cluster)) return cluster
  const workload = servedWorkloadOf(point)
  if (isRefusal(workload)) return workload
  const choice = servingStackOf(point, workload.kind !== "static")
  const stack = currentServingStack(choice.stack, choice.version)
  if (stack === undefined) return { reason: `the stack ${choice.stack} is not in the catalogue` }
  const precision = servingPrecisionOf(point, stack.name, cluster.accelerator)
  if (isRefusal(precision)) return precision
  const pipeline = numberOf(point.parallel.pp) ?? 1
  const benched = isBenched(point)
  const longest = Math.max(Math.ceil(workload.longest), benched ? benchTokens + 1 : 1)
  const shape = servedModelOf(point, pipeline, longest)
  if (isRefusal(shape)) return shape
  const accelerators = cluster.input.accelerators
  const layout = servingLayoutOf({
    point,
    model: shape.model,
    accelerator: cluster.accelerator,
    accelerators,
    stack: stack.name,
    version: choice.version,
    precision: precision.precision,
    independent: workload.kind !== "static"
  })
  if (isRefusal(layout)) return layout

  const { dataAttention } = layout
  // Replicas with requests of their own do not meet: one stands for all, with its share of the requests.
  const copies = workload.kind === "offline" || workload.kind === "open" ? layout.replicas : 1
  const replicas = layout.replicas / copies
  // Ranks of ZeRO each have a batch of their own (BLOOM's scripts; the figures count them all).
  const streams = workload.kind === "static" && stack.gathersWeights ? dataAttention * replicas : 1
  const requests = Math.ceil((workload.input.requests * streams) / copies)
  const used = layout.tensor * layout.pipeline * dataAttention * replicas
  const scenario = (name: RunName, input: WorkloadInput): ServingScenarioInput => ({
    name: name === "serve" ? point.id : `${point.id}, ${name}`,
    cluster: { ...cluster.input, accelerators: used },
    model: shape.input,
    serving: {
      stack: stackInput(stack, workload.beamReads),
      ...(choice.version === undefined ? {} : { version: choice.version }),
      parallelism: {
        tensor: layout.tensor,
        pipeline: layout.pipeline,
        expert: layout.expert,
        dataAttention
      },
      replicas,
      precision: precision.precision,
      batching: batchingOf(point, workload, input, stack, layout.pipeline, replicas),
      // Synthetic prompts share nothing.
      kvCache: { ...(precision.keyValue === undefined ? {} : { precision: precision.keyValue }), prefixCaching: false },
      maxSequence: longest
    },
    workload: input
  })
  const { arrivals } = workload.input
  const serve: WorkloadInput = {
    ...workload.input,
    ...("poisson" in arrivals ? { arrivals: { poisson: { rate: arrivals.poisson.rate / copies } } } : {}),
    requests
  }
  const prefillTokens = benched ? (numberOf(point.workload.input_len) ?? benchTokens) : workload.longestPrompt
  const outputTokens = numberOf(point.workload.output_len) ?? benchTokens
  const one = { arrivals: { batch: {} }, requests }
  const runs = [
    { name: "serve" as const, scenario: scenario("serve", serve) },
    {
      name: "decode" as const,
      // Speeds of generation are measured from an empty context by llama-bench, else after the point's prompt.
      scenario: scenario("decode", benched ? { ...one, prompt: 1, output: outputTokens } : serve)
    },
    { name: "prefill" as const, scenario: scenario("prefill", { ...one, prompt: prefillTokens, output: 1 }) },
    ...(workload.loadTest === null
      ? []
      : [{ name: "load" as const, scenario: withOwnBatching(scenario("load", workload.loadTest)) }])
  ]
  const mapped: MappedInference = {
    point,
    runs,
    model: shape.model,
    accelerator: cluster.accelerator,
    accelerators,
    stack,
    workload,
    requests,
    copies,
    heldTokens: heldTokens(workload, streams, replicas, benched),
    dataAttention,
    prefillTokens,
    assumptions: [
      ...cluster.assumptions,
      ...(choice.assumption === undefined ? [] : [choice.assumption]),
      ...precision.assumptions,
      ...shape.assumptions.filter((assumption) => !assumption.startsWith("sequences of")),
      ...layout.assumptions,
      ...workload.assumptions.filter((assumption) => !benched || !assumption.startsWith("prompts of"))
    ]
  }
  const needed = new Set(comparisonsOf(mapped).map(({ run }) => run))
  const [first] = runs
  if (first === undefined) return { reason: "nothing to simulate" }
  const wanted = runs.filter(({ name }) => needed.has(name))
  return { ...mapped, runs: wanted.length === 0 ? [first] : wanted }
}

/** The server batches as its software does, not as a benchmark's single batch. */
const withOwnBatching = (scenario: ServingScenarioInput): ServingScenarioInput => ({
  ...scenario,
  serving: { ...scenario.serving, batching: {} }
})

/** The stack's name, or the stack with beams that read what they share. */
const stackInput = (stack: ServingStack, reads: number): ServingScenarioInput["serving"]["stack"] =>
  reads === 1
    ? stack.name
    : { extends: stack.name, constants: { keyValueFactor: stack.constants.keyValueFactor.value * reads } }

/** Points measured by llama-bench, which times prompt and generation apart. */
const isBenched = (point: InferencePoint): boolean =>
  /llama-bench|empty context/i.test(point.metricDefinition) ||
  (/llama\.?cpp|ggml/i.test(point.engine) &&
    (point.measured.decode_tokens_per_s !== undefined || point.measured.prefill_tokens_per_s !== undefined))

/** A static batch holds all its sequences to the end; a server of requests has to hold one. */
const heldTokens = (workload: ServedWorkload, streams: number, replicas: number, benched: boolean): number => {
  if (workload.kind !== "static") return Math.ceil(workload.longest)
  const sequences = Math.ceil((workload.size * streams) / replicas)
  return benched ? Math.max(benchTokens, workload.meanOutput) : Math.ceil(sequences * workload.longest)
}

const batchingOf = (
  point: InferencePoint,
  workload: ServedWorkload,
  input: WorkloadInput,
  stack: ServingStack,
  pipeline: number,
  replicas: number
): ServingScenarioInput["serving"]["batching"] => {
  const prompt = typeof input.prompt === "number" ? input.prompt : workload.longestPrompt
  if (workload.kind === "static") {
    const batch = Math.ceil(input.requests / replicas)
    // Engines with several batches in flight split a batch over the stages of a pipeline.
    const size = stack.batching.batchesInFlight === "stages" ? Math.ceil(batch / pipeline) : batch
    return { policy: "static", maxBatchSize: Math.max(1, size), maxBatchTokens: Math.max(1, size * Math.ceil(prompt)) }
  }
  const stated = numberOf(point.workload.batch)
  // MLPerf's submissions tune the batch to the memory and mostly do not say to what.
  const tuned = /mlperf/i.test(`${point.group} ${point.source}`)
  const isOpenEnded = tuned || typeof point.workload.batch === "string"
  const asked = stated === undefined ? (isOpenEnded ? asManyAsFit : undefined) : stated * workload.beams
  const perReplica = Math.ceil(workload.size / replicas)
  const least = Math.max(asked ?? stack.batching.maximumSequences, workload.kind === "closed" ? perReplica : 1)
  const tokens = stack.batching.chunkedPrefill ? 1 : Math.ceil(workload.longestPrompt)
  return {
    // Releases that were measured with one static batch can serve in flight all the same.
    ...(stack.batching.policy === "static" && stack.name === "tensorrt-llm" ? { policy: "in-flight" } : {}),
    ...(least === stack.batching.maximumSequences ? {} : { maxBatchSize: least }),
    ...(tokens > stack.batching.maximumStepTokens ? { maxBatchTokens: tokens } : {}),
    ...serverSettingsOf(point, workload, stack)
  }
}
