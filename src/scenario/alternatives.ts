/**
 * The usual ways out of a lack of memory, the smallest first, each simulated.
 */
import { isImpossible, simulateTraining, type TrainingResult } from "../training/index.ts"
import { scenarioFromData, type LoadedScenario, type Refused } from "./load.ts"
import { changedData, type Changes } from "./mending/changes.ts"
import { clusterSize } from "./mending/cluster-size.ts"
import { largerVariant, roomier } from "./mending/roomier.ts"
import { trainingChangesThatRun } from "./mending/training.ts"
import { resolveTraining, type ResolvedTraining } from "./resolve-training.ts"

export interface Alternative {
  /** Paths of a scenario with their new values. */
  readonly changes: Changes
  readonly result: TrainingResult
}

/** Changes of one setting or one size; the sizes of the layout still multiply out. */
const small = (resolved: ResolvedTraining): readonly Changes[] => {
  const { job, accelerators, scenario } = resolved
  const more = clusterSize(scenario.cluster, job.fabric.acceleratorsPerNode)
  const { tensor, pipeline, data } = job.layout
  const sizes = "training.parallelism"
  const halved = data % 2 === 0 ? { [`${sizes}.data`]: data / 2 } : more(2 * accelerators)
  return [
    ...roomier(resolved),
    { [`${sizes}.tensor`]: 2 * tensor, ...halved },
    { [`${sizes}.pipeline`]: 2 * pipeline, ...halved },
    ...largerVariant(job.accelerator).map((accelerator) => ({ "cluster.accelerator": accelerator })),
    ...(job.sharding.zeroStage > 0 ? [{ ...more(2 * accelerators), [`${sizes}.data`]: 2 * data }] : [])
  ]
}

/** Two changes at once, for work that is far too large. */
const large = ({ job, accelerators, scenario }: ResolvedTraining): readonly Changes[] => {
  const more = clusterSize(scenario.cluster, job.fabric.acceleratorsPerNode)
  const shrunk = (times: number): Changes =>
    job.layout.data % times === 0
      ? { "training.parallelism.data": job.layout.data / times }
      : more(times * accelerators)
  const { tensor, pipeline, data } = job.layout
  const sizes = "training.parallelism"
  const sharded = { "training.recompute": "full", "training.zeroStage": 3 }
  return [
    ...(data > 1 ? [sharded] : []),
    ...[2, 4, 8].flatMap((times) => [
      { "training.recompute": "full", [`${sizes}.tensor`]: times * tensor, ...shrunk(times) },
      { "training.recompute": "full", [`${sizes}.pipeline`]: times * pipeline, ...shrunk(times) },
      { ...sharded, ...more(times * accelerators), [`${sizes}.data`]: times * data }
    ])
  ]
}

/** Whether a change asks for other or more machines than there are. */
const needsMachines = ({ changes }: Alternative): boolean =>
  Object.keys(changes).some((path) => path.startsWith("cluster."))

/**
 * The smallest changes after which the work fits, those on the machines that there are before those that need others, then the fastest
 * first; at most `most` of them.
 */
export const changesThatFit = (resolved: ResolvedTraining, most = 3): readonly Alternative[] => {
  for (const candidates of [small, large]) {
    const fitting = candidates(resolved).flatMap((changes) => {
      const result = simulated(resolved, changes)
      return result?.memory.fits === true ? [{ changes, result }] : []
    })
    if (fitting.length > 0)
      return fitting
        .sort(
          (a, b) =>
            Number(needsMachines(a)) - Number(needsMachines(b)) || a.result.iterationSeconds - b.result.iterationSeconds
        )
        .slice(0, most)
  }
  return trainingChangesThatRun(resolved, {}, most)
}

/** The same scenario with some paths set. */
export const scenarioWith = (
  { scenario }: Pick<LoadedScenario, "scenario">,
  changes: Changes
): LoadedScenario | Refused =>
  scenarioFromData({
    name: scenario.name ?? "scenario",
    data: changedData(scenario, changes)
  })

const simulated = (resolved: ResolvedTraining, changes: Changes): TrainingResult | undefined => {
  // Ranks that do the same need not be simulated one by one, whatever the scenario says.
  const loaded = scenarioWith(resolved, { ...changes, symmetry: "on" })
  const changed = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (changed._tag === "Refused") return undefined
  const outcome = simulateTraining(changed.job)
  return isImpossible(outcome) ? undefined : outcome
}
