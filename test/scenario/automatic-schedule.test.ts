import { expect, test } from "vitest"
import { resolveTraining, scenarioFromData, type ScenarioIssue } from "../../src/scenario/index.ts"

const scenario = (schedule: unknown) =>
  scenarioFromData({
    name: "mine",
    data: {
      cluster: { system: "dgx-a100" },
      model: { layers: 16, hidden: 2048, heads: 16, vocabulary: 128, maximumSequence: 2048 },
      training: { parallelism: { pipeline: 8 }, schedule, globalBatch: 16 }
    }
  })

const issuesOf = (schedule: unknown): readonly ScenarioIssue[] => {
  const loaded = scenario(schedule)
  const outcome = loaded._tag === "Refused" ? loaded : resolveTraining(loaded)
  return outcome._tag === "Refused" ? outcome.issues : []
}

const resolved = (schedule: unknown) => {
  const loaded = scenario(schedule)
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  const made = resolveTraining(loaded)
  if (made._tag === "Refused") throw new Error(JSON.stringify(made.issues))
  return made
}

test("the automatic schedule has a limit as a share of 1F1B's activations, in bytes, or none", () => {
  expect(resolved({ automatic: { memoryLimit: 0.5 } }).job).toMatchObject({
    schedule: "automatic",
    scheduleMemory: { share: 0.5 }
  })
  expect(resolved({ automatic: { memoryBytes: "10 GB" } }).job).toMatchObject({
    schedule: "automatic",
    scheduleMemory: { bytes: 1e10 }
  })
  expect(resolved({ automatic: {} }).job.scheduleMemory).toBe(undefined)
  expect(resolved("automatic").job.schedule).toBe("automatic")
})

test("the limit is kept in the scenario that a result hands on", () => {
  expect(resolved({ automatic: { memoryBytes: "10 GB" } }).scenario.training.schedule).toEqual({
    automatic: { memoryBytes: 1e10 }
  })
  expect(resolved("automatic").scenario.training.schedule).toBe("automatic")
})

test("two limits are one too many", () => {
  expect(issuesOf({ automatic: { memoryLimit: 1, memoryBytes: "10 GB" } })).toMatchObject([
    {
      path: "training.schedule.automatic.memoryBytes",
      problem: "memoryLimit and memoryBytes both limit the schedule",
      expected: "one of the two"
    }
  ])
})

test.each([
  [{ automatic: { memoryLimit: 0 } }, "training.schedule.automatic.memoryLimit", "0"],
  [{ automatic: { memoryLimit: "much" } }, "training.schedule.automatic.memoryLimit", '"much"'],
  [{ automatic: { memoryBytes: "-1 GB" } }, "training.schedule.automatic.memoryBytes", '"-1 GB"']
])("%j is refused where it is wrong", (schedule, path, given) => {
  expect(issuesOf(schedule)).toMatchObject([{ path, given }])
})

test("a name that is none is refused with those near it", () => {
  const [issue] = issuesOf("v-halve")
  expect(issue).toMatchObject({ path: "training.schedule", given: '"v-halve"', nearest: ["v-half"] })
})
