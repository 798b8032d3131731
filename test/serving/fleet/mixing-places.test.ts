/** Replicas that stand in for one another beside routers that look at requests, tiers of the cache, and pools that serve requests whole. */
import { describe, expect, test } from "vitest"
import { type Arrival, type CacheTiers, conservationFindings, type ServingJob, simulateServing } from "../../../src/serving/index.ts" // prettier-ignore
import { listed, servingJob } from "../jobs.ts"
import { fleet, pool, type PoolChanges } from "./jobs.ts"

// A step of a prefill pool takes 4 s, of the others 1 s; one prompt of 100 tokens a step; wires take no time to speak of.
const law = { fixed: 1, perToken: 0, perContext: 0 }
const batching = { maximumStepTokens: 100 }
const cache = { blockTokens: 4, prefixCaching: true }
const wires = { nic: 1e9 }
const prompts = (changes: PoolChanges = {}) =>
  pool("prompts", "prefill", { law: { ...law, fixed: 4 }, batching, cache, wires, ...changes })
const answers = (changes: PoolChanges = {}) => pool("answers", "decode", { law, batching, cache, wires, ...changes })
const whole = (changes: PoolChanges = {}) => pool("whole", "both", { law, batching, cache, wires, ...changes })
const mixing = { promptTokens: 150 }

/** A prompt of a text of 80 tokens and others of its own. */
const text = (id: number): Partial<Arrival> => ({ pieces: [{ id, tokens: 80 }] })

const run = (job: ServingJob, rows: Parameters<typeof listed>[0]) => {
  const log = simulateServing(job, { source: listed(rows) })
  expect(conservationFindings(job, log)).toEqual([])
  return log
}

describe("a router that looks at caches", () => {
  const job = (indexed: Partial<NonNullable<ServingJob["routing"]>> = {}): ServingJob => ({
    ...fleet([prompts(), answers()], { mixing: { promptTokens: 110 }, queue: { router: "prefix-aware" } }),
    routing: { loadWeight: 1, knows: "index", indexBlocks: 0, isLogged: true, ...indexed }
  })
  const rows = [
    [0, 100, 1, text(1)],
    [0, 100, 1, text(2)],
    [20, 100, 3, text(1)],
    [40, 100, 1, text(1)],
    [40, 100, 1, text(1)],
    [60, 100, 1, text(2)]
  ] as const
  /** Tokens believed to be cached for each decision, at the prefill replica and at the decode replica. */
  const believed = (log: ReturnType<typeof run>): readonly (readonly number[])[] =>
    Array.from(log.decisions!.request, (_, row) => [
      ...log.decisions!.cachedTokens.subarray(log.decisions!.first[row], log.decisions!.first[row + 1])
    ])

  test.each(["index", "cache"] as const)(
    "learns by its %s of prompts that went elsewhere, and of those that moved",
    (knows) => {
      const log = run(job({ knows }), rows)
      // The second text goes to the decode replica, and the first one to both with its answer at 20 s.
      expect([...log.requests.replica]).toEqual([0, 1, 0, 0, 0, 0])
      expect(believed(log)).toEqual([
        [0, 0],
        [0, 0],
        [80, 0],
        [80, 80],
        [80, 80],
        [0, 80]
      ])
      // Blocks of the prompt but its own last ones: only what is not there moves.
      expect([...log.requests.cached]).toEqual([0, 0, 80, 80, 80, 0])
    }
  )

  test("counts nowhere as queued what is cached", () => {
    // Both at 40 s find 80 of 100 tokens: 20 and 20 are no long queue. One that goes by loads counts all of a prompt that comes.
    const log = run({ ...job(), queue: { ...job().queue, router: "round-robin" } }, rows)
    expect([...log.requests.replica]).toEqual([0, 1, 0, 0, 1, 0])
  })
})

describe("a conversation", () => {
  const classes = servingJob({}).workload.classes.map((one) => ({
    ...one,
    conversation: { turns: { kind: "constant", value: 2 }, thinkTime: { kind: "constant", value: 1 } } as const
  }))
  const job = fleet([prompts({ pool: { replicas: 2 } }), answers()], {
    mixing,
    queue: { router: "session" },
    workload: { classes }
  })
  const turn = (session: number): Partial<Arrival> => ({ session })

  test("has no home where its prompt was to go and did not", () => {
    const log = run(job, [
      [0, 100, 1, turn(1)],
      [0, 100, 1, turn(2)],
      // More than 150 tokens at the first of both: the decode replica computes it.
      [0, 100, 1, turn(3)],
      // The first replica has one request when the third conversation goes on.
      [20, 10, 1, turn(4)],
      [20, 20, 1, turn(3)],
      [40, 10, 1, turn(2)],
      [40, 20, 1, turn(2)],
      [40, 20, 1, turn(3)]
    ])
    expect([...log.requests.replica]).toEqual([0, 1, 2, 0, 1, 1, 1, 1])
  })
})

describe("with tiers of the cache", () => {
  const tiers: CacheTiers = {
    tiers: [{ in: "host", capacityBytes: 10_000, bytesPerSecond: 640, latencySeconds: 0 }],
    writeAfterUses: 1,
    fetch: "always",
    overlap: "none"
  }

  test("a decode replica writes prompts that it computes to its tiers, and fetches them from there", () => {
    const log = run(fleet([prompts(), answers({ cache: { ...cache, blocks: 25, tiers } })], { mixing }), [
      [0, 100, 1],
      [0, 100, 1, text(1)],
      // Takes the blocks of the text.
      [20, 100, 1],
      [20, 100, 1, text(2)],
      [40, 100, 1],
      [40, 100, 1, text(1)]
    ])
    expect([...log.requests.replica]).toEqual([0, 1, 0, 1, 0, 1])
    expect([...log.requests.fetches!.tokens]).toEqual([0, 0, 0, 0, 0, 80])
    // 80 tokens of 8 bytes take a second; then its step.
    expect(log.requests.firstToken[5]).toBeCloseTo(42, 5)
    expect(log.tiers![0]).toMatchObject({ hitTokens: 80, readBytes: 640, writtenBytes: 2 * 640 })
  })

  test("a prefill replica writes answers that it gives to its tiers, and fetches them from there", () => {
    const slow = { nic: 1e-3 }
    const log = run(
      fleet([prompts({ cache: { ...cache, blocks: 50, tiers }, wires: slow }), answers({ cache: { ...cache, blocks: 28 }, wires: slow })], { mixing: { promptTokens: 1000 } }), // prettier-ignore
      [
        // Holds its 22 blocks on both sides: it is on the wires for days.
        [0, 88, 3],
        [0, 100, 13, { pieces: [{ id: 1, tokens: 100 }], outputPiece: 2 }],
        // Takes the 28 blocks that are left.
        [100, 112, 1],
        [
          150,
          112,
          1,
          {
            pieces: [
              { id: 1, tokens: 100 },
              { id: 2, tokens: 10 }
            ]
          }
        ]
      ]
    )
    expect(log.mixing).toMatchObject({ stayed: 1, answersInFront: 1 })
    expect(log.requests.fetches!.tokens[3]).toBe(108)
  })
})

describe("a pool that serves requests whole", () => {
  test("takes prompts that queue elsewhere, answers them, and is no mixed one", () => {
    const log = run(fleet([prompts(), whole(), answers()], { mixing }), [
      [0, 100, 3],
      [0, 10, 3],
      // The first again, in turn: more than 150 tokens with its own.
      [0, 100, 3]
    ])
    expect([...log.requests.replica]).toEqual([0, 1, 1])
    expect([...log.requests.handovers!.replica]).toEqual([2, -1, -1])
    expect(log.mixing).toEqual({ entered: 0, replicaSeconds: 0, promptsBehind: 0, answersInFront: 0, stayed: 0 })
  })

  test("leaves answers of others where their prompts are", () => {
    const full = answers({ cache: { ...cache, blocks: 28 }, wires: { nic: 1 } })
    const log = run(fleet([prompts({ wires: { nic: 1 } }), whole(), full], { mixing: { promptTokens: 1000 } }), [
      [0, 100, 3],
      [0, 10, 1],
      [1, 100, 3]
    ])
    expect([...log.requests.replica]).toEqual([0, 1, 0])
    expect([...log.requests.handovers!.replica]).toEqual([2, -1, -1])
    expect(log.mixing).toMatchObject({ answersInFront: 1, stayed: 1 })
  })
})

test("a request that a replica on its way could not hold whole fails at once, the prefill side's included", () => {
  const job = fleet([prompts({ cache: { blockTokens: 4, blocks: 26 } }), answers()], { mixing })
  const rows = [[0, 100, 5], [0, 100, 6]] as const // prettier-ignore
  expect([...run(job, rows).requests.generated]).toEqual([5, 0])
  // Where replicas keep to their side it holds prompts alone.
  expect([
    ...run({ ...job, handover: { ...job.handover!, mixing: undefined } as never }, rows).requests.generated
  ]).toEqual([5, 6])
})
