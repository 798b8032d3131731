/**
 * From the fields of a server, or of a pool of a fleet, to its replicas: entries in place of names, sizes that agree.
 */
import type { Model, ServingStack } from "../../catalog/index.ts"
import { planMemory, type InferenceTarget } from "../../inference/index.ts"
import type { Server } from "../../serving/index.ts"
import type { Evidence } from "../../training/index.ts"
import { borrowedEfficiency } from "../borrowed-efficiency.ts"
import type { Machines } from "../cluster.ts"
import type { Finding } from "../issue.ts"
import type { ResolveOptions } from "../resolve-options.ts"
import { adjustedServingStack } from "../resource-factors.ts"
import type { ServingScenario } from "../schema.ts"
import { adaptersOf, withAdapters } from "./adapters.ts"
import { batchingOf, cacheOf, stepSizes } from "./batching.ts"
import { isFindings } from "./distribution.ts"
import { expertLayoutOf } from "./expert-layout.ts"
import { expertRoutingOf } from "./expert-routing.ts"
import { acceleratorsOf, findUnservable, layoutOf } from "./feasibility.ts"
import { precisionOf, usualPrecision } from "./precision.ts"
import { profilesOf } from "./profiles.ts"
import { lifecycleOf } from "./scaling.ts"
import { stepsOf } from "./measured-steps.ts"
import { speculationOf } from "./speculation.ts"
import { tiersOf } from "./tiers.ts"
import { servingStackOf } from "./stack.ts"

export type WrittenServer = ServingScenario["serving"]

export interface ServerRequest {
  readonly serving: WrittenServer
  readonly model: Model
  /** The machines that it has for itself. */
  readonly machines: Machines
  readonly options: ResolveOptions
}

export interface ResolvedServer {
  readonly server: Server
  readonly evidence: readonly Evidence[]
  /** Texts of kernel profiles, for the fingerprint. */
  readonly texts: readonly string[]
}

/** Replicas fill the machines. Findings are about `serving` and the scenario's `cluster` and `model`. */
export const serverOf = ({ serving, model, machines, options }: ServerRequest): ResolvedServer | readonly Finding[] => {
  const named = servingStackOf(serving.stack, serving.version)
  if (isFindings(named)) return named
  const { host = 1, latency = 1 } = options.factors ?? {}
  const stack = adjustedServingStack(named, host * (options.attained?.host ?? 1), latency)
  const precision = precisionOf(serving.precision ?? stack.precision, machines.accelerator)
  if (typeof precision !== "string") return [precision]
  const target = targetOf(serving, { machines, model, stack, precision })
  if (isFindings(target)) return target
  const profiles = profilesOf(serving.kernels ?? [], target.layout.tensor, options)
  if (isFindings(profiles)) return profiles
  const measured: InferenceTarget = { ...target, profiles: profiles.profiles }
  const adapters = adaptersOf(serving, measured)
  if (adapters !== undefined && "problem" in adapters) return [adapters]
  const memory = withAdapters(planMemory(measured), adapters, target.layout.dataAttention)
  const batching = batchingOf(serving, stack, target.accelerator, target.layout.pipeline)
  const { layout, accelerator } = target
  const cache = cacheOf({ serving, stack, memory, layout, accelerator, policy: batching.policy })
  const { blockTokens, prefixCaching } = cache
  const { hostMemoryBytes } = machines.system
  const tiers = tiersOf({
    kvCache: serving.kvCache,
    target: measured,
    hostMemoryBytes,
    batching,
    blockTokens,
    prefixCaching
  })
  if (tiers !== undefined && isFindings(tiers)) return tiers
  const steps = stepsOf(serving, measured)
  if (isFindings(steps)) return steps
  const replicas = machines.accelerators / acceleratorsOf(layout)
  const life = lifecycleOf({ serving, target: measured, memory, batching, replicas })
  if (life !== undefined && isFindings(life)) return life
  return {
    server: {
      target: measured,
      steps,
      memory,
      replicas,
      batching,
      cache: tiers === undefined ? cache : { ...cache, tiers },
      ...(adapters === undefined ? {} : { adapters }),
      nodeWatts: machines.system.nodeWatts,
      ...(life === undefined ? {} : { lifecycle: life.lifecycle })
    },
    evidence: [
      ...machines.evidence,
      ...borrowedEfficiency(machines.cluster, machines, usualPrecision(machines.accelerator)),
      ...(life?.evidence ?? [])
    ],
    texts: profiles.texts
  }
}

interface Parts {
  readonly machines: Machines
  readonly model: Model
  readonly stack: ServingStack
  readonly precision: string
}

/** What the price of a step and the memory of a replica depend on; the sizes agree with model and machines. */
const targetOf = (
  serving: WrittenServer,
  { machines, model, stack, precision }: Parts
): InferenceTarget | readonly Finding[] => {
  const layout = layoutOf(serving.parallelism)
  const sizes = stepSizes(serving, stack, machines.accelerator)
  const impossible = findUnservable({
    model,
    layout,
    replicas: serving.replicas,
    accelerators: machines.accelerators,
    maximumSequence: serving.maxSequence,
    maximumSequences: sizes.maximumSequences,
    maximumStepTokens: serving.batching?.maxBatchTokens,
    redundantExperts: serving.redundantExperts
  })
  if (impossible.length > 0) return impossible
  const expertRouting = expertRoutingOf(serving, model, layout)
  if (expertRouting !== undefined && isFindings(expertRouting)) return expertRouting
  const spread = expertLayoutOf(serving, { model, layout, stack })
  if (isFindings(spread)) return spread
  const utilisation = serving.kvCache?.memoryUtilisation
  const target: InferenceTarget = {
    accelerator: machines.accelerator,
    fabric: machines.fabric,
    model,
    stack: utilisation === undefined ? stack : { ...stack, memory: { ...stack.memory, utilisation } },
    version: stack.version,
    layout,
    precision,
    keyValuePrecision: serving.kvCache?.precision ?? usualPrecision(machines.accelerator),
    maximumSequence: serving.maxSequence ?? model.maximumSequence,
    ...sizes,
    offload: offloadOf(serving),
    expertImbalance: serving.expertImbalance ?? 1,
    ...(expertRouting === undefined ? {} : { expertRouting }),
    ...spread,
    profiles: []
  }
  if (serving.speculation === undefined) return target
  const speculation = speculationOf(serving.speculation, target)
  return isFindings(speculation) ? speculation : { ...target, speculation }
}

const offloadOf = ({ offload }: WrittenServer): InferenceTarget["offload"] =>
  offload === undefined || offload.share === 0
    ? null
    : { share: offload.share ?? 1, from: offload.from ?? "cpu", storageBytesPerSecond: offload.storageRate ?? 3e9 }
