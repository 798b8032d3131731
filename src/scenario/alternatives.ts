/**
 * The usual ways out of a lack of memory, each simulated.
 */
import { isImpossible, simulateTraining, type TrainingResult } from "../training/index.ts"
import { assign } from "./assignment.ts"
import { splitPath } from "./issue.ts"
import { scenarioFromData } from "./load.ts"
import { resolveScenario, type ResolvedScenario } from "./resolve.ts"

export interface Alternative {
  /** What changes, in the words of a scenario. */
  readonly change: string
  readonly result: TrainingResult
}

type Changes = Readonly<Record<string, unknown>>

const candidates = ({ job, accelerators }: ResolvedScenario): readonly Changes[] => {
  const { tensor, pipeline, data } = job.layout
  const sizes = "training.parallelism"
  return [
    { "training.recompute": "selective" },
    { "training.recompute": "full" },
    { "training.zeroStage": 1 },
    { "training.zeroStage": 3 },
    { "training.microBatch": 1 },
    { [`${sizes}.tensor`]: tensor * 2, [`${sizes}.data`]: data / 2 },
    { [`${sizes}.pipeline`]: pipeline * 2, [`${sizes}.data`]: data / 2 },
    { [`${sizes}.tensor`]: tensor * 2, "cluster.accelerators": accelerators * 2 },
    { [`${sizes}.pipeline`]: pipeline * 2, "cluster.accelerators": accelerators * 2 },
    { "training.recompute": "full", [`${sizes}.tensor`]: tensor * 2, [`${sizes}.data`]: data / 2 }
  ]
}

/** Changes after which the work fits, the fastest first; at most `most` of them. */
export const changesThatFit = (resolved: ResolvedScenario, most = 3): readonly Alternative[] =>
  candidates(resolved)
    .flatMap((changes) => {
      const result = simulated(resolved, changes)
      const change = Object.entries(changes).map(([path, value]) => `${path.split(".").at(-1)}: ${String(value)}`)
      return result?.memory.fits === true ? [{ change: change.join(", "), result }] : []
    })
    .sort((a, b) => a.result.iterationSeconds - b.result.iterationSeconds)
    .slice(0, most)

const simulated = ({ scenario }: ResolvedScenario, changes: Changes): TrainingResult | undefined => {
  const data = Object.entries(changes).reduce<unknown>(
    (before, [path, value]) => assign(before, { path: splitPath(path), value }),
    scenario
  )
  const loaded = scenarioFromData({ name: "alternative", data })
  const resolved = loaded._tag === "Refused" ? loaded : resolveScenario(loaded)
  if (resolved._tag === "Refused") return undefined
  const outcome = simulateTraining(resolved.job)
  return isImpossible(outcome) ? undefined : outcome
}
