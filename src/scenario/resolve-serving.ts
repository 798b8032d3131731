/**
 * From a decoded scenario of serving to a job: entries in place of names, every default filled in, sizes that agree.
 */
import type { System } from "../catalog/index.ts"
import type { ServingJob } from "../serving/index.ts"
import { calibrationOf, findForeign, profileEvidence } from "./calibration.ts"
import { hashScenario, hashText } from "./hash.ts"
import type { Finding } from "./issue.ts"
import { locate, type LoadedScenario, type Refused } from "./load.ts"
import type { ResolveOptions } from "./resolve-options.ts"
import { resourceEvidence, timesFactors } from "./resource-factors.ts"
import { isServing, type ServingScenario } from "./schema.ts"
import { adapterChoiceOf } from "./serving/adapters.ts"
import { queueOf } from "./serving/batching.ts"
import { findDifferentPools } from "./serving/tiers.ts"
import { isFindings } from "./serving/distribution.ts"
import { clusterOf, fleetOf, handoverOf } from "./serving/fleet.ts"
import { findUnserved, weighed } from "./serving/fleet-checks.ts"
import { findUnmixable } from "./serving/mixing.ts"
import { findUnroutable, routingOf } from "./serving/routing.ts"
import { usualTimeLimit } from "./serving/time-limit.ts"
import { traceOf } from "./serving/trace.ts"
import { changedWorkload } from "./serving/changed-workload.ts"
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

const findImpossible = (cluster: ServingScenario["cluster"]): readonly Finding[] => {
  if ((cluster.irregularities ?? []).length > 0) return [slowNodes]
  const topology = topologyOfServer(cluster)
  return topology === undefined ? [] : [topology]
}

/** Steps of a server are costed on idle wires. */
const topologyOfServer = ({ network, placement }: ServingScenario["cluster"]): Finding | undefined => {
  const fields = { "network.topology": network?.topology, "network.degraded": network?.degraded, placement }
  const [field] = Object.entries(fields).find(([, value]) => value !== undefined) ?? []
  return field === undefined
    ? undefined
    : {
        path: ["cluster", ...field.split(".")],
        at: "key",
        problem: "the links between switches are modelled in training only",
        given: `cluster.${field}`,
        expected: "no topology and placement in a scenario of serving"
      }
}

const mixedMachines: Finding = {
  path: ["cluster", "groups"],
  at: "key",
  problem: "groups of machines are of training",
  given: "cluster.groups",
  expected: "serving.pools, each on a cluster of its own"
}

const slowNodes: Finding = {
  path: ["cluster", "irregularities"],
  at: "key",
  problem: "slow nodes are modelled in training only",
  given: "cluster.irregularities",
  expected: "no irregularities in a scenario of serving"
}

const resolve = (scenario: ServingScenario, options: ResolveOptions): ResolvedServing | readonly Finding[] => {
  const { serving, workload: written } = scenario
  if (scenario.cluster.groups !== undefined) return [mixedMachines]
  const calibration = options.attained === undefined ? calibrationOf(scenario.calibration, options.readText) : undefined
  if (calibration !== undefined && isFindings(calibration)) return calibration
  const attained = options.attained ?? calibration?.profile.factors
  const factors = timesFactors(scenario.resources, options.factors)
  const fleet = fleetOf(scenario, { ...options, factors, ...(attained === undefined ? {} : { attained }) })
  if (isFindings(fleet)) return fleet
  const servers = fleet.pools ?? [fleet.first]
  const foreign = servers.flatMap(({ target }) =>
    calibration === undefined ? [] : findForeign(calibration.profile, { ...target, kind: "serving" })
  )
  if (foreign.length > 0) return foreign
  const clusters = (serving.pools ?? []).filter(({ cluster }) => cluster !== undefined)
  const impossible = [scenario.cluster, ...clusters.map((pool) => clusterOf(scenario, pool))].flatMap(findImpossible)
  if (impossible.length > 0) return [impossible[0]!]
  const { first, pools, machines } = fleet
  const trace = traceOf(written.arrivals.trace, options)
  if (isFindings(trace)) return trace
  const asWritten = workloadOf({ written, trace: trace.trace, largestBatch: first.target.maximumSequences })
  if (isFindings(asWritten)) return asWritten
  const workload = changedWorkload(asWritten, factors)
  const unserved = pools === null ? [] : findUnserved(pools, workload, scenario)
  if (unserved.length > 0) return unserved
  const seed = options.seed ?? scenario.seed ?? 1
  const { extends: _followed, ...rest } = scenario
  const portable: ServingScenario = {
    ...rest,
    cluster: machines.cluster,
    ...(calibration === undefined ? {} : { calibration: calibration.portable }),
    seed
  }
  const job: ServingJob = {
    name: scenario.name ?? `${first.target.model.title} on ${machines.system.title}`,
    ...first,
    ...(pools === null ? {} : { pools: weighed(pools, serving, workload), ...handoverOf(serving) }),
    ...adapterChoiceOf(serving),
    queue: queueOf(serving),
    ...routingOf(serving),
    workload,
    timeLimitSeconds: scenario.timeLimit ?? usualTimeLimit(workload),
    leap: scenario.leap ?? "on",
    seed,
    trace: options.trace ?? "off",
    requestLanes: options.requestLanes ?? false,
    price: priceOf(scenario),
    evidence: [
      ...fleet.evidence,
      ...(calibration === undefined ? [] : profileEvidence(calibration.profile)),
      ...resourceEvidence(scenario.resources)
    ]
  }
  const different = [...findDifferentPools(job), ...findUnroutable(job, scenario), ...findUnmixable(job)]
  if (different.length > 0) return different
  return {
    _tag: "ResolvedServing",
    job,
    scenario: portable,
    hash: hashOf(portable, [...fleet.texts.map(hashText), ...trace.hashes]),
    system: machines.system,
    accelerators: fleet.accelerators
  }
}

const priceOf = ({ price }: ServingScenario): ServingJob["price"] =>
  price === undefined ? null : { ...price, powerUsageEffectiveness: price.powerUsageEffectiveness ?? 1 }

/** What a server or a pool says, without paths and with functions as their text. */
const hashed = ({ kernels: _paths, ...server }: Pick<ServingScenario["serving"], "kernels" | "batching">) => {
  const policy: unknown = server.batching?.policy
  return typeof policy === "function" ? { ...server, batching: { ...server.batching, policy: String(policy) } } : server
}

/** Paths differ from machine to machine, contents do not; a function is its text. */
const hashOf = (scenario: ServingScenario, contents: readonly string[]): string => {
  const { serving, workload } = scenario
  const { trace } = workload.arrivals
  const { pools } = serving
  return hashScenario({
    ...scenario,
    serving: {
      ...hashed(serving),
      ...(pools === undefined ? {} : { pools: pools.map(hashed) })
    },
    workload: { ...workload, ...(trace === undefined ? {} : { arrivals: { trace: { ...trace, file: "" } } }) },
    ...(contents.length === 0 ? {} : { contents })
  })
}
