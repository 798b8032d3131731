/**
 * Everything that starts a simulated training for real, the framework that is most like the scenario's stack first.
 */
import type { ResolvedTraining } from "../../scenario/index.ts"
import type { LaunchFile } from "./file.ts"
import { deepspeedLaunch, megatronLaunch } from "./megatron.ts"
import { torchtitanLaunch } from "./torchtitan.ts"

const nearest = ({ job: { stack } }: ResolvedTraining): string =>
  stack.name.includes("deepspeed") ? "deepspeed" : stack.fullySharded ? "torchtitan" : "megatron-lm"

export const trainingLaunch = (resolved: ResolvedTraining): readonly LaunchFile[] => {
  const first = nearest(resolved)
  return [megatronLaunch(resolved), deepspeedLaunch(resolved), torchtitanLaunch(resolved)].toSorted(
    (one, other) => Number(other.name === first) - Number(one.name === first)
  )
}
