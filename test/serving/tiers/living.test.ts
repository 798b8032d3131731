/** What of a replica's tiers outlives it, computed by hand: blocks of four tokens and 32 bytes, NICs of 100 bytes/s, steps of a second. */
import { describe, expect, test } from "vitest"
import {
  type Arrival,
  type CacheTier,
  type CacheTiers,
  conservationFindings,
  type Lifecycle,
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

/** A process starts in three seconds, one of them for the weights. */
const startUp: Lifecycle["startUp"] = {
  nodeSeconds: 0,
  imageSeconds: 0,
  weightBytes: 100,
  readBytesPerSecond: 100,
  storageBytesPerSecond: 100,
  warmUpSeconds: 2
}
const failing = (
  at: NonNullable<Lifecycle["failures"]>["at"],
  requests: NonNullable<Lifecycle["failures"]>["requests"] = "retry"
): Lifecycle => ({ startUp, failures: { meanSeconds: Infinity, at, repairSeconds: 1, requests, retries: 3 } })
const byHand = (schedule: NonNullable<Lifecycle["scaling"]>["schedule"]): Lifecycle => ({
  startUp,
  scaling: {
    minimum: 0,
    maximum: 2,
    initial: schedule[0]![1],
    signal: "schedule",
    target: 1,
    quantile: 0.9,
    windowSeconds: 1,
    everySeconds: 1,
    tolerance: 0,
    upCooldownSeconds: 0,
    downCooldownSeconds: 0,
    spare: 0,
    schedule
  }
})

interface Changes extends PoolChanges {
  readonly tiers: CacheTiers["tiers"]
  readonly replicas?: number
  readonly overlap?: CacheTiers["overlap"]
}

/** Blocks go to every tier when they are computed; a replica holds three, a prompt of nine tokens and no more. */
const run = (
  rows: Parameters<typeof listed>[0],
  lifecycle: Lifecycle,
  { tiers, replicas = 1, overlap = "none", ...more }: Changes
): ServingLog => {
  const cache = {
    blockTokens: 4,
    blocks: 3,
    prefixCaching: true,
    tiers: { tiers, writeAfterUses: 1, fetch: "always", overlap }
  } as const
  const job = fleet([pool("only", "both", { ...more, cache, pool: { replicas, lifecycle } })], more)
  const log = simulateServing(job, { source: listed(rows) })
  expect(conservationFindings(job, log)).toEqual([])
  return log
}

const again = [
  [0, 9, 1, text(1)],
  [40, 9, 1, text(1)]
] as const

const foundLast = ({ requests }: ServingLog): number => requests.cached.at(-1)!

describe("of a replica that", () => {
  test("runs on, everything is found in its own memory", () => {
    const log = run(again, failing([[100, 0]]), { tiers: [host] })
    expect(foundLast(log)).toBe(8)
    expect([...log.requests.fetches!.tokens]).toEqual([0, 0])
  })

  test("fails and is repaired, drives and the remote pool keep what they have; its host's memory is lost", () => {
    const after = (tiers: CacheTiers["tiers"]): number => foundLast(run(again, failing([[20, 0]]), { tiers }))
    expect(after([host])).toBe(0)
    expect(after([nvme])).toBe(8)
    expect(after([remote])).toBe(8)
    const log = run(again, failing([[20, 0]]), { tiers: [host, remote] })
    // From the pool; and on its way into the step it is in no other tier.
    expect(log.tiers!.map(({ hitTokens }) => hitTokens)).toEqual([0, 8])
  })

  test("is restarted, the same", () => {
    const after = (tiers: CacheTiers["tiers"]): number =>
      foundLast(run(again, { startUp, restart: { atSeconds: 20 } }, { tiers }))
    expect([[host], [nvme], [remote]].map(after)).toEqual([0, 8, 8])
  })

  test("is drained and given back, the drives are lost with its node", () => {
    const after = (tiers: CacheTiers["tiers"]): number =>
      foundLast(run(again, byHand([[0, 1], [20, 0], [25, 1]]), { tiers })) // prettier-ignore
    expect([[host], [nvme], [remote]].map(after)).toEqual([0, 0, 8])
  })

  test("is given back while another one is on its node, the drives stay", () => {
    const two = byHand([[0, 2], [20, 1], [25, 2]]) // prettier-ignore
    const rows = [
      [0, 9, 1, text(1)],
      // On the replica that goes.
      [0, 9, 1, text(2)],
      [40, 9, 1, text(3)],
      [40, 9, 1, text(2)]
    ] as const
    const onOne = run(rows, two, { tiers: [nvme], replicas: 2, wires: { perNode: 2 } })
    expect([...onOne.requests.replica]).toEqual([0, 1, 0, 1])
    expect(foundLast(onOne)).toBe(8)
    expect(foundLast(run(rows, two, { tiers: [nvme], replicas: 2, wires: { perNode: 1 } }))).toBe(0)
  })
})

describe("transfers of a replica that fails", () => {
  test("end where they are: what was half written is not there, and another replica writes it", () => {
    const rows = [
      [0, 9, 1, text(1)],
      [5, 9, 1, text(1)],
      [20, 9, 1, text(1)]
    ] as const
    // The step ends after a second; 64 bytes take 0.64 s, of which 0.32 s have passed.
    const log = run(rows, failing([[1.32, 0]]), { tiers: [remote], replicas: 2 })
    expect([...log.requests.replica]).toEqual([0, 1, 0])
    expect([...log.requests.cached]).toEqual([0, 0, 8])
    expect(log.tiers![0]!.writtenBytes).toBeCloseTo(32 + 64, 6)
    expect(log.tiers![0]!.usedBytes).toBe(64)
  })

  test("end where they are, those behind a first step as well", () => {
    // Four layers: of four seconds the request waits for 3.25, and the rest comes while it computes; half of that has come.
    const log = run(again, failing([[20, 0], [43.625, 0]], "lost"), { tiers: [nvme], overlap: "layer-wise" }) // prettier-ignore
    expect(log.requests.scheduled[1]).toBeCloseTo(43.25, 4)
    expect(log.tiers![0]!.readBytes).toBeCloseTo(64 - 6, 4)
  })

  test("are its requests' no more: they are sent again and fetch anew, or are lost", () => {
    // Four seconds for 64 bytes at 16 bytes/s, of which one has passed when the second replica fails.
    const rows = [
      [0, 9, 1, text(1)],
      [10, 9, 1, text(1)]
    ] as const
    const slow = { ...remote, bytesPerSecond: 16 }
    const retried = run(rows, failing([[11, 1]]), { tiers: [slow], replicas: 2 })
    // Its new replica has the text in its own memory.
    expect([...retried.requests.replica]).toEqual([0, 0])
    expect([...retried.requests.cached]).toEqual([0, 8])
    expect(retried.requests.scheduled[1]).toBeCloseTo(11, 4)
    expect(retried.tiers![0]).toMatchObject({ hitTokens: 0 })
    expect(retried.tiers![0]!.readBytes).toBeCloseTo(16, 4)
    const lost = run(rows, failing([[11, 1]], "lost"), { tiers: [slow], replicas: 2 })
    expect(lost.requests.finished[1]).toBeNaN()
    expect(lost.life!.lostRequests).toBe(1)
    expect(lost.replicas[1]!.totals.heldBlocks).toBe(0)
  })
})
