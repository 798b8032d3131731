/**
 * What a scenario on machines of several kinds may not ask besides, and which fields need such machines.
 */
import type { MachineGroup } from "../training/index.ts"
import type { Finding } from "./issue.ts"
import type { TrainingScenario } from "./schema.ts"
import { refuse } from "./size-checks.ts"

/** Schedules of any number of micro-batches, which replicas may run different ones of. */
const anyCount: readonly unknown[] = [undefined, "1f1b", "gpipe", "naive", "zb-h1", "zb-h2"]

/** Findings about a layer split, replicas and groups of machines. */
export const findUnmixable = (
  { training, cluster }: TrainingScenario,
  groups: readonly MachineGroup[] | undefined
): readonly Finding[] => {
  const found: Finding[] = []
  const { layerSplit, recompute, replicaMicroBatches: counts, kernels, run, parallelism, schedule } = training
  if (layerSplit === "balanced" && typeof recompute === "object")
    found.push(
      refuse(
        ["training", "layerSplit"],
        "balanced",
        "how long a layer takes depends on its place where the first blocks of a stage are recomputed",
        "layers given by hand, or recompute of none, selective or full"
      )
    )
  if (counts !== undefined) {
    const path = ["training", "replicaMicroBatches"]
    const given = Array.isArray(counts) ? counts.join(", ") : "balanced"
    if (cluster.groups === undefined)
      found.push(refuse(path, given, "all replicas are on machines of one kind", "cluster.groups, or nothing"))
    else if ((parallelism?.virtualPipeline ?? 1) > 1 || !anyCount.includes(schedule))
      found.push(
        refuse(
          path,
          given,
          "the schedule does not run any number of micro-batches",
          "1f1b, gpipe, naive, zb-h1 or zb-h2"
        )
      )
    else if (Array.isArray(counts) && groups !== undefined && counts.length !== groups.length)
      found.push(
        refuse(
          path,
          given,
          `${counts.length} counts for ${groups.length} groups of machines`,
          "one a group of machines"
        )
      )
  }
  if (groups === undefined) return found
  if (kernels !== undefined && kernels.length > 0)
    found.push(
      refuse(
        ["training", "kernels"],
        kernels.length,
        "measured kernels are of one accelerator",
        "no kernels, or no groups"
      )
    )
  if (run !== undefined)
    found.push(
      refuse(
        ["training", "run"],
        "a run",
        "a whole run is simulated on machines of one kind",
        "training.tokens, for the length and the cost without failures"
      )
    )
  return found
}
