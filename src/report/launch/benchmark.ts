/**
 * `vllm bench serve` with the scenario's load: its result can be laid beside the prediction (`windtunnel compare`).
 *
 * Flags of vllm-project/vllm, vllm/benchmarks/serve.py and datasets.py, 0.11 and later.
 */
import type { ResolvedServing } from "../../scenario/index.ts"
import { distributionMean, type Arrivals, type Distribution, type RateCurve } from "../../serving/index.ts"
import { formatSeconds } from "../../units/index.ts"
import { commandOf, type Flags, type LaunchFile } from "./file.ts"
import { modelId } from "./model-id.ts"

interface Part {
  readonly flags: Flags
  readonly remarks: readonly string[]
}

export const benchmarkLaunch = (resolved: ResolvedServing): LaunchFile => {
  const { job } = resolved
  const { classes, arrivals } = job.workload
  const objectives = classes[0]?.objectives ?? {}
  const goals = [
    ...(objectives.ttftSeconds === undefined ? [] : [`ttft:${milliseconds(objectives.ttftSeconds)}`]),
    ...(objectives.tpotSeconds === undefined ? [] : [`tpot:${milliseconds(objectives.tpotSeconds)}`]),
    ...(objectives.e2eSeconds === undefined ? [] : [`e2el:${milliseconds(objectives.e2eSeconds)}`])
  ]
  const when = arrivalFlags(arrivals)
  const what = lengthFlags(resolved)
  const much = promptFlags(resolved)
  const command = commandOf(
    ["vllm", "bench", "serve"],
    [
      ["--backend", "vllm"],
      ["--model", modelId(job.target.model)],
      ...what.flags,
      ...much.flags,
      ...when.flags,
      ["--ignore-eos", true],
      ["--seed", job.seed],
      ["--percentile-metrics", "ttft,tpot,itl,e2el"],
      ["--metric-percentiles", "50,90,95,99"],
      ["--save-result", true],
      ["--result-filename", "bench.json"]
    ]
  )
  return {
    name: "vllm-bench",
    title: "Measure it: vLLM's benchmark with this load",
    language: "bash",
    // Several goals are words of their own after the flag.
    text: goals.length === 0 ? command : `${command} \\\n  --goodput ${goals.join(" ")}`,
    remarks: [
      "`windtunnel compare RUN bench.json` lays its result beside the prediction",
      ...much.remarks,
      ...what.remarks,
      ...when.remarks
    ]
  }
}

/** As many as the scenario has; of one that ends by its duration as many as come until then, on the mean. */
const promptFlags = ({ job: { workload } }: ResolvedServing): Part => {
  const { requests, seconds, arrivals } = workload
  const come = seconds < Infinity ? perSecond(arrivals) * seconds : Infinity
  if (requests <= come || Number.isNaN(come)) return { flags: [["--num-prompts", requests]], remarks: [] }
  return {
    flags: [["--num-prompts", Math.max(1, Math.round(come))]],
    remarks: [
      `the scenario ends after ${formatSeconds(seconds)}: the prompts are as many as come until then, on the mean`
    ]
  }
}

/** Requests a second, on the mean; NaN where they come when others end. */
const perSecond = (arrivals: Arrivals): number => {
  switch (arrivals.kind) {
    case "poisson":
      return rateOf(arrivals.rate)
    case "gamma":
    case "deterministic":
      return arrivals.rate
    case "trace":
      return meanRate(arrivals.trace.arrivalSeconds) * arrivals.speedUp
    default:
      return Number.NaN
  }
}

const milliseconds = (seconds: number): number => Number((seconds * 1000).toPrecision(6))

const arrivalFlags = (arrivals: Arrivals): Part => {
  switch (arrivals.kind) {
    case "poisson":
      return {
        flags: [["--request-rate", rateOf(arrivals.rate)]],
        remarks: arrivals.rate.kind === "constant" ? [] : ["the rate that changes with time is its mean here"]
      }
    case "gamma":
      // Its burstiness is the shape of the gamma distribution, whose coefficient of variation is 1 / sqrt(shape).
      return {
        flags: [
          ["--request-rate", arrivals.rate],
          ["--burstiness", figures(1 / arrivals.variation ** 2)]
        ],
        remarks: []
      }
    case "deterministic":
      return {
        flags: [
          ["--request-rate", arrivals.rate],
          ["--burstiness", 1000]
        ],
        remarks: ["even gaps are gaps that vary by 3 % here"]
      }
    case "batch":
      return { flags: [["--request-rate", "inf"]], remarks: [] }
    case "closedLoop":
      return {
        flags: [
          ["--request-rate", "inf"],
          ["--max-concurrency", arrivals.users]
        ],
        remarks: ["users do not think here: the load is higher than in the scenario"]
      }
    case "rounds":
      return {
        flags: [["--request-rate", "inf"]],
        remarks: ["one round here, without the samples' common prompts"]
      }
    default:
      return {
        flags: [["--request-rate", figures(meanRate(arrivals.trace.arrivalSeconds) * arrivals.speedUp)]],
        remarks: ["the recorded arrivals are their mean rate here"]
      }
  }
}

const figures = (value: number): number => Number(value.toPrecision(4))

const meanRate = (arrivals: Float64Array): number => {
  const [first, last] = [arrivals[0], arrivals.at(-1)]
  return first === undefined || last === undefined || last <= first ? 1 : (arrivals.length - 1) / (last - first)
}

const rateOf = (curve: RateCurve): number => {
  switch (curve.kind) {
    case "constant":
      return curve.rate
    case "ramp":
      return (curve.from + curve.to) / 2
    case "daily":
      return curve.mean
    case "bursts":
      return figures(curve.rate + ((curve.burstRate - curve.rate) * curve.burstSeconds) / curve.everySeconds)
    default:
      return figures(curve.rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, curve.rates.length))
  }
}

const lengthFlags = ({ job }: ResolvedServing): Part => {
  const { arrivals, classes } = job.workload
  const mean = (distributions: readonly Distribution[]): number => {
    const weights = classes.reduce((sum, { weight }) => sum + weight, 0)
    return Math.max(
      1,
      Math.round(
        distributions.reduce((sum, one, index) => sum + distributionMean(one) * (classes[index]?.weight ?? 0), 0) /
          weights
      )
    )
  }
  const traced = arrivals.kind === "trace" ? arrivals.trace : undefined
  const average = (values: Int32Array): number =>
    Math.max(1, Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)))
  const prompt = traced === undefined ? mean(classes.map((one) => one.prompt)) : average(traced.promptTokens)
  const output = traced === undefined ? mean(classes.map((one) => one.output)) : average(traced.outputTokens)
  const [only, ...others] = classes
  const spread =
    only === undefined || others.length > 0 || traced !== undefined ? undefined : rangeRatio(only.prompt, only.output)
  const prefix = others.length === 0 ? (only?.sharedPrefix ?? null) : null
  return {
    flags: [
      ["--dataset-name", "random"],
      ["--random-input-len", prompt],
      ["--random-output-len", output],
      ["--random-range-ratio", spread === undefined || spread === 0 ? undefined : spread],
      ["--random-prefix-len", prefix === null ? undefined : prefix.tokens]
    ],
    remarks: [
      ...(spread === undefined ? ["lengths are their means here: percentiles will be narrower than predicted"] : []),
      ...(prefix !== null && prefix.count > 1 ? ["one prefix for all here, one of several in the scenario"] : []),
      ...(classes.some(({ conversation }) => conversation !== null)
        ? ["conversations: their turns are single requests here"]
        : [])
    ]
  }
}

/** The one ratio r of lengths uniform in mean (1 - r) to mean (1 + r), for prompts and answers; undefined where there is none. */
const rangeRatio = (prompt: Distribution, output: Distribution): number | undefined => {
  const [one, other] = [ratioOf(prompt), ratioOf(output)]
  return one !== undefined && other !== undefined && Math.abs(one - other) < 0.01 ? one : undefined
}

const ratioOf = (distribution: Distribution): number | undefined => {
  if (distribution.kind === "constant") return 0
  if (distribution.kind !== "uniform") return undefined
  const { low, high } = distribution
  return Number(((high - low) / (high + low)).toFixed(3))
}
