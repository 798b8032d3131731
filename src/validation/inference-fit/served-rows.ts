/**
 * Servers under load as a fit sees them: a point's scenario simulated, its means and rates compared.
 */
import { currentServingStack } from "../../catalog/index.ts"
import { makeStepModel } from "../../inference/index.ts"
import { simulateServing, Stalled, summariseServing, type ServingJob, type ServingResult } from "../../serving/index.ts"
import { doubtOf } from "../inference/distrust.ts"
import { servingJobOf } from "../inference/job.ts"
import { toServingScenario, type MappedInference } from "../inference/mapping.ts"
import { comparisonsOf, type InferenceComparison } from "../inference/metrics.ts"
import { isOdd, type InferenceEntry } from "../inference/point.ts"
import { isRefusal } from "../inference/reading.ts"
import type { FitRow } from "./row.ts"
import { freeServingConstants } from "./free-constants.ts"

/** Of a source with more points than this, every second, third ... is used: they are many of a kind, and each is a simulation. */
const mostOfASource = 140

const fitted: readonly InferenceComparison["metric"][] = ["tokens_per_s", "tpot_ms", "ttft_ms"]

const result = (job: ServingJob): ServingResult | undefined => {
  try {
    const { target } = job
    const constants = currentServingStack(target.stack.name, target.stack.version)?.constants ?? target.stack.constants
    const now = { ...target, stack: { ...target.stack, constants } }
    const own: ServingJob = { ...job, target: now, steps: makeStepModel(now) }
    return summariseServing(own, simulateServing(own))
  } catch (error) {
    if (error instanceof Stalled) return undefined
    throw error
  }
}

/** log of predicted over measured seconds. */
const logError = (
  { kind, measured, predict }: InferenceComparison,
  mapped: MappedInference,
  found: ServingResult | undefined
): number => {
  if (found === undefined) return 0
  const ratio = predict(found, mapped) / measured
  return Math.log(kind === "time" ? ratio : 1 / ratio)
}

/** A simulation's result, remembered while the constants that it can depend on stay as they are. */
const remembering = (job: ServingJob, keys: readonly string[], valueOf: (key: string) => number | undefined) => {
  let known:
    | { readonly values: readonly (number | undefined)[]; readonly result: ServingResult | undefined }
    | undefined
  return (): ServingResult | undefined => {
    const values = keys.map(valueOf)
    if (known === undefined || values.some((value, index) => value !== known?.values[index]))
      known = { values, result: result(job) }
    return known.result
  }
}

const thinned = (entries: readonly InferenceEntry[]): readonly InferenceEntry[] => {
  const counts = new Map<string, number>()
  for (const { group } of entries) counts.set(group, (counts.get(group) ?? 0) + 1)
  const seen = new Map<string, number>()
  return entries.filter(({ group }) => {
    const place = seen.get(group) ?? 0
    seen.set(group, place + 1)
    return place % Math.ceil((counts.get(group) ?? 1) / mostOfASource) === 0
  })
}

/**
 * Believed rates and means of servers whose stack or accelerator has constants to fit.
 *
 * @param valueOf a constant's value at this moment
 */
export const servedRows = (
  measurements: readonly InferenceEntry[],
  valueOf: (key: string) => number | undefined
): readonly FitRow[] => {
  const free = freeServingConstants("served").map(({ key }) => key)
  const usable = measurements.filter((entry) => {
    if (isOdd(entry) || entry.trust > 2) return false
    const mapped = toServingScenario(entry)
    // Open loads near saturation tell more of the load than of the kernels.
    return !isRefusal(mapped) && mapped.workload.kind !== "static" && mapped.workload.kind !== "open"
  })
  return thinned(usable).flatMap((entry): readonly FitRow[] => {
    if (isOdd(entry)) return []
    const mapped = toServingScenario(entry)
    if (isRefusal(mapped)) return []
    const scenario = mapped.runs.find(({ name }) => name === "serve")?.scenario
    if (scenario === undefined) return []
    const job = servingJobOf(scenario)
    if ("reason" in job || !job.memory.fits) return []
    const { stack } = job.target
    const evidence = job.steps.evidence.map(({ name }) => name)
    const owners = stack.versions.filter((one) => stack.version === one || stack.version.startsWith(`${one}.`))
    const keys = free.filter(
      (key) => evidence.includes(key) || owners.some((release) => key.startsWith(`serving.${stack.name}@${release}.`))
    )
    if (keys.length === 0) return []
    const simulated = remembering(job, keys, valueOf)
    return comparisonsOf(mapped)
      .filter(({ metric, run }) => run === "serve" && fitted.includes(metric) && doubtOf(entry, metric) === undefined)
      .map((comparison): FitRow => ({
        id: entry.id,
        group: entry.group,
        evidence: keys,
        stack,
        logError: () => logError(comparison, mapped, simulated())
      }))
  })
}
