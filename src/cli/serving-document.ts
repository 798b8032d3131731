/**
 * `result.json` of a serving run: what it was and what came out, also under the names of vLLM's benchmark_serving.
 */
import { resolve } from "node:path"
import type { ResolvedServing, ServingAlternative, ServingScenario } from "../scenario/index.ts"
import { benchmarkNames, type ServingJob, type ServingResult } from "../serving/index.ts"
import { version } from "./version.ts"

const head = ({ scenario, hash, job }: ResolvedServing) =>
  ({ version: 1, windtunnel: version, kind: "serving", scenario: asData(scenario), hash, seed: job.seed }) as const

/** Functions as their text: a document has data only. */
const asData = (scenario: ServingScenario): unknown => {
  const policy = scenario.serving.batching?.policy
  if (typeof policy !== "function") return scenario
  const batching = { ...scenario.serving.batching, policy: String(policy) }
  return { ...scenario, serving: { ...scenario.serving, batching } }
}

export const servingDocument = (resolved: ResolvedServing, { trace: _inFiles, ...result }: ServingResult) => ({
  ...head(resolved),
  benchmark: benchmarkNames({ ...result, trace: null }),
  result
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

/** The scenario as a file from anywhere reads it: paths made absolute. Undefined where a function is part of it. */
export const portableServing = (scenario: ServingScenario): ServingScenario | undefined => {
  const { serving, workload } = scenario
  if (typeof serving.batching?.policy === "function") return undefined
  const { trace } = workload.arrivals
  return {
    ...scenario,
    serving:
      serving.kernels === undefined ? serving : { ...serving, kernels: serving.kernels.map((path) => resolve(path)) },
    workload:
      trace === undefined ? workload : { ...workload, arrivals: { trace: { ...trace, file: resolve(trace.file) } } }
  }
}
