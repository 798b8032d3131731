/** Schedules that need no interplay of stages: the naive pipeline and GPipe (Huang et al. 1811.06965). */
import { backwardCode, forwardCode, packCode } from "./schedule.ts"
import type { ScheduleGenerator } from "./schedule.ts"
import { checkInFlight, checkOptions } from "./validation.ts"

/**
 * Each micro-batch runs forward and backward through all stages before the next one starts, as a model spread over
 * devices without a pipeline engine does (Hugging Face accelerate's device_map). One stage works at a time: utilisation
 * 1 / p.
 */
export const naive: ScheduleGenerator = (options) => {
  const { stages, microBatches } = options
  const refused = checkOptions(options, [1])
  if (refused !== undefined) return refused
  const list = new Int32Array(2 * microBatches)
  for (let microBatch = 0; microBatch < microBatches; microBatch++) {
    list[2 * microBatch] = packCode(forwardCode, microBatch, 0)
    list[2 * microBatch + 1] = packCode(backwardCode, microBatch, 0)
  }
  return {
    name: "naive",
    stages,
    microBatches,
    chunks: 1,
    layout: "loop",
    operations: Array.from({ length: stages }, () => list)
  }
}

/** All forwards, then all backwards in the same order. Bubble (p - 1)(F + B); every stage holds all m micro-batches. */
export const gpipe: ScheduleGenerator = (options) => {
  const { stages, microBatches } = options
  const refused = checkOptions(options, [1])
  if (refused !== undefined) return refused
  const list = new Int32Array(2 * microBatches)
  for (let microBatch = 0; microBatch < microBatches; microBatch++) {
    list[microBatch] = packCode(forwardCode, microBatch, 0)
    list[microBatches + microBatch] = packCode(backwardCode, microBatch, 0)
  }
  const operations = Array.from({ length: stages }, () => list)
  const schedule = { name: "gpipe", stages, microBatches, chunks: 1, layout: "loop", operations } as const
  return checkInFlight(schedule, options.maximumInFlight) ?? schedule
}
