/**
 * The whole run of a training, for all commands that tell of it.
 */
import type { ResolvedTraining } from "../scenario/index.ts"
import { simulateWholeRun, type TrainingResult } from "../training/index.ts"

/** The whole run, where the scenario says what happens in it. What does not fit does not run, however long. */
export const wholeRunOf = ({ job }: ResolvedTraining, outcome: TrainingResult) => {
  const settings = job.run?.settings
  return settings === undefined || !outcome.memory.fits ? undefined : simulateWholeRun(job, outcome, settings)
}
