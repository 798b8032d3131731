/**
 * A pipeline schedule as data: per stage, the ordered list of operations that its compute stream runs.
 *
 * What an operation waits for is the same in every schedule and is not written down: a forward waits for the previous
 * part's forward of the micro-batch, a backward for the next part's backward and its own forward, a weight gradient for
 * its own input gradient.
 */
import type { Refusal } from "../refusal.ts"

/** `backward` is input and weight gradient in one; the other two are its halves (Qi et al. 2401.10241, section 2). */
export type OperationKind = "forward" | "backward" | "backwardInput" | "backwardWeight"

/** In the order of the codes that `operationKindCode` returns. */
export const operationKinds = ["forward", "backward", "backwardInput", "backwardWeight"] as const

export const forwardCode = 0
export const backwardCode = 1
export const backwardInputCode = 2
export const backwardWeightCode = 3

/** Micro-batches, and chunks a stage, that a packed operation can tell apart. */
export const maximumMicroBatches = 2 ** 20
export const maximumChunks = 2 ** 8

const pairBit = 1 << 2

/** As `packOperation`, of a kind's code. Bits: 0-1 kind, 2 paired with the next, 3-10 chunk, 11-30 micro-batch. */
export const packCode = (kindCode: number, microBatch: number, chunk: number): number =>
  kindCode | (chunk << 3) | (microBatch << 11)

/** One operation in a 32-bit integer, so that a schedule of a million operations stays small. Counts start at 0. */
export const packOperation = (kind: OperationKind, microBatch: number, chunk: number): number =>
  packCode(operationKinds.indexOf(kind), microBatch, chunk)

export const operationKindCode = (operation: number): number => operation & 3
export const operationKind = (operation: number): OperationKind => operationKinds[operation & 3] ?? "forward"
export const operationMicroBatch = (operation: number): number => operation >>> 11
export const operationChunk = (operation: number): number => (operation >>> 3) & 255

/** The same operation, marked to run overlapped with the one that follows it (DualPipe's forward & backward). */
export const pairWithNext = (operation: number): number => operation | pairBit
export const isPaired = (operation: number): boolean => (operation & pairBit) !== 0

/**
 * How the parts of the model lie on (stage, chunk):
 * - `loop`: part = chunk * stages + stage;
 * - `mirror` (V): chunk 0 holds part `stage`, chunk 1 part `2 * stages - 1 - stage`;
 * - `bidirectional` (DualPipe): chunk 0 holds part `stage`, chunk 1 part `stages - 1 - stage`, so each part is held
 *   twice. The first half of the micro-batches runs in chunk 0 only, from stage 0 up; the second half in chunk 1 only,
 *   from the last stage down.
 */
export type ChunkLayout = "loop" | "mirror" | "bidirectional"

export interface Schedule {
  readonly name: string
  readonly stages: number
  readonly microBatches: number
  /** Chunks of the model that each stage holds. */
  readonly chunks: number
  readonly layout: ChunkLayout
  /** Per stage, packed operations in the order they run. */
  readonly operations: readonly Int32Array[]
}

export type ScheduleError = Refusal<"ScheduleError">

export const isScheduleError = (made: Schedule | ScheduleError): made is ScheduleError => "_tag" in made

/** Seconds of one micro-batch in one part of the model, and of a transfer between stages. Only ratios matter here. */
export interface OperationTimes {
  readonly forward: number
  readonly backwardInput: number
  readonly backwardWeight: number
  readonly communication: number
}

export const equalTimes: OperationTimes = { forward: 1, backwardInput: 1, backwardWeight: 1, communication: 0 }

/**
 * Times to plan an order by, which is then judged under `times`: these, without communication, and equal ones. An order
 * that chases small differences can be worse than a plain one.
 */
export const planTimes = (times: OperationTimes): readonly OperationTimes[] => {
  const isUnequal = times.forward !== times.backwardInput || times.forward !== times.backwardWeight
  return [
    times,
    ...(times.communication > 0 ? [{ ...times, communication: 0 }] : []),
    ...(isUnequal ? [equalTimes] : [])
  ]
}

export interface ScheduleOptions {
  readonly stages: number
  readonly microBatches: number
  /** Chunks a stage; the schedules that fix it (V, DualPipe: 2; the plain ones: 1) take 1 as "not said". */
  readonly chunks: number
  /** What greedy generators fill bubbles by; default 1, 1, 1, 0. */
  readonly times?: OperationTimes
  /** Most micro-batches whose activations a stage may hold, in whole stages (a chunk counts 1 / chunks). */
  readonly maximumInFlight?: number
  /**
   * Share of a micro-batch's activations that a stage holds from input to weight gradient, as the automatic schedules
   * count their memory; default 1, all of them.
   */
  readonly weightShare?: number
  /** What the automatic schedules keep short; see `Objective`. Default the span of a stage. */
  readonly objective?: "span" | "makespan"
}

export type ScheduleGenerator = (options: ScheduleOptions) => Schedule | ScheduleError

type Shape = Pick<Schedule, "stages" | "chunks" | "layout">

/** Parts that the model is cut into. */
export const parts = ({ stages, chunks, layout }: Shape): number =>
  layout === "bidirectional" ? stages : stages * chunks

/** The part of the model that a chunk of a stage holds. */
export const partOf = ({ stages, layout }: Shape, stage: number, chunk: number): number => {
  if (layout === "loop" || chunk === 0) return chunk * stages + stage
  return (layout === "mirror" ? 2 * stages : stages) - 1 - stage
}

/** Where a part runs. */
export interface Place {
  readonly stage: number
  readonly chunk: number
}

const hop = ({ stages, chunks, layout }: Shape, stage: number, chunk: number, step: 1 | -1): Place | null => {
  const downwards = layout !== "loop" && chunk === 1
  const neighbour = stage + (downwards ? -step : step)
  if (neighbour >= 0 && neighbour < stages) return { stage: neighbour, chunk }
  const nextChunk = chunk + step
  if (layout === "bidirectional" || nextChunk < 0 || nextChunk >= chunks) return null
  // Past the edge a loop starts again at the other end; a V turns on the stage where it is.
  return { stage: layout === "mirror" ? stage : (neighbour + stages) % stages, chunk: nextChunk }
}

/** Where a forward's output goes, and a backward's gradient comes from; null after the last part. */
export const nextHop = (shape: Shape, stage: number, chunk: number): Place | null => hop(shape, stage, chunk, 1)

/** Where a forward's input comes from, and a backward's gradient goes; null before the first part. */
export const previousHop = (shape: Shape, stage: number, chunk: number): Place | null => hop(shape, stage, chunk, -1)

/** Whether a micro-batch passes through a chunk: always, but for the two directions of a bidirectional schedule. */
export const runsIn = (
  schedule: Pick<Schedule, "layout" | "microBatches">,
  chunk: number,
  microBatch: number
): boolean => schedule.layout !== "bidirectional" || microBatch < Math.ceil(schedule.microBatches / 2) === (chunk === 0)
