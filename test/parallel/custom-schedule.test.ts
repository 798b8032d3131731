import { expect, test } from "vitest"
import {
  customSchedule,
  formatSchedule,
  isScheduleError,
  schedules,
  validateSchedule
} from "../../src/parallel/index.ts"
import type { Schedule, ScheduleError } from "../../src/parallel/index.ts"

const sizes = { stages: 2, microBatches: 2, chunks: 1 }

test("a schedule is read from text, one line a stage", () => {
  const made = customSchedule(["F0 F1 B0 B1", "F0 B0  F1\nB1"], sizes)
  expect(isScheduleError(made) ? made : formatSchedule(made)).toEqual(["F0 F1 B0 B1", "F0 B0 F1 B1"])
})
test("or from entries, or from a function of the stage", () => {
  const entries = [0, 1].flatMap((microBatch) => [
    { kind: "forward" as const, microBatch },
    { kind: "backwardInput" as const, microBatch },
    { kind: "backwardWeight" as const, microBatch }
  ])
  const made = customSchedule((stage) => (stage === 0 ? entries : "F0 B0 F1 B1"), sizes)
  expect(isScheduleError(made) ? made : formatSchedule(made)).toEqual(["F0 I0 W0 F1 I1 W1", "F0 B0 F1 B1"])
})
test.each([
  ["1f1b", 4, 8, 1],
  ["interleaved", 4, 8, 3],
  ["zb-h2", 4, 8, 1],
  ["zb-v", 4, 8, 2],
  ["dualpipe", 4, 8, 2]
] as const)("%s written as text and read again is the same schedule", (name, stages, microBatches, chunks) => {
  const schedule = schedules[name]?.({ stages, microBatches, chunks })
  if (schedule === undefined || isScheduleError(schedule)) throw new Error(name)
  const { layout } = schedule
  expect(
    customSchedule(formatSchedule(schedule), { stages, microBatches, chunks, layout, name: schedule.name })
  ).toEqual(schedule)
})

const refused = (lists: readonly string[], changes: object = {}): ScheduleError => {
  const made = customSchedule(lists, { ...sizes, ...changes })
  if (!isScheduleError(made)) throw new Error("was not refused")
  return made
}
test("a word that is no operation is named with its place", () => {
  expect(refused(["F0 F1 X0 B1", "F0 B0 F1 B1"])).toMatchObject({ field: "operations[0][2]", given: "X0" })
  expect(refused(["F0 F1 B0 B1", "F0 B0 F B1"])).toMatchObject({ field: "operations[1][2]", given: "F" })
})
test("a micro-batch or chunk out of range, or a missing stage", () => {
  expect(refused(["F0 F2 B0 B2", "F0 B0 F1 B1"])).toMatchObject({ given: "F2", expected: "a micro-batch below 2" })
  expect(refused(["F0.1 F1 B0 B1", "F0 B0 F1 B1"])).toMatchObject({ given: "F0.1", expected: "a chunk below 1" })
  expect(refused(["F0 F1 B0 B1"])).toMatchObject({ field: "operations", given: "1" })
})
test("a missing or doubled operation, and a weight gradient without its input gradient", () => {
  expect(refused(["F0 F1 B0", "F0 B0 F1 B1"])).toMatchObject({
    field: "operations[0]",
    expected: "forward and backward of micro-batch 1, chunk 0"
  })
  expect(refused(["F0 F1 B0 B1 B1", "F0 B0 F1 B1"])).toMatchObject({
    field: "operations[0][4]",
    expected: "every operation once"
  })
  expect(refused(["F0 F1 W0 I0 B1", "F0 B0 F1 B1"])).toMatchObject({ field: "operations[0][2]", given: "W0" })
  expect(refused(["F0 F1 B0 I0 W0 B1", "F0 B0 F1 B1"])).toMatchObject({ field: "operations[0][3]", given: "I0" })
  expect(refused(["B0 F0 F1 B1", "F0 B0 F1 B1"])).toMatchObject({ field: "operations[0][0]", given: "B0" })
})
test("an order in which two stages wait for each other", () => {
  // Stage 0 wants the gradient of 0 before it sends 1; stage 1 wants 1 before it returns 0.
  expect(refused(["F0 B0 F1 B1", "F0 F1 B0 B1"])).toMatchObject({ field: "operations[0][1]", given: "B0" })
})
test("a pair is a forward and the backward after it, and both start together", () => {
  expect(refused(["F0&F1 B0 B1", "F0 B0 F1 B1"])).toMatchObject({ field: "operations[0][0]", given: "F0" })
  expect(refused(["F0 F1 B0 B1", "F0 B0 F1&"])).toMatchObject({ field: "operations[1][3]", given: "" })
  const ends = [{ kind: "forward" as const, microBatch: 0, pairedWithNext: true }]
  expect(customSchedule([ends], { stages: 1, microBatches: 1, chunks: 1 })).toMatchObject({ field: "operations[0][0]" })
  // The backward of a micro-batch cannot overlap its own forward.
  expect(refused(["F0 F1 B0 B1", "F0&B0 F1 B1"])).toMatchObject({ field: "operations[0][2]", given: "B0" })
})
test("a bidirectional schedule sends the first half of the micro-batches through chunk 0 only", () => {
  expect(refused(["F1 B1 F0.1 B0.1", "F1 B1 F0.1 B0.1"], { chunks: 2, layout: "bidirectional" })).toMatchObject({
    field: "operations[0][0]",
    expected: "micro-batch 1 in chunk 1"
  })
})
test("the memory limit is checked where one is given", () => {
  const made = customSchedule(["F0 F1 B0 B1", "F0 B0 F1 B1"], sizes)
  if (isScheduleError(made)) throw new Error(made.expected)
  const schedule: Schedule = made
  expect(validateSchedule(schedule, 2)).toBe(undefined)
  expect(validateSchedule(schedule, 1)).toMatchObject({ field: "maximumInFlight", given: "1", nearest: [2] })
})
