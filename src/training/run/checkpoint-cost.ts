/**
 * What a checkpoint weighs and how long it takes.
 */
import { find, isUnknownName } from "../../catalog/index.ts"
import { countParameters } from "../../transformer/index.ts"
import { halfOf } from "../number-format.ts"
import type { TrainingJob } from "../types.ts"

/**
 * Bytes of a checkpoint: every parameter once, as working weights and with its optimizer states, 14 bytes in most stacks:
 * 2 of 16-bit weights, 4 of fp32 master weights, 8 of Adam's moments.
 */
export const checkpointBytes = ({ model, stack, ...job }: TrainingJob): number => {
  const half = halfOf({ model, stack, ...job })
  return countParameters(model).total * (stack.memory.weightBytes[half] + stack.memory.optimizerBytes[half])
}

/**
 * Seconds in which the accelerators copy their part of a checkpoint to the host. Sharded states are copied by all ranks,
 * replicated ones by the ranks of one replica.
 */
export const copySeconds = (job: TrainingJob, bytes: number): number => {
  const { tensor, pipeline, context, data } = job.layout
  const copying = job.sharding.zeroStage === 0 ? tensor * pipeline : tensor * pipeline * context * data
  const link = find("links", job.accelerator.host)
  const factor = job.accelerator.attained?.hostRate ?? 1
  return isUnknownName(link) ? 0 : bytes / copying / (link.bytesPerSecond * link.pointToPointShare * factor)
}
