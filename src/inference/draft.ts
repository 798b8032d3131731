/**
 * What a draft costs a step: it reads the prompts that the model reads, and then writes its proposals one token after the other,
 * for all sequences together, on the ranks of the last stage.
 */
import type { InferenceTarget, StepLoad, StepModel } from "./types.ts"
import { makeStepLoad } from "./step-load.ts"

export interface Draft {
  readonly seconds: (load: StepLoad) => number
  readonly addWork: StepModel["addWork"]
}

/**
 * The draft of a server; undefined where there is none to run.
 *
 * @param makeSteps prices the draft's own steps
 */
export const makeDraft = (
  { speculation }: InferenceTarget,
  makeSteps: (target: InferenceTarget) => StepModel
): Draft | undefined => {
  const draft = speculation?.draft ?? null
  if (speculation === undefined || draft === null) return undefined
  const { tokens } = speculation
  const steps = makeSteps(draft)
  const own = makeStepLoad()
  const ofPrompts = (load: StepLoad): StepLoad => {
    Object.assign(own, load)
    own.decodes = own.decodeContext = own.decodeWindow = 0
    own.fullestDecodes = own.fullestTokens = own.fullestSequences = 0
    own.sampled = load.sampled - load.decodes
    return own
  }
  /** The proposals of the middle stand for all: each attends to one token more than the one before. */
  const ofProposals = (load: StepLoad): StepLoad => {
    own.decodes = own.sampled = load.decodes
    own.fullestDecodes = own.fullestTokens = own.fullestSequences = load.fullestDecodes ?? 0
    own.decodeContext = load.decodeContext + (load.decodes * (tokens - 1)) / 2
    own.decodeWindow = load.decodeWindow + (load.decodes * (tokens - 1)) / 2
    own.prefills = own.prefillTokens = own.prefillPairs = own.prefillContext = 0
    return own
  }
  const stages = (load: StepLoad): number => {
    let seconds = 0
    for (let stage = 0; stage < steps.stages; stage++) seconds += steps.stageSeconds(stage, load)
    return seconds
  }
  return {
    seconds: (load) =>
      (load.prefills > 0 ? stages(ofPrompts(load)) : 0) + (load.decodes > 0 ? tokens * stages(ofProposals(load)) : 0),
    addWork: (load, into) => {
      if (load.prefills > 0) steps.addWork(ofPrompts(load), into)
      if (load.decodes > 0) for (let token = 0; token < tokens; token++) steps.addWork(ofProposals(load), into)
    }
  }
}
