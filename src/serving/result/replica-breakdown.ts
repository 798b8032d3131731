/**
 * Where the time of a replica goes. Seconds of steps, of communication, of the host and of idleness are the engine's sums; how
 * the seconds of steps divide between kinds of kernels is asked of the step model at the mean step of the run, once for
 * steps with prompts and once for those without, and scaled to the sums.
 */
import type { StepLoad, StepPart } from "../../inference/index.ts"
import type { BatchPolicyName, ServingJob, ServingLog } from "../types.ts"
import { meanLoad, wholeLoad } from "./capacity.ts"
import { requestMix, windowOf, type RequestMix } from "./mix.ts"
import { paidReplicasOf, sumOf } from "./totals.ts"
import type { ComputeShares, ReplicaBreakdown } from "./types.ts"

type Kind = StepPart["kind"]
const computeKinds = ["gemm", "attention", "elementwise", "head", "experts", "transfer"] as const

/** Policies whose prompts have steps of their own, without decodes. */
const separatePrompts: ReadonlySet<unknown> = new Set<BatchPolicyName>(["none", "static", "dynamic", "continuous"])

/** Seconds by kind of a step over all stages. */
const secondsByKind = ({ steps }: ServingJob, load: StepLoad): ReadonlyMap<Kind, number> => {
  const seconds = new Map<Kind, number>()
  for (let stage = 0; stage < steps.stages; stage++)
    for (const part of steps.parts(stage, load)) seconds.set(part.kind, (seconds.get(part.kind) ?? 0) + part.seconds)
  return seconds
}

const stagesSeconds = ({ steps }: ServingJob, load: StepLoad): number => {
  let sum = 0
  for (let stage = 0; stage < steps.stages; stage++) sum += steps.stageSeconds(stage, load)
  return sum
}

/** The mean step with prompts and the mean step without, and how the seconds of steps divide between the two. */
const meanSteps = (job: ServingJob, log: ServingLog, mix: RequestMix) => {
  const steps = sumOf(log, "steps")
  const decodes = sumOf(log, "decodeTokens")
  const prompts = sumOf(log, "prefillTokens") / Math.max(1, mix.prefill)
  const isSeparate = separatePrompts.has(job.batching.policy)
  const isLogged = log.replicas.every(({ totals }) => totals.prefillStageSeconds !== undefined)
  if (isLogged) {
    const withPrompts = sumOf(log, "prefillSteps")
    const decodesPerStep = decodes / Math.max(1, isSeparate ? steps - withPrompts : steps)
    const stageSeconds = sumOf(log, "stageSeconds")
    return {
      prefill: wholeLoad(meanLoad(mix, isSeparate ? 0 : decodesPerStep, prompts / Math.max(1, withPrompts))),
      decode: wholeLoad(meanLoad(mix, decodesPerStep, 0)),
      prefillShare: stageSeconds > 0 ? sumOf(log, "prefillStageSeconds") / stageSeconds : 0
    }
  }
  // Nothing logged: what prompts add to the mean step is theirs.
  const perStep = Math.max(1, steps)
  const prefill = wholeLoad(meanLoad(mix, decodes / perStep, prompts / perStep))
  const decode = wholeLoad(meanLoad(mix, decodes / perStep, 0))
  const alone = decodes === 0 ? 0 : stagesSeconds(job, decode)
  return { prefill, decode, prefillShare: 1 - Math.min(1, alone / stagesSeconds(job, prefill)) }
}

const nothing: ComputeShares = { gemm: 0, attention: 0, elementwise: 0, head: 0, experts: 0, transfer: 0 }

/** Parts of one load scaled so that all kinds but communication come to `share`, and what of it is the host's. */
const divide = (job: ServingJob, load: StepLoad, share: number): { compute: ComputeShares; host: number } => {
  if (share <= 0) return { compute: nothing, host: 0 }
  const seconds = secondsByKind(job, load)
  const of = (kind: Kind): number => seconds.get(kind) ?? 0
  const whole = computeKinds.reduce((sum, kind) => sum + of(kind), of("host"))
  // A step model without parts: all of it is matrix products as far as anyone knows.
  if (whole <= 0) return { compute: { ...nothing, gemm: share }, host: 0 }
  return {
    compute: Object.fromEntries(
      computeKinds.map((kind) => [kind, (share * of(kind)) / whole])
    ) as unknown as ComputeShares,
    host: (share * of("host")) / whole
  }
}

export const replicaBreakdownOf = (job: ServingJob, log: ServingLog): ReplicaBreakdown => {
  const replicaSeconds = log.seconds * (log.life === undefined ? log.replicas.length : paidReplicasOf(job, log))
  const stageTime = replicaSeconds * job.steps.stages
  if (!(replicaSeconds > 0)) return { prefill: nothing, decode: nothing, communication: 0, host: 0, bubble: 0, idle: 1 }
  const { requests } = log
  const mix = requestMix(requests, requests.generated, windowOf(job.target.model))
  const working = Math.min(1, sumOf(log, "stageSeconds") / stageTime)
  const communication = Math.min(working, sumOf(log, "communicationSeconds") / stageTime)
  const busy = Math.max(working, Math.min(1, sumOf(log, "busySeconds") / replicaSeconds))
  const between = Math.min(busy - working, sumOf(log, "hostSeconds") / replicaSeconds)
  const computing = working - communication
  const { prefill, decode, prefillShare } =
    computing > 0 && mix.requests > 0
      ? meanSteps(job, log, mix)
      : { ...{ prefill: null, decode: null }, prefillShare: 0 }
  const ofPrefill = prefill === null ? { compute: nothing, host: 0 } : divide(job, prefill, computing * prefillShare)
  const ofDecode = decode === null ? { compute: nothing, host: 0 } : divide(job, decode, computing * (1 - prefillShare))
  return {
    prefill: ofPrefill.compute,
    decode: ofDecode.compute,
    communication,
    host: between + ofPrefill.host + ofDecode.host,
    bubble: busy - working - between,
    idle: 1 - busy
  }
}
