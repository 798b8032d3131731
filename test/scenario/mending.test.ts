import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import {
  changeText,
  changesThatFit,
  fitsOneRequest,
  resolveServing,
  resolveTraining,
  scenarioFromData,
  scenarioWith,
  servingChangesThatFit,
  servingChangesThatRun,
  trainingChangesThatRun,
  type Changes,
  type LoadedScenario
} from "../../src/scenario/index.ts"
import { simulateServing } from "../../src/serving/index.ts"
import { isImpossible, simulateTraining, type TrainingResult } from "../../src/training/index.ts"
import { families, readText } from "../fuzz/families.ts"

const load = (data: unknown): LoadedScenario => {
  const loaded = scenarioFromData({ name: "test", data })
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

const bloom = {
  cluster: { system: "jean-zay-a100", nodes: 48 },
  model: "bloom-176b",
  training: {
    parallelism: { tensor: 4, pipeline: 12, data: 8 },
    microBatch: 2,
    globalBatch: 2048,
    sequenceLength: 2048,
    recompute: "full",
    zeroStage: 1,
    stack: "megatron-deepspeed"
  }
}

const bloomWith = (changes: Changes): LoadedScenario => {
  const loaded = scenarioWith(load(bloom), changes)
  if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
  return loaded
}

/** A scenario with changes, simulated by the front door; undefined where it cannot be. */
const simulated = (loaded: LoadedScenario, changes: Changes = {}): TrainingResult | undefined => {
  const changed = scenarioWith(loaded, changes)
  const resolved = changed._tag === "Refused" ? changed : resolveTraining(changed)
  if (resolved._tag === "Refused") return undefined
  const outcome = simulateTraining(resolved.job)
  return isImpossible(outcome) ? undefined : outcome
}

const waysOf = (loaded: LoadedScenario): readonly string[] =>
  trainingChangesThatRun(loaded).map(({ changes }) => changeText(changes))

describe("where a layout is impossible, the smallest changes that run are", () => {
  const sizes = "training.parallelism"
  test.each<readonly [string, Changes, readonly string[]]>([
    ["5 stages of 384 accelerators", { [`${sizes}.pipeline`]: 5 }, ["pipeline: 12", "tensor: 8, pipeline: 6"]],
    [
      "a tensor size that does not divide the heads",
      { [`${sizes}.tensor`]: 3 },
      ["tensor: 4", "tensor: 2, pipeline: 24"]
    ],
    ["more ranks than there are", { [`${sizes}.tensor`]: 16 }, ["data: 2", "tensor: 4"]],
    ["more stages than layers", { [`${sizes}.pipeline`]: 96 }, ["pipeline: 12", "pipeline: 24, data: 4"]],
    ["a batch that does not divide", { "training.globalBatch": 100 }, ["globalBatch: 96", "globalBatch: 112"]],
    ["experts of a dense model", { [`${sizes}.expert`]: 4 }, ["expert: 1"]],
    [
      "a shard group that does not divide",
      { "training.sharding": { group: 3 } },
      ["no sharding.group", "sharding.group: 4"]
    ],
    ["a list of layers that does not add up", { "training.layerSplit": [3, 4] }, ["no layerSplit"]],
    [
      "one stage in two parts",
      { [`${sizes}.pipeline`]: 1, [`${sizes}.virtualPipeline`]: 2 },
      ["no virtualPipeline, pipeline: 12"]
    ],
    ["a number format without a rate", { "training.precision": "fp8" }, ["precision: bf16"]],
    ["a node too few", { "cluster.nodes": 47 }, ["nodes: 48"]],
    ["a collective that the wires cannot do", { "training.collective": { algorithm: "nvls" } }, ["no collective"]]
  ])("%s", (_name, changes, expected) => {
    const loaded = bloomWith(changes)
    expect(simulated(loaded)).toBe(undefined)
    expect(waysOf(loaded).slice(0, expected.length)).toEqual(expected)
  })

  test("a schedule's conditions: DualPipe wants an even number of stages", () => {
    const loaded = load({
      cluster: { system: "dgx-a100", nodes: 3 },
      model: "gpt3-1.3b",
      training: { parallelism: { pipeline: 3, data: 8 }, schedule: "dualpipe", globalBatch: 64, sequenceLength: 2048 }
    })
    expect(simulated(loaded)).toBe(undefined)
    const ways = trainingChangesThatRun(loaded)
    expect(ways.map(({ changes }) => changeText(changes))).toContain("schedule: 1f1b")
    expect(ways.some(({ changes }) => changes["training.schedule"] === undefined)).toBe(true)
  })

  test("none for a scenario that runs, none for names that mean nothing", () => {
    expect(waysOf(load(bloom))).toEqual([])
    expect(waysOf(load({ ...bloom, model: "blooom" }))).toEqual([])
  })
})

const draw = randomStream(6, "impossible scenarios")
const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!
const size = () => pick([1, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 48])

const drawn = (): LoadedScenario =>
  load({
    cluster: { system: pick(["dgx-a100", "dgx-h100", "jean-zay-a100"]), nodes: pick([1, 2, 3, 4, 6]) },
    model: pick(["gpt3-1.3b", "bloom-7b1", "mixtral-8x7b", "llama-3.1-8b", "gpt3-175b"]),
    training: {
      parallelism: {
        tensor: size(),
        pipeline: size(),
        ...(draw() < 0.6 ? { data: size() } : {}),
        ...(draw() < 0.2 ? { context: pick([2, 3]) } : {}),
        ...(draw() < 0.2 ? { expert: size() } : {}),
        ...(draw() < 0.2 ? { virtualPipeline: pick([2, 3, 40]) } : {})
      },
      ...(draw() < 0.3 ? { schedule: pick(["zb-v", "dualpipe", "interleaved-1f1b", "zb-h1"]) } : {}),
      microBatch: pick([1, 2, 3]),
      globalBatch: pick([16, 30, 64, 100]),
      sequenceLength: pick([2048, 2047]),
      zeroStage: pick([0, 1, 3]),
      ...(draw() < 0.2 ? { sharding: { group: size() } } : {}),
      ...(draw() < 0.2 ? { layerSplit: [1, 2, 3] } : {})
    }
  })

test("of 24 scenarios by lot, every change that is told runs, fits, and takes what was told", () => {
  const counts = { impossible: 0, mended: 0, ways: 0 }
  while (counts.impossible < 24) {
    const loaded = drawn()
    if (simulated(loaded) !== undefined) continue
    counts.impossible++
    const ways = trainingChangesThatRun(loaded)
    if (ways.length > 0) counts.mended++
    counts.ways += ways.length
    for (const { changes, result } of ways) {
      const again = simulated(loaded, changes)
      expect(again?.memory.fits, JSON.stringify([loaded.scenario, changes])).toBe(true)
      expect(again?.iterationSeconds).toBe(result.iterationSeconds)
      expect(again?.memory.fullest.peakBytes).toBe(result.memory.fullest.peakBytes)
      expect(Object.keys(changes).length).toBeGreaterThan(0)
    }
  }
  expect(counts.mended).toBeGreaterThan(21)
  expect(counts.ways).toBeGreaterThan(70)
})

test("of what a fuzzer makes of scenarios, the search ends, and what it tells runs", () => {
  let [searched, told] = [0, 0]
  for (const [family, generate] of Object.entries(families)) {
    const chance = randomStream(8, family)
    for (let index = 0, ofFamily = 0; index < 60 && ofFamily < 3; index++) {
      const loaded = generate(chance)
      if (loaded._tag === "Refused" || resolveTraining(loaded, { readText })._tag !== "Refused") continue
      searched++
      ofFamily++
      for (const { changes, result } of trainingChangesThatRun(loaded, { readText }, 1)) {
        told++
        expect(result.memory.fits).toBe(true)
        expect(simulated(loaded, changes)?.memory.fullest.peakBytes).toBe(result.memory.fullest.peakBytes)
      }
    }
  }
  expect(searched).toBeGreaterThan(15)
  expect(told).toBeGreaterThan(3)
})

describe("where work does not fit", () => {
  test("the same accelerator with more memory is among the ways out", () => {
    const loaded = load({
      cluster: { system: "dgx-a100", accelerator: "a100-sxm-40gb", nodes: 1 },
      model: "llama-3.1-8b",
      training: { parallelism: { tensor: 4, data: 2 }, globalBatch: 16, sequenceLength: 8192, recompute: "none" }
    })
    const resolved = resolveTraining(loaded)
    if (resolved._tag === "Refused") throw new Error(JSON.stringify(resolved.issues))
    const ways = changesThatFit(resolved, 20)
    expect(ways.map(({ changes }) => changes)).toContainEqual({ "cluster.accelerator": "a100-sxm-80gb" })
    for (const { changes, result } of ways)
      expect(simulated(loaded, changes)?.memory.fullest.peakBytes).toBe(result.memory.fullest.peakBytes)
  })

  test("by far, several fields change at once, and more accelerators are bought", () => {
    const loaded = load({
      cluster: { system: "dgx-a100", nodes: 1 },
      model: "gpt3-175b",
      training: { parallelism: { tensor: 2, pipeline: 7 }, globalBatch: 32, sequenceLength: 2048 }
    })
    const [way] = trainingChangesThatRun(loaded)
    expect(changeText(way?.changes ?? {})).toMatch(/accelerators|nodes/)
    expect(simulated(loaded, way?.changes)?.memory.fits).toBe(true)
  })
})

describe("where a server cannot be laid out, the smallest changes that serve are", () => {
  const server = {
    cluster: { system: "dgx-h100" },
    model: "llama-3.1-70b",
    serving: { stack: "vllm-v1", parallelism: { tensor: 4 }, replicas: 2 },
    workload: { arrivals: { poisson: { rate: 2 } }, prompt: 512, output: 64, requests: 100 }
  }
  const serverWith = (changes: Changes): LoadedScenario => {
    const loaded = scenarioWith(load(server), changes)
    if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
    return loaded
  }

  test.each<readonly [string, Changes, readonly string[]]>([
    ["a tensor size that does not divide the heads", { "serving.parallelism.tensor": 3 }, ["tensor: 4"]],
    ["replicas that do not multiply out", { "serving.replicas": 3 }, ["replicas: 2", "tensor: 2, replicas: 4"]],
    ["more stages than layers", { "serving.parallelism.pipeline": 96 }, ["pipeline: 1"]],
    ["experts of a dense model", { "serving.parallelism.expert": 4 }, ["expert: 1"]],
    [
      "longer sequences than the model's",
      { "serving.maxSequence": 1_000_000 },
      ["no maxSequence", "maxSequence: 131072"]
    ]
  ])("%s", (_name, changes, expected) => {
    const loaded = serverWith(changes)
    expect(resolveServing(loaded)._tag).toBe("Refused")
    const ways = servingChangesThatRun(loaded).map((way) => changeText(way.changes))
    expect(ways.slice(0, expected.length)).toEqual(expected)
  })

  const drawnServer = (): LoadedScenario =>
    load({
      cluster: { system: pick(["dgx-h100", "dgx-a100"]), nodes: pick([1, 2, 3]) },
      model: pick(["llama-3.1-8b", "llama-3.1-70b", "mixtral-8x7b", "bloom-176b", "llama-3.1-405b"]),
      serving: {
        parallelism: {
          tensor: size(),
          pipeline: pick([1, 1, 2, 3, 90]),
          ...(draw() < 0.2 ? { expert: size() } : {})
        },
        ...(draw() < 0.5 ? { replicas: pick([1, 2, 5]) } : {}),
        ...(draw() < 0.2 ? { maxSequence: 1_000_000 } : {})
      },
      workload: server.workload
    })

  test("of 30 servers by lot, every change that is told serves its requests", () => {
    const counts = { impossible: 0, mended: 0 }
    while (counts.impossible < 30) {
      const loaded = drawnServer()
      const resolved = resolveServing(loaded)
      const fits = resolved._tag === "ResolvedServing" && fitsOneRequest(resolved.job)
      if (fits) continue
      counts.impossible++
      const ways = resolved._tag === "Refused" ? servingChangesThatRun(loaded) : servingChangesThatFit(resolved)
      if (ways.length > 0) counts.mended++
      for (const { changes } of ways) {
        const changed = scenarioWith(loaded, changes)
        const again = changed._tag === "Refused" ? changed : resolveServing(changed)
        if (again._tag === "Refused") throw new Error(JSON.stringify([loaded.scenario, changes, again.issues]))
        expect(fitsOneRequest(again.job)).toBe(true)
        const log = simulateServing({ ...again.job, workload: { ...again.job.workload, requests: 5 } })
        expect(log.requests.finished.subarray(0, log.requests.count).every(Number.isFinite)).toBe(true)
      }
    }
    expect(counts.mended).toBeGreaterThan(25)
  })
})
