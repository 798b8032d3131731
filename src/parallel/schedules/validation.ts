/** Whether a schedule does the whole iteration, in an order that can run, within a memory limit. */
import { isWhole, nearestOf } from "../refusal.ts"
import { executeSchedule, peakInFlight } from "./execution.ts"
import {
  backwardCode,
  backwardInputCode,
  backwardWeightCode,
  forwardCode,
  isPaired,
  maximumChunks,
  maximumMicroBatches,
  operationChunk,
  operationKindCode,
  operationMicroBatch,
  runsIn
} from "./schedule.ts"
import type { Schedule, ScheduleError, ScheduleOptions } from "./schedule.ts"
import { formatOperation } from "./text.ts"

/** A refusal of a schedule; see `Refusal` for the parts. */
export const scheduleError = (
  field: string,
  given: number | string,
  expected: string,
  nearest: readonly (number | string)[] = []
): ScheduleError => ({ _tag: "ScheduleError", field, given: String(given), expected, nearest })

/** The refusal that every generator shares: sizes are whole, in range, and the chunks are ones that it can lay out. */
export const checkOptions = (
  { stages, microBatches, chunks, maximumInFlight }: ScheduleOptions,
  allowedChunks?: readonly number[]
): ScheduleError | undefined => {
  if (!isWhole(stages)) return scheduleError("stages", stages, "a whole number of at least 1", [1])
  if (!isWhole(microBatches)) return scheduleError("microBatches", microBatches, "a whole number of at least 1", [1])
  if (microBatches > maximumMicroBatches)
    return scheduleError("microBatches", microBatches, `at most ${maximumMicroBatches}`, [maximumMicroBatches])
  if (allowedChunks !== undefined && !allowedChunks.includes(chunks))
    return scheduleError(
      "chunks",
      chunks,
      `${allowedChunks.join(" or ")} chunks a stage`,
      nearestOf(chunks, allowedChunks)
    )
  if (!isWhole(chunks) || chunks > maximumChunks)
    return scheduleError("chunks", chunks, `a whole number from 1 to ${maximumChunks}`, [
      isWhole(chunks) ? maximumChunks : 1
    ])
  if (maximumInFlight !== undefined && !(maximumInFlight >= 1))
    return scheduleError("maximumInFlight", maximumInFlight, "at least 1 micro-batch", [1])
  return undefined
}

/** The peak over the stages, in whole stages, against a limit. */
export const checkInFlight = (schedule: Schedule, maximumInFlight: number | undefined): ScheduleError | undefined => {
  if (maximumInFlight === undefined) return undefined
  const peak = Math.max(...peakInFlight(schedule)) / (schedule.layout === "bidirectional" ? 1 : schedule.chunks)
  return peak <= maximumInFlight
    ? undefined
    : scheduleError("maximumInFlight", maximumInFlight, `at least ${peak} micro-batches for ${schedule.name}`, [peak])
}

/** Every operation in range, once, a backward after its forward, a weight gradient after its input gradient. */
const checkStage = (schedule: Schedule, stage: number, list: Int32Array): ScheduleError | undefined => {
  const { microBatches, chunks } = schedule
  // Per (chunk, micro-batch), a bit for each kind that has run.
  const seen = new Uint8Array(chunks * microBatches)
  const field = `operations[${stage}]`
  for (let at = 0; at < list.length; at++) {
    const operation = list[at] ?? 0
    const chunk = operationChunk(operation)
    const microBatch = operationMicroBatch(operation)
    const kind = operationKindCode(operation)
    const refuse = (expected: string): ScheduleError =>
      scheduleError(`${field}[${at}]`, formatOperation(operation), expected)
    if (chunk >= chunks) return refuse(`a chunk below ${chunks}`)
    if (microBatch >= microBatches) return refuse(`a micro-batch below ${microBatches}`)
    if (!runsIn(schedule, chunk, microBatch)) return refuse(`micro-batch ${microBatch} in chunk ${1 - chunk}`)
    const index = chunk * microBatches + microBatch
    const before = seen[index] ?? 0
    if ((before & (1 << kind)) !== 0) return refuse("every operation once")
    const wanted =
      kind === forwardCode ? 0 : kind === backwardCode || kind === backwardInputCode ? 1 : 1 | (1 << backwardInputCode)
    if (before !== wanted)
      return refuse(
        wanted === 1 ? "its forward and no other backward before it" : "its forward and input gradient before it"
      )
    seen[index] = before | (1 << kind)
    if (!isPaired(operation)) continue
    const next = list[at + 1]
    if (
      kind !== forwardCode ||
      next === undefined ||
      isPaired(next) ||
      ![backwardCode, backwardInputCode].includes(operationKindCode(next))
    )
      return refuse("a pair of a forward and the backward after it")
  }
  const whole = 1 | (1 << backwardCode)
  const split = 1 | (1 << backwardInputCode) | (1 << backwardWeightCode)
  for (let chunk = 0; chunk < chunks; chunk++) {
    for (let microBatch = 0; microBatch < microBatches; microBatch++) {
      const done = seen[chunk * microBatches + microBatch]
      if (runsIn(schedule, chunk, microBatch) && done !== whole && done !== split)
        return scheduleError(
          field,
          `${list.length} operations`,
          `forward and backward of micro-batch ${microBatch}, chunk ${chunk}`
        )
    }
  }
  return undefined
}

/**
 * The first thing wrong with a schedule, or undefined: sizes, completeness (each micro-batch forward once, backward
 * once or as its two halves, in every chunk it passes), an order without deadlock (simulated), and, if a limit is
 * given, most micro-batches in flight on any stage, in whole stages.
 */
export const validateSchedule = (schedule: Schedule, maximumInFlight?: number): ScheduleError | undefined => {
  const { layout, stages, operations } = schedule
  const sizes = checkOptions(schedule, layout === "loop" ? undefined : [2])
  if (sizes !== undefined) return sizes
  if (operations.length !== stages)
    return scheduleError("operations", operations.length, `a list for each of ${stages} stages`)
  for (let stage = 0; stage < stages; stage++) {
    const wrong = checkStage(schedule, stage, operations[stage] ?? new Int32Array(0))
    if (wrong !== undefined) return wrong
  }
  const { completed } = executeSchedule(schedule, { forward: 1, backwardInput: 1, backwardWeight: 1 })
  const stuck = completed.findIndex((count, stage) => count < (operations[stage]?.length ?? 0))
  if (stuck >= 0) {
    const at = completed[stuck] ?? 0
    const operation = formatOperation(operations[stuck]?.[at] ?? 0)
    return scheduleError(
      `operations[${stuck}][${at}]`,
      operation,
      "an order without deadlock; it waits for an operation that waits for it"
    )
  }
  return checkInFlight(schedule, maximumInFlight)
}
