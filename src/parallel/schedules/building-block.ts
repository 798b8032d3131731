/**
 * V-shaped building blocks (Qi et al. 2405.15362, section 3): one micro-batch's operations on all stages of a V, placed in
 * unit times (F = Bi = W = 1 of a chunk), and repeated every 6 units, which is the work of a micro-batch on a stage. How long
 * a block keeps activations on a stage, over 6, is how many it holds: the steps from stage to stage decide on memory.
 */
import { backwardInputCode, backwardWeightCode, forwardCode, operationKindCode, packCode } from "./schedule.ts"

export interface BuildingBlock {
  /** Units from a stage to the next, forward in chunk 0 and backward in chunk 1, both of which run down the V. */
  readonly down: number
  /** Units from a stage to the next, forward in chunk 1 and backward in chunk 0, both of which run up the V. */
  readonly up: number
  /** Units between the two passes at each turn: at the bottom forward, at the top, at the bottom backward. */
  readonly turns: readonly [number, number, number]
}

/** Units of work of a micro-batch on a stage: F, Bi and W of two chunks. */
export const interval = 6

/** When a stage starts F of chunk 0, F of chunk 1, Bi of chunk 1 and Bi of chunk 0 of micro-batch 0, in units. */
export const blockStarts = (
  { down, up, turns }: BuildingBlock,
  stages: number,
  stage: number
): readonly [number, number, number, number] => {
  const last = stages - 1
  const bottom = down * last + turns[0]
  const top = bottom + up * last + turns[1]
  const bottomAgain = top + down * last + turns[2]
  return [down * stage, bottom + up * (last - stage), top + down * stage, bottomAgain + up * (last - stage)]
}

/** Whether the repeated block never asks a stage for two operations in the same unit. */
export const isRepeatable = (block: BuildingBlock, stages: number): boolean => {
  for (let stage = 0; stage < stages; stage++)
    if (new Set(blockStarts(block, stages, stage).map((start) => start % interval)).size < 4) return false
  return true
}

/** The list of a stage: the block for every micro-batch, weight gradients in the units that are left, in order. */
const blockOperations = (block: BuildingBlock, stages: number, microBatches: number, stage: number): Int32Array => {
  const starts = blockStarts(block, stages, stage)
  const codes = [
    packCode(forwardCode, 0, 0),
    packCode(forwardCode, 0, 1),
    packCode(backwardInputCode, 0, 1),
    packCode(backwardInputCode, 0, 0)
  ]
  const nextMicroBatch = new Int32Array(4)
  const list = new Int32Array(6 * microBatches)
  const waiting = new Int32Array(2 * microBatches)
  let head = 0
  let tail = 0
  let at = 0
  for (let unit = starts[0]; at < list.length; unit++) {
    let lane = -1
    for (let other = 0; other < 4; other++) {
      const microBatch = nextMicroBatch[other] ?? 0
      if (microBatch < microBatches && (starts[other] ?? 0) + interval * microBatch === unit) lane = other
    }
    if (lane >= 0) {
      const microBatch = nextMicroBatch[lane] ?? 0
      nextMicroBatch[lane] = microBatch + 1
      list[at++] = packCode(0, microBatch, 0) + (codes[lane] ?? 0)
      if (lane >= 2) waiting[tail++] = packCode(backwardWeightCode, microBatch, lane === 2 ? 1 : 0)
    } else if (head < tail) list[at++] = waiting[head++] ?? 0
  }
  return list
}

/** The lists of all stages of a repeated block. */
export const blockLists = (block: BuildingBlock, stages: number, microBatches: number): readonly Int32Array[] =>
  Array.from({ length: stages }, (_, stage) => blockOperations(block, stages, microBatches, stage))

/** Most chunks that the lists hold on any stage, `weightShare` of a chunk between its two gradients. */
export const heldByLists = (lists: readonly Int32Array[], weightShare: number): number => {
  let peak = 0
  for (const list of lists) {
    let held = 0
    for (const code of list) {
      const kind = operationKindCode(code)
      held += kind === forwardCode ? 1 : kind === backwardInputCode ? weightShare - 1 : -weightShare
      if (held > peak) peak = held
    }
  }
  return peak
}
