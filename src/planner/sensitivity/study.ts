/**
 * The sensitivity of a scenario as a study: which simulations it takes, and what they come to. Whoever runs it simulates the
 * requests in any way and hands the points back; with the first few of them it tells of the first few resources.
 */
import type { Changes, DecodedScenario, ResolvedScenario, ResourceFactors } from "../../scenario/index.ts"
import { objectivesOf, outcomeOf, type SidePoint, type TrainedSide } from "./objectives.ts"
import type { Objective } from "./response.ts"
import { sensitivityOf, sidesOf, type Sensitivity } from "./sensitivity.ts"
import { servingVariations, trainingVariations, type Variation } from "./variation.ts"

/** One simulation: the scenario with some fields set, on slightly other machines. Plain data, for worker threads. */
export interface SideRequest {
  readonly scenario: DecodedScenario
  readonly changes: Changes
  readonly seed: number
  readonly factors?: ResourceFactors
}

export interface SensitivityStudy {
  readonly by: number
  readonly variations: readonly Variation[]
  /** The scenario as it is first, then the sides of each variation. */
  readonly requests: readonly SideRequest[]
}

export interface SensitivityOutcome {
  readonly sensitivity: Sensitivity
  /** The scenario as it is. */
  readonly base: TrainedSide | { readonly kind: "serving" }
  /** Whether each simulation fits: with less memory, as it is, with more. */
  readonly fits: { readonly less: boolean; readonly own: boolean; readonly more: boolean }
  /** What else there is to say. */
  readonly notes?: readonly string[]
}

/** Why there is no sensitivity: the scenario itself cannot run, or has no such objective. */
export interface NoSensitivity {
  readonly reason: string
  readonly objectives: readonly Objective[]
}

/** @param by  0.1 = ten per cent more of each */
export const sensitivityStudy = (resolved: ResolvedScenario, by: number): SensitivityStudy => {
  const isTraining = resolved._tag === "ResolvedTraining"
  const variations = isTraining ? trainingVariations(resolved, by) : servingVariations(resolved, by)
  // Ranks that do the same need not be simulated one by one, whatever the scenario says.
  const common = isTraining ? { symmetry: "on" } : {}
  return {
    by,
    variations,
    requests: sidesOf(variations).map(({ factors, changes }) => ({
      scenario: resolved.scenario,
      changes: { ...common, ...changes },
      seed: resolved.job.seed,
      ...(factors === undefined ? {} : { factors })
    }))
  }
}

/**
 * @param points  of the study's requests, in their order; where some are missing, of the first
 * @param wanted  objective to sort by; default the first that there is
 */
export const concludedSensitivity = (
  { by, variations, requests }: SensitivityStudy,
  points: readonly SidePoint[],
  wanted?: string
): SensitivityOutcome | NoSensitivity => {
  const [base] = points
  if (base === undefined || base.kind === "none") return { reason: base?.reason ?? "nothing ran", objectives: [] }
  const own = base.kind === "serving" || base.fits
  const first = outcomeOf(base, true)
  const all = typeof first === "string" ? [] : (objectivesOf(base.kind, first, undefined) ?? [])
  const objectives = typeof first === "string" ? undefined : objectivesOf(base.kind, first, wanted)
  if (objectives === undefined) return { reason: "no such objective", objectives: all }
  const known =
    points.length < requests.length ? variations.slice(0, variationsOf(variations, points.length)) : variations
  const outcomes = points.map((point) => outcomeOf(point, !own))
  const sensitivity = sensitivityOf(known, outcomes, objectives, by)
  const memory = variations.findIndex(({ resource }) => resource === "memoryBytes")
  // Every variation before the memory's has both sides.
  const fitting = (index: number): boolean => {
    const point = points[index]
    return point !== undefined && (point.kind === "serving" || (point.kind === "training" && point.fits))
  }
  return { sensitivity, base, fits: { less: fitting(1 + 2 * memory), own, more: fitting(2 + 2 * memory) } }
}

/** How many variations have all of their sides among so many points. */
export const variationsOf = (variations: readonly Variation[], points: number): number => {
  let sides = 1
  const missing = variations.findIndex(({ less }) => (sides += less === null ? 1 : 2) > points)
  return missing < 0 ? variations.length : missing
}
