/**
 * vTrain's question in outline (Bang et al., arXiv:2312.12391): in what order do layouts of GPT-3's shape come on 512 A100? Its measured
 * rows are not known here. What is: that the order comes from the simulation, and what Megatron's authors found on the same
 * machines and software (Narayanan et al., SC'21, arXiv:2104.04473), of which nothing is fitted: their figures 13 to 15.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { planTraining, requestOf, type PlannedLayout } from "../../src/planner/index.ts"
import { loadScenario, resolveTraining, scenarioFromData, type LoadedScenario } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { noFiles } from "./plan-cases.ts"

const shippedPlan = (): LoadedScenario => {
  const loaded = loadScenario({
    file: fileURLToPath(new URL("../../scenarios/plans/gpt3-175b-512.yaml", import.meta.url)),
    readText: (file) => ({ text: readFileSync(file, "utf8") })
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

interface Sizes {
  readonly tensor: number
  readonly pipeline: number
}

/** Seconds of an iteration on 64 A100 of Selene, micro-batches of one sequence, everything recomputed. */
const secondsOn64 = (model: object, globalBatch: number, parallelism: Sizes): number => {
  const loaded = scenarioFromData({
    name: "figure",
    data: {
      cluster: { system: "selene", accelerators: 64 },
      model: { extends: "gpt3-175b", vocabulary: 51_200, ...model },
      training: {
        parallelism,
        schedule: "1f1b",
        microBatch: 1,
        globalBatch,
        sequenceLength: 2048,
        precision: "fp16",
        recompute: "full",
        stack: "megatron-lm-2021"
      }
    }
  })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  const resolved = resolveTraining(loaded)
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  const result = simulateTraining(resolved.job)
  if (isImpossible(result)) throw new Error(JSON.stringify(result))
  return result.iterationSeconds
}

const isRising = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > values[index - 1]!)

/** 162.2 billion parameters, 32 layers so that they divide into 32 stages. */
const large = {
  layers: 32,
  hidden: 20_480,
  feedForward: 81_920,
  heads: 128,
  keyValueHeads: 128,
  headDimension: 160,
  publishedParameters: 162.2e9
}
/** 5.9 billion parameters. */
const little = {
  layers: 32,
  hidden: 3840,
  feedForward: 15_360,
  heads: 32,
  keyValueHeads: 32,
  headDimension: 120,
  publishedParameters: 5.9e9
}

test.each([32, 128])(
  "of 64 GPUs in tensor groups times stages, groups as large as a node are best, batch %i (figure 13)",
  (batch) => {
    const at = (tensor: number): number => secondsOn64(large, batch, { tensor, pipeline: 64 / tensor })
    // Smaller groups pay for their longer pipelines, larger ones for the network between nodes.
    expect(isRising([8, 4, 2].map(at))).toBe(true)
    expect(isRising([8, 16, 32].map(at))).toBe(true)
  }
)

test("data-parallel ranks beat stages, and tensor groups, of a model that fits anyway (figures 14 and 15)", () => {
  for (const batch of [128, 512]) {
    expect(isRising([2, 4, 8, 16, 32].map((pipeline) => secondsOn64(little, batch, { tensor: 1, pipeline })))).toBe(
      true
    )
    expect(isRising([2, 4, 8, 16, 32].map((tensor) => secondsOn64(little, batch, { tensor, pipeline: 1 })))).toBe(true)
  }
})

describe("GPT-3 175B on 512 A100", () => {
  const loaded = shippedPlan()
  const plan = planTraining(loaded, requestOf({ ...loaded.scenario.plan, top: 100 }), noFiles)
  if (plan._tag !== "TrainingPlan") throw new Error(plan._tag)
  const nameOf = ({ candidate: { tensor, pipeline, data, microBatch } }: PlannedLayout): string =>
    `TP${tensor} PP${pipeline} DP${data} x${microBatch}`
  const names = plan.layouts.map(nameOf)
  const secondsOf = (name: string): number => plan.layouts[names.indexOf(name)]!.result.iterationSeconds

  test("nothing is measured in it, and every layout of the order was simulated", () => {
    expect(loaded.scenario.measured).toBeUndefined()
    expect(plan.layouts.map(({ result }) => result.iterationSeconds)).toEqual(
      plan.layouts.map(({ result }) => result.iterationSeconds).toSorted((one, other) => one - other)
    )
    expect(plan.layouts.length).toBeGreaterThan(15)
  })
  test("its order begins and ends like this", () => {
    expect(names.slice(0, 5)).toEqual([
      "TP4 PP16 DP8 x1",
      "TP4 PP16 DP8 x2",
      "TP4 PP32 DP4 x1",
      "TP2 PP32 DP8 x1",
      "TP8 PP8 DP8 x2"
    ])
  })
  test("all that hold a model in 64 GPUs are within 10 % of each other: 192 micro-batches hide most of a bubble", () => {
    expect(secondsOf("TP4 PP16 DP8 x1")).toBeGreaterThan(50)
    expect(secondsOf("TP8 PP8 DP8 x1") / secondsOf("TP4 PP16 DP8 x1")).toBeLessThan(1.1)
    expect(secondsOf("TP2 PP32 DP8 x1") / secondsOf("TP4 PP16 DP8 x1")).toBeLessThan(1.1)
  })
  test("no more stages than the model needs to fit: data parallelism scales better (their second takeaway)", () => {
    for (const micro of [1, 2])
      expect(
        isRising([
          secondsOf(`TP8 PP8 DP8 x${micro}`),
          secondsOf(`TP8 PP16 DP4 x${micro}`),
          secondsOf(`TP8 PP32 DP2 x${micro}`)
        ])
      ).toBe(true)
    expect(secondsOf("TP4 PP32 DP4 x1")).toBeGreaterThan(secondsOf("TP4 PP16 DP8 x1"))
  })
})
