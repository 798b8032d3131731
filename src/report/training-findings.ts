/**
 * What the report of a training is written from.
 */
import type { Alternative, ResolvedTraining } from "../scenario/index.ts"
import type { TrainingResult } from "../training/index.ts"
import type { Provenance } from "./document.ts"
import type { NearestCase } from "./nearest.ts"
import type { TrainingStudy } from "./study.ts"

export interface TrainingFindings {
  readonly resolved: ResolvedTraining
  readonly result: TrainingResult
  readonly study: TrainingStudy
  readonly nearest: readonly NearestCase[]
  /** Where it does not fit: the smallest changes after which it does. */
  readonly alternatives: readonly Alternative[]
  readonly provenance: Provenance
}
