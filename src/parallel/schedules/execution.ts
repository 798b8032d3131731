/**
 * A schedule carried out under fixed times: every stage runs its list in order, transfers are asynchronous, nothing
 * else costs. The longest path, hence the time of an ideal pipeline, and the check that the order can run at all.
 */
import {
  backwardCode,
  backwardWeightCode,
  forwardCode,
  isPaired,
  nextHop,
  operationChunk,
  operationKindCode,
  operationMicroBatch,
  partOf,
  previousHop
} from "./schedule.ts"
import type { Schedule } from "./schedule.ts"

/** Seconds of one micro-batch in one part of the model. */
export interface PartTimes {
  readonly forward: number
  readonly backwardInput: number
  readonly backwardWeight: number
}

export interface ExecutionOptions {
  /** Seconds from the end of an operation to the start of the one that waits for it on another stage; default 0. */
  readonly communication?: number
  /** Seconds of an overlapped pair from the seconds of its two operations; default their sum. */
  readonly pair?: (forward: number, backward: number) => number
}

export interface Execution {
  /** Operations that ran, per stage; fewer than listed where the order is stuck. */
  readonly completed: readonly number[]
  /** Start of the first and end of the last operation, and the sum of durations, per stage. */
  readonly startSeconds: readonly number[]
  readonly endSeconds: readonly number[]
  readonly busySeconds: readonly number[]
}

/** Runs a schedule whose operations are in range (see `validateSchedule`); never throws, may end stuck. */
export const executeSchedule = (
  schedule: Schedule,
  times: PartTimes | readonly PartTimes[],
  { communication = 0, pair = (forward, backward) => forward + backward }: ExecutionOptions = {}
): Execution => {
  const { stages, chunks, microBatches, operations } = schedule
  const slots = stages * chunks
  // Indexed by slot and kind, so that the loop below only adds numbers.
  const seconds = new Float64Array(slots * 4)
  const next = new Int32Array(slots)
  const previous = new Int32Array(slots)
  const neighbours: number[][] = []
  for (let stage = 0; stage < stages; stage++) {
    const around = new Set<number>()
    for (let chunk = 0; chunk < chunks; chunk++) {
      const slot = stage * chunks + chunk
      const part = "forward" in times ? times : times[partOf(schedule, stage, chunk)]
      const { forward, backwardInput, backwardWeight } = part ?? { forward: 0, backwardInput: 0, backwardWeight: 0 }
      seconds.set([forward, backwardInput + backwardWeight, backwardInput, backwardWeight], slot * 4)
      for (const [hops, place] of [
        [next, nextHop(schedule, stage, chunk)],
        [previous, previousHop(schedule, stage, chunk)]
      ] as const) {
        hops[slot] = place === null ? -1 : place.stage * chunks + place.chunk
        if (place !== null) around.add(place.stage)
      }
    }
    around.delete(stage)
    neighbours.push([...around])
  }

  // When each forward and each input gradient ended, or NaN.
  const forwardEnd = new Float64Array(slots * microBatches).fill(Number.NaN)
  const backwardEnd = new Float64Array(slots * microBatches).fill(Number.NaN)
  const completed = new Int32Array(stages)
  const clock = new Float64Array(stages)
  const started = new Float64Array(stages).fill(Number.NaN)
  const busy = new Float64Array(stages)

  const arrival = (ends: Float64Array, stage: number, slot: number, microBatch: number): number => {
    if (slot < 0) return 0
    const end = ends[slot * microBatches + microBatch] ?? Number.NaN
    return Math.floor(slot / chunks) === stage ? end : end + communication
  }
  /** When the operation may start as far as others are concerned; NaN while something that it needs has not run. */
  const ready = (stage: number, operation: number): number => {
    const slot = stage * chunks + operationChunk(operation)
    const microBatch = operationMicroBatch(operation)
    const kind = operationKindCode(operation)
    if (kind === forwardCode) return arrival(forwardEnd, stage, previous[slot] ?? -1, microBatch)
    if (kind === backwardWeightCode) return arrival(backwardEnd, stage, slot, microBatch)
    return Math.max(
      arrival(forwardEnd, stage, slot, microBatch),
      arrival(backwardEnd, stage, next[slot] ?? -1, microBatch)
    )
  }
  const finish = (stage: number, operation: number, end: number): void => {
    const kind = operationKindCode(operation)
    if (kind === backwardWeightCode) return
    const ends = kind === forwardCode ? forwardEnd : backwardEnd
    ends[(stage * chunks + operationChunk(operation)) * microBatches + operationMicroBatch(operation)] = end
  }
  const duration = (stage: number, operation: number): number =>
    seconds[(stage * chunks + operationChunk(operation)) * 4 + operationKindCode(operation)] ?? 0

  const queue = Array.from({ length: stages }, (_, stage) => stage)
  const queued = new Uint8Array(stages).fill(1)
  for (let head = 0; head < queue.length; head++) {
    const stage = queue[head] ?? 0
    queued[stage] = 0
    const list = operations[stage] ?? new Int32Array(0)
    let at = completed[stage] ?? 0
    const before = at
    while (at < list.length) {
      const operation = list[at] ?? 0
      const partner = isPaired(operation) ? list[at + 1] : undefined
      let start = Math.max(clock[stage] ?? 0, ready(stage, operation))
      let took = duration(stage, operation)
      if (partner !== undefined) {
        start = Math.max(start, ready(stage, partner))
        took = pair(took, duration(stage, partner))
      }
      if (Number.isNaN(start)) break
      if (at === 0) started[stage] = start
      finish(stage, operation, start + took)
      if (partner !== undefined) finish(stage, partner, start + took)
      clock[stage] = start + took
      busy[stage] = (busy[stage] ?? 0) + took
      at += partner === undefined ? 1 : 2
    }
    if (at === before) continue
    completed[stage] = at
    for (const other of neighbours[stage] ?? []) {
      if (queued[other] === 1) continue
      queued[other] = 1
      queue.push(other)
    }
  }
  return {
    completed: [...completed],
    startSeconds: [...started],
    endSeconds: [...clock],
    busySeconds: [...busy]
  }
}

/** Seconds from the first to the last operation of a valid schedule. */
export const idealMakespan = (schedule: Schedule, times: PartTimes | readonly PartTimes[], communication = 0): number =>
  Math.max(...executeSchedule(schedule, times, { communication }).endSeconds)

/**
 * Seconds that the unluckiest stage idles between its own first and last operation: max over stages of (end - start -
 * busy). This is the cost that Qi et al. minimise (2401.10241, section 3); it does not count the ramp in which a later
 * stage waits for its first micro-batch, which the next iteration fills if the optimizer steps of the stages are not
 * synchronised. Where stage 0 is first to start and last to end (GPipe, 1F1B, interleaved), it equals makespan - busy.
 */
export const bubbleSeconds = (
  schedule: Schedule,
  times: PartTimes | readonly PartTimes[],
  options: ExecutionOptions = {}
): number => {
  const { startSeconds, endSeconds, busySeconds } = executeSchedule(schedule, times, options)
  return Math.max(...endSeconds.map((end, stage) => end - (startSeconds[stage] ?? 0) - (busySeconds[stage] ?? 0)))
}

/**
 * Most micro-batches whose activations each stage holds at once, in chunks (divide by `chunks` for whole stages, but in
 * a bidirectional schedule a chunk is a whole stage). Held from the forward to the end of the full backward or of the
 * weight gradient, for which `weightShare` of it stays after the input gradient; the two of an overlapped pair count
 * together.
 */
export const peakInFlight = (schedule: Schedule, weightShare = 1): readonly number[] =>
  schedule.operations.map((list) => {
    let held = 0
    let peak = 0
    for (const operation of list) {
      const kind = operationKindCode(operation)
      if (kind === forwardCode) held++
      else if (kind === backwardCode) held--
      else held -= kind === backwardWeightCode ? weightShare : 1 - weightShare
      if (held > peak) peak = held
    }
    return peak
  })
