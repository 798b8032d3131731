import { describe, expect, test } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { shardedWaitSeconds } from "../../src/training/sharded-pass.ts"
import { relative, resultOf } from "./jobs.ts"

const equal = (layers: number, seconds: number): readonly number[] => Array.from({ length: layers }, () => seconds)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe("a fully sharded pass of 16 layers of 1 s", () => {
  const wait = (gather: number, scatter: number, prefetch = 1): number =>
    shardedWaitSeconds({
      computeSeconds: equal(16, 1),
      gatherSeconds: equal(16, gather),
      scatterSeconds: equal(16, scatter),
      prefetch
    })

  test("waits for nothing while gathering and scattering a layer take less than computing it", () => {
    expect(wait(0.9, 0)).toBe(0)
    expect(wait(0.4, 0.5)).toBe(0)
    expect(wait(0.5, 0.45, 2)).toBe(0)
  })

  test("waits for what communication takes beyond computation: 16 x (1.5 - 1) = 8 s", () => {
    expect(wait(1.5, 0)).toBeCloseTo(8, 9)
    expect(wait(0.75, 0.75)).toBeCloseTo(8, 9)
    expect(wait(0.5, 1)).toBeCloseTo(8, 9)
    expect(wait(1, 0.5, 3)).toBeCloseTo(8, 9)
  })

  test("waits longer, never less, the slower the wires", () => {
    let before = 0
    for (let seconds = 0.05; seconds < 2; seconds += 0.05) {
      const now = wait(seconds, seconds)
      expect(now).toBeGreaterThanOrEqual(before - 1e-9)
      before = now
    }
  })

  test("nothing to compute is nothing to wait for", () => {
    expect(shardedWaitSeconds({ computeSeconds: [], gatherSeconds: [], scatterSeconds: [], prefetch: 1 })).toBe(0)
  })
})

test("uneven layers wait at least for the traffic beyond their computation, and at most for all of it", () => {
  const draw = randomStream(7, "layers")
  for (let round = 0; round < 200; round++) {
    const layers = 1 + Math.floor(draw() * 12)
    const some = (scale: number) => Array.from({ length: layers }, () => scale * draw())
    const [computeSeconds, gatherSeconds, scatterSeconds] = [some(1), some(1), some(draw() < 0.5 ? 0 : 1)]
    const prefetch = 1 + Math.floor(draw() * 3)
    const waited = shardedWaitSeconds({ computeSeconds, gatherSeconds, scatterSeconds, prefetch })
    const traffic = sum(gatherSeconds) + sum(scatterSeconds)
    expect(waited).toBeLessThanOrEqual(traffic + 1e-9)
    // The last layers' scatters may trail into the next pass.
    expect(waited).toBeGreaterThanOrEqual(
      traffic - sum(computeSeconds) - Math.max(...scatterSeconds) * (prefetch + 1) - 1e-9
    )
  }
})

test("over 1 GB/s, 8 ranks exchange 3 x 7/8 x 2 bytes of 0.8 B parameters a micro-batch: 4.23 s, whatever they compute", () => {
  const { iterationSeconds, breakdown } = resultOf({
    cluster: {
      nodes: 8,
      acceleratorsPerNode: 1,
      network: {
        link: { extends: "ib-ndr", bandwidth: "1 GB/s", latency: "1 us", collectiveShare: 1, pointToPointShare: 1 },
        nicsPerNode: 1
      }
    },
    training: {
      globalBatch: 32,
      stack: { extends: "torchtitan", constants: { dataOverlap: 1, dataNetworkShare: 1, shardCopyBytes: 0 } }
    }
  })
  expect(relative(iterationSeconds, 4 * 4.23)).toBeLessThan(0.02)
  expect(breakdown.exposed.data).toBeGreaterThan(0.8 * iterationSeconds)
})
