import { describe, expect, test } from "vitest"
import type { TrainingResult } from "../../src/training/index.ts"
import { jobOf, relative, resultOf, run, slicesOf, totalOf, type Written } from "./jobs.ts"

/** Wires that cost next to nothing beside 10 ms of computation. */
const fastLink = { extends: "nvlink3", bandwidth: 1e15, latency: 1e-12 } as const

type Fields = Readonly<Record<string, unknown>>

/** Four equal stages of one rank each and 8 micro-batches. */
const pipelineOf4 = (irregularities: readonly Fields[], training: Fields = {}): Written => ({
  cluster: { accelerators: 4, scaleUp: { link: fastLink }, irregularities },
  training: { parallelism: { pipeline: 4 }, microBatch: 4, globalBatch: 32, ...training },
  trace: "full"
})

const spanOf = (result: TrainingResult): number => {
  const operations = slicesOf(result, "schedule").filter(({ name }) => name !== "optimizer")
  return Math.max(...operations.map(({ end }) => end)) - Math.min(...operations.map(({ start }) => start))
}

/** Seconds of a forward and a backward of a stage's first micro-batch. */
const eachOf = (result: TrainingResult, stage: number): number =>
  slicesOf(result, "schedule", stage)
    .filter(({ name }) => name === "F 0" || name === "B 0")
    .reduce((sum, { duration }) => sum + duration, 0)

describe("a slow stage of 1F1B", () => {
  const slow = resultOf(pipelineOf4([{ node: 0, accelerator: 3, speed: 0.8 }]))
  const even = resultOf(pipelineOf4([]))

  test("takes 1 / 0.8 of the time of the others for its operations", () => {
    expect(relative(eachOf(slow, 3), eachOf(even, 3) / 0.8)).toBeLessThan(1e-9)
    expect(relative(eachOf(slow, 1), eachOf(even, 1))).toBeLessThan(1e-9)
  })

  /** Seconds of all stages after one another, and 7 times those of the slowest. */
  const pathOf = (result: TrainingResult): number => {
    const stages = [0, 1, 2, 3].map((stage) => eachOf(result, stage))
    return stages.reduce((total, seconds) => total + seconds, 0) + 7 * Math.max(...stages)
  }

  test("makes the pipeline take the sum of the stages and 7 times the slowest, where that is the last", () => {
    expect(relative(spanOf(slow), pathOf(slow))).toBeLessThan(0.001)
  })

  test.each([0, 1, 2])("is not waited for longer where it is stage %d, whose waits hide some of its work", (stage) => {
    const middle = resultOf(pipelineOf4([{ node: 0, accelerator: stage, speed: 0.8 }]))
    expect(spanOf(middle)).toBeLessThan(1.001 * pathOf(middle))
    expect(spanOf(middle)).toBeGreaterThan(0.93 * pathOf(middle))
  })

  test("is named, with what it costs", () => {
    const { stragglers } = slow
    expect(stragglers?.causes).toEqual([
      {
        cause: { kind: "hardware", fault: { node: 0, accelerator: 3, speed: 0.8 } },
        lostSeconds: stragglers?.lostSeconds
      }
    ])
    expect(stragglers?.regularSeconds).toBe(even.iterationSeconds)
    expect(stragglers?.lostSeconds).toBe(slow.iterationSeconds - even.iterationSeconds)
    // No other rank of its stage to compare it with.
    expect(stragglers?.slowest).toBeNull()
  })
})

describe("one slow accelerator in 4 tensor-parallel replicas of 2 ranks", () => {
  const written: Written = {
    cluster: { irregularities: [{ node: 0, accelerator: 3, speed: 0.5 }] },
    training: { parallelism: { tensor: 2, data: 4 }, globalBatch: 32 }
  }
  const slow = resultOf(written)
  const even = resultOf({ ...written, cluster: {} })

  test("holds its tensor peer up in their collectives and the other replicas at the reduction", () => {
    const compute = ({ breakdown: { compute, host } }: TrainingResult): number =>
      Object.values(compute).reduce((sum, seconds) => sum + seconds, host)
    // One rank of 8 computes twice as long; its peer waits as long in its collectives; the six others, at the end.
    const extra = compute(even)
    expect(relative(compute(slow) - compute(even), extra / 8)).toBeLessThan(0.01)
    expect(relative(slow.breakdown.exposed.tensor - even.breakdown.exposed.tensor, extra / 8)).toBeLessThan(0.02)
    expect(relative(slow.breakdown.exposed.data - even.breakdown.exposed.data, (extra * 6) / 8)).toBeLessThan(0.02)
  })

  test("is the rank named", () => {
    expect(slow.stragglers?.slowest).toMatchObject({ rank: 3, stage: 0 })
    expect(slow.stragglers?.slowest?.ratio).toBeCloseTo(2 / (9 / 8), 2)
  })

  test("is simulated with four classes of ranks: itself, its peer, those that it reduces gradients with, all others", () => {
    expect(tracksOf({ ...written, trace: "full" })).toEqual([
      "rank 0 (stage 0)",
      "rank 1 (stage 0)",
      "rank 2 (stage 0)",
      "rank 3 (stage 0, computes at 50 %)"
    ])
  })
})

/** Ranks with lanes of their own in the trace, which are the actors. */
const tracksOf = (written: Written): readonly string[] => {
  const { trace } = resultOf(written)
  return [
    ...new Set((trace?.tracks ?? []).flatMap((path) => path.find((part) => part.startsWith("rank ")) ?? []))
  ].sort()
}

describe("wires", () => {
  const acrossNodes = (irregularities: readonly Fields[]): TrainingResult =>
    resultOf({
      cluster: { nodes: 4, irregularities },
      training: { parallelism: { data: 32 }, globalBatch: 32, zeroStage: 0 }
    })
  const whole = acrossNodes([])

  test("at half the rate make the gradients of all take twice as long, latency aside", () => {
    const half = acrossNodes([{ node: 2, network: 0.5 }])
    const ratio = half.breakdown.exposed.data / whole.breakdown.exposed.data
    expect(ratio).toBeGreaterThan(1.8)
    expect(ratio).toBeLessThan(2.0001)
  })

  test("of four cards with two gone are wires of half the rate", () => {
    expect(
      relative(
        acrossNodes([{ node: 2, missingNics: 4 }]).iterationSeconds,
        acrossNodes([{ node: 2, network: 0.5 }]).iterationSeconds
      )
    ).toBeLessThan(1e-9)
  })

  test("of two nodes are as slow as the slower", () => {
    const two = acrossNodes([
      { node: 1, network: 0.7 },
      { node: 2, network: 0.5 }
    ])
    expect(relative(two.iterationSeconds, acrossNodes([{ node: 0, network: 0.5 }]).iterationSeconds)).toBeLessThan(1e-9)
    expect(two.stragglers?.causes.map(({ lostSeconds }) => Math.sign(Math.round(1e6 * (lostSeconds ?? 0))))).toEqual([
      0, 1
    ])
  })

  test("inside of a node slow down the tensor collectives that run on it, and no other", () => {
    const written = (irregularities: readonly Fields[]): Written => ({
      cluster: { nodes: 2, irregularities },
      training: { parallelism: { tensor: 8, data: 2 }, globalBatch: 8 }
    })
    const [even, slow] = [resultOf(written([])), resultOf(written([{ node: 1, scaleUp: 0.5 }]))]
    const grown = slow.breakdown.exposed.tensor / even.breakdown.exposed.tensor
    // One of the two replicas waits up to twice as long for its wires.
    expect(grown).toBeGreaterThan(1.1)
    expect(grown).toBeLessThan(1.5)
    expect(slow.breakdown.compute).toEqual(even.breakdown.compute)
  })
})

describe("a fully sharded stack", () => {
  const written = (irregularities: readonly Fields[]): Written => ({
    cluster: { nodes: 2, irregularities },
    model: "mpt-7b",
    training: { globalBatch: 32, stack: "llm-foundry" }
  })

  test("keeps step with its slowest rank layer by layer", () => {
    const [even, slow] = [resultOf(written([])), resultOf(written([{ node: 1, accelerator: 0, speed: 0.5 }]))]
    expect(slow.iterationSeconds).toBeGreaterThan(1.8 * even.iterationSeconds)
    expect(slow.breakdown.exposed.data).toBeGreaterThan(0.4 * slow.iterationSeconds)
  })
})

describe("uneven data", () => {
  const replicasOf = (unevenData: Fields | undefined): TrainingResult =>
    resultOf({
      training: {
        parallelism: { data: 8 },
        globalBatch: 64,
        ...(unevenData === undefined ? {} : { unevenData })
      }
    })
  const even = replicasOf(undefined)
  const work = ({ breakdown: { compute } }: TrainingResult): number =>
    compute.gemm + compute.attention + compute.elementwise + compute.head

  test("by replica makes all wait for the longest", () => {
    const uneven = replicasOf({ replicas: [3, 1, 1, 1, 1, 1, 1, 1] })
    // 10 parts of 8: the first replica has 2.4 times the mean.
    expect(relative(uneven.iterationSeconds - even.iterationSeconds, 1.4 * work(even))).toBeLessThan(0.01)
    expect(relative(work(uneven), work(even))).toBeLessThan(1e-9)
  })

  test("in equal shares changes nothing", () => {
    const shares = replicasOf({ replicas: Array.from({ length: 8 }, () => 5) })
    expect(relative(shares.iterationSeconds, even.iterationSeconds)).toBeLessThan(1e-9)
  })

  test("drawn by lot has the tokens and the FLOPs of the batch", () => {
    const uneven = replicasOf({ deviation: 0.5 })
    expect(relative(work(uneven), work(even))).toBeLessThan(1e-9)
    expect(uneven.iterationSeconds).toBeGreaterThan(1.05 * even.iterationSeconds)
    expect(uneven.hardwareFlopsUtilisation).toBeLessThan(even.hardwareFlopsUtilisation)
  })

  test("holds as much more memory as the longest micro-batch is longer", () => {
    const uneven = replicasOf({ replicas: [3, 1, 1, 1, 1, 1, 1, 1] })
    const { activations, logits } = even.memory.fullest.kinds
    const longest = uneven.memory.fullest.kinds
    expect(relative(longest.activations, 2.4 * activations)).toBeLessThan(1e-9)
    expect(relative(longest.logits, 2.4 * logits)).toBeLessThan(1e-9)
  })
})

describe("jitter", () => {
  const jittered = (jitter: number, seed = 1): TrainingResult =>
    run({
      ...jobOf({ training: { parallelism: { tensor: 8 }, globalBatch: 64, jitter } }),
      seed
    })

  test("makes a team as slow as the slowest of 8 draws, which are 1.42 deviations above the mean", () => {
    const [even, uneven] = [jittered(0), jittered(0.05)]
    const work = Object.values(even.breakdown.compute).reduce((sum, seconds) => sum + seconds, 0)
    const slower = (uneven.iterationSeconds - even.iterationSeconds) / work
    expect(slower / 0.05).toBeGreaterThan(1.2)
    expect(slower / 0.05).toBeLessThan(1.6)
  })

  test("is the same for the same seed, and another for another", () => {
    expect(jittered(0.02)).toEqual(jittered(0.02))
    expect(jittered(0.02).iterationSeconds).not.toBe(jittered(0.02, 2).iterationSeconds)
  })
})

describe("experts of unequal load", () => {
  const mixture = (expertImbalance: unknown): TrainingResult =>
    resultOf({
      cluster: { nodes: 2 },
      model: "mixtral-8x7b",
      training: {
        parallelism: { tensor: 2, data: 8, expert: 4 },
        globalBatch: 16,
        stack: "megatron-core",
        expertImbalance
      }
    })

  test("rank by rank take as long as the busiest, and compute as long as the mean", () => {
    const [listed, busiest, even] = [mixture([3, 2, 2, 1]), mixture(1.5), mixture(1)]
    expect(relative(listed.iterationSeconds, busiest.iterationSeconds)).toBeLessThan(1e-9)
    expect(listed.breakdown.compute.experts).toBeLessThan(0.9 * busiest.breakdown.compute.experts)
    expect(relative(listed.breakdown.compute.experts, even.breakdown.compute.experts)).toBeLessThan(0.1)
    expect(listed.memory.fullest.peakBytes).toBe(busiest.memory.fullest.peakBytes)
  })

  test("after Zipf's law are as uneven as its sums say", () => {
    // 8 experts at k^-1 on 4 ranks: the first two have 1.5 of 2.7179.
    expect(
      relative(mixture({ zipf: 1 }).iterationSeconds, mixture((4 * 1.5) / 2.717857142857143).iterationSeconds)
    ).toBeLessThan(1e-9)
    expect(relative(mixture({ zipf: 0 }).iterationSeconds, mixture(1).iterationSeconds)).toBeLessThan(1e-9)
  })
})

describe("BLOOM on 384 accelerators", () => {
  const bloom = (irregularities: readonly Fields[]): TrainingResult =>
    resultOf({
      cluster: { system: "jean-zay-a100", nodes: 48, irregularities },
      model: "bloom-176b",
      training: {
        parallelism: { tensor: 4, pipeline: 12, data: 8 },
        microBatch: 2,
        globalBatch: 2048,
        zeroStage: 1,
        recompute: "full",
        stack: "megatron-deepspeed"
      }
    })
  const even = bloom([])

  test("is held up by one slow GPU of a middle stage as long as if all of its stage were slow", () => {
    const one = bloom([{ node: 17, accelerator: 3, speed: 0.9 }])
    const stage = bloom([16, 17, 18, 19].map((node) => ({ node, speed: 0.9 })))
    expect(one.iterationSeconds).toBeGreaterThan(1.05 * even.iterationSeconds)
    expect(relative(one.iterationSeconds, stage.iterationSeconds)).toBeLessThan(0.015)
    expect(one.breakdown.exposed.data).toBeGreaterThan(1.5 * even.breakdown.exposed.data)
  })

  test("hardly notices one in its first stage, which has a layer less", () => {
    expect(bloom([{ node: 0, speed: 0.9 }]).iterationSeconds).toBeLessThan(1.002 * even.iterationSeconds)
  })

  test("has a breakdown that adds up", () => {
    const slow = bloom([{ node: 17, speed: 0.9 }])
    expect(relative(totalOf(slow.breakdown), slow.iterationSeconds)).toBeLessThan(1e-12)
  })
})
