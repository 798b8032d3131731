import { describe, expect, test } from "vitest"
import {
  explainedShare,
  sensitivityOf,
  servingVariations,
  sidesOf,
  trainingVariations,
  type Objective,
  type Outcome,
  type Sensitivity,
  type Variation
} from "../../src/planner/index.ts"
import { randomStream } from "../../src/random/index.ts"
import { simulatePoint } from "../../src/report/index.ts"
import {
  resolveTraining,
  scenarioFromData,
  type ResolvedServing,
  type ResolvedTraining,
  type ResourceFactors
} from "../../src/scenario/index.ts"
import { isImpossible, simulateTraining } from "../../src/training/index.ts"
import { serving, smallServer, smallTraining, training } from "../report/resolved.ts"
import { layouts } from "../training/layouts.ts"

const time: Objective = { name: "iterationSeconds", title: "iteration", isBetter: "lower" }

/** Iteration of a scenario on machines that differ by factors; undefined where it cannot run. */
const secondsOf = (data: unknown, factors: ResourceFactors): number => {
  const loaded = scenarioFromData({ name: "test", data })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  const resolved = resolveTraining(loaded, { factors })
  if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
  const result = simulateTraining(resolved.job)
  if (isImpossible(result)) throw new Error(result.expected)
  return result.iterationSeconds
}

const written = (name: string): object => {
  const { cluster, model, training: fields } = layouts[name] ?? {}
  return {
    cluster: { system: "dgx-a100", ...cluster },
    model: model ?? "bloom-1b1",
    training: { sequenceLength: 2048, microBatch: 1, globalBatch: 8, stack: "megatron-deepspeed", ...fields }
  }
}

/** All rates c times as high, and everything that takes a fixed time c times as quick. */
const faster = (c: number): ResourceFactors => ({
  flops: c,
  memoryRate: c,
  scaleUpRate: c,
  networkRate: c,
  hostRate: c,
  latency: 1 / c,
  launch: 1 / c,
  host: 1 / c
})

const simulated = (
  resolved: ResolvedTraining | ResolvedServing,
  variations: readonly Variation[],
  objectives: readonly Objective[]
): Sensitivity => {
  const outcomes = sidesOf(variations).map(({ factors, changes }): Outcome => {
    const point = simulatePoint(
      {
        scenario: resolved.scenario,
        changes: changes ?? {},
        seed: 1,
        ...(factors === undefined ? {} : { factors })
      },
      {}
    )
    switch (point.kind) {
      case "none":
        return point.reason
      case "training":
        return { iterationSeconds: point.iterationSeconds, tokensPerSecond: point.tokensPerSecond }
      default:
        return { capacity: point.capacityPerSecond, ttft: point.ttft.mean, tpot: point.tpot.mean }
    }
  })
  return sensitivityOf(variations, outcomes, objectives, 0.1)
}

const elasticity = ({ effects }: Sensitivity, resource: string, objective = 0): number =>
  effects.find((effect) => effect.resource === resource)?.responses[objective]?.elasticity ?? Number.NaN

describe("a time is homogeneous", () => {
  const draw = randomStream(1, "homogeneity")
  test.each(Object.keys(layouts).filter((_, index) => index % 2 === 0))("%s", (name) => {
    const c = 0.3 + 3 * draw()
    const data = written(name)
    const seconds = secondsOf(data, {})
    expect((secondsOf(data, faster(c)) * c) / seconds).toBeCloseTo(1, 9)
    // What is left at its own pace holds the rest back: the sum is of all of them, not of some.
    const { launch: _launch, ...others } = faster(4)
    expect((secondsOf(data, others) * 4) / seconds).toBeGreaterThan(1.0001)
  })
})

describe("more of a resource", () => {
  const gains: readonly (keyof ResourceFactors)[] = ["flops", "memoryRate", "scaleUpRate", "networkRate"]
  const names = Object.keys(layouts)
  const draw = randomStream(2, "signs")
  test.each(Array.from({ length: 6 }, () => names[Math.floor(draw() * names.length)] ?? ""))(
    "never slows, and more seconds never hasten: %s",
    (name) => {
      const data = written(name)
      const seconds = secondsOf(data, {})
      for (const gain of gains) expect(secondsOf(data, { [gain]: 1.1 }) / seconds).toBeLessThanOrEqual(1 + 1e-9)
      for (const loss of ["latency", "launch", "host"])
        expect(secondsOf(data, { [loss]: 1.1 }) / seconds).toBeGreaterThanOrEqual(1 - 1e-9)
    }
  )
})

describe("a training", () => {
  const objectives = [time, { name: "tokensPerSecond", title: "tokens/s", isBetter: "higher" } as const]

  test("that is bound by compute goes with FLOP/s, and has no wires", () => {
    const alone = training({
      cluster: { system: "dgx-a100", accelerators: 1 },
      model: "llama-2-7b",
      training: { microBatch: 8, globalBatch: 64, sequenceLength: 4096, stack: "megatron-core" }
    })
    const found = simulated(alone, trainingVariations(alone, 0.1), objectives)
    expect(elasticity(found, "flops")).toBeLessThan(-0.85)
    expect(elasticity(found, "flops")).toBeGreaterThanOrEqual(-1)
    expect(elasticity(found, "globalBatch")).toBeCloseTo(1, 1)
    expect(found.effects.map(({ resource }) => resource)).not.toContain("networkRate")
    expect(found.effects.map(({ resource }) => resource)).not.toContain("latency")
    // Throughput is the inverse of time where the work is the same.
    expect(elasticity(found, "flops", 1)).toBeCloseTo(-elasticity(found, "flops"), 12)
  })

  test("is explained by its rates and latencies, and the same when asked again", () => {
    const data = { ...smallTraining, cluster: { system: "dgx-a100", nodes: 2 }, training: { ...smallTraining.training, parallelism: { tensor: 2, pipeline: 2, data: 4 }, globalBatch: 16 } } // prettier-ignore
    const resolved = training(data)
    const variations = trainingVariations(resolved, 0.1)
    const found = simulated(resolved, variations, objectives)
    expect(explainedShare(found, "iterationSeconds")).toBeCloseTo(1, 2)
    expect(simulated(resolved, variations, objectives)).toEqual(found)
    const sizes = found.effects.map(({ responses }) => Math.abs(responses[0]?.elasticity ?? 0))
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one))
    expect(elasticity(found, "memoryBytes")).toBe(0)
  })

  test("moves whole pieces by whole pieces", () => {
    const pieces = trainingVariations(training(smallTraining), 0.1).filter(({ group }) => group === "work")
    expect(pieces.map(({ resource, more, less, isWhole }) => [resource, more.changes, less?.changes, isWhole])).toEqual(
      [
        ["globalBatch", { "training.globalBatch": 10 }, { "training.globalBatch": 6 }, true],
        ["microBatch", { "training.microBatch": 2 }, undefined, true],
        ["sequenceLength", { "training.sequenceLength": 2256 }, { "training.sequenceLength": 1856 }, false]
      ]
    )
  })

  test("with measured kernels changes in proportion to what was measured", () => {
    const table = "m,n,k,latency\n2048,6144,2048,2\n2048,2048,2048,1\n2048,8192,2048,3\n2048,2048,8192,3\n"
    const data = { ...smallTraining, training: { ...smallTraining.training, kernels: [{ table }] } }
    const seconds = secondsOf(data, {})
    expect(seconds).toBeGreaterThan(1.1 * secondsOf(smallTraining, {}))
    expect((secondsOf(data, faster(2)) * 2) / seconds).toBeCloseTo(1, 9)
  })

  test("with measured collectives as well", () => {
    const table = [
      "# nccl-tests version 2.17.6 nccl-headers=22602 nccl-library=22602",
      "# Collective test starting: all_reduce_perf",
      "# Using devices",
      "#  Rank  0 Group  0 Pid  52 on    node-1 device  0 [0000:00:00] NVIDIA A100-SXM4-80GB",
      "#  Rank  1 Group  0 Pid  52 on    node-1 device  1 [0000:01:00] NVIDIA A100-SXM4-80GB",
      "#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong",
      "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)",
      "     1048576        262144     float     sum      -1   1000.0    1.05    1.05       0   1000.0    1.05    1.05       0",
      "    67108864      16777216     float     sum      -1  50000.0    1.34    1.34       0  50000.0    1.34    1.34       0"
    ].join("\n")
    const data = { ...smallTraining, cluster: { ...smallTraining.cluster, measuredCollectives: [{ table }] } }
    const seconds = secondsOf(data, {})
    expect(seconds).toBeGreaterThan(1.1 * secondsOf(smallTraining, {}))
    expect((secondsOf(data, faster(2)) * 2) / seconds).toBeCloseTo(1, 9)
  })
})

describe("a server", () => {
  const objectives: readonly Objective[] = [
    { name: "capacity", title: "capacity", isBetter: "higher" },
    { name: "ttft", title: "TTFT", isBetter: "lower" },
    { name: "tpot", title: "TPOT", isBetter: "lower" }
  ]
  const resolved = serving({ ...smallServer, serving: { ...smallServer.serving, batching: { maxBatchSize: 64 } } })
  const found = simulated(resolved, servingVariations(resolved, 0.1), objectives)

  test("can take more with better machines, less with longer requests", () => {
    for (const gain of ["flops", "memoryRate"]) expect(elasticity(found, gain)).toBeGreaterThanOrEqual(0)
    expect(elasticity(found, "host")).toBeLessThan(0)
    expect(elasticity(found, "output")).toBeLessThan(-0.15)
    expect(elasticity(found, "prompt")).toBeLessThan(0)
    expect(elasticity(found, "memoryRate", 2)).toBeLessThan(-0.3)
  })

  test("waits longer for longer prompts, and decodes slower under more load", () => {
    expect(elasticity(found, "prompt", 1)).toBeGreaterThan(0.3)
    expect(elasticity(found, "load", 2)).toBeGreaterThan(0)
  })
})

describe("a response", () => {
  const one = (isWhole = false): Variation => ({
    resource: "flops",
    title: "FLOP/s",
    group: "machines",
    less: { times: 0.5, factors: { flops: 0.5 } },
    more: { times: 2, factors: { flops: 2 } },
    isWhole
  })
  const of = (base: Outcome, less: Outcome, more: Outcome, isWhole = false) =>
    sensitivityOf([one(isWhole)], [base, less, more], [time], 1).effects[0]
  const y = (iterationSeconds: number | null): Outcome => ({ iterationSeconds })

  test("of a power law is its exponent", () => {
    expect(of(y(2), y(8), y(0.5))?.responses[0]).toEqual({
      objective: "iterationSeconds",
      elasticity: -2,
      withMore: -0.75,
      withLess: 3,
      shape: "smooth"
    })
  })

  test("bends where another resource takes over", () => {
    expect(of(y(2), y(4), y(2))?.responses[0]).toMatchObject({ elasticity: -0.5, withMore: 0, shape: "bend" })
  })

  test("is a step where one side cannot run, or where pieces are whole", () => {
    expect(of(y(2), "does not fit", y(1))).toMatchObject({
      lessFails: "does not fit",
      moreFails: null,
      responses: [{ elasticity: -1, withLess: null, shape: "step" }]
    })
    expect(of(y(2), y(4), y(1), true)?.responses[0]).toMatchObject({ elasticity: -1, shape: "step" })
  })

  test("is none where there is nothing to compare", () => {
    for (const effect of [of("refused", y(1), y(1)), of(y(null), y(1), y(1)), of(y(2), "no", "no")])
      expect(effect?.responses[0]).toMatchObject({ elasticity: null, shape: "none" })
  })
})
