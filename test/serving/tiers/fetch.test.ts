/** Fetching from tiers, computed by hand: blocks of four tokens and 32 bytes, tiers of 16 bytes/s. */
import { describe, expect, test } from "vitest"
import {
  type Arrival,
  type CacheTier,
  type CacheTiers,
  requestTableCsv,
  type ServingLog,
  simulateServing
} from "../../../src/serving/index.ts"
import { fleet, pool, type PoolChanges } from "../fleet/jobs.ts"
import { listed } from "../jobs.ts"

/** A prompt of two blocks of a text, and a token of its own. */
const text = (id: number): Partial<Arrival> => ({ pieces: [{ id, tokens: 8 }] })

const host: CacheTier = { in: "host", capacityBytes: 1000, bytesPerSecond: 16, latencySeconds: 0 }
const nvme: CacheTier = { in: "nvme", capacityBytes: 1000, bytesPerSecond: 16, latencySeconds: 0 }
const remote: CacheTier = { in: "remote", capacityBytes: 1000, bytesPerSecond: null, latencySeconds: 0 }

interface Changes extends PoolChanges {
  readonly tiers: CacheTiers["tiers"]
  readonly writeAfterUses?: number
  readonly fetch?: CacheTiers["fetch"]
  readonly replicas?: number
  readonly overlap?: CacheTiers["overlap"]
}

/** A replica holds three blocks, a prompt of nine tokens and no more. */
const run = (rows: Parameters<typeof listed>[0], changes: Changes): ServingLog => {
  const { tiers, writeAfterUses = Infinity, fetch = "always", replicas = 1, overlap = "none", ...more } = changes
  const cache = { blockTokens: 4, blocks: 3, prefixCaching: true, tiers: { tiers, writeAfterUses, fetch, overlap } }
  const job = fleet([pool("only", "both", { ...more, cache, pool: { replicas } })], more)
  return simulateServing(job, { source: listed(rows) })
}

const scheduled = ({ requests }: ServingLog): readonly number[] =>
  [...requests.scheduled].map((seconds) => Math.round(seconds * 1e4) / 1e4)

const thereAndBack = [
  [0, 9, 1, text(1)],
  [10, 9, 1, text(2)],
  [30, 9, 1, text(1)]
] as const

describe("a prompt whose beginning is in a tier", () => {
  test("waits for its bytes before its first step, and computes the rest", () => {
    const log = run(thereAndBack, { tiers: [host] })
    expect([...log.requests.cached]).toEqual([0, 0, 8])
    // 64 bytes at 16 bytes/s.
    expect(scheduled(log)).toEqual([0, 10, 34])
    expect(log.requests.firstToken[2]).toBeCloseTo(35, 4)
    expect([...log.requests.fetches!.tokens]).toEqual([0, 0, 8])
    expect(log.requests.fetches!.seconds[2]).toBeCloseTo(4, 4)
    const table = [...requestTableCsv(fleet([pool("only", "both")]), log)].join("").split("\n")
    expect(table[0]).toMatch(/,fetched_tokens,fetch_s$/)
    expect(table[3]).toMatch(/,8,4\.000001$/)
    // Two blocks of each text went there, the second text's for the third request.
    expect(log.tiers).toEqual([
      {
        in: "host",
        hitTokens: 8,
        declinedTokens: 0,
        readBytes: 64,
        writtenBytes: 128,
        evictions: 0,
        usedBytes: 128,
        capacityBytes: 1000
      }
    ])
  })

  test("is computed where that is sooner", () => {
    const slowSteps = { fixed: 1, perToken: 1, perContext: 0 }
    // A step of a second, whatever its tokens: 4 + 1 s against 1 s. With a second a token: 4 + 2 s against 10 s.
    const computed = run(thereAndBack, { tiers: [host], fetch: "cost" })
    expect([...computed.requests.cached]).toEqual([0, 0, 0])
    expect(computed.tiers![0]).toMatchObject({ hitTokens: 0, declinedTokens: 8, readBytes: 0 })
    const fetched = run(thereAndBack, { tiers: [host], fetch: "cost", law: slowSteps })
    expect([...fetched.requests.cached]).toEqual([0, 0, 8])
  })

  test("is fetched as far as that pays", () => {
    // The second block went first, and on to the drives when the first one came: the host holds one block.
    const tiers = [
      { ...host, capacityBytes: 32, bytesPerSecond: 1000 },
      { ...nvme, bytesPerSecond: 1 }
    ]
    const law = { fixed: 1, perToken: 1, perContext: 0 }
    const rows = [
      [0, 9, 1, text(1)],
      [20, 9, 1, text(2)],
      [100, 9, 1, text(1)]
    ] as const
    const cut = run(rows, { tiers, law, fetch: "cost" })
    expect([...cut.requests.cached]).toEqual([0, 0, 4])
    expect(cut.tiers!.map(({ hitTokens, declinedTokens }) => [hitTokens, declinedTokens])).toEqual([
      [4, 0],
      [0, 4]
    ])
    const whole = run(rows, { tiers, law })
    expect([...whole.requests.cached]).toEqual([0, 0, 8])
    // 32 bytes at 1 byte/s, while the host's block comes as well.
    expect(whole.requests.fetches!.seconds[2]).toBeCloseTo(32, 3)
  })

  test("starts while later layers come, where a step takes as long as they do", () => {
    // Four layers, a transfer of 4 s, and a step of a second of which three quarters hide what comes behind the first layer.
    const some = run(thereAndBack, { tiers: [host], overlap: "layer-wise" })
    expect(scheduled(some)[2]).toBeCloseTo(33.25, 4)
    // A step of ten seconds hides all but the first layer.
    const law = { fixed: 10, perToken: 0, perContext: 0 }
    const all = run(thereAndBack, { tiers: [host], overlap: "layer-wise", law })
    expect(scheduled(all)[2]).toBeCloseTo(31, 4)
    expect(all.tiers![0]!.readBytes).toBeCloseTo(64, 9)
  })

  test("is not found before it has been written", () => {
    const log = run(
      [
        [0, 9, 1, text(1)],
        [10, 9, 1, text(2)],
        // Four seconds after the first text was thrown out its last byte arrives.
        [13.9, 9, 1, text(1)]
      ],
      { tiers: [host] }
    )
    expect([...log.requests.cached]).toEqual([0, 0, 0])
  })
})

describe("bytes share their ways", () => {
  test("two replicas of a node read at half the rate of its drives", () => {
    const log = run(
      [
        [0, 9, 1, text(1)],
        [0, 9, 1, text(2)],
        [10, 9, 1, text(3)],
        [10, 9, 1, text(4)],
        [100, 9, 1, text(1)],
        [100, 9, 1, text(2)]
      ],
      { tiers: [nvme], replicas: 2, wires: { perNode: 2 } }
    )
    expect([...log.requests.replica]).toEqual([0, 1, 0, 1, 0, 1])
    expect(scheduled(log).slice(4)).toEqual([108, 108])
  })

  test("what one replica wrote to a remote pool another one finds", () => {
    const log = run(
      [
        [0, 9, 1, text(1)],
        [10, 9, 1, text(1)]
      ],
      { tiers: [remote], writeAfterUses: 1, replicas: 2 }
    )
    expect([...log.requests.replica]).toEqual([0, 1])
    expect([...log.requests.cached]).toEqual([0, 8])
    // 64 bytes over a NIC of 100 bytes/s.
    expect(scheduled(log)[1]).toBeCloseTo(10.64, 4)
  })

  test("what one replica has in its host memory another one does not find", () => {
    const log = run(
      [
        [0, 9, 1, text(1)],
        [10, 9, 1, text(1)]
      ],
      { tiers: [host], writeAfterUses: 1, replicas: 2 }
    )
    expect([...log.requests.cached]).toEqual([0, 0])
  })
})

describe("blocks are written", () => {
  const twice = [
    [0, 9, 1, text(1)],
    [10, 9, 1, text(1)],
    [20, 9, 1, text(2)]
  ] as const

  test("when they are computed, when they are used again, or when they are thrown out", () => {
    const written = (writeAfterUses: number, rows: Parameters<typeof listed>[0]): number =>
      run(rows, { tiers: [host], writeAfterUses }).tiers![0]!.writtenBytes
    expect([1, 2, 3, Infinity].map((uses) => written(uses, twice))).toEqual([128, 64, 0, 64])
    expect([1, 2, 3, Infinity].map((uses) => written(uses, twice.slice(0, 2)))).toEqual([64, 64, 0, 0])
  })

  test("to every tier at once by use, to the next one when thrown out", () => {
    const tiers = [host, nvme]
    const of = (writeAfterUses: number): readonly number[] =>
      run(twice, { tiers, writeAfterUses }).tiers!.map(({ writtenBytes }) => writtenBytes)
    expect(of(1)).toEqual([128, 128])
    expect(of(Infinity)).toEqual([64, 0])
  })
})

test("a client who gives up while its blocks are on their way leaves nothing behind", () => {
  const impatient = fleet(
    [
      pool("only", "both", {
        cache: {
          blockTokens: 4,
          blocks: 3,
          prefixCaching: true,
          tiers: { tiers: [host], writeAfterUses: Infinity, fetch: "always", overlap: "none" }
        }
      })
    ],
    { workload: { classes: [{ ...fleet([pool("only", "both")]).workload.classes[0]!, patienceSeconds: 3 }] } }
  )
  const log = simulateServing(impatient, { source: listed(thereAndBack) })
  expect(log.requests.scheduled[2]).toBeNaN()
  expect(log.replicas[0]!.totals.heldBlocks).toBe(0)
  // Three seconds at 16 bytes/s.
  expect(log.tiers![0]!.readBytes).toBeCloseTo(48, 3)
})

test("a router that looks into caches sees what a tier has", () => {
  const cache = {
    blockTokens: 4,
    blocks: 3,
    prefixCaching: true,
    tiers: { tiers: [host], writeAfterUses: Infinity, fetch: "always", overlap: "none" }
  } as const
  const job = fleet([pool("only", "both", { cache, pool: { replicas: 2 } })], { queue: { router: "prefix-aware" } })
  const log = simulateServing(
    { ...job, routing: { loadWeight: 1, knows: "cache", indexBlocks: 0, isLogged: true } },
    {
      source: listed([
        [0, 9, 1, text(1)],
        [0, 9, 1, text(2)],
        [10, 9, 1, text(3)],
        [10, 9, 1, text(4)],
        [30, 9, 1, text(2)],
        [50, 9, 1, text(1)]
      ])
    }
  )
  expect(log.requests.replica[4]).toBe(log.requests.replica[1])
  expect([...log.decisions!.cachedTokens].slice(-4).toSorted((a, b) => a - b)).toEqual([0, 0, 8, 8])
})

test("an answer that a decode replica wrote is found by the replica that computes the next turn's prompt", () => {
  const tiers: CacheTiers = { tiers: [remote], writeAfterUses: 1, fetch: "always", overlap: "none" }
  const cache = { blockTokens: 4, blocks: 20, prefixCaching: true, tiers }
  const job = fleet([pool("prompts", "prefill", { cache }), pool("answers", "decode", { cache })])
  const log = simulateServing(job, {
    source: listed([
      [0, 8, 5, { pieces: [{ id: 1, tokens: 8 }], outputPiece: 2 }],
      [50, 14, 1, { pieces: [{ id: 1, tokens: 8 }, { id: 2, tokens: 5 }] }] // prettier-ignore
    ])
  })
  // Two blocks of the first prompt are on the prefill replica still; the third is the answer's first four tokens.
  expect([...log.requests.cached]).toEqual([0, 12])
  expect([...log.requests.fetches!.tokens]).toEqual([0, 4])
})
