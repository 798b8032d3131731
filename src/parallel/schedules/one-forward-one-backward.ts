/**
 * 1F1B (PipeDream-Flush; Narayanan et al. 2104.04473, section 2.2) and its interleaved form, as Megatron-LM runs them.
 */
import { backwardCode, forwardCode, isScheduleError, packCode } from "./schedule.ts"
import type { Schedule, ScheduleGenerator } from "./schedule.ts"
import { checkInFlight, checkOptions, scheduleError } from "./validation.ts"

/** `warm` forwards, then one forward and one backward in turn, then the backwards that are left. */
const alternate = (
  total: number,
  warm: number,
  forwardAt: (index: number) => number,
  backwardAt: (index: number) => number
): Int32Array => {
  const list = new Int32Array(2 * total)
  let at = 0
  for (let index = 0; index < warm; index++) list[at++] = forwardAt(index)
  for (let index = warm; index < total; index++) {
    list[at++] = forwardAt(index)
    list[at++] = backwardAt(index - warm)
  }
  for (let index = total - warm; index < total; index++) list[at++] = backwardAt(index)
  return list
}

/**
 * Stage i runs p - i - 1 forwards ahead, then alternates. Bubble (p - 1)(F + B), at most min(p - i, m) in flight; a
 * smaller `maximumInFlight` shortens the warm-up and costs time.
 */
export const oneForwardOneBackward: ScheduleGenerator = (options) => {
  const { stages, microBatches, maximumInFlight = stages } = options
  const refused = checkOptions(options, [1])
  if (refused !== undefined) return refused
  const limit = Math.floor(maximumInFlight)
  const operations = Array.from({ length: stages }, (_, stage) =>
    alternate(
      microBatches,
      Math.min(stages - stage - 1, limit - 1, microBatches),
      (index) => packCode(forwardCode, index, 0),
      (index) => packCode(backwardCode, index, 0)
    )
  )
  return { name: "1f1b", stages, microBatches, chunks: 1, layout: "loop", operations }
}

/**
 * Interleaved 1F1B with v chunks a stage (2104.04473, section 2.2): the k-th forward is of chunk (k mod pv) div p and
 * micro-batch (k div pv) p + k mod p, backwards take the chunks in reverse, warm-up 2(p - i - 1) + (v - 1)p. Bubble
 * (p - 1)(F + B) / v; stage 0 holds p(v + 1) - 1 chunks. One chunk is plain 1F1B, as in Megatron-LM, and it refuses
 * micro-batches that are not a multiple of the stages, as that does.
 */
export const interleaved: ScheduleGenerator = (options) => {
  const { stages, microBatches, chunks } = options
  const refused = checkOptions(options)
  if (refused !== undefined) return refused
  const name = "interleaved-1f1b"
  if (chunks === 1) {
    const plain = oneForwardOneBackward(options)
    return isScheduleError(plain) ? plain : { ...plain, name }
  }
  if (microBatches % stages !== 0) {
    const below = microBatches - (microBatches % stages)
    const candidates = below === 0 ? [stages] : [below, below + stages]
    const nearest = candidates.sort((a, b) => Math.abs(a - microBatches) - Math.abs(b - microBatches))
    return scheduleError("microBatches", microBatches, `a multiple of the ${stages} stages`, nearest)
  }
  const total = microBatches * chunks
  const group = stages * chunks
  const order = (kind: number) => (index: number) => {
    const chunk = Math.floor((index % group) / stages)
    const microBatch = Math.floor(index / group) * stages + (index % stages)
    return packCode(kind, microBatch, kind === forwardCode ? chunk : chunks - 1 - chunk)
  }
  const operations = Array.from({ length: stages }, (_, stage) =>
    alternate(
      total,
      Math.min(2 * (stages - stage - 1) + (chunks - 1) * stages, total),
      order(forwardCode),
      order(backwardCode)
    )
  )
  const schedule: Schedule = { name, stages, microBatches, chunks, layout: "loop", operations }
  return checkInFlight(schedule, options.maximumInFlight) ?? schedule
}
