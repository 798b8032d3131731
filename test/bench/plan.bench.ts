/** Layouts planned in a second: Llama-3-70B on up to 1,024 H100, every size, every stage of sharding, four schedules. */
import { expect, test } from "vitest"
import { planTraining, requestOf } from "../../src/planner/index.ts"
import { jobOf } from "../../src/planner/plan/candidate.ts"
import { findingOf } from "../../src/planner/plan/feasible.ts"
import { machinesOf } from "../../src/planner/plan/machines.ts"
import { memoryBound } from "../../src/planner/plan/memory-bound.ts"
import { layoutsOf, type PlanSpace } from "../../src/planner/plan/space.ts"
import { rooflineBound, tableBound } from "../../src/planner/plan/time-bound.ts"
import { loadedCase, noFiles } from "../planner/plan-cases.ts"

const space: PlanSpace = {
  nodes: [16, 64, 128],
  context: [1, 2, 4, 8],
  zeroStage: [0, 1, 2, 3],
  schedule: ["1f1b", "interleaved-1f1b", "gpipe", "zb-h1"],
  recompute: ["none", "selective", "full"]
}

const llama = {
  cluster: { system: "dgx-h100", nodes: 128 },
  model: "llama-3-70b",
  training: { globalBatch: 2048, sequenceLength: 8192, tokens: 1e12 }
}

const once = { time: 1, iterations: 1, warmupTime: 0, warmupIterations: 0 }

test("at least 20,000 layouts are planned in less than a minute", async ({ bench }) => {
  const loaded = loadedCase(llama)
  let layouts = 0
  const { latency } = await bench("Llama-3-70B on up to 1,024 H100", () => {
    const plan = planTraining(loaded, { ...requestOf({ objective: "cost" }), space }, noFiles)
    if (plan._tag !== "TrainingPlan") throw new Error(plan._tag)
    layouts = plan.counts.layouts - plan.counts.impossible
  }).run(once)
  expect(layouts).toBeGreaterThan(20_000)
  expect(latency.min).toBeLessThan(60_000)
}, 300_000)

test("feasibility and all bounds of at least 5,000 layouts take less than a second", async ({ bench }) => {
  let layouts = 0
  const { latency } = await bench("closed forms of every layout", () => {
    layouts = 0
    const machines = machinesOf(loadedCase(llama), space, noFiles)
    if ("issues" in machines) throw new Error("refused")
    for (const own of machines)
      for (const candidate of layoutsOf(space, own.space)) {
        if (findingOf(candidate, own.feasibility) !== undefined) continue
        const job = jobOf(own.base, own.fixed, candidate)
        memoryBound(job, candidate, own.library)
        rooflineBound(job, candidate, own.library, own.layerSeconds)
        tableBound(job, candidate, own.library)
        layouts++
      }
  }).run(once)
  expect((1000 * layouts) / latency.min).toBeGreaterThan(5000)
}, 300_000)
