/**
 * What the compute stream of a pass waits for besides the layer's own collectives: gathered parameters, offloaded
 * activations.
 */
import { constantOf, find, isUnknownName } from "../catalog/index.ts"
import type { LayerKind, Site } from "../kernels/index.ts"
import { activationBytesOfLayer } from "./activation.ts"
import { plan } from "./groups.ts"
import { halfOf } from "./number-format.ts"
import type { RankParameters } from "./parameters.ts"
import type { Pass, PassContext } from "./pass.ts"
import { shardedWaitSeconds } from "./sharded-pass.ts"
import type { TrainingJob } from "./types.ts"

/** Seconds that host and accelerator need to exchange bytes over the accelerator's host link. */
const hostLinkSeconds = (job: TrainingJob, bytes: number): number => {
  const link = find("links", job.accelerator.host)
  return isUnknownName(link)
    ? 0
    : bytes / (link.bytesPerSecond * link.pointToPointShare * (job.accelerator.attained?.hostRate ?? 1))
}

/** Seconds that a part waits for parameters and gradients of a fully sharded stack. */
export const shardWaits = (
  job: TrainingJob,
  context: PassContext,
  costs: readonly { readonly parameters: RankParameters }[],
  forward: readonly Pass[],
  backwardInput: readonly Pass[],
  backwardWeight: readonly Pass[]
): { readonly forward: number; readonly backward: number } => {
  if (job.sharding.zeroStage < 3) return { forward: 0, backward: 0 }
  const { communicators: groups } = context
  const wire = { ...context.wire, networkShare: job.stack.constants.dataNetworkShare.value }
  const gradientBytes = job.stack.gradientReduceBytes[halfOf(job)]
  const seconds = (kind: "allGather" | "reduceScatter", bytesPerParameter: number) =>
    costs.map(({ parameters }) => {
      const dense = plan(context.fabric, kind, bytesPerParameter * parameters.dense, groups.shard, wire).seconds
      if (parameters.expert === 0) return dense
      return dense + plan(context.fabric, kind, bytesPerParameter * parameters.expert, groups.expertData, wire).seconds
    })
  const gather = seconds("allGather", 2)
  const scatter = seconds("reduceScatter", gradientBytes)
  const hidden = job.stack.constants.dataOverlap.value
  const loss = constantOf("sharded.overlapLoss")?.value ?? 0
  const wait = (compute: readonly number[], gathers: readonly number[], scatters: readonly number[]): number => {
    const traffic = gathers.reduce((sum, value, index) => sum + value + (scatters[index] ?? 0), 0)
    const busy = compute.reduce((sum, value) => sum + value, 0)
    const stalled = shardedWaitSeconds({
      computeSeconds: compute,
      gatherSeconds: gathers,
      scatterSeconds: scatters,
      prefetch: Math.max(1, job.sharding.prefetch)
    })
    // Kernels that share the chip with a collective lose part of its multiprocessors and memory.
    return hidden * (stalled + loss * Math.min(busy, traffic - Math.min(traffic, stalled))) + (1 - hidden) * traffic
  }
  const none = gather.map(() => 0)
  return {
    forward: wait(
      forward.map((pass) => pass.seconds),
      gather,
      none
    ),
    backward: wait(
      backwardInput.map((pass, index) => pass.seconds + (backwardWeight[index]?.seconds ?? 0)).toReversed(),
      gather.toReversed(),
      scatter.toReversed()
    )
  }
}

/** Seconds that a part waits for activations on their way to host memory and back, a layer at a time. */
export const offloadWaits = (
  job: TrainingJob,
  site: Site,
  kinds: readonly LayerKind[],
  forward: readonly Pass[],
  backward: readonly Pass[]
): { readonly forward: number; readonly backward: number } => {
  if (!job.offload.activations) return { forward: 0, backward: 0 }
  let [out, back] = [0, 0]
  kinds.forEach((kind, index) => {
    const seconds = hostLinkSeconds(job, activationBytesOfLayer(job, site.shape, kind, index))
    out += Math.max(0, seconds - (forward[index]?.seconds ?? 0))
    back += Math.max(0, seconds - (backward[index]?.seconds ?? 0))
  })
  return { forward: out, backward: back }
}
