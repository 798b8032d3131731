/**
 * What a step works on, from the shares of its data-attention groups.
 *
 * With several groups every layer waits for the fullest group, while the experts work on the tokens of all groups together: sequences
 * and tokens are summed, and those of the fullest group told beside them; contexts are those of the busiest group times the number
 * of groups, so that a model which divides them by the groups prices the slowest. What the accelerators really did is counted from
 * plain sums.
 */
import type { StepLoad } from "../../inference/index.ts"
import type { Part } from "../policy/scheduler.ts"

/** Writes the plain sums. */
export const sumLoads = (parts: readonly Part[], into: StepLoad): void => {
  clear(into)
  for (const part of parts) addSequences(part, into)
  if (parts.length > 1) findFullest(parts, into)
  for (const part of parts) {
    if (part.isDecoding) {
      into.decodeContext += part.decodes.context
      into.decodeWindow += part.decodes.windowed
    }
    into.prefillPairs += part.prefillPairs
    into.prefillContext += part.prefillContext
  }
}

/** Writes what the step's seconds depend on. */
export const lockStepLoad = (parts: readonly Part[], into: StepLoad): void => {
  if (parts.length === 1) return sumLoads(parts, into)
  clear(into)
  findFullest(parts, into)
  for (const part of parts) {
    addSequences(part, into)
    if (part.isDecoding) {
      into.decodeContext = Math.max(into.decodeContext, part.decodes.context)
      into.decodeWindow = Math.max(into.decodeWindow, part.decodes.windowed)
    }
    into.prefillPairs = Math.max(into.prefillPairs, part.prefillPairs)
    into.prefillContext = Math.max(into.prefillContext, part.prefillContext)
  }
  into.decodeContext *= parts.length
  into.decodeWindow *= parts.length
  into.prefillPairs *= parts.length
  into.prefillContext *= parts.length
}

const findFullest = (parts: readonly Part[], into: StepLoad): void => {
  let [mostDecodes, mostTokens, mostSequences] = [0, 0, 0]
  for (const part of parts) {
    const decodes = part.isDecoding ? part.decodes.count : 0
    if (decodes > mostDecodes) mostDecodes = decodes
    if (decodes + part.prefillTokens > mostTokens) mostTokens = decodes + part.prefillTokens
    if (decodes + part.chunks > mostSequences) mostSequences = decodes + part.chunks
  }
  into.fullestDecodes = mostDecodes
  into.fullestTokens = mostTokens
  into.fullestSequences = mostSequences
}

const addSequences = (part: Part, into: StepLoad): void => {
  if (part.isDecoding) {
    into.decodes += part.decodes.count
    into.sampled += part.decodes.count
  }
  into.prefills += part.chunks
  into.prefillTokens += part.prefillTokens
  into.sampled += part.completing
}

const clear = (load: StepLoad): void => {
  load.decodes = 0
  load.decodeContext = 0
  load.decodeWindow = 0
  load.prefills = 0
  load.prefillTokens = 0
  load.prefillPairs = 0
  load.prefillContext = 0
  load.sampled = 0
  load.fullestDecodes = 0
  load.fullestTokens = 0
  load.fullestSequences = 0
}
