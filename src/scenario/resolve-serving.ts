/**
 * From a decoded scenario of serving to a job: entries in place of names, every default filled in, sizes that agree.
 */
import type { Model, ServingStack, System } from "../catalog/index.ts"
import { makeStepModel, planMemory, type InferenceTarget } from "../inference/index.ts"
import type { ServingJob } from "../serving/index.ts"
import { borrowedEfficiency } from "./borrowed-efficiency.ts"
import { machinesOf, type Machines } from "./cluster.ts"
import { hashScenario, hashText } from "./hash.ts"
import { entryOf } from "./inline.ts"
import type { Finding } from "./issue.ts"
import { locate, type LoadedScenario, type Refused } from "./load.ts"
import type { ResolveOptions } from "./resolve-options.ts"
import { isServing, type ServingScenario } from "./schema.ts"
import { batchingOf, cacheOf, queueOf, stepSizes } from "./serving/batching.ts"
import { isFindings } from "./serving/distribution.ts"
import { acceleratorsOf, findUnservable } from "./serving/feasibility.ts"
import { precisionOf, usualPrecision } from "./serving/precision.ts"
import { profilesOf } from "./serving/profiles.ts"
import { servingStackOf } from "./serving/stack.ts"
import { usualTimeLimit } from "./serving/time-limit.ts"
import { traceOf } from "./serving/trace.ts"
import { workloadOf } from "./serving/workload.ts"

export interface ResolvedServing {
  readonly _tag: "ResolvedServing"
  /** `job.memory.fits` says whether it can run at all. */
  readonly job: ServingJob
  /** The scenario as it was written, merged, with its seed. A policy written as a function stays one. */
  readonly scenario: ServingScenario
  /** Fingerprint of the scenario with the contents of the files that it names. */
  readonly hash: string
  readonly system: System
  readonly accelerators: number
}

export const resolveServing = (loaded: LoadedScenario, options: ResolveOptions = {}): ResolvedServing | Refused => {
  const { scenario, sources } = loaded
  const outcome = isServing(scenario) ? resolve(scenario, options) : [wrongKind]
  return isFindings(outcome) ? { _tag: "Refused", issues: locate(outcome, sources) } : outcome
}

const wrongKind: Finding = {
  path: ["training"],
  at: "key",
  problem: "this scenario is about training",
  given: "training",
  expected: "a scenario of serving"
}

const resolve = (scenario: ServingScenario, options: ResolveOptions): ResolvedServing | readonly Finding[] => {
  const { serving, workload: written } = scenario
  const machines = machinesOf(scenario.cluster, options.readText)
  const model = entryOf("models", scenario.model, ["model"])
  const stack = servingStackOf(serving.stack, serving.version)
  if (isFindings(machines) || isFindings(model) || isFindings(stack))
    return [machines, model, stack].flatMap((part) => (isFindings(part) ? part : []))
  const precision = precisionOf(serving.precision ?? stack.precision, machines.accelerator)
  if (typeof precision !== "string") return [precision]
  const target = targetOf(scenario, { machines, model, stack, precision })
  if (isFindings(target)) return target
  const profiles = profilesOf(serving.kernels ?? [], target.layout.tensor, options)
  const trace = traceOf(written.arrivals.trace, options)
  if (isFindings(profiles) || isFindings(trace))
    return [profiles, trace].flatMap((part) => (isFindings(part) ? part : []))
  const workload = workloadOf({ written, trace: trace.trace, largestBatch: target.maximumSequences })
  if (isFindings(workload)) return workload
  const measured: InferenceTarget = { ...target, profiles: profiles.profiles }
  const memory = planMemory(measured)
  const batching = batchingOf(serving, stack, target.accelerator, target.layout.pipeline)
  const { layout, accelerator } = target
  const seed = options.seed ?? scenario.seed ?? 1
  const { extends: _followed, ...rest } = scenario
  const portable: ServingScenario = { ...rest, cluster: machines.cluster, seed }
  const job: ServingJob = {
    name: scenario.name ?? `${model.title} on ${machines.system.title}`,
    target: measured,
    steps: makeStepModel(measured),
    memory,
    replicas: machines.accelerators / acceleratorsOf(layout),
    batching,
    cache: cacheOf({ serving, stack, memory, layout, accelerator, policy: batching.policy }),
    queue: queueOf(serving),
    workload,
    timeLimitSeconds: scenario.timeLimit ?? usualTimeLimit(workload),
    leap: scenario.leap ?? "on",
    seed,
    trace: options.trace ?? "off",
    requestLanes: options.requestLanes ?? false,
    price: priceOf(scenario),
    nodeWatts: machines.system.nodeWatts,
    evidence: [
      ...machines.evidence,
      ...borrowedEfficiency(scenario.cluster, machines, usualPrecision(machines.accelerator))
    ]
  }
  return {
    _tag: "ResolvedServing",
    job,
    scenario: portable,
    hash: hashOf(portable, [...profiles.texts.map(hashText), ...trace.hashes]),
    system: machines.system,
    accelerators: machines.accelerators
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
  { serving }: ServingScenario,
  { machines, model, stack, precision }: Parts
): InferenceTarget | readonly Finding[] => {
  const { tensor = 1, pipeline = 1, expert = 1, dataAttention = 1 } = serving.parallelism ?? {}
  const layout = { tensor, pipeline, expert, dataAttention }
  const sizes = stepSizes(serving, stack, machines.accelerator)
  const impossible = findUnservable({
    model,
    layout,
    replicas: serving.replicas,
    accelerators: machines.accelerators,
    maximumSequence: serving.maxSequence,
    maximumSequences: sizes.maximumSequences,
    maximumStepTokens: serving.batching?.maxBatchTokens
  })
  if (impossible.length > 0) return impossible
  const utilisation = serving.kvCache?.memoryUtilisation
  return {
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
    profiles: []
  }
}

const offloadOf = ({ offload }: ServingScenario["serving"]): InferenceTarget["offload"] =>
  offload === undefined || offload.share === 0
    ? null
    : { share: offload.share ?? 1, from: offload.from ?? "cpu", storageBytesPerSecond: offload.storageRate ?? 3e9 }

const priceOf = ({ price }: ServingScenario): ServingJob["price"] =>
  price === undefined ? null : { ...price, powerUsageEffectiveness: price.powerUsageEffectiveness ?? 1 }

/** Paths differ from machine to machine, contents do not; a function is its text. */
const hashOf = (scenario: ServingScenario, contents: readonly string[]): string => {
  const { serving, workload } = scenario
  const { kernels: _paths, ...server } = serving
  const { trace } = workload.arrivals
  const policy = serving.batching?.policy
  return hashScenario({
    ...scenario,
    serving: {
      ...server,
      ...(typeof policy === "function" ? { batching: { ...serving.batching, policy: String(policy) } } : {})
    },
    workload: { ...workload, ...(trace === undefined ? {} : { arrivals: { trace: { ...trace, file: "" } } }) },
    ...(contents.length === 0 ? {} : { contents })
  })
}
