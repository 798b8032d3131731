/**
 * Schedules as text, for scenarios: "F0 F1 B0 F2 B1 ..." a stage. F forward, B full backward, I input gradient, W
 * weight gradient, then the micro-batch; ".1" names the chunk, none is chunk 0; "F4.1&B2" is an overlapped pair.
 */
import { isPaired, operationChunk, operationKindCode, operationMicroBatch } from "./schedule.ts"
import type { Schedule } from "./schedule.ts"

export const kindLetters = "FBIW"

/** One operation, without its pairing. */
export const formatOperation = (operation: number): string => {
  const chunk = operationChunk(operation)
  return `${kindLetters[operationKindCode(operation)]}${operationMicroBatch(operation)}${chunk === 0 ? "" : `.${chunk}`}`
}

/** Per stage, the text that `customSchedule` reads. */
export const formatSchedule = ({ operations }: Pick<Schedule, "operations">): readonly string[] =>
  operations.map((list) => {
    let text = ""
    for (let at = 0; at < list.length; at++) {
      const operation = list[at] ?? 0
      text += formatOperation(operation)
      if (at + 1 < list.length) text += isPaired(operation) ? "&" : " "
    }
    return text
  })
