/**
 * The usual ways out of a lack of memory, the smallest first, each simulated.
 */
import { isImpossible, simulateTraining, type TrainingResult } from "../training/index.ts"
import { assign } from "./assignment.ts"
import { splitPath } from "./issue.ts"
import { scenarioFromData, type LoadedScenario, type Refused } from "./load.ts"
import { resolveTraining, type ResolvedTraining } from "./resolve-training.ts"

export interface Alternative {
  /** Paths of a scenario with their new values. */
  readonly changes: Changes
  readonly result: TrainingResult
}

export type Changes = Readonly<Record<string, unknown>>

/** Changes in the words of a scenario: "pipeline: 24, data: 4". */
export const changeText = (changes: Changes): string =>
  Object.entries(changes)
    .map(([path, value]) => `${path.split(".").at(-1)}: ${String(value)}`)
    .join(", ")

/** Changes of one setting or one size; the sizes of the layout still multiply out. */
const small = ({ job, accelerators }: ResolvedTraining): readonly Changes[] => {
  const { tensor, pipeline, data } = job.layout
  const { zeroStage } = job.sharding
  const sizes = "training.parallelism"
  const halved = data % 2 === 0 ? { [`${sizes}.data`]: data / 2 } : { "cluster.accelerators": 2 * accelerators }
  const recompute = job.recompute === "full" ? [] : job.recompute === "selective" ? ["full"] : ["selective", "full"]
  return [
    ...recompute.map((recompute) => ({ "training.recompute": recompute })),
    ...[1, 2, 3].filter((stage) => stage > zeroStage && data > 1).map((stage) => ({ "training.zeroStage": stage })),
    ...(job.microBatch > 1 ? [{ "training.microBatch": Math.ceil(job.microBatch / 2) }] : []),
    ...(job.microBatch > 2 ? [{ "training.microBatch": 1 }] : []),
    ...(job.offload.optimizer ? [] : [{ "training.offload.optimizer": true }]),
    { [`${sizes}.tensor`]: 2 * tensor, ...halved },
    { [`${sizes}.pipeline`]: 2 * pipeline, ...halved },
    ...(zeroStage > 0 ? [{ "cluster.accelerators": 2 * accelerators, [`${sizes}.data`]: 2 * data }] : [])
  ]
}

/** Two changes at once, for work that is far too large. */
const large = ({ job, accelerators }: ResolvedTraining): readonly Changes[] => {
  const { tensor, pipeline, data } = job.layout
  const sizes = "training.parallelism"
  const sharded = { "training.recompute": "full", "training.zeroStage": 3 }
  return [
    ...(data > 1 ? [sharded] : []),
    ...[2, 4, 8].flatMap((times) => [
      { "training.recompute": "full", [`${sizes}.tensor`]: times * tensor, ...shrunk(data, times, accelerators) },
      { "training.recompute": "full", [`${sizes}.pipeline`]: times * pipeline, ...shrunk(data, times, accelerators) },
      { ...sharded, "cluster.accelerators": times * accelerators, [`${sizes}.data`]: times * data }
    ])
  ]
}

const shrunk = (data: number, times: number, accelerators: number): Changes =>
  data % times === 0 ? { "training.parallelism.data": data / times } : { "cluster.accelerators": times * accelerators }

/** The smallest changes after which the work fits, the fastest first; at most `most` of them. */
export const changesThatFit = (resolved: ResolvedTraining, most = 3): readonly Alternative[] => {
  for (const candidates of [small, large]) {
    const fitting = candidates(resolved).flatMap((changes) => {
      const result = simulated(resolved, changes)
      return result?.memory.fits === true ? [{ changes, result }] : []
    })
    if (fitting.length > 0)
      return fitting.sort((a, b) => a.result.iterationSeconds - b.result.iterationSeconds).slice(0, most)
  }
  return []
}

/** The same scenario with some paths set. */
export const scenarioWith = (
  { scenario }: Pick<LoadedScenario, "scenario">,
  changes: Changes
): LoadedScenario | Refused =>
  scenarioFromData({
    name: scenario.name ?? "scenario",
    data: Object.entries(changes).reduce<unknown>(
      (before, [path, value]) => assign(before, { path: splitPath(path), value }),
      scenario
    )
  })

const simulated = (resolved: ResolvedTraining, changes: Changes): TrainingResult | undefined => {
  // Ranks that do the same need not be simulated one by one, whatever the scenario says.
  const loaded = scenarioWith(resolved, { ...changes, symmetry: "on" })
  const changed = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  if (changed._tag === "Refused") return undefined
  const outcome = simulateTraining(changed.job)
  return isImpossible(outcome) ? undefined : outcome
}
