import { expect, test } from "vitest"
import { isRefused, simulateRun, type WholeRun } from "../../../src/index.ts"

const scenario = { cluster: { system: "dgx-h100" }, model: "llama-3-8b", training: { globalBatch: 64 } } as const

test("a script simulates a whole run", () => {
  const outcome = simulateRun({
    ...scenario,
    training: {
      ...scenario.training,
      run: { tokens: "20B", failures: { gpu: { mtbf: "1 year" } }, checkpoint: { save: "10 s" } }
    }
  })
  if (isRefused(outcome)) throw new Error(outcome.issues[0]?.problem)
  const run: WholeRun = outcome
  expect(run.runs).toBe(100)
  expect(run.goodput.mean).toBeGreaterThan(0.9)
  expect(run.goodput.mean).toBeLessThan(1)
  // Eight GPUs: a failure every 46 days.
  expect(run.failureSeconds).toBeCloseTo(31_557_600 / 8, 3)
})

test("a scenario that says nothing of the run is refused", () => {
  const outcome = simulateRun(scenario)
  if (!isRefused(outcome)) throw new Error("not refused")
  expect(outcome.issues[0]).toMatchObject({ path: "training.run", given: "nothing" })
})
