/**
 * The steps of a run in segments of equal steps: its stages one after the other, the batch growing where it is ramped up.
 */
import type { BatchRamp, RunStage } from "./types.ts"

/** Consecutive steps of one stage with one batch. */
export interface PlannedSteps {
  readonly steps: number
  readonly globalBatch: number
  readonly stage: RunStage
}

/** Batch after so many sequences, and how many sequences it lasts; as Megatron-LM's RampupBatchsizeNumMicroBatches counts. */
const rampedBatch = (
  ramp: BatchRamp | null,
  fullBatch: number,
  samples: number
): { readonly batch: number; readonly until: number } => {
  if (ramp === null || samples >= ramp.samples || ramp.from >= fullBatch) return { batch: fullBatch, until: Infinity }
  const growths = Math.ceil((fullBatch - ramp.from) / ramp.increment)
  const each = ramp.samples / growths
  const grown = Math.min(growths, Math.floor(samples / each))
  return {
    batch: Math.min(fullBatch, ramp.from + grown * ramp.increment),
    until: grown >= growths ? Infinity : (grown + 1) * each
  }
}

/** Whole steps until every stage has had its tokens and the run all of them. */
export const plannedSteps = (
  tokens: number,
  stages: readonly RunStage[],
  ramp: BatchRamp | null
): readonly PlannedSteps[] => {
  const found: PlannedSteps[] = []
  const fullBatch = stages[0]?.globalBatch ?? 1
  let [samples, passed] = [0, 0]
  stages.forEach((stage, index) => {
    const isLast = index === stages.length - 1
    const stageEnd = Math.min(tokens, isLast ? tokens : passed + (stage.tokens ?? tokens))
    // The ramp ends at the batch of the first stage; a later stage has its batch from the start.
    while (passed < stageEnd) {
      const { batch, until } =
        index === 0 ? rampedBatch(ramp, fullBatch, samples) : { batch: stage.globalBatch, until: Infinity }
      const toStageEnd = Math.ceil((stageEnd - passed) / (batch * stage.sequenceLength))
      const steps = Math.max(1, Math.min(toStageEnd, Math.ceil((until - samples) / batch)))
      const last = found.at(-1)
      if (last !== undefined && last.stage === stage && last.globalBatch === batch)
        found[found.length - 1] = { ...last, steps: last.steps + steps }
      else found.push({ steps, globalBatch: batch, stage })
      samples += steps * batch
      passed += steps * batch * stage.sequenceLength
    }
  })
  return found
}

/** Batches that a ramp goes through before the full one. */
export const rampBatches = (ramp: BatchRamp, fullBatch: number): readonly number[] => {
  const growths = Math.max(0, Math.ceil((fullBatch - ramp.from) / ramp.increment))
  return Array.from({ length: growths }, (_, growth) => ramp.from + growth * ramp.increment)
}
