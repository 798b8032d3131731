/** The prefix cache, computed by hand: blocks of four tokens, every step one second. */
import { describe, expect, test } from "vitest"
import { type Arrival, type KeyValueCache, type ServingLog, simulateServing } from "../../src/serving/index.ts"
import { differences } from "./differences.ts"
import { listed, servingJob } from "./jobs.ts"

const run = (rows: Parameters<typeof listed>[0], cache: Partial<KeyValueCache> = {}): ServingLog =>
  simulateServing(servingJob({ cache: { blockTokens: 4, prefixCaching: true, ...cache } }), { source: listed(rows) })

/** A prompt that begins with a text. */
const text = (id: number, tokens: number): Partial<Arrival> => ({ pieces: [{ id, tokens }] })

const cached = ({ requests }: ServingLog): readonly number[] => [...requests.cached]

describe("a prompt that begins like one before", () => {
  test("finds the full blocks of what they share", () => {
    const log = run([
      [0, 14, 1, text(1, 10)],
      [5, 12, 1, text(1, 10)],
      [10, 12, 1, text(2, 10)]
    ])
    expect(cached(log)).toEqual([0, 8, 0])
    const { prefixLookups, prefixLookupTokens, prefixHitTokens, prefillTokens } = log.replicas[0]!.totals
    expect([prefixLookups, prefixLookupTokens, prefixHitTokens, prefillTokens]).toEqual([3, 38, 8, 30])
  })

  test("computes its last token anew even when all of it is cached", () => {
    expect(
      cached(
        run([
          [0, 8, 1, text(1, 8)],
          [5, 8, 1, text(1, 8)],
          [10, 9, 1, text(1, 8)]
        ])
      )
    ).toEqual([0, 4, 8])
  })

  test("finds what is computed in the same step", () => {
    const log = run([
      [0, 12, 1, text(1, 12)],
      [0, 12, 1, text(1, 12)]
    ])
    expect(cached(log)).toEqual([0, 8])
    // Two blocks are shared, the last is each one's own.
    expect(log.replicas[0]!.totals.peakBlocks).toBe(4)
  })

  test("shares through a boundary of two texts inside a block, but not beyond what differs", () => {
    const pieces = (last: number): Partial<Arrival> => ({
      pieces: [
        { id: 1, tokens: 6 },
        { id: last, tokens: 10 }
      ]
    })
    expect(
      cached(
        run([
          [0, 17, 1, pieces(2)],
          [5, 17, 1, pieces(2)],
          [10, 17, 1, pieces(3)]
        ])
      )
    ).toEqual([0, 16, 4])
  })

  test("finds nothing when caching is off", () => {
    const log = run(
      [
        [0, 14, 1, text(1, 10)],
        [5, 12, 1, text(1, 10)]
      ],
      { prefixCaching: false }
    )
    expect(cached(log)).toEqual([0, 0])
    expect(log.replicas[0]!.totals.prefixHitTokens).toBe(0)
  })
})

test("a conversation's next turn finds question and answer", () => {
  const question = { id: 1, tokens: 6 }
  const log = run([
    [0, 6, 5, { pieces: [question], outputPiece: 2 }],
    [10, 16, 1, { pieces: [question, { id: 2, tokens: 5 }, { id: 3, tokens: 5 }] }]
  ])
  // The last token of an answer is never computed: 10 of 11, two full blocks.
  expect(cached(log)).toEqual([0, 8])
})

describe("when blocks run out", () => {
  test("the least recently used content goes first", () => {
    const log = run(
      [
        [0, 8, 1, text(1, 8)],
        [10, 8, 1, text(2, 8)],
        [20, 8, 1, text(3, 8)],
        [30, 8, 1, text(4, 8)], // takes the blocks of the first
        [40, 8, 1, text(2, 8)],
        [50, 8, 1, text(1, 8)]
      ],
      { blocks: 6 }
    )
    expect(cached(log)).toEqual([0, 0, 0, 0, 4, 0])
  })

  test("of one request the end goes first, so that its beginning can still be shared", () => {
    const log = run(
      [
        [0, 12, 1, text(1, 12)],
        [10, 8, 1], // one free block, and the last of the three
        [20, 12, 1, text(1, 12)]
      ],
      { blocks: 4 }
    )
    expect(cached(log)).toEqual([0, 0, 8])
  })

  test("what a running request shares stays", () => {
    const log = run(
      [
        [0, 8, 12, text(1, 8)],
        [1.5, 9, 1, text(1, 8)],
        [3.5, 4, 1],
        [5.5, 9, 1, text(1, 8)]
      ],
      { blocks: 6 }
    )
    expect(cached(log)).toEqual([0, 8, 0, 8])
    expect(log.replicas[0]!.totals.preemptions).toBe(0)
  })
})

describe("a sliding window of 9 tokens", () => {
  const rows = [
    [0, 6, 40],
    [0, 20, 10]
  ] as const
  const job = (isHybrid: boolean) => servingJob({ window: 9, isHybrid, cache: { blockTokens: 4, blocks: 100 } })

  test("bounds what a sequence keeps to the 8 tokens before a new one, when all layers have it", () => {
    const log = simulateServing(job(false), { source: listed(rows) })
    expect(log.replicas[0]!.totals.peakBlocks).toBe(4)
    // 2 blocks for 40 s (6 tokens at first, then 7, then 8 ...), 2 for 10 s.
    expect(log.replicas[0]!.totals.usedBlockIntegral).toBeCloseTo(2 * 40 + 2 * 10, 9)
    expect(differences(log, simulateServing({ ...job(false), leap: "off" }, { source: listed(rows) }))).toEqual([])
  })

  test("bounds nothing when some layers see everything", () => {
    const log = simulateServing(job(true), { source: listed(rows) })
    // 29 and 15 tokens when the second ends: 8 + 4 blocks; 45 tokens in the end: 12.
    expect(log.replicas[0]!.totals.peakBlocks).toBe(12)
  })

  test("lets in more at once", () => {
    const narrow = { blockTokens: 4, blocks: 4 }
    const log = simulateServing(servingJob({ window: 9, cache: narrow }), { source: listed(rows) })
    expect([...log.requests.preemptions]).toEqual([0, 0])
    expect([...log.requests.finished]).toEqual([40, 10])
  })
})
