/**
 * What of a serving scenario an engine is told: what the scenario says itself where it is about that engine, else what was
 * simulated, as another engine's defaults are its own.
 */
import { quantisations } from "../../catalog/index.ts"
import { acceleratorsOfLayout } from "../../inference/index.ts"
import type { ResolvedServing } from "../../scenario/index.ts"
import type { ServingJob } from "../../serving/index.ts"

export type Engine = "vllm" | "sglang" | "tensorrt-llm"

/** The engine that a stack is; undefined where it is none of those with a command line here. */
export const engineOf = ({ target }: ServingJob): Engine | undefined => {
  const { name } = target.stack
  if (name.startsWith("vllm")) return "vllm"
  return name === "sglang" || name === "tensorrt-llm" ? name : undefined
}

/** Settings for a command line; undefined = the engine's default. */
export interface Settings {
  readonly isOwn: boolean
  readonly maximumSequence: number | undefined
  readonly maximumSequences: number | undefined
  readonly maximumStepTokens: number | undefined
  readonly blockTokens: number | undefined
  readonly keyValuePrecision: string | undefined
  readonly utilisation: number | undefined
  readonly blocks: number | undefined
  readonly prefixCaching: boolean | undefined
  readonly order: string | undefined
  readonly chunkTokens: number | undefined
  readonly chunkedPrefill: boolean | undefined
  readonly precision: string | undefined
}

export const settingsFor = (engine: Engine, { job, scenario }: ResolvedServing): Settings => {
  const isOwn = engineOf(job) === engine
  const { serving } = scenario
  const { batching = {}, kvCache = {} } = serving
  const { target, cache } = job
  const isLimited = target.maximumSequence < target.model.maximumSequence
  return {
    isOwn,
    maximumSequence: serving.maxSequence ?? (isOwn || !isLimited ? undefined : target.maximumSequence),
    maximumSequences: batching.maxBatchSize ?? (isOwn ? undefined : job.batching.maximumSequences),
    maximumStepTokens: batching.maxBatchTokens,
    blockTokens: kvCache.blockTokens,
    keyValuePrecision: kvCache.precision,
    utilisation: kvCache.memoryUtilisation,
    blocks: kvCache.blocks,
    prefixCaching: kvCache.prefixCaching ?? (isOwn ? undefined : cache.prefixCaching),
    order: batching.order,
    chunkTokens: batching.chunkTokens,
    chunkedPrefill: batching.chunkedPrefill,
    precision: serving.precision
  }
}

/** Weights that every engine takes as they were released. */
const releasedIn = (name: string | undefined): string =>
  name === undefined ? "bf16" : (quantisations.find((one) => one.name === name)?.name ?? name)

/** What an engine calls the formats of weights: the flag and its value. */
export type FormatFlags = Readonly<Record<string, readonly [flag: string, value: string]>>

export const formatFlag = (
  precision: string | undefined,
  flags: FormatFlags
): { readonly flag: readonly [string, string] | undefined; readonly remarks: readonly string[] } => {
  if (precision === undefined) return { flag: undefined, remarks: [] }
  const flag = flags[releasedIn(precision)]
  return flag === undefined
    ? { flag: undefined, remarks: [`weights in ${precision}: take a checkpoint in that format`] }
    : { flag, remarks: [] }
}

/** What of how experts are served an engine's command line says. */
type SaidOfExperts = "exchange" | "overlap" | "copies"

/** Copies of busy experts beyond one of each. */
export const redundantExperts = ({ target }: ServingJob): number => target.expertRouting?.redundant ?? 0

/** What an engine's command line does not say. */
export const unsaid = (
  { job, scenario }: ResolvedServing,
  policies: readonly string[],
  said: readonly SaidOfExperts[] = []
): readonly string[] => {
  const { batching, cache, queue, target } = job
  const policy = typeof batching.policy === "string" ? batching.policy : "a policy of its own"
  return [
    ...(policies.includes(policy) ? [] : [`the simulated batching is ${policy}, which this engine does not have`]),
    ...(Number.isFinite(queue.limit) && scenario.serving.queue?.limit !== undefined
      ? [`the limit of ${queue.limit} waiting requests is for a proxy to hold`]
      : []),
    ...(target.layout.feedForward === undefined
      ? []
      : [`left out: ${target.layout.feedForward.ranks} ranks for feed-forward blocks apart from attention`]),
    ...(cache.tiers === undefined
      ? []
      : [
          `left out: KV tiers (${cache.tiers.tiers.map((tier) => tier.in).join(", ")}), which a connector such as LMCache adds`
        ]),
    ...((target.expertExchange === undefined || said.includes("exchange")) &&
    (target.overlapsExchange !== true || said.includes("overlap"))
      ? []
      : ["left out: how tokens get to the experts of other ranks"]),
    ...(redundantExperts(job) === 0 || said.includes("copies") ? [] : ["left out: copies of busy experts"]),
    ...(target.offload !== null && target.offload.from === "nvme" ? ["left out: weights on disk"] : [])
  ]
}

/** Accelerators of a replica. */
export const acceleratorsOf = ({ target: { layout } }: ServingJob): number => acceleratorsOfLayout(layout)
