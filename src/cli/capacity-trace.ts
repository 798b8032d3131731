/**
 * The pace of a recorded workload.
 */
import { resolveServing, type LoadedScenario } from "../scenario/index.ts"
import type { ServingJob } from "../serving/index.ts"
import { inputWrong, type InputWrong } from "./failure.ts"
import { readChunks } from "./read-chunks.ts"
import { readText } from "./text-file.ts"

/** Requests a second as they were recorded; undefined where nothing was. */
export const traceRateOf = ({ workload: { arrivals } }: Pick<ServingJob, "workload">): number | undefined => {
  if (arrivals.kind !== "trace") return undefined
  const { arrivalSeconds } = arrivals.trace
  const [first, last] = [arrivalSeconds[0] ?? 0, arrivalSeconds.at(-1) ?? 0]
  return last > first ? (arrivalSeconds.length - 1) / (last - first) : undefined
}

/** The same of a scenario, with the number of requests that were recorded. */
export const recordedOf = (
  loaded: LoadedScenario
): { readonly rate: number | undefined; readonly requests: number } | InputWrong => {
  const resolved = resolveServing(loaded, { readText, readChunks })
  if (resolved._tag === "Refused") return inputWrong(resolved.issues)
  const { arrivals } = resolved.job.workload
  return {
    rate: traceRateOf(resolved.job),
    requests: arrivals.kind === "trace" ? arrivals.trace.arrivalSeconds.length : Infinity
  }
}
