/**
 * A workload of longer or shorter requests, or of more or fewer of them, from the same random draws.
 */
import type { Arrivals, Distribution, RateCurve, RequestTrace, WorkloadSpec } from "../../serving/index.ts"
import type { ResourceFactors } from "../resource-factors.ts"

/** The variable times a factor. */
export const timesDistribution = (one: Distribution, factor: number): Distribution => {
  switch (one.kind) {
    case "constant":
      return { ...one, value: one.value * factor }
    case "uniform":
    case "zipf":
      return { ...one, low: one.low * factor, high: one.high * factor }
    case "exponential":
      return { ...one, mean: one.mean * factor }
    case "lognormal":
      return {
        ...one,
        mean: one.mean * factor,
        deviation: one.deviation * factor,
        ...(one.high === undefined ? {} : { high: one.high * factor })
      }
    case "histogram":
      return { ...one, low: one.low * factor, edges: one.edges.map((edge) => edge * factor) }
    default:
      return { ...one, values: one.values.map((value) => value * factor) }
  }
}

const timesRate = (curve: RateCurve, factor: number): RateCurve => {
  switch (curve.kind) {
    case "constant":
      return { ...curve, rate: curve.rate * factor }
    case "ramp":
      return { ...curve, from: curve.from * factor, to: curve.to * factor }
    case "daily":
      return { ...curve, mean: curve.mean * factor }
    case "bursts":
      return { ...curve, rate: curve.rate * factor, burstRate: curve.burstRate * factor }
    default:
      return { ...curve, rates: curve.rates.map((rate) => rate * factor) }
  }
}

/** Users and prompts are whole; a batch is as large as its requests are. */
const timesArrivals = (arrivals: Arrivals, factor: number): Arrivals => {
  const whole = (count: number): number => Math.max(1, Math.round(count * factor))
  switch (arrivals.kind) {
    case "poisson":
      return { ...arrivals, rate: timesRate(arrivals.rate, factor) }
    case "gamma":
    case "deterministic":
      return { ...arrivals, rate: arrivals.rate * factor }
    case "closedLoop":
      return { ...arrivals, users: whole(arrivals.users) }
    case "rounds":
      return { ...arrivals, prompts: whole(arrivals.prompts) }
    case "trace":
      return { ...arrivals, speedUp: arrivals.speedUp * factor }
    default:
      return arrivals
  }
}

const timesTokens = (tokens: Int32Array, factor: number): Int32Array =>
  factor === 1 ? tokens : Int32Array.from(tokens, (count) => Math.max(1, Math.round(count * factor)))

const timesTrace = (trace: RequestTrace, prompt: number, output: number): RequestTrace => ({
  ...trace,
  promptTokens: timesTokens(trace.promptTokens, prompt),
  outputTokens: timesTokens(trace.outputTokens, output)
})

export const changedWorkload = (workload: WorkloadSpec, factors: ResourceFactors = {}): WorkloadSpec => {
  const { prompt = 1, output = 1, load = 1 } = factors
  if (prompt === 1 && output === 1 && load === 1) return workload
  const arrivals = load === 1 ? workload.arrivals : timesArrivals(workload.arrivals, load)
  const isBatch = arrivals.kind === "batch" && load !== 1
  return {
    ...workload,
    ...(isBatch ? { requests: Math.max(1, Math.round(workload.requests * load)) } : {}),
    arrivals: arrivals.kind === "trace" ? { ...arrivals, trace: timesTrace(arrivals.trace, prompt, output) } : arrivals,
    classes: workload.classes.map((one) => ({
      ...one,
      prompt: timesDistribution(one.prompt, prompt),
      output: timesDistribution(one.output, output),
      ...(one.lengths === undefined ? {} : { lengths: timesTrace(one.lengths, prompt, output) })
    }))
  }
}
