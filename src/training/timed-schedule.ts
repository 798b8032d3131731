/**
 * The schedule of a job for the times that its operations really take: orders that are planned by time are planned again
 * once the passes are compiled, and the automatic schedule is looked for in every layout that it may have.
 */
import { planCollective } from "../cluster/index.ts"
import {
  executeSchedule,
  isScheduleError,
  partOf,
  rankOf,
  resized,
  schedules,
  steadyScheduleOf
} from "../parallel/index.ts"
import type { OperationTimes, PartTimes, Schedule, ScheduleOptions } from "../parallel/index.ts"
import { rankShapeOf, type Compiled } from "./compile.ts"
import { firstLayers, partBytes } from "./stage-memory.ts"
import type { ImpossibleLayout, TrainingJob } from "./types.ts"
import { formatQuantity3 } from "../units/index.ts"

/** Schedules whose order depends on the times of the passes. */
const plannedByTime: ReadonlySet<string> = new Set([
  "zb-h1",
  "zb-h2",
  "zb-v",
  "v-half",
  "v-min",
  "zb-1p",
  "zb-2p",
  "automatic"
])

/** Of these, the ones that count the memory which a split backward frees early. */
const automatic: ReadonlySet<string> = new Set(["zb-1p", "zb-2p", "automatic"])

/** Bytes of activations that a micro-batch keeps on the stage that keeps most, from forward to backward. */
const stageActivations = (job: TrainingJob, schedule: Schedule, compiled: Compiled): number => {
  const first = firstLayers(compiled)
  const shape = rankShapeOf(job)
  const bytes = compiled.parts.map((part, index) => partBytes(job, shape, part, first[index] ?? 0).activations)
  return Math.max(
    ...Array.from({ length: schedule.stages }, (_, stage) => {
      let sum = 0
      for (let chunk = 0; chunk < schedule.chunks; chunk++) sum += bytes[partOf(schedule, stage, chunk)] ?? 0
      return sum
    })
  )
}

const limitOf = (
  job: TrainingJob,
  schedule: Schedule,
  compiled: Compiled
): Pick<ScheduleOptions, "maximumInFlight"> => {
  const limit = job.scheduleMemory
  if (limit === undefined) return {}
  if ("share" in limit) return { maximumInFlight: limit.share * schedule.stages }
  const perMicroBatch = stageActivations(job, schedule, compiled)
  // Activations that are kept elsewhere limit nothing.
  return perMicroBatch === 0 ? {} : { maximumInFlight: limit.bytes / perMicroBatch }
}

const meanTimes = ({ parts }: Compiled): PartTimes => {
  const mean = (name: keyof PartTimes): number =>
    parts.reduce((sum, part) => sum + part[name].seconds, 0) / parts.length
  return {
    forward: mean("forward"),
    backwardInput: mean("backwardInput"),
    backwardWeight: mean("backwardWeight")
  }
}

/** Mean seconds of a transfer between neighbouring stages on idle wires. */
const transferSeconds = (
  { fabric, layout }: TrainingJob,
  { stages }: Schedule,
  { boundaryBytes }: Compiled
): number => {
  const domainOf = (pipeline: number): number =>
    Math.floor(rankOf(layout, { tensor: 0, context: 0, data: 0, pipeline }) / fabric.scaleUp.domain)
  let sum = 0
  for (let stage = 1; stage < stages; stage++) {
    const isInside = fabric.network === null || domainOf(stage) === domainOf(stage - 1)
    const group = isInside ? { ranks: 2, perDomain: 2, domains: 1 } : { ranks: 2, perDomain: 1, domains: 2 }
    sum += planCollective(fabric, "sendReceive", boundaryBytes, group).seconds
  }
  return stages === 1 ? 0 : sum / (stages - 1)
}

/** The sender waits for a share of each transfer, the receiver for the rest. */
const withTransfers = (
  job: TrainingJob,
  schedule: Schedule,
  compiled: Compiled,
  times: OperationTimes
): OperationTimes => {
  const transfer = transferSeconds(job, schedule, compiled)
  const exposed = transfer * Math.min(1, job.stack.constants.pipelineExposure.value)
  return {
    forward: times.forward + exposed,
    backwardInput: times.backwardInput + exposed,
    backwardWeight: times.backwardWeight,
    communication: transfer - exposed
  }
}

/** The schedule planned again for compiled passes; the same where it does not depend on times. */
export const timedSchedule = (
  job: TrainingJob,
  schedule: Schedule,
  compiled: Compiled
): Schedule | ImpossibleLayout => {
  const generator = typeof job.schedule === "string" ? schedules[job.schedule] : undefined
  if (generator === undefined || !plannedByTime.has(schedule.name)) return schedule
  const sizes = { stages: schedule.stages, microBatches: schedule.microBatches, chunks: schedule.chunks }
  const times = { ...meanTimes(compiled), communication: 0 }
  const made = generator(
    automatic.has(schedule.name)
      ? {
          ...sizes,
          times: withTransfers(job, schedule, compiled, times),
          // What `partBytes` frees at the input gradient is half.
          weightShare: 0.5,
          objective: job.stack.postValidation ? "span" : "makespan",
          ...limitOf(job, schedule, compiled)
        }
      : { ...sizes, times }
  )
  if (!isScheduleError(made)) return made
  if (job.scheduleMemory === undefined) return schedule
  return tooTight(job.scheduleMemory, schedule.stages, stageActivations(job, schedule, compiled))
}

/** A limit below one micro-batch on a stage, with the least that would do. */
const tooTight = (
  limit: NonNullable<TrainingJob["scheduleMemory"]>,
  stages: number,
  bytesOfMicroBatch: number
): ImpossibleLayout => {
  const isShare = "share" in limit
  const least = isShare ? String(Math.ceil(1000 / stages) / 1000) : formatQuantity3(bytesOfMicroBatch * 1.005, "B")
  return {
    _tag: "ImpossibleLayout",
    path: `training.schedule.automatic.${isShare ? "memoryLimit" : "memoryBytes"}`,
    given: isShare ? String(limit.share) : formatQuantity3(limit.bytes, "B"),
    expected: `room for a micro-batch on a stage: at least ${least}`
  }
}

/**
 * The layouts that a job's schedule may have: its own, and for an automatic schedule of one chunk a stage also a V,
 * which needs two parts of the model on every stage.
 */
export const layoutsOf = (job: TrainingJob): readonly TrainingJob[] =>
  job.schedule === "automatic" &&
  job.virtualPipeline === 1 &&
  job.layout.pipeline > 1 &&
  job.layerSplit === undefined &&
  job.model.layers >= 2 * job.layout.pipeline
    ? [job, { ...job, virtualPipeline: 2 }]
    : [job]

/** Periods of a schedule's steady state from which on each adds as much as the next. */
const steadyPeriods = 256

/**
 * Seconds of a job's schedule under the passes of its parts, transfers left out: to tell which layout is the quicker. The
 * span of a stage counts where stages do not wait for one another at the end. Of many micro-batches those of the first
 * periods, and as much for each further one as between two numbers of them.
 */
export const idealSeconds = ({ stack }: TrainingJob, schedule: Schedule, compiled: Compiled): number => {
  const times = compiled.parts.map(({ forward, backwardInput, backwardWeight }) => ({
    forward: forward.seconds,
    backwardInput: backwardInput.seconds,
    backwardWeight: backwardWeight.seconds
  }))
  const secondsOf = (one: Schedule): number => {
    const { startSeconds, endSeconds } = executeSchedule(one, times)
    return Math.max(...endSeconds.map((end, stage) => end - (stack.postValidation ? (startSeconds[stage] ?? 0) : 0)))
  }
  const steady = steadyScheduleOf(schedule)
  if (steady === null || steady.periods <= 4 * steadyPeriods) return secondsOf(schedule)
  const of = (periods: number): number => secondsOf(resized(schedule, steady, periods - steady.periods))
  const few = of(steadyPeriods)
  return few + ((of(2 * steadyPeriods) - few) / steadyPeriods) * (steady.periods - steadyPeriods)
}
