/**
 * Settings that take less memory, one at a time, and the same accelerator with more of it.
 */
import { accelerators as everyAccelerator, type Accelerator } from "../../catalog/index.ts"
import type { ResolvedTraining } from "../resolve-training.ts"
import type { Changes } from "./changes.ts"

/** Changes of one setting after which the work takes less memory on the same accelerators. */
export const roomier = ({ job }: ResolvedTraining): readonly Changes[] => {
  const { data } = job.layout
  const recompute = job.recompute === "full" ? [] : job.recompute === "selective" ? ["full"] : ["selective", "full"]
  return [
    ...recompute.map((recompute) => ({ "training.recompute": recompute })),
    ...[1, 2, 3]
      .filter((stage) => stage > job.sharding.zeroStage && data > 1)
      .map((stage) => ({ "training.zeroStage": stage })),
    ...(job.microBatch > 1 ? [{ "training.microBatch": Math.ceil(job.microBatch / 2) }] : []),
    ...(job.microBatch > 2 ? [{ "training.microBatch": 1 }] : []),
    ...(job.offload.optimizer ? [] : [{ "training.offload.optimizer": true }])
  ]
}

/** The next larger variant of an accelerator, such as 80 GB for 40 GB: same chip, same links. */
export const largerVariant = (accelerator: Accelerator): readonly string[] =>
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
