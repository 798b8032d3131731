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
import { corePlan } from "./core-plan.ts"
import { coreTraffic } from "./core-traffic.ts"
import { compile, rankShapeOf, type Compiled } from "./compile.ts"
import { execute, type Execution } from "./execute.ts"
import { folded } from "./fold.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import { irregularParts } from "./irregular/plan.ts"
import { balancedLayers } from "./machines/balanced-layers.ts"
import { mixedParts } from "./machines/plan.ts"
import { replicaCounts } from "./machines/replica-counts.ts"
import { compileSlowest } from "./machines/slowest-parts.ts"
import { withStragglers } from "./irregular/stragglers.ts"
import { firstLayers, partBytes, residentBytes } from "./stage-memory.ts"
import { planSynchronisation } from "./synchronisation-plan.ts"
import { idealSeconds, layoutsOf, timedSchedule } from "./timed-schedule.ts"
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
  const outcome = simulateOnce(job)
  const { irregularities } = job
  return irregularities === undefined || isImpossible(outcome)
    ? outcome
    : withStragglers(job, irregularities, outcome, simulateOnce)
}

const simulateOnce = (job: TrainingJob): TrainingResult | ImpossibleLayout =>
  withPlan(job, (plan) => {
    const executed = folded(plan) ?? inFull(plan)
    return "_tag" in executed ? executed : resultOf(plan, executed)
  })

/** Operations of all actors beyond which an iteration whose ranks differ would not end soon. */
const mostVariedOperations = 5e6

/** The execution of every micro-batch, or a refusal where it would not end soon. */
const inFull = (plan: ExecutionPlan): Execution | ImpossibleLayout => {
  const { job, cast, schedule } = plan
  const { irregularities, machines } = job
  if (irregularities === undefined && machines === undefined) return execute(plan)
  const operations = cast.actors.length * (schedule.operations[0]?.length ?? 0)
  if (operations <= mostVariedOperations) return execute(plan)
  return impossible(
    irregularities === undefined
      ? "cluster.groups"
      : irregularities.jitter > 0
        ? "training.jitter"
        : irregularities.unevenData !== null
          ? "training.unevenData"
          : "cluster.irregularities",
    `${cast.actors.length} ranks that differ, ${(operations / 1e6).toFixed(0)} million operations`,
    `at most ${mostVariedOperations / 1e6} million operations: fewer micro-batches, or fewer ranks that differ`
  )
}

/** Does something with the plan of a job, where it has one. */
export const withPlan = <Made>(job: TrainingJob, use: (plan: ExecutionPlan) => Made): Made | ImpossibleLayout => {
  for (const { name, peakFlops } of job.machines?.map(({ accelerator }) => accelerator) ?? [job.accelerator])
    if (
      peakFlops[job.precision === "mxfp8" ? "fp8" : job.precision] === undefined &&
      peakFlops[job.precision] === undefined
    )
      return impossible(
        "training.precision",
        job.precision,
        `a number format of ${name}: ${Object.keys(peakFlops).join(", ")}`
      )
  try {
    const laidOut = bestLayout(job)
    return "_tag" in laidOut ? laidOut : use(planOf(laidOut))
  } catch (error) {
    if (error instanceof ImpossibleCollective)
      return error.field === "training.collective"
        ? impossible(error.field, Object.values(job.collective ?? {}).join(", "), error.message)
        : impossible(error.field, "missing links", error.message)
    throw error
  }
}

interface LaidOut {
  readonly job: TrainingJob
  readonly schedule: Schedule
  readonly compiled: Compiled
  /** Layers of each model part. */
  readonly split: readonly number[]
  /** By group of machines, where their replicas run numbers of micro-batches of their own. */
  readonly schedules: readonly Schedule[] | null
}

const layOut = (job: TrainingJob): LaidOut | ImpossibleLayout => {
  const schedule = scheduleOf(job)
  if ("_tag" in schedule) return schedule
  const split = splitOf(job, schedule)
  if ("_tag" in split) return split
  const { machines } = job
  const compiled =
    machines === undefined ? compile(job, split.layers) : compileSlowest(job, machines, schedule, split.layers)
  if (machines !== undefined && job.replicaMicroBatches !== undefined) {
    const counts = replicaCounts(job, machines, schedule, split.layers)
    if ("_tag" in counts) return counts
    const made: Schedule[] = []
    for (const count of counts) {
      const own = scheduleOf(job, count)
      const timed = "_tag" in own ? own : timedSchedule(job, own, compiled)
      if ("_tag" in timed) return timed
      made.push(timed)
    }
    const longest = made.reduce((most, own) => (own.microBatches > most.microBatches ? own : most))
    return { job, schedule: longest, compiled, split: split.layers, schedules: made }
  }
  const timed = timedSchedule(job, schedule, compiled)
  return "_tag" in timed ? timed : { job, schedule: timed, compiled, split: split.layers, schedules: null }
}

/** The quickest of the layouts that a job may have, mostly one; the refusal of the first where none is possible. */
const bestLayout = (job: TrainingJob): LaidOut | ImpossibleLayout => {
  const [own = job, ...others] = layoutsOf(job)
  return others.reduce<LaidOut | ImpossibleLayout>((best, other) => {
    const made = layOut(other)
    if ("_tag" in made) return best
    const isQuicker =
      "_tag" in best ||
      idealSeconds(job, made.schedule, made.compiled) < idealSeconds(job, best.schedule, best.compiled)
    return isQuicker ? made : best
  }, layOut(own))
}

const planOf = ({ job, schedule, compiled, split, schedules: own }: LaidOut): ExecutionPlan => {
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
  if (job.machines !== undefined)
    return { job, schedule, memory, ...mixedParts(job, job.machines, schedule, split, own) }
  const synchronisation = planSynchronisation(job, schedule, compiled)
  const tables = { compiled, synchronisation }
  const regular = { job, schedule, ...tables, memory }
  const traffic = coreTraffic(job, schedule, synchronisation)
  if (job.irregularities !== undefined)
    return { ...regular, ...irregularParts(job, job.irregularities, schedule, split, tables, traffic) }
  if (traffic !== null) return { ...regular, ...corePlan(job, schedule, split, tables, traffic) }
  const cast = castOf(job.layout, job.fabric, job.symmetry === "on", schedule.operations[0]?.length ?? 0)
  return { ...regular, cast, variants: [tables], scales: null }
}

/** Micro-batches of the mean replica, which may be no whole number where replicas have numbers of their own. */
const meanMicroBatches = (job: TrainingJob): number =>
  job.replicaMicroBatches === undefined ? microBatchesOf(job) : Math.max(1, Math.round(microBatchesOf(job)))

const scheduleOf = (job: TrainingJob, microBatches = meanMicroBatches(job)): Schedule | ImpossibleLayout => {
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
  const split =
    job.layerSplit === "balanced"
      ? balancedLayers(job, schedule, parts)
      : splitLayers({
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
