import { describe, expect, test } from "vitest"
import { scenarioFromData, resolveScenario } from "../../src/scenario/index.ts"
import { resultOf, type Written } from "./jobs.ts"

describe("switches that sum gradients on their way", () => {
  /** 32 replicas on four nodes of eight H100, InfiniBand NDR. */
  const replicas = (network: Record<string, unknown>, training: Record<string, unknown> = {}): Written => ({
    cluster: { system: "dgx-h100", nodes: 4, network },
    model: "gpt3-1.3b",
    training: { globalBatch: 32, stack: "megatron-lm-2021", ...training }
  })
  const dataSeconds = (written: Written): number => resultOf(written).breakdown.exposed.data

  test("halve the wait at most, and are left alone unless the cluster has them on", () => {
    const off = dataSeconds(replicas({}))
    const on = dataSeconds(replicas({ sumsInNetwork: true }))
    expect(on).toBeLessThan(0.9 * off)
    expect(on).toBeGreaterThan(0.5 * off)
  })

  test("can be forced by name; the tensor ranks inside a node keep their own choice", () => {
    const forced = dataSeconds(replicas({}, { collective: { algorithm: "sharp" } }))
    expect(forced).toBe(dataSeconds(replicas({ sumsInNetwork: true })))
    const tensor = { parallelism: { tensor: 8 } }
    const [free, sharp] = [replicas({}, tensor), replicas({}, { ...tensor, collective: { algorithm: "sharp" } })]
    expect(resultOf(sharp).breakdown.exposed.tensor).toBe(resultOf(free).breakdown.exposed.tensor)
  })

  test("are refused on Omni-Path, with the links that can", () => {
    const loaded = scenarioFromData({
      name: "mine",
      data: {
        cluster: { system: "jean-zay-a100", nodes: 4, network: { sumsInNetwork: true } },
        model: "bloom-1b7",
        training: { microBatch: 1, globalBatch: 32, sequenceLength: 2048 }
      }
    })
    if (loaded._tag === "Refused") throw new Error(JSON.stringify(loaded.issues))
    const resolved = resolveScenario(loaded)
    expect(resolved).toMatchObject({
      _tag: "Refused",
      issues: [{ path: "cluster.network.sumsInNetwork", problem: "the switches of omni-path-100 cannot sum" }]
    })
  })
})

describe("experts with a limited number of places", () => {
  const mixture = (training: Record<string, unknown>): Written => ({
    cluster: { system: "dgx-h100", nodes: 1 },
    model: "mixtral-8x7b",
    training: {
      parallelism: { expert: 8 },
      sequenceLength: 4096,
      stack: "megatron-bridge",
      expertImbalance: 1.6,
      ...training
    }
  })

  test("drop what finds no place and take less time; the result says which share", () => {
    const [all, capped, tight] = [{}, { factor: 1.25 }, { factor: 1 }].map((expertCapacity) =>
      resultOf(mixture("factor" in expertCapacity ? { expertCapacity } : {}))
    )
    expect(all?.droppedShare).toBe(0)
    expect(capped?.droppedShare).toBeGreaterThan(0.01)
    expect(tight?.droppedShare).toBeGreaterThan(capped?.droppedShare ?? 1)
    expect(tight?.droppedShare).toBeLessThan(0.3)
    expect(capped?.iterationSeconds).toBeLessThan(all?.iterationSeconds ?? 0)
    expect(tight?.iterationSeconds).toBeLessThan(capped?.iterationSeconds ?? 0)
    expect(capped?.memory.fullest.kinds.activations).toBeLessThan(all?.memory.fullest.kinds.activations ?? 0)
  })

  test("padded to their places take the same time whatever the routing", () => {
    const seconds = [1, 1.3, 1.6].map(
      (expertImbalance) =>
        resultOf(mixture({ expertImbalance, expertCapacity: { factor: 1.5, padded: true } })).iterationSeconds
    )
    expect(new Set(seconds).size).toBe(1)
  })

  test("a dense model has none", () => {
    expect(resultOf({}).droppedShare).toBeNull()
  })
})

describe("a stack that fills its stages greedily", () => {
  test("leaves the last of 4 stages one of 13 layers: 4, 4, 4, 1 in place of 4, 3, 3, 3", () => {
    const layers = (layerFilling: string) =>
      resultOf({
        model: { extends: "gpt3-1.3b", layers: 13 },
        training: {
          parallelism: { pipeline: 4 },
          globalBatch: 16,
          stack: { extends: "megatron-lm-2021", layerFilling }
        }
      }).memory.stages.map(({ kinds }) => kinds.weights)
    const [even, greedy] = [layers("even"), layers("greedy")]
    expect(greedy[0]).toBe(even[0])
    expect(greedy[2]).toBeGreaterThan(even[2] ?? Infinity)
    expect(greedy[3]).toBeLessThan(even[3] ?? 0)
  })
})
