/**
 * Whether a model and the keys and values of a request fit, and the smallest changes after which they do.
 */
import { accelerators as everyAccelerator } from "../../catalog/index.ts"
import { distributionMean, type ServingJob } from "../../serving/index.ts"
import { assign } from "../assignment.ts"
import { splitPath } from "../issue.ts"
import { scenarioFromData } from "../load.ts"
import { resolveServing, type ResolvedServing } from "../resolve-serving.ts"
import { usualPrecision } from "./precision.ts"

/** Tokens that one request of mean length takes in the cache, within what a sequence may have. */
export const requestTokens = ({ workload, target }: ServingJob): number => {
  const { arrivals, classes } = workload
  const lengths =
    arrivals.kind === "trace"
      ? [mean(arrivals.trace.promptTokens) + mean(arrivals.trace.outputTokens)]
      : classes.map(
          ({ prompt, output, sharedPrefix }) =>
            distributionMean(prompt) + distributionMean(output) + (sharedPrefix?.tokens ?? 0)
        )
  return Math.ceil(Math.min(target.maximumSequence, Math.max(1, Math.min(...lengths))))
}

const mean = (values: Int32Array): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/** The weights and at least one request of mean length fit. */
export const fitsOneRequest = (job: ServingJob): boolean =>
  job.memory.fits && job.cache.blocks * job.cache.blockTokens >= requestTokens(job)

export interface ServingAlternative {
  /** Paths of a scenario with their new values. */
  readonly changes: Readonly<Record<string, unknown>>
  readonly job: ServingJob
  /** Seconds of a step that decodes one sequence of the mean request's length. */
  readonly tokenSeconds: number
}

type Changes = ServingAlternative["changes"]

/** Formats that take less room than bf16, the widest first: of GGML where the stack reads its files. */
const narrower = ({ target }: ServingJob): readonly string[] => {
  const { stack, accelerator, precision } = target
  const formats = stack.name.startsWith("llama")
    ? ["q8_0", "q4_k_m"]
    : [...(accelerator.peakFlops.fp8 === undefined ? ["int8"] : ["fp8"]), "int4-awq"]
  const at = formats.indexOf(precision)
  return precision === usualPrecision(accelerator) || at >= 0 ? formats.slice(at + 1) : []
}

/** The same accelerator with more memory, such as 80 GB for 40 GB. */
const larger = ({ target: { accelerator } }: ServingJob): readonly string[] =>
  everyAccelerator
    .filter(
      ({ efficiencyClass, generation, memory, scaleUp }) =>
        efficiencyClass === accelerator.efficiencyClass &&
        generation === accelerator.generation &&
        scaleUp === accelerator.scaleUp &&
        memory.bytes > accelerator.memory.bytes
    )
    .sort((one, other) => one.memory.bytes - other.memory.bytes)
    .slice(0, 1)
    .map(({ name }) => name)

const candidates = ({ job, scenario, accelerators }: ResolvedServing): readonly Changes[] => {
  const { tensor, pipeline } = job.target.layout
  const sizes = "serving.parallelism"
  /** A replica of more accelerators, out of those that there are where they suffice. */
  const grown = (name: "tensor" | "pipeline", from: number, times: number): Changes => ({
    [`${sizes}.${name}`]: from * times,
    ...(job.replicas % times > 0
      ? { "cluster.accelerators": accelerators * times }
      : scenario.serving.replicas === undefined
        ? {}
        : { "serving.replicas": job.replicas / times })
  })
  return [
    ...[2, 4, 8].map((times) => grown("tensor", tensor, times)),
    ...narrower(job).map((precision) => ({ "serving.precision": precision })),
    ...larger(job).map((accelerator) => ({ "cluster.accelerator": accelerator })),
    ...[2, 4, 8].map((times) => grown("pipeline", pipeline, times)),
    ...[0.25, 0.5, 1].map((share) => ({ "serving.offload.share": share }))
  ]
}

/** The smallest of each kind of change after which the model and a request fit; each is planned anew. */
export const servingChangesThatFit = (resolved: ResolvedServing, most = 4): readonly ServingAlternative[] => {
  const found = new Map<string, ServingAlternative>()
  for (const changes of candidates(resolved)) {
    const kind = Object.keys(changes)[0] ?? ""
    if (found.has(kind)) continue
    const job = plannedWith(resolved, changes)
    if (job === undefined || !fitsOneRequest(job)) continue
    found.set(kind, { changes, job, tokenSeconds: tokenSeconds(job) })
  }
  // One more cut of the model is enough: a tensor-parallel replica over a pipeline of as many.
  if (found.has("serving.parallelism.tensor")) found.delete("serving.parallelism.pipeline")
  return [...found.values()].slice(0, most)
}

/** The job with some paths of its scenario set. */
const plannedWith = ({ scenario }: ResolvedServing, changes: Changes): ServingJob | undefined => {
  const { kernels: _profiles, ...serving } = scenario.serving
  // No file needs to be read for a plan: the requests of a trace are as long as these.
  const { trace } = scenario.workload.arrivals
  const workload = trace === undefined ? scenario.workload : { arrivals: { batch: {} }, prompt: 512, output: 128 }
  const data = Object.entries(changes).reduce<unknown>(
    (before, [path, value]) => assign(before, { path: splitPath(path), value }),
    { ...scenario, serving, workload }
  )
  const loaded = scenarioFromData({ name: "planned", data })
  const resolved = loaded._tag === "Refused" ? loaded : resolveServing(loaded)
  return resolved._tag === "Refused" ? undefined : resolved.job
}

/** Seconds from one token of a lone request to its next. */
const tokenSeconds = (job: ServingJob): number => {
  const context = requestTokens(job)
  const window = job.target.model.slidingWindow?.tokens ?? context
  const load = {
    decodes: 1,
    decodeContext: context,
    decodeWindow: Math.min(context, window),
    prefills: 0,
    prefillTokens: 0,
    prefillPairs: 0,
    prefillContext: 0,
    sampled: 1
  }
  let seconds = job.steps.hostSeconds(load)
  for (let stage = 0; stage < job.steps.stages; stage++)
    seconds += job.steps.stageSeconds(stage, load) + (stage === 0 ? 0 : job.steps.hopSeconds(load))
  return seconds
}
