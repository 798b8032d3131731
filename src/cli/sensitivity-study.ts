/**
 * The simulations of a sensitivity, on several threads.
 */
import {
  sensitivityOf,
  servingVariations,
  sidesOf,
  trainingVariations,
  type Objective,
  type Sensitivity
} from "../planner/index.ts"
import type { Point, PointRequest } from "../report/index.ts"
import type { ResolvedScenario } from "../scenario/index.ts"
import { objectivesOf, outcomeOf } from "./sensitivity-objectives.ts"

export interface SensitivityOutcome {
  readonly sensitivity: Sensitivity
  /** The scenario as it is. */
  readonly base: Exclude<Point, { readonly kind: "none" }>
  /** Whether each simulation fits: with less memory, as it is, with more. */
  readonly fits: { readonly less: boolean; readonly own: boolean; readonly more: boolean }
}

/** Why there is no sensitivity: the scenario itself cannot run, or has no such objective. */
export interface NoSensitivity {
  readonly reason: string
  readonly objectives: readonly Objective[]
}

export const studySensitivity = async (
  resolved: ResolvedScenario,
  by: number,
  wanted: string | undefined,
  run: (requests: readonly PointRequest[]) => Promise<readonly Point[]>
): Promise<SensitivityOutcome | NoSensitivity> => {
  const isTraining = resolved._tag === "ResolvedTraining"
  const variations = isTraining ? trainingVariations(resolved, by) : servingVariations(resolved, by)
  // Ranks that do the same need not be simulated one by one, whatever the scenario says.
  const common = isTraining ? { symmetry: "on" } : {}
  const points = await run(
    sidesOf(variations).map(({ factors, changes }) => ({
      scenario: resolved.scenario,
      changes: { ...common, ...changes },
      seed: resolved.job.seed,
      ...(factors === undefined ? {} : { factors })
    }))
  )
  const [base] = points
  if (base === undefined || base.kind === "none") return { reason: base?.reason ?? "nothing ran", objectives: [] }
  const own = base.kind === "serving" || base.fits
  const first = outcomeOf(base, true)
  const all = typeof first === "string" ? [] : (objectivesOf(base.kind, first, undefined) ?? [])
  const objectives = typeof first === "string" ? undefined : objectivesOf(base.kind, first, wanted)
  if (objectives === undefined) return { reason: "no such objective", objectives: all }
  const outcomes = points.map((point) => outcomeOf(point, !own))
  const sensitivity = sensitivityOf(variations, outcomes, objectives, by)
  const memory = variations.findIndex(({ resource }) => resource === "memoryBytes")
  // Every variation before the memory's has both sides.
  const fitting = (index: number): boolean => {
    const point = points[index]
    return point !== undefined && (point.kind === "serving" || (point.kind === "training" && point.fits))
  }
  return { sensitivity, base, fits: { less: fitting(1 + 2 * memory), own, more: fitting(2 + 2 * memory) } }
}
