/** What a worker makes of one job: rows, other jobs, or the last word on a point. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { describe, expect, test } from "vitest"
import type { BatchEnd } from "../../src/cli/point-crew.ts"
import type { NamedJob } from "../../src/cli/store/job-queue.ts"
import type { FinishedPoint } from "../../src/cli/store/sweep-store.ts"
import { keyOf } from "../../src/cli/sweep-key.ts"
import { doJob } from "../../src/cli/work-job.ts"
import { serving, smallServer } from "../report/resolved.ts"

const task = { hash: "a", name: "A", scenario: serving(smallServer).scenario, files: {} }

const pointsTo = (count: number) =>
  Array.from({ length: count }, (_, ordinal) => ({ ordinal, changes: { x: ordinal }, seed: 1 }))

interface Conditions {
  readonly points: number
  readonly attempt?: number
  /** Ordinals that are in the store already. */
  readonly done?: readonly number[]
  /** Milliseconds that a point takes. */
  readonly each?: number
  /** At these a thread dies. */
  readonly deadly?: readonly number[]
  /** Workers that died while they did this job and nothing else. */
  readonly deaths?: number
}

/** Does a job of so many points in a world of paper. */
const done = async ({ points, attempt = 1, done: before = [], each = 1, deadly = [], deaths = 0 }: Conditions) => {
  const all = pointsTo(points)
  const rows: FinishedPoint[] = []
  const offered: NamedJob[] = []
  const batches: number[][] = []
  let counted = deaths
  const threads = Semaphore.makeUnsafe(2)
  const ended = await Effect.runPromise(
    doJob(
      {
        store: {
          add: (_, more) => Effect.sync(() => void rows.push(...more)),
          doneOf: () => Effect.succeed(new Set(before.map((ordinal) => keyOf(all[ordinal]!))))
        },
        queue: {
          offer: (jobs) => Effect.sync(() => void offered.push(...jobs)),
          begin: () => Effect.sync(() => counted++),
          end: (_, times) => Effect.sync(() => void (counted = times))
        },
        threads,
        threadCount: 2,
        crew: {
          simulate: async (_, batch, onRows): Promise<BatchEnd> => {
            batches.push(batch.map(({ ordinal }) => ordinal))
            const last = batch.findIndex(({ ordinal }) => deadly.includes(ordinal))
            const whole = last === -1 ? batch : batch.slice(0, last)
            onRows(whole.map((point) => ({ key: keyOf(point), ordinal: point.ordinal, text: "{}", objective: 1 })))
            const death = last === -1 ? undefined : { reason: "it ran out of memory", unfinished: batch.slice(last) }
            return { death, milliseconds: each * whole.length }
          }
        },
        onRows: () => undefined,
        onDeath: () => undefined
      },
      task,
      { sweep: "a", points: all },
      { name: "a/0", attempt }
    ).pipe(Effect.match({ onFailure: ({ text }) => text, onSuccess: () => "done" }))
  )
  return {
    ended,
    /** Deaths that are counted against the job from now on. */
    counted,
    batches,
    rows: rows.map(({ ordinal, text }) => [ordinal, JSON.parse(text)]),
    ordinals: rows.map(({ ordinal }) => ordinal),
    names: offered.map(({ name }) => name)
  }
}

describe("a job", () => {
  test("of quick points is done at once: a first one to see how long it takes, then all", async () => {
    const { ordinals, names, batches } = await done({ points: 100 })
    expect(ordinals).toEqual(pointsTo(100).map(({ ordinal }) => ordinal))
    expect(batches.map(({ length }) => length)).toEqual([1, 99])
    expect(names).toEqual([])
  })

  test("leaves out what somebody has done", async () => {
    expect((await done({ points: 4, done: [1, 2] })).ordinals).toEqual([0, 3])
    expect((await done({ points: 2, done: [0, 1] })).batches).toEqual([])
  })

  test("of points that take 1.1 s is left to others after 3 s, in jobs of 3 s", async () => {
    const { ordinals, names } = await done({ points: 9, each: 1100 })
    expect(ordinals).toEqual([0, 1, 2])
    expect(names).toEqual(["a/3-4", "a/5-6", "a/7-8"])
  })

  test("whose worker died is divided into its points", async () => {
    const { rows, names, batches } = await done({ points: 4, attempt: 2, done: [0] })
    expect([rows, batches]).toEqual([[], []])
    expect(names).toEqual(["a/1", "a/2", "a/3"])
  })

  test("whose thread died offers what the thread had in hand point by point, the rest together", async () => {
    const { ordinals, names } = await done({ points: 9, each: 250, deadly: [2] })
    // The second batch is of the two points that half a second is enough for.
    expect(ordinals).toEqual([0, 1])
    expect(names).toEqual(["a/2", "a/3-8"])
  })

  test("of one point that kills its thread is another attempt, and after three a row that says why", async () => {
    for (const [attempt, deaths] of [
      [1, 0],
      [2, 1]
    ] as const) {
      const { ended, rows, names, counted } = await done({ points: 1, attempt, deaths, deadly: [0] })
      expect(ended).toBe("its thread died: it ran out of memory")
      expect([rows, names, counted]).toEqual([[], [], deaths + 1])
    }
    const { ended, rows } = await done({ points: 1, attempt: 3, deaths: 2, deadly: [0] })
    expect(ended).toBe("done")
    expect(rows).toEqual([
      [0, { x: 0, seed: 1, status: "error", reason: "its thread died at each of 3 attempts: it ran out of memory" }]
    ])
  })

  test("of one point that three workers died of is a row that says so, without a fourth", async () => {
    const { rows, batches } = await done({ points: 1, attempt: 9, deaths: 3 })
    expect(batches).toEqual([])
    expect(rows).toEqual([
      [
        0,
        {
          x: 0,
          seed: 1,
          status: "error",
          reason: "its worker died at each of 3 attempts: killed, out of memory, or cut off"
        }
      ]
    ])
  })

  test("of one point that was only beside another when its worker died is done, and cleared", async () => {
    const { ordinals, counted } = await done({ points: 1, attempt: 9, deaths: 2 })
    expect([ordinals, counted]).toEqual([[0], 0])
  })
})
