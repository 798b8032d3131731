/**
 * A greedy list scheduler for schedules whose backward is split: it plays the pipeline forward in time, and whenever a
 * stage is free it picks what to run next from what has arrived. Input gradients go first (others wait for them),
 * forwards next while the memory limit allows, and weight gradients, which nobody waits for, fill what would be
 * idle: the heuristic of Qi et al. (2401.10241, section 3.1), without its integer programme.
 *
 * Hot loop: typed arrays and indices only; 32 stages x 256 micro-batches take about 5 ms.
 */
import { backwardInputCode, backwardWeightCode, forwardCode, nextHop, packCode, previousHop } from "./schedule.ts"
import type { OperationTimes, Schedule } from "./schedule.ts"

export interface GreedyPolicy {
  /** Most chunks that a stage may hold (forward run, weight gradient not). */
  readonly limit: number
  /**
   * Room for one chunk that forwards of earlier chunks leave to the last chunk of their stage, without which a V could
   * fill up with micro-batches none of which can turn: always, or until the stage holds a last chunk, which frees its
   * room by itself. Of no effect with one chunk.
   */
  readonly reserve: "always" | "first"
  /** Most chunks that a stage runs forward before its first input gradient; default the limit. */
  readonly warmUp?: (stage: number) => number
  /** Where forward and input gradient are both there: the gradient, or whichever kind did not run last. */
  readonly turn: "gradient" | "alternate"
}

export const greedyOperations = (
  shape: Pick<Schedule, "stages" | "microBatches" | "chunks" | "layout">,
  times: OperationTimes,
  policy: GreedyPolicy
): readonly Int32Array[] => {
  const { stages, microBatches, chunks } = shape
  const slots = stages * chunks
  const place = (hop: ReturnType<typeof nextHop>): number => (hop === null ? -1 : hop.stage * chunks + hop.chunk)
  const next = Int32Array.from({ length: slots }, (_, slot) =>
    place(nextHop(shape, Math.floor(slot / chunks), slot % chunks))
  )
  const previous = Int32Array.from({ length: slots }, (_, slot) =>
    place(previousHop(shape, Math.floor(slot / chunks), slot % chunks))
  )
  const { limit } = policy
  const warmUp = Int32Array.from({ length: stages }, (_, stage) => policy.warmUp?.(stage) ?? limit)
  const last = chunks - 1
  const perStage = 3 * microBatches * chunks
  const lists = Array.from({ length: stages }, () => new Int32Array(perStage))
  const counts = new Int32Array(stages)
  // When the input of a slot's forward and input gradient is there, by micro-batch; Infinity while unknown.
  const forwardAt = new Float64Array(slots * microBatches).fill(Infinity)
  const gradientAt = new Float64Array(slots * microBatches).fill(Infinity)
  // The next micro-batch that a slot runs forward and backward: both go in order.
  const forwards = new Int32Array(slots)
  const backwards = new Int32Array(slots)
  // Weight gradients that wait, first in, first out.
  const waiting = Array.from({ length: stages }, () => new Int32Array(microBatches * chunks))
  const waitingHead = new Int32Array(stages)
  const waitingTail = new Int32Array(stages)
  const held = new Int32Array(stages)
  const heldLast = new Int32Array(stages)
  const begun = new Uint8Array(stages)
  const lastKind = new Int32Array(stages).fill(-1)
  const free = new Float64Array(stages)
  const decideAt = new Float64Array(stages)
  for (let slot = 0; slot < slots; slot++)
    if ((previous[slot] ?? -1) < 0) forwardAt.fill(0, slot * microBatches, (slot + 1) * microBatches)

  const arrive = (
    ends: Float64Array,
    from: number,
    slot: number,
    microBatch: number,
    end: number,
    now: number
  ): void => {
    const stage = Math.floor(slot / chunks)
    ends[slot * microBatches + microBatch] = end + (stage === from ? 0 : times.communication)
    if (stage !== from) decideAt[stage] = Math.min(decideAt[stage] ?? 0, Math.max(free[stage] ?? 0, now))
  }
  const run = (
    stage: number,
    kind: number,
    microBatch: number,
    chunk: number,
    now: number,
    seconds: number
  ): number => {
    const list = lists[stage]
    const count = counts[stage] ?? 0
    if (list !== undefined) list[count] = packCode(kind, microBatch, chunk)
    counts[stage] = count + 1
    free[stage] = now + seconds
    decideAt[stage] = now + seconds
    if (kind !== backwardWeightCode) lastKind[stage] = kind
    return now + seconds
  }

  let left = stages * perStage
  while (left > 0) {
    let stage = 0
    for (let other = 1; other < stages; other++) if ((decideAt[other] ?? 0) < (decideAt[stage] ?? 0)) stage = other
    const now = decideAt[stage] ?? 0
    // The earliest known input gradient (ties to the earlier chunk: more stages wait for it) and forward (ties to the
    // later chunk: nearer to releasing memory).
    let gradientTime = Infinity
    let gradientChunk = 0
    let forwardTime = Infinity
    let forwardChunk = 0
    let isFull = false
    for (let chunk = last; chunk >= 0; chunk--) {
      const slot = stage * chunks + chunk
      const backward = backwards[slot] ?? 0
      const gradient = backward < microBatches ? (gradientAt[slot * microBatches + backward] ?? Infinity) : Infinity
      if (gradient < Infinity && Math.max(gradient, now) <= gradientTime) {
        gradientTime = Math.max(gradient, now)
        gradientChunk = chunk
      }
      const forward = forwards[slot] ?? 0
      const input = forward < microBatches ? (forwardAt[slot * microBatches + forward] ?? Infinity) : Infinity
      if (input === Infinity) continue
      const isReserved = chunk < last && (policy.reserve === "always" || heldLast[stage] === 0)
      if ((held[stage] ?? 0) + (isReserved ? 1 : 0) >= limit) {
        if (input <= now) isFull = true
        continue
      }
      if (begun[stage] === 0 && (held[stage] ?? 0) >= (warmUp[stage] ?? 0)) continue
      if (Math.max(input, now) < forwardTime) {
        forwardTime = Math.max(input, now)
        forwardChunk = chunk
      }
    }
    const hasWeight = (waitingHead[stage] ?? 0) < (waitingTail[stage] ?? 0)
    const soonest = Math.min(gradientTime, forwardTime)
    const isForwardsTurn = policy.turn === "alternate" && lastKind[stage] === backwardInputCode
    const isIdle = soonest > now
    if (hasWeight && ((isFull && (isIdle || isForwardsTurn)) || (isIdle && now + times.backwardWeight <= soonest))) {
      const head = waitingHead[stage] ?? 0
      const code = waiting[stage]?.[head] ?? 0
      waitingHead[stage] = head + 1
      held[stage] = (held[stage] ?? 0) - 1
      if ((code & 255) === last) heldLast[stage] = (heldLast[stage] ?? 0) - 1
      run(stage, backwardWeightCode, code >>> 8, code & 255, now, times.backwardWeight)
      left--
    } else if (isIdle) {
      decideAt[stage] = soonest
    } else if (gradientTime <= now && !(isForwardsTurn && forwardTime <= now)) {
      const slot = stage * chunks + gradientChunk
      const microBatch = backwards[slot] ?? 0
      const end = run(stage, backwardInputCode, microBatch, gradientChunk, now, times.backwardInput)
      backwards[slot] = microBatch + 1
      begun[stage] = 1
      const tail = waitingTail[stage] ?? 0
      const queue = waiting[stage]
      if (queue !== undefined) queue[tail] = (microBatch << 8) | gradientChunk
      waitingTail[stage] = tail + 1
      const to = previous[slot] ?? -1
      if (to >= 0) arrive(gradientAt, stage, to, microBatch, end, now)
      left--
    } else {
      const slot = stage * chunks + forwardChunk
      const microBatch = forwards[slot] ?? 0
      const end = run(stage, forwardCode, microBatch, forwardChunk, now, times.forward)
      forwards[slot] = microBatch + 1
      held[stage] = (held[stage] ?? 0) + 1
      if (forwardChunk === last) heldLast[stage] = (heldLast[stage] ?? 0) + 1
      const to = next[slot] ?? -1
      if (to >= 0) arrive(forwardAt, stage, to, microBatch, end, now)
      else gradientAt[slot * microBatches + microBatch] = end
      left--
    }
  }
  return lists
}
