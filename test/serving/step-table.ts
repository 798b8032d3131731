/** The steps of a run as a table. */
import type { StepLoad } from "../../src/inference/index.ts"
import { type RequestSource, type ServingJob, type ServingLog, simulateServing } from "../../src/serving/index.ts"

/** Of a step: prompts, their tokens, sequences that decode, the sum of what they attend to. */
export type StepRow = readonly [prefills: number, prefillTokens: number, decodes: number, decodeContext: number]

/** Runs without leaps and writes down every step. */
export const stepTable = (
  job: ServingJob,
  source: RequestSource
): { readonly steps: readonly StepRow[]; readonly log: ServingLog } => {
  const steps: StepRow[] = []
  const note = ({ prefills, prefillTokens, decodes, decodeContext }: StepLoad): void => {
    steps.push([prefills, prefillTokens, decodes, decodeContext])
  }
  const { stageSeconds } = job.steps
  const watched = {
    ...job.steps,
    stageSeconds: (stage: number, load: StepLoad) => {
      if (stage === 0) note(load)
      return stageSeconds(stage, load)
    }
  }
  return { steps, log: simulateServing({ ...job, steps: watched, leap: "off" }, { source }) }
}
