/**
 * `result.json` of a serving run: what it was and what came out, also under the names of vLLM's benchmark_serving.
 */
import { resolve } from "node:path"
import type { ResolvedServing, ServingAlternative, ServingScenario } from "../scenario/index.ts"
import { benchmarkNames, type ServingJob, type ServingResult } from "../serving/index.ts"
import type { servingIntervalsDocument } from "./prediction-intervals.ts"
import { version } from "./version.ts"

const head = ({ scenario, hash, job }: ResolvedServing) =>
  ({ version: 1, windtunnel: version, kind: "serving", scenario: asData(scenario), hash, seed: job.seed }) as const

/** Functions as their text: a document has data only. */
const asData = (scenario: ServingScenario): unknown => {
  const { serving } = scenario
  const { pools } = serving
  return {
    ...scenario,
    serving: { ...withText(serving), ...(pools === undefined ? {} : { pools: pools.map(withText) }) }
  }
}

const withText = (server: Pick<ServingScenario["serving"], "batching">): object => {
  const policy: unknown = server.batching?.policy
  return typeof policy === "function" ? { ...server, batching: { ...server.batching, policy: String(policy) } } : server
}

export const servingDocument = (
  resolved: ResolvedServing,
  { trace: _inFiles, ...result }: ServingResult,
  intervals?: ReturnType<typeof servingIntervalsDocument>
) => ({
  ...head(resolved),
  benchmark: benchmarkNames({ ...result, trace: null }),
  result,
  /** Between what the measured values lie, at 50, 80 and 90 %. */
  ...(intervals === undefined ? {} : { intervals })
})

export type ServingDocument = ReturnType<typeof servingDocument>

/** The document of a model that does not fit: its memory, and what would. */
export const unfitDocument = (resolved: ResolvedServing, alternatives: readonly ServingAlternative[]) => ({
  ...head(resolved),
  result: { kind: "serving", memory: resolved.job.memory, cache: shownCache(resolved.job) },
  changesThatFit: alternatives.map(({ changes, job, tokenSeconds }) => ({
    changes,
    memory: job.memory,
    cache: shownCache(job),
    tokenSeconds
  }))
})

const shownCache = ({ cache: { blocks, blockTokens } }: ServingJob) => ({ blocks, blockTokens })

/** Paths of kernel profiles made absolute. */
const absolute = <A extends Pick<ServingScenario["serving"], "kernels">>(server: A): A =>
  server.kernels === undefined ? server : { ...server, kernels: server.kernels.map((path) => resolve(path)) }

/** The scenario as a file from anywhere reads it: paths made absolute. Undefined where a function is part of it. */
export const portableServing = (scenario: ServingScenario): ServingScenario | undefined => {
  const { serving, workload } = scenario
  const servers = [serving, ...(serving.pools ?? [])]
  if (servers.some(({ batching }) => typeof (batching?.policy as unknown) === "function")) return undefined
  const { trace } = workload.arrivals
  return {
    ...scenario,
    serving: { ...absolute(serving), ...(serving.pools === undefined ? {} : { pools: serving.pools.map(absolute) }) },
    workload:
      trace === undefined ? workload : { ...workload, arrivals: { trace: { ...trace, file: resolve(trace.file) } } }
  }
}
