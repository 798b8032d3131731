/** Plans from a script. */
import { describe, expect, test } from "vitest"
import { planProgress } from "../../src/cli/plan-progress.ts"
import {
  comparisonsOf,
  experimentOf,
  isExperiment,
  plan,
  planFleet,
  shippedResiduals,
  simulate,
  isRefused,
  type PlanProgress
} from "../../src/index.ts"

const scenario = {
  cluster: { system: "dgx-h100", nodes: 2 },
  model: "llama-3-8b",
  training: { globalBatch: 64, sequenceLength: 8192, tokens: 1e9 },
  plan: { objective: "days", space: { tensor: [1, 2, 4], pipeline: 1, recompute: "none" }, top: 3 }
} as const

describe("plan", () => {
  const told: PlanProgress[] = []
  const made = plan(scenario, (progress) => told.push(progress))
  if (made._tag !== "TrainingPlan") throw new Error(made._tag)

  test("gives layouts, the best first, that simulate to the same", () => {
    expect(made.layouts).toHaveLength(3)
    expect(made.layouts.map(({ value }) => value)).toEqual(
      made.layouts.map(({ value }) => value).toSorted((a, b) => a - b)
    )
    const again = simulate(made.scenario.scenario as typeof scenario)
    expect(isRefused(again) || again.kind !== "training" ? 0 : again.iterationSeconds).toBe(
      made.layouts[0]?.result.iterationSeconds
    )
  })

  test("tells of every layout, bounded and then settled, and of the best so far", () => {
    const of = (phase: string) => told.filter((one) => one.phase === phase)
    expect(of("bounds").map(({ done }) => done)).toEqual(Array.from({ length: made.counts.layouts }, (_, at) => at + 1))
    const done = of("search").map((one) => one.done)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([made.counts.layouts]))
    expect(told.at(-1)?.best?.result.iterationSeconds).toBe(made.layouts[0]?.result.iterationSeconds)
  })

  test("says how sure the order is, and what would settle it", async () => {
    const residuals = await shippedResiduals()
    const [comparison] = comparisonsOf(made, residuals)
    const [first, second] = made.layouts
    if (comparison === undefined || first === undefined || second === undefined) throw new Error("two layouts")
    expect(comparison.ratio).toBe(second.value / first.value)
    expect(comparison.chance).toBeGreaterThanOrEqual(0.5)
    const experiment = experimentOf(made.scenario, [first, second], 1.05, 0.02, () => ({ failure: "no files" }))
    expect(isExperiment(experiment) ? experiment.repeats : experiment.kind).toSatisfy(
      (found: unknown) => found === 1 || found === "none"
    )
  })

  test("refuses what a scenario may not be, and says where nothing meets the constraints", () => {
    expect(plan({ ...scenario, model: "lama" })).toMatchObject({ _tag: "Refused" })
    expect(plan({ ...scenario, plan: { constraints: { deadline: "1 s" } } })).toMatchObject({
      _tag: "NoPlan",
      kind: "unmet",
      unmet: [{ limit: "deadline", ceiling: 1 }]
    })
  })
})

describe("planFleet", () => {
  const server = {
    cluster: { system: "dgx-h100" },
    model: "llama-3-8b",
    serving: {},
    workload: { arrivals: { poisson: { rate: 1 } }, prompt: 300, output: 60 }
  } as const
  const goals = [{ metric: "tpot", statistic: "p99", seconds: 0.03 }] as const
  const space = {
    ...{ systems: ["dgx-h100"], tensor: [1, 2], pipeline: [1], precisions: ["bf16"] },
    ...{ batchSequences: [null], batchTokens: [null] }
  }

  test("gives the cheapest fleet for a load", () => {
    const made = planFleet(server, { rate: 60, goals, space, requests: 500, confirmations: 0 })
    if ("_tag" in made) throw new Error(JSON.stringify(made.issues))
    const [best] = made.sized
    expect(best?.replicas).toBeGreaterThan(0)
    expect(best?.point.latencies.tpot.p99).toBeLessThanOrEqual(0.03)
    expect(best?.value).toBe(Math.min(...made.sized.map(({ value }) => value)))
  })

  test("refuses a training", () => {
    expect(planFleet(scenario as unknown as typeof server, { rate: 1, goals })).toMatchObject({
      _tag: "Refused",
      issues: [{ path: "serving" }]
    })
  })
})

test("a terminal sees the bounds, then the layouts with the best so far; nothing elsewhere", () => {
  const written: string[] = []
  let time = 0
  const stream = { isTTY: true, write: (text: string) => written.push(text) }
  const shown = planProgress(stream, () => (time += 200))
  shown.tell({ phase: "bounds", done: 500, total: 1000, best: null })
  const best = { result: { iterationSeconds: 2.5 } } as NonNullable<PlanProgress["best"]>
  shown.tell({ phase: "search", done: 750, total: 1000, best })
  shown.end()
  const lines = written.map((text) => text.replaceAll(/\r|\u001b\[K/g, ""))
  expect(lines[0]).toMatch(/^500 of 1,000 layouts bounded, /)
  expect(lines[1]).toMatch(/^750 of 1,000 layouts settled, .*, best 2\.50 s$/)
  expect(lines[2]).toBe("")
  const silent = planProgress({ isTTY: false, write: () => expect.unreachable() })
  silent.tell({ phase: "bounds", done: 1, total: 1, best: null })
  silent.end()
})
