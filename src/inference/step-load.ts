import type { StepLoad } from "./types.ts"

/** A step with nothing to do, to be filled in. All are made here, so that engines see records of one shape. */
export const makeStepLoad = (): StepLoad => ({
  decodes: 0,
  decodeContext: 0,
  decodeWindow: 0,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: 0,
  fullestDecodes: 0,
  fullestTokens: 0,
  fullestSequences: 0
})
