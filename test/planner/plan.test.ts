/** Plans against brute force, and what is said where there is none. */
import { describe, expect, test } from "vitest"
import { planTraining, requestOf, type TrainingPlan } from "../../src/planner/index.ts"
import { jobOf, type Candidate } from "../../src/planner/plan/candidate.ts"
import { findingOf } from "../../src/planner/plan/feasible.ts"
import { machinesOf, type Machines } from "../../src/planner/plan/machines.ts"
import { brokenBy, needsRun, objectives, type Objective } from "../../src/planner/plan/objective.ts"
import { layoutsOf } from "../../src/planner/plan/space.ts"
import { resolveTraining, type LoadedScenario } from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining, simulateWholeRun, type TrainingResult } from "../../src/training/index.ts"
import { cases, loadedCase, noFiles } from "./plan-cases.ts"

interface Simulated {
  readonly candidate: Candidate
  readonly own: Machines
  readonly result: TrainingResult
  readonly value: number
}

/** Every layout of a plan that keeps its constraints, each simulated. */
const bruteForce = (loaded: LoadedScenario): readonly Simulated[] => {
  const { objective, constraints, space } = requestOf(loaded.scenario.plan ?? {})
  const machines = machinesOf(loaded, space, noFiles)
  if ("issues" in machines) throw new Error(JSON.stringify(machines.issues))
  return machines.flatMap((own) =>
    [...layoutsOf(space, own.space)].flatMap((candidate) => {
      if (findingOf(candidate, own.feasibility) !== undefined) return []
      const result = simulateTraining(jobOf(own.base, own.fixed, candidate))
      if (isImpossible(result) || brokenBy(constraints, result, own) !== undefined) return []
      const quantity = objectives[objective]
      const whole = needsRun(quantity, constraints) ? own.wholeRun?.(candidate, result) : undefined
      if (whole !== undefined && "_tag" in whole) return []
      if (brokenBy(constraints, result, own, whole) !== undefined) return []
      return [{ candidate, own, result, value: quantity.of(result, own, whole) }]
    })
  )
}

const planned = (loaded: LoadedScenario): TrainingPlan => {
  const plan = planTraining(loaded, requestOf(loaded.scenario.plan ?? {}), noFiles)
  if (plan._tag !== "TrainingPlan") throw new Error(JSON.stringify(plan._tag === "Refused" ? plan.issues : plan.unmet))
  return plan
}

const small = {
  tensor: [1, 2, 4],
  pipeline: [1, 2, 4],
  virtualPipeline: [1, 2],
  microBatch: [1, 4],
  zeroStage: [0, 1],
  schedule: ["1f1b", "interleaved-1f1b", "zb-h1"],
  recompute: ["none", "full"]
}

const sharded = {
  tensor: [1, 2],
  pipeline: [1, 2],
  microBatch: [1, 2, 4],
  shardGroup: [4, 16],
  recompute: ["none", "full"]
}

/** Values and times, best first: layouts that are equal may come in any order. */
const figures = (layouts: readonly { readonly value: number; readonly result: TrainingResult }[]) =>
  layouts.map(({ value, result }) => [value, result.iterationSeconds])

const byValue = (a: Simulated, b: Simulated): number =>
  a.value - b.value || a.result.iterationSeconds - b.result.iterationSeconds

describe("the best five and the Pareto front are those of brute force", () => {
  test.each([
    ["a dense model on two nodes", "time", { ...small, nodes: [1, 2] }, {}],
    ["a dense model on two nodes", "cost", { ...small, nodes: [1, 2, 3] }, {}],
    ["a dense model on two nodes", "energy", { ...small, nodes: [1, 2] }, { memoryHeadroom: 0.85 }],
    ["a dense model on two nodes", "gpus", { ...small, nodes: [1, 2, 4] }, { deadline: 40_000 }],
    ["layers that do not divide, old software", "days", small, { memoryHeadroom: 0.5 }],
    ["full shards", "time", sharded, {}],
    ["experts behind a dense layer", "throughput", { ...small, expert: [1, 2, 8], schedule: ["1f1b"] }, {}],
    ["steps that do not wait", "time", { ...small, schedule: ["zb-h1", "zb-v", "1f1b"] }, {}],
    ["a network with a core", "time", { ...small, recompute: ["none"] }, {}],
    ["offload and 8 bits", "cost", small, { power: 6200 }]
  ] as const)("%s: %s", (name, objective: Objective, space, constraints) => {
    const loaded = loadedCase(cases[name], { objective, space, constraints })
    const all = bruteForce(loaded).toSorted(byValue)
    const plan = planned(loaded)
    expect(figures(plan.layouts)).toEqual(figures(all.slice(0, 5)))
    const front = all
      .filter(
        (one) =>
          !all.some(
            (other) =>
              other.own.accelerators <= one.own.accelerators &&
              other.result.iterationSeconds <= one.result.iterationSeconds &&
              (other.own.accelerators < one.own.accelerators ||
                other.result.iterationSeconds < one.result.iterationSeconds)
          )
      )
      .map(({ own, result }) => `${own.accelerators} ${result.iterationSeconds}`)
    expect(new Set(plan.front.map(({ accelerators, result }) => `${accelerators} ${result.iterationSeconds}`))).toEqual(
      new Set(front)
    )
    const { layouts, impossible, pruned, roofline, tables, simulated } = plan.counts
    const dropped = Object.values(pruned).reduce((sum, count) => sum + count, 0)
    expect(impossible + dropped + roofline + tables + simulated).toBe(layouts)
    expect(simulated).toBeLessThan(layouts - impossible)
  })
})

describe("with failures and checkpoints the best five are those of brute force", () => {
  const { cluster, model, training } = cases["a dense model on two nodes"]
  const run = {
    tokens: 1e9,
    failures: { gpu: { mtbf: "20 h" }, software: { mtbf: "3 h" } },
    checkpoint: { interval: "10 min", bandwidth: "1 GB/s" },
    restart: "5 min",
    runs: 8
  }
  const few = { ...small, virtualPipeline: [1], schedule: ["1f1b"], recompute: ["none"] }

  test.each([
    ["goodput", run, {}],
    ["days", { ...run, elastic: { least: 1 }, spares: { nodes: 0, repair: "2 h" } }, {}],
    ["cost", { ...run, spares: { nodes: 1 } }, {}],
    ["time", run, { deadline: 9000 }],
    ["goodput", { ...run, batchRamp: { from: 16, increment: 16, samples: 20_000 } }, {}],
    [
      "goodput",
      { ...run, stages: [{ tokens: 1e8, sequenceLength: 1024, globalBatch: 64 }, { tokens: 8e8 }, { microBatch: 1 }] },
      {}
    ]
  ] as const)("%s of %j, %j", (objective: Objective, written, constraints) => {
    const loaded = loadedCase(
      { cluster, model, training: { ...training, run: written } },
      { objective, space: few, constraints }
    )
    const all = bruteForce(loaded).toSorted(byValue)
    const plan = planned(loaded)
    expect(figures(plan.layouts)).toEqual(figures(all.slice(0, 5)))
    expect(plan.counts.simulated).toBeLessThanOrEqual(plan.counts.layouts - plan.counts.impossible)
    for (const { whole, value, result } of plan.layouts) {
      expect(whole?.seconds.mean).toBeGreaterThan(whole?.idealSeconds ?? Infinity)
      if (objective === "goodput") expect(value).toBe((whole?.seconds.mean ?? 0) / 1e9)
      if (objective === "days") expect(value).toBe(whole?.seconds.mean)
      if (objective === "cost") expect(value).toBeCloseTo((whole?.cost?.mean ?? 0) / 1000, 12)
      if (objective === "time")
        expect([value, (whole?.seconds.mean ?? Infinity) <= 9000]).toEqual([result.iterationSeconds, true])
    }
  })

  test("the whole run of the first is that of its scenario", () => {
    const plan = planned(
      loadedCase(
        { cluster, model, training: { ...training, run } },
        { objective: "goodput", space: { ...few, zeroStage: [0, 1] } }
      )
    )
    const [first] = plan.layouts
    // What its scenario gives when it is run.
    const resolved = resolveTraining(plan.scenario)
    if (resolved._tag === "Refused" || first === undefined || resolved.job.run?.settings === undefined)
      throw new Error("no run")
    const whole = simulateWholeRun(resolved.job, first.result, resolved.job.run.settings)
    expect("_tag" in whole ? 0 : whole.seconds).toEqual(first.whole?.seconds)
    // Failures cost: the undisturbed throughput is out of reach.
    expect(1 / first.value).toBeLessThan(0.95 * first.result.tokensPerSecond)
  })
})

describe("the winner", () => {
  const loaded = loadedCase(cases["a dense model on two nodes"], { space: { ...small, nodes: [1, 2] } })

  test("is to the bit what running its scenario gives", () => {
    const plan = planned(loaded)
    const resolved = resolveTraining(plan.scenario)
    if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
    const result = simulateTraining(resolved.job)
    if (isImpossible(result)) throw new Error(result.expected)
    expect(result.iterationSeconds).toBe(plan.layouts[0]?.result.iterationSeconds)
    expect(result.memory.fullest).toEqual(plan.layouts[0]?.result.memory.fullest)
    expect(result.cost).toEqual(plan.layouts[0]?.result.cost)
    expect(resolved.scenario).not.toHaveProperty("plan")
    expect(resolved.scenario.cluster.nodes).toBe(2)
  })

  test("loses nothing, and the others lose the difference", () => {
    const [first, second] = planned(loaded).layouts
    if (first === undefined || second === undefined) throw new Error("two layouts")
    expect(first.losses).toEqual([])
    const lost = second.losses.reduce((sum, { seconds }) => sum + seconds, 0)
    expect(lost).toBeGreaterThanOrEqual(second.result.iterationSeconds - first.result.iterationSeconds - 1e-12)
  })

  test("costs what the catalogue says where the scenario has no price", () => {
    const plan = planned(
      loadedCase({ ...cases["a dense model on two nodes"], price: {} }, { objective: "cost", space: small })
    )
    // The geometric mean of 1.99 and 6.88 dollars.
    expect(plan.layouts[0]?.changes).toMatchObject({ "price.perAcceleratorHour": 3.7 })
    const { iterationSeconds = 0, cost } = plan.layouts[0]?.result ?? {}
    expect(cost?.perIteration).toBeCloseTo((3.7 * 16 * iterationSeconds) / 3600, 12)
  })
})

describe("the scenario's own layout", () => {
  test.each([
    // ZeRO-2 in a pipeline, 20 layers a stage in eight parts.
    [
      "steps that do not wait",
      { parallelism: { tensor: 1, pipeline: 4, virtualPipeline: 3 }, zeroStage: 2, microBatch: 2 }
    ],
    ["a dense model on two nodes", { parallelism: { pipeline: 4 }, schedule: "zb-v", recompute: { blocks: 1 } }],
    ["full shards", { sharding: { group: 8 }, microBatch: 2 }],
    ["a dense model on two nodes", { parallelism: { context: 4, tensor: 2 }, zeroStage: 3, schedule: "gpipe" }]
  ] as const)("is never better than the plan: %s with %j", (name, training) => {
    const { cluster, model, training: base } = cases[name]
    const loaded = loadedCase({ cluster, model, training: { ...base, ...training } })
    const resolved = resolveTraining(loaded)
    if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
    const result = simulateTraining(resolved.job)
    if (isImpossible(result)) throw new Error(result.expected)
    const { parallelism, ...rest } = { parallelism: {}, ...training }
    const sizes = { ...parallelism, ...rest }
    const plan = planned(loaded)
    expect(plan.layouts[0]?.result.iterationSeconds).toBeLessThanOrEqual(result.iterationSeconds)
    // And the layout itself is found where nothing else is left.
    const { sharding, ...named } = { sharding: undefined, ...sizes }
    const only = {
      ...{
        tensor: 1,
        pipeline: 1,
        context: 1,
        virtualPipeline: 1,
        microBatch: 1,
        recompute: "none",
        schedule: ["1f1b", "interleaved-1f1b"]
      },
      ...named,
      ...(sharding === undefined ? {} : { shardGroup: sharding.group })
    }
    const own = planned(loadedCase({ cluster, model, training: { ...base, ...training } }, { space: only, top: 20 }))
    expect(own.layouts.map((layout) => layout.result.iterationSeconds)).toContain(result.iterationSeconds)
  })
})

describe("no plan", () => {
  const without = (plan: object, written: object = cases["a dense model on two nodes"]) => {
    const loaded = loadedCase(written, plan)
    const made = planTraining(loaded, requestOf(loaded.scenario.plan ?? {}), noFiles)
    if (made._tag === "TrainingPlan") throw new Error("there is a plan")
    return made
  }

  test("of sizes that do not multiply out", () => {
    expect(without({ space: { tensor: 3 } })).toMatchObject({ kind: "empty", counts: { layouts: 0 } })
  })

  test("of sizes that do not divide, with what they do not divide", () => {
    const made = without({ space: { tensor: 8, pipeline: 1, microBatch: 5, recompute: "none", zeroStage: 0 } })
    expect(made).toMatchObject({ kind: "empty", counts: { layouts: 1, impossible: 1 } })
    if (made._tag !== "NoPlan") throw new Error("refused")
    expect(made.findings[0]).toMatchObject({ layouts: 1, finding: { path: ["training", "globalBatch"] } })
  })

  test("within a deadline that is too short: the least that can be", () => {
    const made = without({ space: small, constraints: { deadline: 100, memoryHeadroom: 0.5 } })
    if (made._tag !== "NoPlan") throw new Error("refused")
    expect(made.kind).toBe("unmet")
    expect(made.unmet.map(({ limit }) => limit)).toEqual(["deadline"])
    const [{ nearest, least } = { nearest: null, least: null }] = made.unmet
    const fastest = planned(
      loadedCase(cases["a dense model on two nodes"], {
        objective: "days",
        space: small,
        constraints: { memoryHeadroom: 0.5 }
      })
    )
    expect(least).toBe(fastest.layouts[0]?.value)
    expect(nearest?.changes).toEqual(fastest.layouts[0]?.changes)
  })

  test("under constraints of which any one may be met, but not both", () => {
    const [cheap, quick] = ["gpus", "time"].map((objective) =>
      planned(loadedCase(cases["a dense model on two nodes"], { objective, space: { ...small, nodes: [1, 2] } }))
    )
    const deadline = 1.01 * (quick?.layouts[0]?.result.run?.seconds ?? 0)
    expect(cheap?.layouts[0]?.result.run?.seconds).toBeGreaterThan(deadline)
    const made = without({ space: { ...small, nodes: [1, 2] }, constraints: { deadline, accelerators: 8 } })
    if (made._tag !== "NoPlan") throw new Error("refused")
    expect(made.unmet.map(({ limit, least }) => [limit, least])).toEqual([
      ["deadline", cheap?.layouts[0]?.result.run?.seconds],
      ["accelerators", 16]
    ])
  })

  test("of a model that does not fit, with the least that it needs", () => {
    const made = without(
      { space: { tensor: 1, pipeline: 1, zeroStage: 0, microBatch: 1 } },
      { cluster: { system: "dgx-h100" }, model: "llama-3-70b", training: { globalBatch: 8 } }
    )
    if (made._tag !== "NoPlan") throw new Error("refused")
    expect(made.unmet.map(({ limit }) => limit)).toEqual(["memoryHeadroom"])
    // 70.6 billion parameters of 18 bytes alone are 15.9 times 80 GB.
    expect(made.unmet[0]?.least).toBeGreaterThan(15.9)
  })

  test.each([
    ["plan.objective", { objective: "days" }, { tokens: undefined }],
    ["plan.objective", { objective: "goodput" }, {}],
    ["plan.constraints.deadline", { constraints: { deadline: "30 days" } }, { tokens: undefined }],
    ["plan.space.schedule", { space: { schedule: "1f2b" } }, {}],
    ["training.jitter", {}, { jitter: 0.1 }],
    ["cluster.system", { space: { system: ["dgx-h1000"] } }, {}]
  ])("without what it needs: %s", (path, plan, training) => {
    const { cluster, model, training: base } = cases["a dense model on two nodes"]
    const made = without(plan, { cluster, model, training: { ...base, ...training } })
    if (made._tag !== "Refused") throw new Error("not refused")
    expect(made.issues.map((issue) => issue.path)).toEqual([path])
  })
})
