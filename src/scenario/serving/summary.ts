/**
 * What a serving scenario is, in a title and two lines: the server, and the work that arrives.
 */
import type { Arrivals, Distribution, RateCurve, RequestClass } from "../../serving/index.ts"
import { formatCount, formatFigures, formatSeconds } from "../../units/index.ts"
import type { ResolvedServing } from "../resolve-serving.ts"

export interface ServingDescription {
  readonly title: string
  /** Hardware, layout, number format, software, batching: parts of one line. */
  readonly server: readonly string[]
  /** How many requests, when they come, how long they are. */
  readonly workload: readonly string[]
}

export const describeServing = ({ job, accelerators }: ResolvedServing): ServingDescription => {
  const { target, replicas, batching } = job
  const { layout, offload } = target
  const sizes = [
    ["TP", layout.tensor],
    ["PP", layout.pipeline],
    ["EP", layout.expert],
    ["DP attention", layout.dataAttention],
    ["FFN ranks", layout.feedForward?.ranks ?? 1]
  ] as const
  const split = sizes.filter(([, size]) => size > 1).map(([name, size]) => `${name} ${size}`)
  if (job.pools !== undefined)
    return {
      title: job.name,
      server: [
        `${formatCount(accelerators)} accelerators in ${job.pools.length} pools: ${job.pools.map(({ name, replicas: count }) => `${formatCount(count)} x ${name}`).join(", ")}`,
        [...new Set(job.pools.map((pool) => pool.target.model.title))].join(" and "),
        ...(job.handover === undefined
          ? []
          : [`keys and values move ${job.handover.overlap === "layer-wise" ? "layer by layer" : "after the prompt"}`])
      ],
      workload: workloadOf(job)
    }
  return {
    title: job.name,
    server: [
      `${formatCount(accelerators)} x ${target.accelerator.title.replace(/^(?:NVIDIA|AMD|Intel|Apple) /, "")}`,
      ...(replicas === 1 ? [] : [`${formatCount(replicas)} replicas`]),
      ...(split.length === 0 ? [] : [split.join(" x ")]),
      target.precision,
      ...(target.keyValuePrecision === "bf16" || target.keyValuePrecision === "fp16"
        ? []
        : [`KV ${target.keyValuePrecision}`]),
      ...(offload === null
        ? []
        : [`${offload.share === 1 ? "" : `${formatFigures(offload.share * 100)} % of `}weights from ${offload.from}`]),
      `${target.stack.title}${target.version === "" ? "" : ` ${target.version}`}`,
      `${typeof batching.policy === "string" ? batching.policy : "own policy"}, ${batching.maximumSequences === 1 ? "1 sequence" : `${formatCount(batching.maximumSequences)} sequences`}`
    ],
    workload: workloadOf(job)
  }
}

const workloadOf = ({ workload }: ResolvedServing["job"]): readonly string[] => [
  arrivalsText(workload.arrivals),
  ...(workload.arrivals.kind === "trace" ? [] : lengthsText(workload.classes))
]

const rateText = (curve: RateCurve): string => {
  switch (curve.kind) {
    case "constant":
      return `${formatFigures(curve.rate)} requests/s`
    case "ramp":
      return `${formatFigures(curve.from)} to ${formatFigures(curve.to)} requests/s over ${formatSeconds(curve.seconds)}`
    case "daily":
      return `${formatFigures(curve.mean)} requests/s +- ${formatFigures(curve.amplitude * 100)} % over the day`
    case "bursts":
      return `${formatFigures(curve.rate)} requests/s with bursts of ${formatFigures(curve.burstRate)}`
    default:
      return `requests in ${curve.rates.length} steps of rate`
  }
}

/** The last step of a path, cut where it is long. */
const fileName = (path: string): string => {
  const name = path.split(/[\\/]/).at(-1) ?? path
  return name.length <= 50 ? name : `${name.slice(0, 47)}...`
}

const arrivalsText = (arrivals: Arrivals): string => {
  switch (arrivals.kind) {
    case "poisson":
      return `Poisson, ${rateText(arrivals.rate)}`
    case "gamma":
      return `${formatFigures(arrivals.rate)} requests/s, gaps varying by ${formatFigures(arrivals.variation)}`
    case "deterministic":
      return `${formatFigures(arrivals.rate)} requests/s, evenly`
    case "batch":
      return "all requests at once"
    case "closedLoop":
      return `${formatCount(arrivals.users)} user${arrivals.users === 1 ? "" : "s"}, thinking ${distributionText(arrivals.thinkTime, formatSeconds)}`
    case "rounds":
      return `${formatCount(arrivals.rounds)} round${arrivals.rounds === 1 ? "" : "s"} of ${formatCount(arrivals.prompts)} prompts${arrivals.samples === 1 ? "" : ` x ${formatCount(arrivals.samples)}`}, ${formatSeconds(arrivals.refreshSeconds)} between`
    default:
      return `${formatCount(arrivals.trace.arrivalSeconds.length)} requests of ${fileName(arrivals.trace.name)}${arrivals.speedUp === 1 ? "" : `, ${formatFigures(arrivals.speedUp)} times as fast`}`
  }
}

const lengthsText = (classes: readonly RequestClass[]): readonly string[] => {
  const [only] = classes
  if (classes.length > 1 || only === undefined)
    return [`${classes.length} classes: ${classes.map(({ name }) => name).join(", ")}`]
  const { prompt, output, sharedPrefix, conversation } = only
  return [
    `prompt ${distributionText(prompt, formatCount)}, output ${distributionText(output, formatCount)} tokens`,
    ...(sharedPrefix === null
      ? []
      : [
          `after ${sharedPrefix.count === 1 ? "a prefix" : `one of ${formatCount(sharedPrefix.count)} prefixes`} of ${formatCount(sharedPrefix.tokens)}`
        ]),
    ...(conversation === null ? [] : [`conversations of ${distributionText(conversation.turns, formatCount)} turns`])
  ]
}

const distributionText = (distribution: Distribution, format: (value: number) => string): string => {
  switch (distribution.kind) {
    case "constant":
      return format(distribution.value)
    case "uniform":
      return `${format(distribution.low)} to ${format(distribution.high)}`
    case "exponential":
    case "lognormal":
      return `about ${format(distribution.mean)}`
    case "zipf":
      return `${format(distribution.low)} to ${format(distribution.high)} (Zipf)`
    case "histogram":
      return `${format(Math.ceil(distribution.low))} to ${format(Math.floor(distribution.edges.at(-1) ?? distribution.low))}`
    default:
      return distribution.values.length === 1
        ? format(distribution.values[0] ?? 0)
        : `from ${distribution.values.length} values`
  }
}
