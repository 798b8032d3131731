import { isScheduleError, schedules } from "../../src/parallel/index.ts"
import type { Schedule, ScheduleError, ScheduleOptions } from "../../src/parallel/index.ts"

/** The schedule of a name, which must not be refused. */
export const made = (name: string, options: ScheduleOptions): Schedule => {
  const schedule = schedules[name]?.(options)
  if (schedule === undefined || isScheduleError(schedule)) throw new Error(`${name}: ${JSON.stringify(schedule)}`)
  return schedule
}
/** Why a schedule is refused, which it must be. */
export const refusal = (name: string, options: ScheduleOptions): ScheduleError => {
  const schedule = schedules[name]?.(options)
  if (schedule === undefined || !isScheduleError(schedule)) throw new Error(`${name} was not refused`)
  return schedule
}
export const plain = (stages: number, microBatches: number, chunks = 1): ScheduleOptions => ({
  stages,
  microBatches,
  chunks
})

/** F = Bi = W = 1: a whole micro-batch is 3 seconds of a stage. */
export const equal = { forward: 1, backwardInput: 1, backwardWeight: 1 }
