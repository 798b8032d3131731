/**
 * The simulations of a sensitivity, on several threads.
 */
import {
  concludedSensitivity,
  sensitivityStudy,
  type NoSensitivity,
  type SensitivityOutcome
} from "../planner/index.ts"
import type { Point, PointRequest } from "../report/index.ts"
import type { ResolvedScenario } from "../scenario/index.ts"

export const studySensitivity = async (
  resolved: ResolvedScenario,
  by: number,
  wanted: string | undefined,
  run: (requests: readonly PointRequest[]) => Promise<readonly Point[]>
): Promise<SensitivityOutcome | NoSensitivity> => {
  const study = sensitivityStudy(resolved, by)
  return concludedSensitivity(study, await run(study.requests), wanted)
}
