/**
 * A server's settings as the data of a scenario: model, machines, server, and a workload to replace.
 */
import type { Model, System } from "../catalog/index.ts"
import { clusterOf, memoryOf, type WantedMachines } from "./machines.ts"
import type { ServedModel } from "./served-model.ts"
import { assumed, given, type Remark, type ServerSettings } from "./settings.ts"
import { weightBytes } from "./weights.ts"

export interface ServerOnMachines {
  readonly settings: ServerSettings
  readonly served: ServedModel
  readonly system: System
  readonly wanted: WantedMachines
}

interface Written {
  readonly scenario: Readonly<Record<string, unknown>>
  readonly remarks: readonly Remark[]
}

/** A map, or nothing where it is empty. */
const orNothing = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined =>
  Object.keys(fields).length === 0 ? undefined : fields

export const scenarioData = ({ settings, served, system, wanted }: ServerOnMachines): Written => {
  const { model } = served
  const precision = settings.precision ?? served.released
  const longest = sequenceOf(settings, model)
  const apart = settings.dataAttention || (settings.data > 1 && model.experts !== null)
  const perCopy =
    weightBytes(model, precision ?? "bf16") / (settings.tensor * settings.pipeline * (apart ? settings.data : 1))
  const utilisation = freeMemory(settings, perCopy, memoryOf(system))
  const copies = apart ? 1 : settings.data
  const workload = workloadOf(longest.tokens)
  const serving = given({
    stack: settings.stack,
    version: settings.version,
    parallelism: orNothing(parallelismOf(settings, model, apart)),
    // On nodes that the user counts, copies fill what there is.
    replicas: copies > 1 && wanted.nodes === undefined ? copies : undefined,
    router: settings.router ?? (copies > 1 && isVllm(settings) ? "least-requests" : undefined),
    precision,
    batching: orNothing(apart && !settings.limitsAreOfRank ? ofGroup(settings) : settings.batching),
    kvCache: orNothing({ ...settings.kvCache, ...utilisation.fields }),
    maxSequence: longest.written,
    offload: offloadOf(settings, perCopy),
    speculation: settings.speculation?.fields,
    adapters: settings.adapters?.fields,
    queue: settings.queueLimit === undefined ? undefined : { limit: settings.queueLimit }
  })
  return {
    scenario: {
      name: `${model.title} on ${system.title}`,
      cluster: clusterOf(system, wanted),
      model: served.written,
      serving,
      workload
    },
    remarks: [
      assumed("the workload, which no command line says: 1 request/s, to be replaced"),
      ...(settings.precision === undefined && served.released !== undefined
        ? [assumed(`precision ${served.released}, as the weights are released`)]
        : []),
      ...longest.remarks,
      ...utilisation.remarks,
      ...(settings.speculation?.remarks ?? []),
      ...(settings.adapters?.remarks ?? [])
    ]
  }
}

const isVllm = ({ stack }: ServerSettings): boolean =>
  (typeof stack === "string" ? stack : stack.extends).startsWith("vllm")

const parallelismOf = (
  { tensor, pipeline, data, expert }: ServerSettings,
  { experts }: Model,
  apart: boolean
): Readonly<Record<string, unknown>> => {
  const ranks = tensor * (apart ? data : 1)
  const sharing = experts === null ? 1 : expert === "all" ? ranks : expert
  const sizes = { tensor, pipeline, expert: sharing, dataAttention: apart ? data : 1 }
  return Object.fromEntries(Object.entries(sizes).filter(([, size]) => size > 1))
}

const limits: readonly string[] = ["maxBatchSize", "maxBatchTokens"]

/** The share of each group that attends apart in the limits of a step. */
const ofGroup = ({ batching, data }: ServerSettings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(batching).map(([key, value]) => [
      key,
      limits.includes(key) ? Math.max(1, Math.floor(Number(value) / data)) : value
    ])
  )

/** The longest sequence; what the model was not made for is cut, as nothing is known of how it would be stretched. */
const sequenceOf = ({ maxSequence }: ServerSettings, model: Model) => {
  if (maxSequence === undefined) return { written: undefined, tokens: model.maximumSequence, remarks: [] }
  if (maxSequence <= model.maximumSequence || model.position === "alibi")
    return { written: maxSequence, tokens: maxSequence, remarks: [] }
  const tokens = model.maximumSequence
  return {
    written: undefined,
    tokens,
    remarks: [assumed(`sequences of at most ${tokens} tokens, the model's longest, instead of ${maxSequence}`)]
  }
}

/** TensorRT-LLM's fraction is of the memory that weights leave; a scenario's is of all. */
const freeMemory = ({ freeMemoryShare: share }: ServerSettings, weights: number, memory: number) => {
  if (share === undefined || memory <= 0) return { fields: {}, remarks: [] }
  const taken = Math.min(1, weights / memory)
  const all = Number((taken + share * (1 - taken)).toFixed(3))
  return {
    fields: { memoryUtilisation: Math.max(0.01, all) },
    remarks: [assumed(`memoryUtilisation ${all}: weights, and ${share} of what they leave`)]
  }
}

const offloadOf = ({ offloadBytes }: ServerSettings, perRank: number) =>
  offloadBytes > 0 ? { share: Math.min(1, Number((offloadBytes / perRank).toPrecision(3))), from: "cpu" } : undefined

/** Requests to replace: as many as a chat has tokens, cut where the server's sequences are short. */
const workloadOf = (longest: number) => {
  const part = (share: number, most: number): number => Math.max(1, Math.min(most, Math.floor(longest * share)))
  const prompt = part(1 / 8, 512)
  const output = part(1 / 16, 256)
  return {
    arrivals: { poisson: { rate: 1 } },
    prompt: { lognormal: { mean: prompt, deviation: prompt, max: part(1 / 2, 4096) } },
    output: { lognormal: { mean: output, deviation: output, max: part(1 / 4, 2048) } },
    requests: 1000
  }
}
