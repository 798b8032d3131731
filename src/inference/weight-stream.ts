/**
 * Weights that do not lie in device memory when a layer starts: offloaded to the host or to storage, or gathered from
 * the other ranks (ZeRO-Inference).
 */
import { constantOf, find, isUnknownName } from "../catalog/index.ts"
import type { Collectives } from "./collectives.ts"
import type { InferenceDevice } from "./device.ts"
import { layerWeightBytes, type Stage } from "./shard.ts"
import type { InferenceTarget } from "./types.ts"

export interface WeightStream {
  /** Seconds of a stage in which weights travel and nothing computes. */
  readonly exposedSeconds: (stage: Stage) => number
  /** Seconds for which weights travel behind the computing; a stage takes at least these. */
  readonly hiddenSeconds: (stage: Stage) => number
}

/** Bytes/s at which one rank receives offloaded weights. */
const offloadRate = ({ accelerator, offload, layout }: InferenceTarget, device: InferenceDevice): number => {
  const link = find("links", accelerator.host)
  const share = constantOf("inference.offloadShare")
  if (share !== undefined) device.evidence.set("inference.offloadShare", share)
  const host =
    (isUnknownName(link) ? 25e9 : link.bytesPerSecond) * (share?.value ?? 1) * (accelerator.attained?.hostRate ?? 1)
  if (offload?.from !== "nvme") return host
  // All ranks of a stage read from the same storage at once.
  return Math.min(host, offload.storageBytesPerSecond / (layout.tensor * layout.dataAttention))
}

export const makeWeightStream = (
  target: InferenceTarget,
  device: InferenceDevice,
  collectives: Collectives
): WeightStream => {
  const { stack, layout, offload } = target
  const streamed = offload === null ? 0 : offload.share / offloadRate(target, device)
  const ranks = layout.tensor * layout.dataAttention
  const layer = (kind: "dense" | "mixture"): number => {
    const bytes = layerWeightBytes(target, kind)
    if (bytes === 0) return 0
    const fetched = streamed * bytes
    if (!stack.gathersWeights) return fetched
    return fetched + collectives.allGather(bytes * ranks, ranks) / stack.constants.gatherShare.value
  }
  const dense = layer("dense")
  const mixture = layer("mixture")
  const seconds = (stage: Stage): number => stage.dense * dense + stage.mixture * mixture
  const isHidden = stack.gathersWeights || stack.overlapsOffload
  return {
    exposedSeconds: (stage) => (isHidden ? 0 : seconds(stage)),
    hiddenSeconds: (stage) => (isHidden ? seconds(stage) : 0)
  }
}
