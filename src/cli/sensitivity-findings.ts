/**
 * A sensitivity as a report tells it.
 */
import { remarksOf, sentenceOf } from "../planner/index.ts"
import type { Point, PointRequest, SensitivityFindings } from "../report/index.ts"
import type { ResolvedScenario } from "../scenario/index.ts"
import { studySensitivity } from "./sensitivity-study.ts"

/** Per cent by which a report moves each resource. */
const usualStep = 0.1

/** Undefined where the scenario itself cannot run. */
export const sensitivityFindings = async (
  resolved: ResolvedScenario,
  run: (requests: readonly PointRequest[]) => Promise<readonly Point[]>
): Promise<SensitivityFindings | undefined> => {
  const outcome = await studySensitivity(resolved, usualStep, undefined, run)
  if ("reason" in outcome) return undefined
  const { by, objectives, effects } = outcome.sensitivity
  return { by, objectives, effects, finding: sentenceOf(outcome), remarks: remarksOf(outcome) }
}
