/**
 * One simulation of a fleet under a load.
 *
 * Loads differ in nothing but the pace of arrivals and fleets in nothing but their size: the n-th request has the same lengths
 * everywhere, and arrives at the same time but for the pace (common random numbers). So two outcomes differ by what was
 * changed, not by luck.
 */
import {
  fitsOneRequest,
  resolveServing,
  scenarioWith,
  type Changes,
  type LoadedScenario,
  type ResolvedServing,
  type ResolveOptions,
  type ServingScenario
} from "../../scenario/index.ts"
import { simulateServing, Stalled, summariseServing, type ServingResult } from "../../serving/index.ts"
import { shareOf, type LatencyGoal, type Latencies, type Statistic } from "./goals.ts"
import { acceleratorsOf as sizeOf, apartChanges, sideOf, sizesOf } from "./pools.ts"
import type { ReplicaKind, FleetPoint, FleetRequest, NoFleet, FleetOutcome } from "./types.ts"

/** A quarter of the requests come while the server fills, and count for nothing. */
const warmUpShare = 0.25

export { acceleratorsOf } from "./pools.ts"

/** The fields of a scenario that make it the candidate's. */
export const changesOf = (
  { workload: { arrivals } }: ServingScenario,
  { candidate, replicas, prefill, rate, requests, seed, failing = 0, ...more }: Omit<FleetRequest, "scenario">,
  pools?: ServingScenario["serving"]["pools"]
): Changes => ({
  ...(candidate === null
    ? failedChanges(rate, requests, failing)
    : prefill === undefined
      ? { ...kindChanges(candidate, replicas), ...failedChanges(rate, requests, failing) }
      : apartChanges(
          pools,
          prefill,
          { candidate, replicas },
          failing === 0
            ? undefined
            : { side: more.failingSide ?? "decode", failures: failuresAt(rate, requests, failing) }
        )),
  ...paced(arrivals, rate, more.traceRate),
  "workload.requests": requests,
  "workload.duration": null,
  "workload.warmUp": (warmUpShare * requests) / rate,
  plan: null,
  sweep: null,
  capacity: null,
  seed
})

const kindChanges = (candidate: ReplicaKind, replicas: number): Changes => ({
  "cluster.system": candidate.system,
  "cluster.accelerator": null,
  "cluster.nodes": null,
  "cluster.accelerators": replicas * sizeOf(candidate),
  ...Object.fromEntries(
    Object.entries(sizesOf(candidate)).map(([name, size]) => [`serving.parallelism.${name}`, size])
  ),
  "serving.precision": candidate.precision,
  "serving.pools": null,
  "serving.handover": null,
  "serving.poolWeights": null,
  "serving.replicas": null,
  // The fleet is as large as the plan says, all the time.
  "serving.scaling": null,
  "serving.rollingRestart": null,
  ...(candidate.batchSequences === null ? {} : { "serving.batching.maxBatchSize": candidate.batchSequences }),
  ...(candidate.batchTokens === null ? {} : { "serving.batching.maxBatchTokens": candidate.batchTokens })
})

/** Longer than any run. */
const forGood = 1e8

/** The first replicas fail when the warm-up is over. */
const failuresAt = (rate: number, requests: number, failing: number) => ({
  at: Array.from({ length: failing }, (_, replica) => [(warmUpShare * requests) / rate, replica]),
  repair: forGood,
  requests: "retry"
})

const failedChanges = (rate: number, requests: number, failing: number): Changes =>
  failing === 0 ? {} : { "serving.failures": failuresAt(rate, requests, failing) }

/**
 * The scenario's kind of arrivals at another rate; a recorded workload comes faster or slower. Whatever has no rate of its own
 * becomes a Poisson process.
 */
const paced = (
  { gamma, deterministic, trace }: ServingScenario["workload"]["arrivals"],
  rate: number,
  traceRate: number | undefined
): Changes => {
  if (trace !== undefined && traceRate !== undefined) return { "workload.arrivals.trace.speedUp": rate / traceRate }
  if (gamma !== undefined) return { "workload.arrivals": { gamma: { ...gamma, rate } } }
  return { "workload.arrivals": deterministic === undefined ? { poisson: { rate } } : { deterministic: { rate } } }
}

const none = (reason: string): NoFleet => ({ kind: "none", reason })

/** The scenario of a fleet, or why there is none. */
export const resolvedFleet = (
  { scenario, ...request }: FleetRequest,
  options: ResolveOptions = {}
): { readonly resolved: ResolvedServing; readonly loaded: LoadedScenario } | NoFleet => {
  const own = request.side === undefined ? scenario : sideOf(scenario, request.side)
  const loaded = scenarioWith({ scenario: own }, changesOf(own, request, own.serving.pools))
  if (loaded._tag === "Refused") return none(reasonOf(loaded.issues))
  const resolved = resolveServing(loaded, options)
  return resolved._tag === "Refused" ? none(reasonOf(resolved.issues)) : { resolved, loaded }
}

const reasonOf = (issues: readonly { readonly path: string; readonly problem: string }[]): string =>
  issues.map(({ path, problem }) => `${path}: ${problem}`).join("; ")

export const simulateFleet = (request: FleetRequest, options: ResolveOptions = {}): FleetOutcome => {
  const fleet = resolvedFleet(request, options)
  if ("kind" in fleet) return fleet
  const { job } = fleet.resolved
  if (!fitsOneRequest(job)) return none("the model does not fit")
  try {
    return pointOf(summariseServing(job, simulateServing(job)))
  } catch (error) {
    if (error instanceof Stalled) return none(error.message)
    throw error
  }
}

const pointOf = (result: ServingResult): FleetPoint => {
  const { latency, requests, throughput, verdict, utilisation, energy } = result
  const some = (summary: Readonly<Record<Statistic, number>>): Readonly<Record<Statistic, number>> => ({
    mean: summary.mean,
    p50: summary.p50,
    p90: summary.p90,
    p95: summary.p95,
    p99: summary.p99,
    p999: summary.p999
  })
  const latencies: Latencies = { ttft: some(latency.ttft), tpot: some(latency.tpot), e2e: some(latency.e2e) }
  return {
    kind: "served",
    latencies,
    answered: requests.counted === 0 ? 1 : requests.countedFinished / requests.counted,
    isOverloaded: verdict.kind === "overloaded",
    requestsPerSecond: throughput.requestsPerSecond,
    promptTokensPerSecond: throughput.promptTokensPerSecond,
    outputTokensPerSecond: throughput.outputTokensPerSecond,
    busy: utilisation.busy,
    watts: energy.averageWattsPerAccelerator * result.accelerators
  }
}

/** Every goal is met, nobody was left without an answer beyond what the goals allow, and no queue grows without end. */
export const isWithin = (outcome: FleetOutcome, goals: readonly LatencyGoal[]): boolean =>
  outcome.kind === "served" &&
  !outcome.isOverloaded &&
  goals.every(
    ({ metric, statistic, seconds }) =>
      outcome.latencies[metric][statistic] <= seconds && outcome.answered >= Math.min(0.999, shareOf[statistic])
  )
