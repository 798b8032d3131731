/** Schedules that a user writes down, as text or as lists, checked before they run. */
import { isWhole } from "../refusal.ts"
import {
  maximumChunks,
  maximumMicroBatches,
  operationKinds,
  packCode,
  packOperation,
  pairWithNext
} from "./schedule.ts"
import type { ChunkLayout, OperationKind, Schedule, ScheduleError } from "./schedule.ts"
import { kindLetters } from "./text.ts"
import { checkOptions, scheduleError, validateSchedule } from "./validation.ts"

export interface OperationEntry {
  readonly kind: OperationKind
  readonly microBatch: number
  /** Default 0. */
  readonly chunk?: number
  /** Runs overlapped with the next entry: a forward, and the backward after it. */
  readonly pairedWithNext?: boolean
}

/** The operations of one stage in order: text such as "F0 F1 B0 B1" (see `formatSchedule`), or entries. */
export type StageOperations = string | readonly OperationEntry[]

export interface CustomSizes {
  readonly stages: number
  readonly microBatches: number
  readonly chunks: number
  /** Default "loop". */
  readonly layout?: ChunkLayout
  /** Default "custom". */
  readonly name?: string
}

const operationText = /^([FBIW])(\d{1,7})(?:\.(\d{1,3}))?$/

const inRange = (microBatch: number, chunk: number): boolean =>
  isWhole(microBatch, 0) && microBatch < maximumMicroBatches && isWhole(chunk, 0) && chunk < maximumChunks

const readText = (text: string, field: string): Int32Array | ScheduleError => {
  const codes: number[] = []
  const words = text.trim() === "" ? [] : text.trim().replaceAll("&", "& ").split(/\s+/)
  for (const [at, word] of words.entries()) {
    const isPair = word.endsWith("&")
    const [, letter = "", microBatch = "", chunk = "0"] = operationText.exec(isPair ? word.slice(0, -1) : word) ?? []
    if (letter === "" || !inRange(Number(microBatch), Number(chunk)))
      return scheduleError(`${field}[${at}]`, word, "F, B, I or W, a micro-batch, and .chunk if not 0", [
        "F0",
        "B0",
        "F0.1"
      ])
    const code = packCode(kindLetters.indexOf(letter), Number(microBatch), Number(chunk))
    codes.push(isPair ? pairWithNext(code) : code)
  }
  return Int32Array.from(codes)
}

const readEntries = (entries: readonly OperationEntry[], field: string): Int32Array | ScheduleError => {
  const codes = new Int32Array(entries.length)
  for (const [at, { kind, microBatch, chunk = 0, pairedWithNext = false }] of entries.entries()) {
    if (!operationKinds.includes(kind))
      return scheduleError(`${field}[${at}]`, kind, operationKinds.join(", "), operationKinds)
    if (!inRange(microBatch, chunk))
      return scheduleError(`${field}[${at}]`, `micro-batch ${microBatch}, chunk ${chunk}`, "whole numbers from 0")
    const code = packOperation(kind, microBatch, chunk)
    codes[at] = pairedWithNext ? pairWithNext(code) : code
  }
  return codes
}

/**
 * A schedule from one list a stage, or from a function of the stage; refused unless it is complete and can run.
 * Operations of a list are counted from 0 in the error's field: "operations[2][5]".
 */
export const customSchedule = (
  stageOperations: readonly StageOperations[] | ((stage: number) => StageOperations),
  { stages, microBatches, chunks, layout = "loop", name = "custom" }: CustomSizes
): Schedule | ScheduleError => {
  const refused = checkOptions({ stages, microBatches, chunks })
  if (refused !== undefined) return refused
  const written =
    typeof stageOperations === "function"
      ? Array.from({ length: stages }, (_, stage) => stageOperations(stage))
      : stageOperations
  if (written.length !== stages)
    return scheduleError("operations", written.length, `one list for each of the ${stages} stages`, [stages])
  const operations: Int32Array[] = []
  for (const [stage, list] of written.entries()) {
    const field = `operations[${stage}]`
    const read = typeof list === "string" ? readText(list, field) : readEntries(list, field)
    if ("_tag" in read) return read
    operations.push(read)
  }
  const schedule: Schedule = { name, stages, microBatches, chunks, layout, operations }
  return validateSchedule(schedule) ?? schedule
}
