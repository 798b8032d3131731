/** Requests that are prefilled in one pool and answered in another: times, blocks, wires and who waits for whom. */
import { describe, expect, test } from "vitest"
import { simulateServing } from "../../../src/serving/index.ts"
import { listed } from "../jobs.ts"
import { fleet, pool, type PoolChanges } from "./jobs.ts"

// A prompt of 100 tokens takes 4 s, a decode step 1 s; 100 tokens are 800 bytes, 8 s on a NIC of 100 bytes/s.
const law = { fixed: 1, perToken: 0, perContext: 0 }
const prompts = (changes: PoolChanges = {}) => pool("prompts", "prefill", { law: { ...law, fixed: 4 }, ...changes })
const answers = (changes: PoolChanges = {}) => pool("answers", "decode", { law, ...changes })

describe("the keys and values of a prompt", () => {
  test("go when it is computed", () => {
    const log = simulateServing(fleet([prompts(), answers()]), { source: listed([[0, 100, 3]]) })
    const { requests } = log
    expect(requests.firstToken[0]).toBe(4)
    expect(requests.handovers!.asked[0]).toBe(4)
    expect(requests.handovers!.moved[0]).toBeCloseTo(12, 9)
    // Two more tokens of 1 s each.
    expect(requests.finished[0]).toBeCloseTo(14, 9)
    expect([requests.replica[0], requests.handovers!.replica[0]]).toEqual([0, 1])
    expect(log.transfers).toEqual({ count: 1, bytes: 800, abandonedSeconds: 0 })
  })

  test("go layer by layer: what is left after the prompt is max(0, (T - P)(L - 1) / L) + T / L", () => {
    const moved = (nic: number): number =>
      simulateServing(fleet([prompts({ wires: { nic } }), answers({ wires: { nic } })], { overlap: "layer-wise" }), {
        source: listed([[0, 100, 3]])
      }).requests.handovers!.moved[0]!
    // T = 8 s, P = 4 s, 4 layers.
    expect(moved(100)).toBeCloseTo(4 + (4 * 3) / 4 + 8 / 4, 9)
    // T = 2 s: the first three layers are there when the last is computed.
    expect(moved(400)).toBeCloseTo(4 + 2 / 4, 9)
  })

  test("of chunks leave while later chunks are computed", () => {
    const batching = { maximumStepTokens: 50 }
    const log = simulateServing(fleet([prompts({ batching }), answers()], { overlap: "layer-wise" }), {
      source: listed([[0, 100, 3]])
    })
    // Three layers of the first 50 tokens, 300 bytes, from 1 s to 4 s; of the second from 5 s, with the last layer of the
    // first 50: 400 bytes to 9 s; the last layer of the second, 100 bytes, to 10 s.
    expect(log.requests.firstToken[0]).toBe(8)
    expect(log.requests.handovers!.moved[0]).toBeCloseTo(10, 9)
    expect(log.transfers!.bytes).toBe(800)
  })

  test("share the wires of the side that is the narrower", () => {
    const two = { pool: { replicas: 2 } }
    const log = simulateServing(fleet([prompts(two), answers()]), {
      source: listed([
        [0, 100, 3],
        [0, 100, 3]
      ])
    })
    // Both at 50 bytes/s into the one NIC: 16 s.
    expect([...log.requests.handovers!.moved].map((time) => Math.round(time * 1e6) / 1e6)).toEqual([20, 20])
  })

  test("take the links of the domain where both replicas are in it", () => {
    const wires = { nic: 100, scaleUp: 1600, perNode: 2, domain: 2 }
    const log = simulateServing(fleet([prompts({ wires }), answers({ wires })]), { source: listed([[0, 100, 3]]) })
    expect(log.requests.handovers!.moved[0]).toBeCloseTo(4.5, 9)
  })

  test("share a NIC where nodes have fewer than replicas, and the core of an oversubscribed network", () => {
    const moved = (wires: NonNullable<PoolChanges["wires"]>): number =>
      simulateServing(
        fleet([prompts({ wires, pool: { replicas: 2 } }), answers({ wires, pool: { replicas: 2, machines: 1 }, law })]),
        {
          source: listed([
            [0, 100, 3],
            [0, 100, 3]
          ])
        }
      ).requests.handovers!.moved[1]!
    expect(moved({ perNode: 2, nicsPerNode: 2 })).toBeCloseTo(12, 9)
    expect(moved({ perNode: 2, nicsPerNode: 1 })).toBeCloseTo(20, 9)
    // Two nodes of two NICs, a fourth of that for the core: 100 bytes/s for both.
    expect(moved({ perNode: 2, nicsPerNode: 2, oversubscription: 4 })).toBeCloseTo(20, 9)
  })
})

describe("blocks", () => {
  test("of the decode side are reserved before anything moves, and the prefill side holds its own until all has moved", () => {
    // One prompt of 7 blocks at a time on either side.
    const cache = { blockTokens: 16, blocks: 7 }
    const log = simulateServing(fleet([prompts({ cache }), answers({ cache })]), {
      source: listed([
        [0, 100, 3],
        [0, 100, 3],
        [0, 100, 3]
      ])
    })
    const { requests } = log
    // The first moves from 4 to 12 and ends at 14. The second is computed from 12 to 16, then moves to 24.
    expect([...requests.firstToken]).toEqual([4, 16, 28])
    expect([...requests.handovers!.moved].map((time) => Math.round(time * 1e6) / 1e6)).toEqual([12, 24, 36])
    for (const { totals } of log.replicas) {
      expect(totals.peakBlocks).toBe(7)
      expect(totals.heldBlocks).toBe(0)
    }
  })

  test("that the decode side lacks keep the prefill side from starting more", () => {
    const log = simulateServing(
      fleet([prompts({ cache: { blockTokens: 16, blocks: 7 } }), answers({ cache: { blockTokens: 16, blocks: 8 } })]),
      {
        source: listed([
          [0, 100, 21],
          [0, 100, 3],
          [0, 100, 3]
        ])
      }
    )
    const { requests } = log
    // The first has the only 8 blocks from 4 to 12 + 20 = 32. The second, prefilled at 16, moves from 32 to 40.
    expect(requests.finished[0]).toBeCloseTo(32, 9)
    expect(requests.firstToken[1]).toBeCloseTo(16, 9)
    expect(requests.handovers!.reserved[1]).toBeCloseTo(32, 9)
    expect(requests.handovers!.moved[1]).toBeCloseTo(40, 9)
    // And the third starts only then.
    expect(requests.scheduled[2]).toBeCloseTo(40, 9)
  })
})

describe("a request", () => {
  test("of one token needs no decode side", () => {
    const log = simulateServing(fleet([prompts(), answers()]), { source: listed([[0, 100, 1]]) })
    expect(log.requests.finished[0]).toBe(4)
    expect(log.transfers!.count).toBe(0)
    expect(log.requests.handovers!.replica[0]).toBe(-1)
  })

  test("that is preempted on the decode side is computed anew there", () => {
    // 9 blocks of 16 for two requests of 64 + 30 tokens.
    const log = simulateServing(
      fleet([prompts(), answers({ cache: { blockTokens: 16, blocks: 9 }, law: { ...law, fixed: 10 } })]),
      {
        source: listed([
          [0, 64, 40],
          [0, 64, 40]
        ])
      }
    )
    expect([...log.requests.preemptions].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
    expect([...log.requests.generated]).toEqual([40, 40])
    expect(log.replicas[1]!.totals.prefillTokens).toBeGreaterThan(64)
    expect(log.replicas[0]!.totals.prefillTokens).toBe(128)
  })

  test("finds its beginning on the decode side and moves only the rest", () => {
    const cache = { prefixCaching: true, blockTokens: 16 }
    const pieces = [{ id: 7, tokens: 64 }]
    const log = simulateServing(fleet([prompts({ cache }), answers({ cache })]), {
      source: listed([
        [0, 100, 3, { pieces }],
        [100, 100, 3, { pieces }]
      ])
    })
    // 100 tokens, then 36 of them.
    expect(log.transfers!.bytes).toBe(800 + 8 * 36)
    expect(log.requests.cached[1]).toBe(64)
  })

  test("that is given up on its way leaves nothing behind", () => {
    const workload = {
      classes: [
        {
          name: "all",
          weight: 1,
          priority: 0,
          prompt: { kind: "constant", value: 1 },
          output: { kind: "constant", value: 1 },
          objectives: {},
          sharedPrefix: null,
          conversation: null,
          patienceSeconds: 7
        }
      ]
    } as const
    const log = simulateServing(fleet([prompts(), answers()], { workload }), {
      source: listed([
        [0, 100, 3],
        [20, 10, 2]
      ])
    })
    expect(log.requests.state[0]).toBe(5)
    expect(log.requests.generated[0]).toBe(1)
    expect(log.requests.finished[1]).toBeCloseTo(20 + 4 + 0.8 + 1, 9)
    for (const { totals } of log.replicas) expect(totals.heldBlocks).toBe(0)
  })
})
