/**
 * What the report of a training is written from.
 */
import type { PredictionInterval, Residual } from "../intervals/index.ts"
import type { Alternative, ResolvedTraining } from "../scenario/index.ts"
import type { TrainingResult, WholeRun } from "../training/index.ts"
import type { Provenance } from "./document.ts"
import type { SensitivityFindings } from "./sensitivity.ts"
import type { TrainingStudy } from "./study.ts"

export interface TrainingFindings {
  readonly resolved: ResolvedTraining
  readonly result: TrainingResult
  readonly study: TrainingStudy
  /** Where the scenario says what happens in it (training.run). */
  readonly wholeRun?: WholeRun | undefined
  /** Of the iteration; undefined where nothing like it was measured. */
  readonly interval: PredictionInterval | undefined
  readonly nearest: readonly Residual[]
  /** Where it does not fit: the smallest changes after which it does. */
  readonly alternatives: readonly Alternative[]
  /** What a little more of each resource does; absent = not asked. */
  readonly sensitivity?: SensitivityFindings | undefined
  readonly provenance: Provenance
}
