/**
 * A replica: one copy of the model, with a scheduler for each data-attention group, and batches that pass its stages.
 *
 * A step is one event, at its end. Stages are first-in, first-out servers with known service times, so the end of a step is
 * known when it starts, however many batches are in flight. A batch that only decodes and that nothing can disturb leaps: one
 * event for many steps, cut short at the end of the step during which something happens that matters.
 */
import type { StepLoad, StepModel, StepWork } from "../../inference/index.ts"
import type { Part, Scheduler } from "../policy/scheduler.ts"
import { makeStepLoad } from "./step-load.ts"
import { makeSeriesRecorder, type SeriesRecorder } from "./series.ts"
import type { DecodeLines, Stretch } from "./decode-lines.ts"
import type { Totals } from "./totals.ts"

/** A step, or a leap of equal ones, in flight or about to be. */
export interface Batch {
  readonly index: number
  /** One for each scheduler of the replica. */
  readonly parts: readonly Part[]
  isInFlight: boolean
  start: number
  /** Pending event of its end. */
  event: number
  /** Steps of a leap, 1 of a single step. A leap that was cut may have one as well. */
  steps: number
  isLeap: boolean
  /** Seconds of the first step, and what each later one takes more. */
  first: number
  increment: number
  /** Of the first step: what stages work, and the host. */
  stageSeconds: number
  hostSeconds: number
  /** What each later step of a leap attends to more. */
  contextGrowth: number
  windowGrowth: number
  /** When each stage began with the step, and how long it took; of a single step. */
  readonly stageStart: Float64Array
  readonly stageTook: Float64Array
  /** What the first step works on: what its seconds depend on, and what is really done. */
  readonly load: StepLoad
  readonly work: StepLoad
}

export interface Replica {
  readonly index: number
  readonly steps: StepModel
  readonly lines: DecodeLines
  readonly schedulers: readonly Scheduler[]
  readonly batches: readonly Batch[]
  /** Batches in flight. */
  inFlight: number
  /** When each stage, and the host, will have done what is already planned. */
  readonly stageFree: Float64Array
  hostFree: number
  busySince: number
  /** Running requests whose clients have gone. */
  readonly leaving: number[]
  /** Requests and tokens that were sent here and have not left. */
  requests: number
  tokens: number
  /** When the integrals of the totals were last brought up to date. */
  accruedAt: number
  readonly totals: Totals
  readonly series: SeriesRecorder
  /** Pending event that wakes an idle replica, -1 = none, and its time. */
  wakeEvent: number
  wakeAt: number
  // Scratch.
  readonly stretch: Stretch
  readonly done: StepWork
}

export interface ReplicaParts {
  readonly index: number
  readonly steps: StepModel
  readonly lines: DecodeLines
  readonly totals: Totals
  readonly schedulers: readonly Scheduler[]
  readonly batchesInFlight: number
}

export const makeReplica = ({ index, steps, lines, totals, schedulers, batchesInFlight }: ReplicaParts): Replica => ({
  index,
  steps,
  lines,
  schedulers,
  batches: Array.from({ length: batchesInFlight }, (_, batch) => ({
    index: batch,
    parts: schedulers.map(({ parts }) => parts[batch]!),
    isInFlight: false,
    start: 0,
    event: -1,
    steps: 0,
    isLeap: false,
    first: 0,
    increment: 0,
    stageSeconds: 0,
    hostSeconds: 0,
    contextGrowth: 0,
    windowGrowth: 0,
    stageStart: new Float64Array(steps.stages),
    stageTook: new Float64Array(steps.stages),
    load: makeStepLoad(),
    work: makeStepLoad()
  })),
  inFlight: 0,
  stageFree: new Float64Array(steps.stages),
  hostFree: 0,
  busySince: 0,
  leaving: [],
  requests: 0,
  tokens: 0,
  accruedAt: 0,
  totals,
  series: makeSeriesRecorder(),
  wakeEvent: -1,
  wakeAt: Infinity,
  stretch: { first: 0, increment: 0, steps: 0, stageSeconds: 0 },
  done: { flops: 0, bytes: 0, communicationSeconds: 0 }
})

export const runningRequests = ({ schedulers }: Replica): number => {
  let count = 0
  for (const { running } of schedulers) count += running.count
  return count
}

export const waitingRequests = ({ schedulers }: Replica): number => {
  let count = 0
  for (const { waiting } of schedulers) count += waiting.count()
  return count
}

export const usedBlocks = ({ schedulers }: Replica): number => {
  let count = 0
  for (const { cache } of schedulers) count += cache.blocks - cache.queue.free
  return count
}

/** Brings the time integrals up to now; call before anything that they count changes. */
export const accrue = (replica: Replica, now: number): void => {
  const seconds = now - replica.accruedAt
  if (seconds <= 0) return
  const { totals } = replica
  totals.runningIntegral += seconds * runningRequests(replica)
  totals.waitingIntegral += seconds * waitingRequests(replica)
  totals.usedBlockIntegral += seconds * usedBlocks(replica)
  replica.accruedAt = now
}

/** Tells the series of a change. */
export const noteSeries = (replica: Replica, now: number): void => {
  const { series, totals } = replica
  series.add(now, runningRequests(replica), waitingRequests(replica), usedBlocks(replica), totals.preemptions)
}
