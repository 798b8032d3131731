/**
 * Carries out lists of operations in time and lets a stage run ahead in its list while what comes next has not arrived:
 * the squeezing and reordering of "Pipeline Parallelism with Controllable Memory" (Qi et al. 2405.15362, section 3.3),
 * done in one pass. What is pulled forward never raises the stage's activations above the limit. After its last forward
 * a stage puts input gradients, which others wait for, before weight gradients.
 *
 * Hot loop: typed arrays and indices only.
 */
import {
  backwardInputCode,
  backwardWeightCode,
  forwardCode,
  nextHop,
  operationChunk,
  operationKindCode,
  operationMicroBatch,
  previousHop
} from "./schedule.ts"
import type { OperationTimes, Schedule } from "./schedule.ts"

export interface LookAhead {
  /** Most chunks that a stage may hold; the given lists must keep it. */
  readonly limit: number
  /** Share of a chunk's activations that stays from the input gradient to the weight gradient; 1 = all. */
  readonly weightShare: number
  /** Whether a stage waits for a known arrival of what is earlier in its list if running ahead would delay that. */
  readonly isPatient: boolean
}

/** Operations that a forward may overtake, a stage of the pipeline: more than a V is deep. */
const windowPerStage = 8
const slack = 1e-9

/** The order in which split-backward lists run (F, Bi, W of each chunk in order); the lists must be able to run. */
export const lookAhead = (
  shape: Pick<Schedule, "stages" | "microBatches" | "chunks" | "layout">,
  lists: readonly Int32Array[],
  times: OperationTimes,
  { limit, weightShare, isPatient }: LookAhead
): readonly Int32Array[] => {
  const { stages, microBatches, chunks } = shape
  const slots = stages * chunks
  const window = windowPerStage * (stages + 8)
  const place = (hop: ReturnType<typeof nextHop>): number => (hop === null ? -1 : hop.stage * chunks + hop.chunk)
  const next = Int32Array.from({ length: slots }, (_, slot) =>
    place(nextHop(shape, Math.floor(slot / chunks), slot % chunks))
  )
  const previous = Int32Array.from({ length: slots }, (_, slot) =>
    place(previousHop(shape, Math.floor(slot / chunks), slot % chunks))
  )
  const seconds = Float64Array.of(times.forward, 0, times.backwardInput, times.backwardWeight)
  const forwardEnd = new Float64Array(slots * microBatches).fill(Infinity)
  const backwardEnd = new Float64Array(slots * microBatches).fill(Infinity)
  const made = lists.map((list) => new Int32Array(list.length))
  const counts = new Int32Array(stages)
  const isDone = lists.map((list) => new Uint8Array(list.length))
  // Rows, the operations of one kind in one chunk, run in order: where each stands in its list, and how far it has come.
  const rows = 4 * chunks
  const rowsOfStage = [forwardCode, backwardInputCode, backwardWeightCode].flatMap((kind) =>
    Array.from({ length: chunks }, (_, chunk) => chunk * 4 + kind)
  )
  const position = new Int32Array(stages * rows * microBatches)
  const rowDone = new Int32Array(stages * rows)
  const rowOf = (stage: number, code: number): number =>
    stage * rows + operationChunk(code) * 4 + operationKindCode(code)
  lists.forEach((list, stage) => {
    for (let at = 0; at < list.length; at++) {
      const code = list[at] ?? 0
      position[rowOf(stage, code) * microBatches + operationMicroBatch(code)] = at
    }
  })
  const forwardsLeft = new Int32Array(stages).fill(microBatches * chunks)
  const held = new Float64Array(stages)
  const free = new Float64Array(stages)
  const decideAt = new Float64Array(stages)
  // The next places of a stage's rows, in the order of its list.
  const heads = new Int32Array(rowsOfStage.length)

  const arrival = (ends: Float64Array, stage: number, slot: number, microBatch: number): number =>
    slot < 0
      ? 0
      : (ends[slot * microBatches + microBatch] ?? Infinity) +
        (Math.floor(slot / chunks) === stage ? 0 : times.communication)
  const readyAt = (stage: number, code: number): number => {
    const slot = stage * chunks + operationChunk(code)
    const microBatch = operationMicroBatch(code)
    const kind = operationKindCode(code)
    if (kind === forwardCode) return arrival(forwardEnd, stage, previous[slot] ?? -1, microBatch)
    if (kind === backwardWeightCode) return backwardEnd[slot * microBatches + microBatch] ?? Infinity
    return Math.max(
      forwardEnd[slot * microBatches + microBatch] ?? Infinity,
      arrival(backwardEnd, stage, next[slot] ?? -1, microBatch)
    )
  }
  const change = (kind: number): number =>
    kind === forwardCode ? 1 : kind === backwardInputCode ? weightShare - 1 : -weightShare
  const wake = (slot: number, stage: number, at: number, now: number): void => {
    if (slot < 0) return
    const other = Math.floor(slot / chunks)
    if (other !== stage) decideAt[other] = Math.min(decideAt[other] ?? 0, Math.max(free[other] ?? 0, now, at))
  }

  /** Whether a forward, run now, leaves room for what stands before it in the list and has not run. */
  const fits = (stage: number, from: number, to: number): boolean => {
    const list = lists[stage] ?? new Int32Array(0)
    const done = isDone[stage] ?? new Uint8Array(0)
    let load = held[stage] ?? 0
    if (load + 1 > limit + slack) return false
    for (let at = from, looked = 0; at < to; at++) {
      if (done[at] === 1) continue
      if (++looked > window) return false
      load += change(operationKindCode(list[at] ?? 0))
      if (load + 1 > limit + slack) return false
    }
    return true
  }

  let left = lists.reduce((sum, list) => sum + list.length, 0)
  while (left > 0) {
    let stage = 0
    for (let other = 1; other < stages; other++) if ((decideAt[other] ?? 0) < (decideAt[stage] ?? 0)) stage = other
    const now = decideAt[stage] ?? 0
    if (now === Infinity) throw new Error("a list of operations that cannot run in order")
    const list = lists[stage] ?? new Int32Array(0)
    const done = isDone[stage] ?? new Uint8Array(0)
    let open = 0
    for (const row of rowsOfStage) {
      const key = stage * rows + row
      const next = rowDone[key] ?? 0
      if (next >= microBatches) continue
      const at = position[key * microBatches + next] ?? 0
      let place = open++
      for (; place > 0 && (heads[place - 1] ?? 0) > at; place--) heads[place] = heads[place - 1] ?? 0
      heads[place] = at
    }
    const first = heads[0] ?? 0
    const isDraining = forwardsLeft[stage] === 0
    let pick = -1
    let weight = -1
    let soonest = Infinity
    for (let head = 0; head < open; head++) {
      const at = heads[head] ?? 0
      const code = list[at] ?? 0
      const kind = operationKindCode(code)
      const ready = readyAt(stage, code)
      if (ready === Infinity || (kind === forwardCode && head > 0 && !fits(stage, first, at))) continue
      if (ready > now + slack) {
        soonest = Math.min(soonest, ready)
        continue
      }
      if (isPatient && soonest < now + (seconds[kind] ?? 0) - slack) continue
      if (isDraining && kind === backwardWeightCode) {
        if (weight < 0) weight = at
        continue
      }
      pick = at
      break
    }
    if (pick < 0 && weight >= 0 && !(isPatient && soonest < now + times.backwardWeight - slack)) pick = weight
    if (pick < 0) {
      decideAt[stage] = soonest
      continue
    }
    const code = list[pick] ?? 0
    const kind = operationKindCode(code)
    const slot = stage * chunks + operationChunk(code)
    const entry = slot * microBatches + operationMicroBatch(code)
    const end = now + (seconds[kind] ?? 0)
    const row = rowOf(stage, code)
    rowDone[row] = (rowDone[row] ?? 0) + 1
    done[pick] = 1
    left--
    const count = counts[stage] ?? 0
    const order = made[stage]
    if (order !== undefined) order[count] = code
    counts[stage] = count + 1
    held[stage] = (held[stage] ?? 0) + change(kind)
    free[stage] = end
    decideAt[stage] = end
    if (kind === forwardCode) {
      forwardsLeft[stage] = (forwardsLeft[stage] ?? 0) - 1
      forwardEnd[entry] = end
      wake(next[slot] ?? -1, stage, end + times.communication, now)
    } else if (kind === backwardInputCode) {
      backwardEnd[entry] = end
      wake(previous[slot] ?? -1, stage, end + times.communication, now)
    }
  }
  return made
}
