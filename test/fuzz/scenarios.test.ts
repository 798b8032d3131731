import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  formatIssue,
  impossibleIssue,
  resolveTraining,
  type LoadedScenario,
  type Refused,
  type ScenarioIssue
} from "../../src/scenario/index.ts"
import { isImpossible, microBatchesOf, simulateTraining, type TrainingJob } from "../../src/training/index.ts"
import { families, fromData, readText } from "./families.ts"

/** Paths of the numbers in a value that are not finite. */
const notFinite = (value: unknown, path = ""): readonly string[] => {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`))
}

const controlCharacters = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

const checkIssue = (issue: ScenarioIssue): void => {
  expect(issue.problem).not.toBe("")
  expect(issue.given).not.toBe("")
  expect(issue.expected).not.toBe("")
  expect(formatIssue(issue)).not.toMatch(controlCharacters)
  expect(formatIssue(issue).length).toBeLessThan(2000)
}

/** Ranks and operations beyond which a simulation may well take its time: such a job is resolved only. */
const mostActors = 2000
const mostOperations = 100_000

const isSmall = (job: TrainingJob): boolean => {
  const { tensor, pipeline, context, data } = job.layout
  const actors = job.symmetry === "on" ? pipeline : tensor * pipeline * context * data
  return actors <= mostActors && actors * job.virtualPipeline * microBatchesOf(job) <= mostOperations
}

type Outcome = "refused" | "impossible" | "simulated" | "too large"

/** Takes a scenario all the way, and checks what comes out. */
const takeThrough = (loaded: LoadedScenario | Refused): Outcome => {
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  if (resolved._tag === "Refused") {
    expect(resolved.issues.length).toBeGreaterThan(0)
    for (const issue of resolved.issues) checkIssue(issue)
    return "refused"
  }
  if (!isSmall(resolved.job)) return "too large"
  const outcome = simulateTraining(resolved.job)
  if (isImpossible(outcome)) {
    if (loaded._tag === "LoadedScenario") checkIssue(impossibleIssue(outcome, loaded))
    expect(outcome.path).not.toBe("")
    return "impossible"
  }
  expect(notFinite(outcome)).toEqual([])
  expect(outcome.iterationSeconds).toBeGreaterThan(0)
  expect(outcome.memory.fullest.peakBytes).toBeGreaterThan(0)
  return "simulated"
}

const perFamily = 300

/** So many of a family come through to a result, that it is not the reading alone which is tried. */
const leastSimulated: Readonly<Record<string, number>> = {
  "layouts drawn by lot": 40,
  "one number of the catalogue changed": 60,
  "text spoilt": 40,
  bytes: 0,
  "junk in place of a scenario": 0
}

describe.each(Object.entries(families))("fuzzed scenarios: %s", (family, generate) => {
  const chance = randomStream(2022, family)
  const counts: Record<Outcome, number> = { refused: 0, impossible: 0, simulated: 0, "too large": 0 }

  test(`${perFamily} of them end in finite numbers or in a refusal, none hangs`, () => {
    for (let index = 0; index < perFamily; index++) {
      const start = performance.now()
      const loaded = generate(chance)
      try {
        counts[takeThrough(loaded)]++
      } catch (error) {
        const scenario = loaded._tag === "Refused" ? loaded.issues : loaded.scenario
        throw new Error(`${family}, number ${index}: ${JSON.stringify(scenario)}`, { cause: error })
      }
      expect(performance.now() - start, `${family}, number ${index}`).toBeLessThan(20_000)
    }
    expect(counts.refused + counts.impossible + counts.simulated + counts["too large"]).toBe(perFamily)
    expect(counts.simulated).toBeGreaterThanOrEqual(leastSimulated[family] ?? 1)
  })
})

describe("a number that no machine has is refused where it is written, not divided by", () => {
  const machine = {
    cluster: { nodes: 2, accelerator: "a100-sxm-80gb", network: { link: "ib-ndr" } },
    model: "gpt3-1.3b",
    training: { globalBatch: 16, zeroStage: 3 }
  }
  const accelerator = (changes: object) => ({
    ...machine,
    cluster: { ...machine.cluster, accelerator: { extends: "a100-sxm-80gb", ...changes } }
  })
  const network = (changes: object) => ({
    ...machine,
    cluster: { ...machine.cluster, network: { link: { extends: "ib-ndr", ...changes } } }
  })
  const stack = (constants: object) => ({
    ...machine,
    training: { ...machine.training, stack: { extends: "torchtitan", constants } }
  })

  test.each([
    ["a memory of 5e-324 bytes/s", accelerator({ memory: { bytesPerSecond: 5e-324 } })],
    ["1e-300 FLOP/s", accelerator({ peakFlops: { bf16: 1e-300 } })],
    ["a link of 1e-300 bytes/s", network({ bandwidth: 1e-300 })],
    ["a share of 5e-324 of a link", network({ collectiveShare: 5e-324 })],
    ["a factor of 0 on every multiplication", stack({ gemmFactor: 0 })],
    ["five times all communication hidden", stack({ tensorOverlap: 5 })]
  ])("%s", (_name, scenario) => {
    expect(takeThrough(fromData(machine))).toBe("simulated")
    expect(takeThrough(fromData(scenario))).toBe("refused")
  })
})
