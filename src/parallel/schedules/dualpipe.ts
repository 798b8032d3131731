/**
 * DualPipe (DeepSeek-V3, 2412.19437, section 3.2.1; phases as in the published code, deepseek-ai/DualPipe): the model
 * lies on the stages twice, once in each direction, and half of the micro-batches enter at either end, so that a
 * forward of one direction overlaps a backward of the other. At most p + 1 micro-batches in flight. Bubble (p/2 -
 * 1)(F&B + B - 3W), F&B the overlapped pair and B the full backward: exact in `bubbleSeconds` for F = Bi = W; else the
 * published form is somewhat above what this order idles (p = 4, F 1, Bi 1.3, W 0.9: 2.7 against 2.4). Steady state: two
 * micro-batches, one each way.
 */
import { backwardCode, backwardInputCode, backwardWeightCode, forwardCode, packCode, pairWithNext } from "./schedule.ts"
import type { Schedule, ScheduleGenerator } from "./schedule.ts"
import { checkInFlight, checkOptions, scheduleError } from "./validation.ts"

/**
 * The list of one stage; the two halves of the pipeline mirror each other.
 *
 * @param perDirection    micro-batches of each direction
 * @param second          micro-batch that the second direction begins with
 */
const stageOperations = (stages: number, perDirection: number, second: number, stage: number): Int32Array => {
  const half = stages / 2
  const depth = Math.min(stage, stages - 1 - stage)
  const list: number[] = []
  // A stage's near direction is the one whose entrance is closer to it; its chunk is 0 in the first half of the stages.
  const near = stage < half ? 0 : 1
  const far = 1 - near
  const forwards = [0, 0]
  const backwards = [0, 0]
  const deferred: number[] = []

  const take = (counts: number[], chunk: number): number => {
    const index = counts[chunk] ?? 0
    counts[chunk] = index + 1
    return chunk * second + index
  }
  const forward = (chunk: number): number => packCode(forwardCode, take(forwards, chunk), chunk)
  const backward = (chunk: number): number => packCode(backwardCode, take(backwards, chunk), chunk)
  const backwardInput = (chunk: number): number => {
    const microBatch = take(backwards, chunk)
    deferred.push(packCode(backwardWeightCode, microBatch, chunk))
    return packCode(backwardInputCode, microBatch, chunk)
  }
  let nextDeferred = 0
  const backwardWeight = (): number => deferred[nextDeferred++] ?? 0
  const overlapped = (forwardChunk: number, backwardChunk: number): void => {
    list.push(pairWithNext(forward(forwardChunk)), backward(backwardChunk))
  }

  const outer = half - depth - 1
  for (let index = 0; index < 2 * outer; index++) list.push(forward(near))
  for (let index = 0; index <= depth; index++) list.push(forward(near), forward(far))
  for (let index = 0; index < outer; index++) list.push(backwardInput(far), backwardWeight(), forward(far))
  for (let index = 0; index < perDirection - stages + depth + 1; index++) {
    // The two middle stages run their first pair apart: a smaller bubble than waiting for both.
    if (index === 0 && depth === half - 1) list.push(forward(near), backward(far))
    else overlapped(near, far)
    overlapped(far, near)
  }
  for (let index = 0; index < outer; index++) {
    list.push(backward(far))
    overlapped(far, near)
  }
  // From the middle of the drain on, weight gradients wait, and fill the bubble that the drain leaves.
  for (let index = 0; index < 2 * (depth + 1); index++) {
    const chunk = index % 2 === 0 ? far : near
    list.push(index > depth ? backwardInput(chunk) : backward(chunk))
  }
  for (let index = 0; index < outer; index++) list.push(backwardWeight(), backwardInput(near))
  for (let index = 0; index <= depth; index++) list.push(backwardWeight())
  return Int32Array.from(list)
}

/** Stages even, micro-batches even and at least 2p; see the file's header. */
export const dualPipe: ScheduleGenerator = (options) => {
  const { stages, microBatches } = options
  const refused = checkOptions(options, [1, 2])
  if (refused !== undefined) return refused
  if (stages % 2 !== 0)
    return scheduleError("stages", stages, "an even number", stages === 1 ? [2] : [stages - 1, stages + 1])
  if (microBatches < 2 * stages)
    return scheduleError("microBatches", microBatches, `at least twice the ${stages} stages`, [2 * stages])
  if (microBatches % 2 !== 0)
    return scheduleError("microBatches", microBatches, "an even number", [microBatches - 1, microBatches + 1])
  const half = microBatches / 2
  const operations = Array.from({ length: stages }, (_, stage) => stageOperations(stages, half, half, stage))
  const schedule: Schedule = { name: "dualpipe", stages, microBatches, chunks: 2, layout: "bidirectional", operations }
  return checkInFlight(schedule, options.maximumInFlight) ?? schedule
}

/**
 * DualPipeV ("cut in half", as in deepseek-ai/DualPipe): DualPipe of twice the stages is its own mirror image, so that one
 * half of it, each micro-batch going on in the stage's other direction where the halves met, does the same work in a V
 * and holds the parameters once. At least 2p micro-batches, at most p + 1/2 in flight; bubble (p - 1)(F&B + B - 3W) of a
 * chunk.
 */
export const dualPipeV: ScheduleGenerator = (options) => {
  const { stages, microBatches } = options
  const refused = checkOptions(options, [1, 2])
  if (refused !== undefined) return refused
  if (microBatches < 2 * stages)
    return scheduleError("microBatches", microBatches, `at least twice the ${stages} stages`, [2 * stages])
  const operations = Array.from({ length: stages }, (_, stage) => stageOperations(2 * stages, microBatches, 0, stage))
  const schedule: Schedule = { name: "dualpipe-v", stages, microBatches, chunks: 2, layout: "mirror", operations }
  return checkInFlight(schedule, options.maximumInFlight) ?? schedule
}
