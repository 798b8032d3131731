/**
 * Seconds and watts of the steps of every segment, each simulated as an iteration of its own.
 */
import { simulateTraining, isImpossible } from "../simulate.ts"
import type { ImpossibleLayout, TrainingJob, TrainingResult } from "../types.ts"
import type { PlannedSteps } from "./segments.ts"
import type { RunStage, Segment } from "./types.ts"

/** Batches of a stage that are simulated one by one; of more, so many, and the others lie on straight lines between them. */
const mostSimulated = 16

/** The job of one stage at a batch. Context ranks are taken from the replicas. */
export const stageJob = (job: TrainingJob, stage: RunStage, globalBatch: number): TrainingJob => ({
  ...job,
  globalBatch,
  microBatch: stage.microBatch,
  sequenceLength: stage.sequenceLength,
  layout: {
    ...job.layout,
    context: stage.context,
    data: (job.layout.data * job.layout.context) / stage.context
  },
  trace: "off"
})

interface StepCost {
  readonly batch: number
  readonly seconds: number
  readonly joules: number
  readonly fits: boolean
}

/** Iterations take the same time more for each further micro-batch once the pipeline is full. */
const between = (costs: readonly StepCost[], batch: number): StepCost => {
  const above = Math.max(
    1,
    costs.findIndex((cost) => cost.batch >= batch)
  )
  const [low, high] = [costs[above - 1]!, costs[above] ?? costs[above - 1]!]
  const share = high.batch === low.batch ? 0 : (batch - low.batch) / (high.batch - low.batch)
  return {
    batch,
    seconds: low.seconds + share * (high.seconds - low.seconds),
    joules: low.joules + share * (high.joules - low.joules),
    fits: low.fits && high.fits
  }
}

/** The segments with their times, or why one of them cannot run. `known` is the iteration of the job itself. */
export const timedSegments = (
  job: TrainingJob,
  known: TrainingResult,
  planned: readonly PlannedSteps[]
): readonly Segment[] | ImpossibleLayout => {
  const segments: Segment[] = []
  const stages = [...new Set(planned.map((steps) => steps.stage))]
  for (const stage of stages) {
    const own = planned.filter((steps) => steps.stage === stage)
    const batches = [...new Set(own.map(({ globalBatch }) => globalBatch))].sort((a, b) => a - b)
    const costs: StepCost[] = []
    for (const batch of chosen(batches)) {
      const staged = stageJob(job, stage, batch)
      const outcome = isSameWork(job, staged) ? known : simulateTraining(staged)
      if (isImpossible(outcome))
        return {
          ...outcome,
          path: pathOf(job, stage, batch, stages.indexOf(stage)),
          given: `${outcome.given} where ${batch} sequences are in an iteration`
        }
      costs.push({
        batch,
        seconds: outcome.iterationSeconds,
        joules: outcome.energy.joulesPerIteration,
        fits: outcome.memory.fits
      })
    }
    for (const { steps, globalBatch } of own) {
      const { seconds, joules, fits } = between(costs, globalBatch)
      segments.push({
        steps,
        globalBatch,
        sequenceLength: stage.sequenceLength,
        stepSeconds: seconds,
        tokensPerStep: globalBatch * stage.sequenceLength,
        watts: joules / seconds,
        fits
      })
    }
  }
  return segments
}

/** The field of the scenario that asks for an iteration. */
const pathOf = (job: TrainingJob, stage: RunStage, batch: number, index: number): string => {
  if (batch !== stage.globalBatch) return "training.run.batchRamp"
  return isSameWork(job, stageJob(job, stage, batch)) ? "training.run" : `training.run.stages.${index}`
}

const isSameWork = (job: TrainingJob, other: TrainingJob): boolean =>
  job.globalBatch === other.globalBatch &&
  job.microBatch === other.microBatch &&
  job.sequenceLength === other.sequenceLength &&
  job.layout.context === other.layout.context

const chosen = (batches: readonly number[]): readonly number[] => {
  if (batches.length <= mostSimulated) return batches
  const last = batches.length - 1
  return Array.from({ length: mostSimulated }, (_, index) => batches[Math.round((index * last) / (mostSimulated - 1))]!)
}
