/**
 * What a stage exchanges with its data-parallel peers each iteration, and what its optimizer step costs.
 */
import { find, isUnknownName } from "../catalog/index.ts"
import { planCollective, type CollectivePlan } from "../cluster/index.ts"
import { partOf, type Schedule } from "../parallel/index.ts"
import type { Compiled, PartCost } from "./compile.ts"
import { halfOf } from "./number-format.ts"
import { plan, withoutCore, type Communicator } from "./groups.ts"
import type { TrainingJob } from "./types.ts"

/** A collective between peers of a stage; `scope` says which actors must have come. */
export interface Exchange {
  readonly name: string
  readonly scope: "data" | "stage" | "tied"
  readonly plan: CollectivePlan
  /** Members of a group in one scale-up domain. */
  readonly perDomain: number
  /** The groups that run it: of these ranks, of the replicas of a shard, or of the two ends of a pipeline. */
  readonly groups: "dataContext" | "expertData" | "replicas" | "tied"
}

export interface StageSynchronisation {
  /** Gradient reduction of each chunk. */
  readonly reduce: readonly (readonly Exchange[])[]
  /** Reduction of a tied embedding's gradient between the first and the last stage. */
  readonly tied: Exchange | null
  /** Parameters gathered after a sharded optimizer step. */
  readonly gather: readonly Exchange[]
  readonly normSeconds: number
  readonly optimizerSeconds: number
}

const exchange = (
  job: TrainingJob,
  name: string,
  scope: Exchange["scope"],
  groups: Exchange["groups"],
  kind: "allReduce" | "reduceScatter" | "allGather",
  bytes: number,
  communicator: Communicator
): readonly Exchange[] =>
  communicator.group.ranks === 1 || bytes === 0
    ? []
    : [
        {
          name,
          scope,
          plan: plan(job.fabric, kind, bytes, withoutCore(communicator), {
            ...job.collective,
            networkShare: job.stack.constants.dataNetworkShare.value
          }),
          perDomain: communicator.group.perDomain,
          groups
        }
      ]

/** Plans the synchronisation of every stage. */
export const planSynchronisation = (
  job: TrainingJob,
  schedule: Schedule,
  compiled: Compiled
): readonly StageSynchronisation[] =>
  Array.from({ length: schedule.stages }, (_, stage) => {
    const parts = Array.from(
      { length: schedule.chunks },
      (_, chunk) => compiled.parts[partOf(schedule, stage, chunk)] as PartCost
    )
    return planStage(job, schedule, compiled, parts)
  })

/** What of compiled tables the synchronisation depends on. */
export type SynchronisationSite = Pick<Compiled, "communicators" | "device" | "kernelFactor">

/** Plans the synchronisation of a stage that holds these parts. */
export const planStage = (
  job: TrainingJob,
  schedule: Pick<Schedule, "stages" | "layout">,
  compiled: SynchronisationSite,
  parts: readonly Pick<PartCost, "parameters" | "hasEmbedding" | "hasHead">[]
): StageSynchronisation => {
  const { communicators } = compiled
  const { zeroStage } = job.sharding
  const gradientBytes = job.stack.gradientReduceBytes[halfOf(job)]
  const kind = zeroStage === 0 ? "allReduce" : "reduceScatter"
  const reduceOf = (part: Pick<PartCost, "parameters">): readonly Exchange[] => {
    const { dense, expert } = part.parameters
    // A fully sharded stack has scattered its gradients in the backward pass; hybrid shards still sum over replicas.
    if (zeroStage === 3)
      return exchange(
        job,
        "replica all-reduce",
        "stage",
        "replicas",
        "allReduce",
        (gradientBytes * dense) / communicators.shard.group.ranks,
        communicators.replicas
      )
    return [
      ...exchange(job, "gradient reduction", "data", "dataContext", kind, gradientBytes * dense, communicators.data),
      ...exchange(
        job,
        "expert gradient reduction",
        "stage",
        "expertData",
        kind,
        gradientBytes * expert,
        communicators.expertData
      )
    ]
  }
  const dense = parts.reduce((sum, part) => sum + part.parameters.dense, 0)
  const expert = parts.reduce((sum, part) => sum + part.parameters.expert, 0)
  const gather =
    zeroStage === 1 || zeroStage === 2
      ? [
          ...exchange(job, "parameter gather", "data", "dataContext", "allGather", 2 * dense, communicators.data),
          ...exchange(
            job,
            "expert parameter gather",
            "stage",
            "expertData",
            "allGather",
            2 * expert,
            communicators.expertData
          )
        ]
      : []
  return {
    reduce: parts.map(reduceOf),
    tied: tiedExchange(job, schedule, parts, gradientBytes),
    gather,
    normSeconds: normSeconds(job),
    optimizerSeconds: optimizerSeconds(job, compiled, dense, expert)
  }
}

/** The two copies of a tied table, on the first and the last stage, sum their gradients (Megatron, DeepSpeed). */
const tiedExchange = (
  job: TrainingJob,
  schedule: Pick<Schedule, "stages" | "layout">,
  parts: readonly Pick<PartCost, "hasEmbedding" | "hasHead">[],
  gradientBytes: number
): Exchange | null => {
  if (!job.model.tiedEmbeddings || schedule.stages === 1 || schedule.layout !== "loop") return null
  if (!parts.some((part) => part.hasEmbedding || part.hasHead)) return null
  const bytes = (gradientBytes * job.model.vocabulary * job.model.hidden) / job.layout.tensor
  const far = job.layout.tensor * job.layout.context * job.layout.data * job.layout.pipeline > job.fabric.scaleUp.domain
  const group =
    far && job.fabric.network !== null ? { ranks: 2, perDomain: 1, domains: 2 } : { ranks: 2, perDomain: 2, domains: 1 }
  return {
    name: "tied embedding gradients",
    scope: "tied",
    plan: planCollective(job.fabric, "allReduce", bytes, group),
    perDomain: 1,
    groups: "tied"
  }
}

/** The global gradient norm is one number summed over every rank. */
const normSeconds = (job: TrainingJob): number => {
  const { layout, fabric } = job
  const ranks = layout.tensor * layout.context * layout.data * layout.pipeline
  if (ranks === 1) return 0
  const perDomain = Math.min(ranks, fabric.scaleUp.domain)
  const domains = Math.ceil(ranks / fabric.scaleUp.domain)
  return planCollective(fabric, "allReduce", 4, { ranks, perDomain, domains }).seconds
}

/** Bytes/s at which host memory feeds an optimizer step on the host, for one accelerator's share of the node. */
const hostStepBytesPerSecond = 20e9

const optimizerSeconds = (job: TrainingJob, compiled: SynchronisationSite, dense: number, expert: number): number => {
  const { sharding, stack } = job
  const sharded = sharding.zeroStage >= 1
  const denseShards = sharded ? compiled.communicators.shard.group.ranks : 1
  const expertShards = sharded ? compiled.communicators.expertData.group.ranks : 1
  const held = dense / Math.max(1, denseShards) + expert / Math.max(1, expertShards)
  const { bytesPerParameter, fixedSeconds } = stack.optimizer
  if (!job.offload.optimizer)
    return (
      fixedSeconds + ((bytesPerParameter * held) / compiled.device.elementwiseBytesPerSecond) * compiled.kernelFactor
    )
  const link = find("links", job.accelerator.host)
  const factor = job.accelerator.attained?.hostRate ?? 1
  const hostRate = isUnknownName(link)
    ? Number.POSITIVE_INFINITY
    : link.bytesPerSecond * link.pointToPointShare * factor
  // Gradients down, parameters up, and the step on the host (Ren et al. 2101.06840, section 4).
  return fixedSeconds + (4 * held) / hostRate + (bytesPerParameter * held) / (hostStepBytesPerSecond * factor)
}
