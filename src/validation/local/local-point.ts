/**
 * What a row of measurements says of a machine, and the same predicted under factors: pairs of a prediction and a measured
 * value, each a number.
 */
import { planCollective, type MeasuredCollective } from "../../cluster/index.ts"
import { analyticGemmSeconds, makeDevice, type KernelTable } from "../../kernels/index.ts"
import {
  resolveScenario,
  scenarioWith,
  servedOutcome,
  type AttainedFactors,
  type LoadedScenario,
  type ResolvedScenario,
  type ResolveOptions
} from "../../scenario/index.ts"
import { benchmarkNames } from "../../serving/index.ts"
import { isImpossible, simulateTraining, type TrainingResult } from "../../training/index.ts"
import { measuredOf, traceTextOf, type RequestLogFile } from "../inference/request-log.ts"

/** One measured number. */
export interface LocalPoint {
  /** "my-cluster.yaml (training.microBatch=2): iterationSeconds". */
  readonly name: string
  readonly measured: number
  readonly unit: string
  /** The same under factors; a text says why it cannot be predicted. */
  readonly predict: (attained: AttainedFactors) => number | string
}

const reasonOf = (issues: readonly { readonly path: string; readonly problem: string }[]): string =>
  issues.map(({ path, problem }) => `${path}: ${problem}`).join("; ")

/** Remembers the outcome of the factors of the moment: several numbers come of one simulation. */
const remembered = <A>(compute: (attained: AttainedFactors) => A): ((attained: AttainedFactors) => A) => {
  let last: { readonly key: string; readonly value: A } | undefined
  return (attained) => {
    const key = JSON.stringify(attained)
    if (last?.key !== key) last = { key, value: compute(attained) }
    return last.value
  }
}

const resolvedUnder = (
  loaded: LoadedScenario,
  options: ResolveOptions,
  attained: AttainedFactors
): ResolvedScenario | string => {
  const resolved = resolveScenario(loaded, { ...options, attained })
  return resolved._tag === "Refused" ? reasonOf(resolved.issues) : resolved
}

/** Predictions of a training iteration. */
export const trainingPoint = (
  name: string,
  loaded: LoadedScenario,
  options: ResolveOptions,
  metric: "iterationSeconds" | "tokensPerSecond" | "tflopsPerAccelerator",
  measured: number
): LocalPoint => {
  const numbers: Readonly<Record<typeof metric, (result: TrainingResult) => number>> = {
    iterationSeconds: ({ iterationSeconds }) => iterationSeconds,
    tokensPerSecond: ({ tokensPerSecond }) => tokensPerSecond,
    tflopsPerAccelerator: ({ loggedFlopsPerAccelerator }) => loggedFlopsPerAccelerator / 1e12
  }
  const units = { iterationSeconds: "s", tokensPerSecond: "tokens/s", tflopsPerAccelerator: "TFLOP/s" }
  return {
    name: `${name}: ${metric}`,
    measured,
    unit: units[metric],
    predict: (attained) => {
      const resolved = resolvedUnder(loaded, options, attained)
      if (typeof resolved === "string") return resolved
      if (resolved._tag !== "ResolvedTraining") return `${metric} is of training; this is a scenario of serving`
      const result = simulateTraining(resolved.job)
      return isImpossible(result) ? `${result.path}: ${result.expected}` : numbers[metric](result)
    }
  }
}

/** Of a benchmark's numbers, those that a prediction is about. */
const benchNumbers = ["mean_ttft_ms", "mean_tpot_ms", "output_throughput"] as const

/** Means of lengths that differ by more are another workload: a fit to it would be of the lengths. */
const sameLengths = 0.1

const perRequest = (numbers: Readonly<Record<string, number | null>>, total: string): number | undefined => {
  const [sum, count] = [numbers[total] ?? null, numbers["completed"] ?? null]
  return sum === null || count === null || !(count > 0) ? undefined : sum / count
}

/** What a benchmark's requests were otherwise than the scenario's; undefined where they were alike or nothing is said of them. */
const otherLengths = (
  measured: Readonly<Record<string, number | null>>,
  predicted: Readonly<Record<string, number | null>>
): string | undefined => {
  const kinds = [
    ["total_input_tokens", "prompt"],
    ["total_output_tokens", "output"]
  ] as const
  for (const [total, what] of kinds) {
    const [seen, own] = [perRequest(measured, total), perRequest(predicted, total)]
    if (seen === undefined || own === undefined || Math.abs(own - seen) <= sameLengths * seen) continue
    const tokens = (count: number): string => count.toFixed(count < 100 ? 1 : 0)
    return `the benchmark's requests had ${tokens(seen)} ${what} tokens in the mean, the scenario's have ${tokens(own)}: give the scenario its lengths`
  }
  return undefined
}

export const benchPoints = (
  name: string,
  loaded: LoadedScenario,
  options: ResolveOptions,
  numbers: Readonly<Record<string, number | null>>
): readonly LocalPoint[] => {
  const served = remembered((attained: AttainedFactors) => {
    const resolved = resolvedUnder(loaded, options, attained)
    if (typeof resolved === "string") return resolved
    if (resolved._tag !== "ResolvedServing") return "a benchmark is of serving; this is a scenario of training"
    const outcome = servedOutcome(resolved, loaded)
    if ("_tag" in outcome) return reasonOf(outcome.issues)
    const names = benchmarkNames(outcome)
    return otherLengths(numbers, names) ?? names
  })
  return benchNumbers.flatMap((metric) => {
    const measured = numbers[metric] ?? null
    if (measured === null || measured <= 0) return []
    const predict = (attained: AttainedFactors): number | string => {
      const names = served(attained)
      if (typeof names === "string") return names
      return names[metric] ?? `the simulation has no ${metric}`
    }
    return [{ name: `${name}: ${metric}`, measured, unit: metric.endsWith("_ms") ? "ms" : "tokens/s", predict }]
  })
}

const traceName = "the log's requests"

/** A log replayed on the scenario's server: the same requests, of the same lengths, at the same times. */
export const logPoints = (
  name: string,
  loaded: LoadedScenario,
  options: ResolveOptions,
  log: RequestLogFile
): readonly LocalPoint[] | string => {
  const replayed = scenarioWith(loaded, {
    workload: { arrivals: { trace: { file: traceName, format: "plain" } }, requests: log.arrival.length }
  })
  if (replayed._tag === "Refused") return reasonOf(replayed.issues)
  const text = traceTextOf(log)
  const { readChunks: _chunks, readText = () => ({ failure: "no such file" }), ...others } = options
  const reading: ResolveOptions = { ...others, readText: (path) => (path === traceName ? { text } : readText(path)) }
  const { ttft_ms, tpot_ms, tokens_per_s } = measuredOf(log)
  return benchPoints(name, replayed, reading, {
    mean_ttft_ms: ttft_ms ?? null,
    mean_tpot_ms: tpot_ms ?? null,
    output_throughput: tokens_per_s ?? null
  })
}

/** Buffers from which a collective is bound by its rate. */
const largeBuffer = 1e6

const meanOf = (logs: readonly number[]): number => Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)

/** A sweep of collectives as one number: the geometric mean of its seconds, buffers of a megabyte and more. */
export const collectivePoint = (
  name: string,
  loaded: LoadedScenario,
  options: ResolveOptions,
  { kind, ranks, nodes, bytes, seconds }: MeasuredCollective
): LocalPoint => {
  const rows = [...bytes.keys()].filter((row) => (bytes[row] ?? 0) >= largeBuffer)
  return {
    name: `${name}: ${kind} of ${ranks} ranks`,
    measured: rows.length === 0 ? Number.NaN : meanOf(rows.map((row) => Math.log(seconds[row] ?? 1))),
    unit: "s",
    predict: (attained) => {
      if (rows.length === 0) return "no buffer of 1 MB or more was measured"
      const resolved = resolvedUnder(loaded, options, attained)
      if (typeof resolved === "string") return resolved
      const { fabric: own } = resolved._tag === "ResolvedTraining" ? resolved.job : resolved.job.target
      const { measured: _measured, ...fabric } = own
      const domains = Math.max(
        1,
        Math.ceil(
          nodes === undefined
            ? ranks / fabric.scaleUp.domain
            : (nodes * fabric.acceleratorsPerNode) / fabric.scaleUp.domain
        )
      )
      const group = { ranks, perDomain: Math.ceil(ranks / domains), domains }
      if (domains > 1 && fabric.network === null) return `${ranks} ranks need a network`
      return meanOf(rows.map((row) => Math.log(planCollective(fabric, kind, bytes[row] ?? 1, group).seconds)))
    }
  }
}

/** A table of matrix multiplications as two numbers: those bound by compute and those bound by memory. */
export const kernelPoints = (
  name: string,
  loaded: LoadedScenario,
  options: ResolveOptions,
  { datatype, m, n, k, seconds }: KernelTable
): readonly LocalPoint[] => {
  const device = remembered((attained: AttainedFactors) => {
    const resolved = resolvedUnder(loaded, options, attained)
    if (typeof resolved === "string") return resolved
    return makeDevice(resolved._tag === "ResolvedTraining" ? resolved.job.accelerator : resolved.job.target.accelerator)
  })
  const shape = (row: number) => ({ m: m[row] ?? 1, n: n[row] ?? 1, k: k[row] ?? 1, datatype })
  const whole = device({})
  if (typeof whole === "string") return [{ name, measured: 1, unit: "s", predict: () => whole }]
  // A product is bound by compute where more compute would speed it up by most of that.
  const fast = device({ compute: 1.1 })
  const isBound = (row: number): boolean =>
    typeof fast !== "string" &&
    analyticGemmSeconds(whole, shape(row), 1) / analyticGemmSeconds(fast, shape(row), 1) > 1.05
  const rows = [...m.keys()]
  return (["compute", "memory"] as const).flatMap((bound) => {
    const own = rows.filter((row) => isBound(row) === (bound === "compute"))
    if (own.length === 0) return []
    return [
      {
        name: `${name}: ${own.length} products bound by ${bound}`,
        measured: meanOf(own.map((row) => Math.log(seconds[row] ?? 1))),
        unit: "s",
        predict: (attained: AttainedFactors) => {
          const under = device(attained)
          if (typeof under === "string") return under
          const predicted = meanOf(own.map((row) => Math.log(analyticGemmSeconds(under, shape(row), 1))))
          return Number.isFinite(predicted) ? predicted : `the accelerator has no rate for ${datatype}`
        }
      }
    ]
  })
}
