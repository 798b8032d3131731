/**
 * One training iteration: a job in, a result or a refusal out. Pure: the same job gives the same result, to the bit.
 */
import {
  schedules,
  customSchedule,
  isScheduleError,
  splitLayers,
  isSplitError,
  partOf,
  type Schedule
} from "../parallel/index.ts"
import { ImpossibleCollective } from "../cluster/index.ts"
import { castOf } from "./actors.ts"
import { compile, rankShapeOf, type Compiled } from "./compile.ts"
import { execute } from "./execute.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { firstLayers, partBytes, residentBytes } from "./stage-memory.ts"
import { planSynchronisation } from "./synchronisation-plan.ts"
import { resultOf } from "./result.ts"
import type { ImpossibleLayout, TrainingJob, TrainingResult } from "./types.ts"

const impossible = (path: string, given: string, expected: string): ImpossibleLayout => ({
  _tag: "ImpossibleLayout",
  path,
  given,
  expected
})

/** Tells a refusal from a result. */
export const isImpossible = (outcome: TrainingResult | ImpossibleLayout): outcome is ImpossibleLayout =>
  "_tag" in outcome

/** Micro-batches that each pipeline runs in an iteration. */
export const microBatchesOf = ({ globalBatch, microBatch, layout }: TrainingJob): number =>
  globalBatch / (microBatch * layout.data)

/** Simulates one iteration. */
export const simulateTraining = (job: TrainingJob): TrainingResult | ImpossibleLayout => {
  const peak = job.accelerator.peakFlops
  if (peak[job.precision === "mxfp8" ? "fp8" : job.precision] === undefined && peak[job.precision] === undefined)
    return impossible(
      "training.precision",
      job.precision,
      `a number format of ${job.accelerator.name}: ${Object.keys(peak).join(", ")}`
    )
  const schedule = scheduleOf(job)
  if ("_tag" in schedule) return schedule
  const split = splitOf(job, schedule)
  if ("_tag" in split) return split
  try {
    return run(job, schedule, split.layers)
  } catch (error) {
    if (error instanceof ImpossibleCollective)
      return impossible("training.collective", Object.values(job.collective ?? {}).join(", "), error.message)
    throw error
  }
}

const run = (job: TrainingJob, schedule: Schedule, split: readonly number[]): TrainingResult => {
  const compiled = compile(job, split)
  const plan = planOf(job, adapted(job, schedule, compiled), compiled)
  return resultOf(plan, execute(plan))
}

/** A schedule that splits the backward pass is planned again for the times that its operations really take. */
const adapted = (job: TrainingJob, schedule: Schedule, compiled: Compiled): Schedule => {
  const generator = typeof job.schedule === "string" ? schedules[job.schedule] : undefined
  if (generator === undefined || !plansByTime.has(schedule.name)) return schedule
  const mean = (name: "forward" | "backwardInput" | "backwardWeight"): number =>
    compiled.parts.reduce((sum, part) => sum + part[name].seconds, 0) / compiled.parts.length
  const made = generator({
    stages: schedule.stages,
    microBatches: schedule.microBatches,
    chunks: schedule.chunks,
    times: {
      forward: mean("forward"),
      backwardInput: mean("backwardInput"),
      backwardWeight: mean("backwardWeight"),
      communication: 0
    }
  })
  return isScheduleError(made) ? schedule : made
}

const plansByTime = new Set(["zb-h1", "zb-h2", "zb-v"])

const planOf = (job: TrainingJob, schedule: Schedule, compiled: Compiled): ExecutionPlan => {
  const first = firstLayers(compiled)
  const shape = rankShapeOf(job)
  const memory = Array.from({ length: schedule.stages }, (_, stage) => {
    const indices = Array.from({ length: schedule.chunks }, (_, chunk) => partOf(schedule, stage, chunk))
    const parts = indices.flatMap((index) => compiled.parts[index] ?? [])
    return {
      resident: residentBytes(job, parts),
      chunks: parts.map((part, chunk) => partBytes(job, shape, part, first[indices[chunk] ?? 0] ?? 0))
    }
  })
  return {
    job,
    schedule,
    compiled,
    cast: castOf(job.layout, job.fabric, job.symmetry === "on", schedule.operations[0]?.length ?? 0),
    synchronisation: planSynchronisation(job, schedule, compiled),
    memory
  }
}

const scheduleOf = (job: TrainingJob): Schedule | ImpossibleLayout => {
  const microBatches = microBatchesOf(job)
  if (!Number.isInteger(microBatches) || microBatches < 1)
    return impossible(
      "training.globalBatch",
      String(job.globalBatch),
      `a multiple of data x microBatch = ${job.layout.data} x ${job.microBatch} = ${job.layout.data * job.microBatch}`
    )
  const sizes = { stages: job.layout.pipeline, microBatches, chunks: job.virtualPipeline }
  if (typeof job.schedule !== "string") {
    const made = customSchedule(job.schedule, sizes)
    return isScheduleError(made) ? impossible("training.schedule", made.given, made.expected) : made
  }
  const generator = schedules[job.schedule]
  if (generator === undefined)
    return impossible("training.schedule", job.schedule, `one of ${Object.keys(schedules).join(", ")}`)
  const made = generator(sizes)
  return isScheduleError(made) ? impossible("training.schedule", made.given, made.expected) : made
}

const splitOf = (job: TrainingJob, schedule: Schedule): { readonly layers: readonly number[] } | ImpossibleLayout => {
  const parts = schedule.layout === "bidirectional" ? schedule.stages : schedule.stages * schedule.chunks
  const split = splitLayers({
    layers: job.model.layers,
    parts,
    filling: job.stack.layerFilling,
    ...(job.layerSplit === undefined ? {} : { explicit: job.layerSplit })
  })
  return isSplitError(split)
    ? impossible(
        job.layerSplit === undefined ? "training.parallelism.pipeline" : "training.layerSplit",
        split.given,
        split.expected
      )
    : { layers: split }
}
