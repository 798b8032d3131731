/** LoRA adapters: who has a place, what loading and mixing them costs, and what they weigh. */
import { describe, expect, test } from "vitest"
import type { InferenceTarget } from "../../src/inference/index.ts"
import { adapterCost, type ServingJob, simulateServing } from "../../src/serving/index.ts"
import { makeAdapterCache } from "../../src/serving/adapters/adapter-cache.ts"
import { adapterDrawer } from "../../src/serving/adapters/draw-adapter.ts"
import { differences } from "./differences.ts"
import { listed, servingJob, type JobChanges } from "./jobs.ts"

const cost = { bytes: 0, stepSeconds: 0.5, secondsPerAdapter: 0.25, secondsPerToken: 0, loadSeconds: 3 }

const withAdapters = (places: number, changes: JobChanges = {}, count = 3): ServingJob =>
  servingJob({
    law: { fixed: 1, perToken: 0, perContext: 0 },
    ...changes,
    job: {
      adapters: { places, rank: 8, cost },
      adapterChoice: { count, exponent: 0, share: 1 },
      ...changes.job
    }
  })

describe("places", () => {
  test("go to those in use first, and then to the most recently used", () => {
    const cache = makeAdapterCache(2)
    expect(cache.take(1)).toBe(true)
    expect(cache.take(2)).toBe(true)
    expect(cache.hasPlace(3)).toBe(false)
    cache.give(1)
    cache.give(2)
    expect(cache.take(1)).toBe(false)
    cache.give(1)
    // 2 was used longer ago.
    expect(cache.take(3)).toBe(true)
    expect(cache.take(1)).toBe(false)
    expect(cache.hasPlace(2)).toBe(false)
    expect(cache.inUse).toBe(2)
  })
})

describe("a step", () => {
  test("waits for an adapter that is not there, and takes longer with each that it mixes", () => {
    const job = withAdapters(1, {}, 1)
    const log = simulateServing(job, { source: listed([[0, 10, 3], [100, 10, 3]]) }) // prettier-ignore
    // Loading 3, then three steps of 1 + 0.5 + 0.25; the second request finds it.
    expect(log.requests.finished[0]).toBeCloseTo(3 + 3 * 1.75, 9)
    expect(log.requests.finished[1]).toBeCloseTo(100 + 3 * 1.75, 9)
    expect(log.replicas[0]!.totals.adapterLoads).toBe(1)
    expect(log.replicas[0]!.totals.adapterUses).toBe(2)
  })

  test("passes over who has no place for its adapter", () => {
    // Adapters by lot: with one place, requests of the same adapter go together and pass by others.
    const rows = Array.from({ length: 30 }, () => [0, 10, 3] as const)
    const job = withAdapters(1)
    const log = simulateServing(job, { source: listed(rows) })
    const draw = adapterDrawer(job.adapterChoice!, job.seed)
    const arrival = { arrivalSeconds: 0, promptTokens: 1, outputTokens: 1, classIndex: 0, pieces: null, outputPiece: 0 }
    const adapters = rows.map(() => draw(arrival))
    expect(new Set(adapters).size).toBe(3)
    // 16 places in the batch, and no adapter has more than that.
    const starts = [...log.requests.scheduled]
    for (const adapter of new Set(adapters)) {
      const own = starts.filter((_, request) => adapters[request] === adapter)
      expect(new Set(own).size).toBe(1)
    }
    expect(new Set(starts).size).toBe(3)
    expect(log.replicas[0]!.totals.adapterLoads).toBe(3)
  })

  test("costs the same leapt over as taken one by one", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const job = withAdapters(2, {
        job: { seed },
        workload: { arrivals: { kind: "poisson", rate: { kind: "constant", rate: 0.3 } }, requests: 60 }
      })
      const log = simulateServing(job)
      const stepping = simulateServing({ ...job, leap: "off" })
      expect(differences(log, stepping), `seed ${seed}`).toEqual([])
      expect(stepping.events).toBeGreaterThan(log.events)
    }
  })
})

test("prefixes are shared under the same adapter only", () => {
  const pieces = [{ id: 5, tokens: 64 }]
  const rows = Array.from({ length: 12 }, (_, index) => [100 * index, 100, 2, { pieces }] as const)
  const job = withAdapters(3, { cache: { prefixCaching: true } })
  const log = simulateServing(job, { source: listed(rows) })
  // The first of each of three adapters finds nothing.
  expect([...log.requests.cached].filter((tokens) => tokens === 0)).toHaveLength(3)
  expect([...log.requests.cached].filter((tokens) => tokens === 64)).toHaveLength(9)
})

test("an adapter of rank 16 on the attention of Llama 2 7B has 16 x (4096 + 4096) numbers for each of four modules", () => {
  const target = {
    model: {
      layers: 32,
      hidden: 4096,
      heads: 32,
      keyValueHeads: 32,
      headDimension: 128,
      feedForward: 11008,
      gated: true
    },
    layout: { tensor: 1, pipeline: 1, expert: 1, dataAttention: 1 },
    accelerator: { memory: { bytesPerSecond: 2e12 } }
  } as unknown as InferenceTarget
  const attention = adapterCost(target, 16, "attention", 20e9)
  expect(attention.bytes).toBe(32 * 4 * 16 * 8192 * 2)
  expect(attention.loadSeconds).toBeCloseTo(33_554_432 / 20e9, 12)
  // Punica (arXiv 2310.18547): 2 ms a step with all seven modules on an A100.
  expect(adapterCost(target, 16, "all", 20e9).stepSeconds).toBeCloseTo(0.002, 4)
})
