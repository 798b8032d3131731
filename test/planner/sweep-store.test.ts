/** What every store of sweeps keeps to, in an SQLite file and in a real Postgres. */
import { chmodSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { patiently } from "../../src/cli/store/patience.ts"
import { chunkSize, openShared, type SharedWork } from "../../src/cli/store/shared-store.ts"
import { shownUrl } from "../../src/cli/store/shown-url.ts"
import { openSqlite } from "../../src/cli/store/sqlite.ts"
import {
  storeFailure,
  type FinishedPoint,
  type StoreFailure,
  type SweepStore
} from "../../src/cli/store/sweep-store.ts"
import { keyOf } from "../../src/cli/sweep-key.ts"
import type { SweepPlan } from "../../src/cli/sweep-plan.ts"
import { inFolder } from "../cli/command-line.ts"
import { startPostgres, type PostgresServer } from "../faults/postgres.ts"
import { serving, smallServer } from "../report/resolved.ts"

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.close())

const { scenario } = serving(smallServer)

/** A sweep of so many points, of which nothing is simulated here. */
const planOf = (hash: string, points: number): SweepPlan => ({
  hash,
  name: `sweep ${hash}`,
  scenario,
  points: Array.from({ length: points }, (_, ordinal) => ({
    ordinal,
    changes: { "workload.requests": ordinal },
    seed: 1
  })),
  axes: [],
  asked: { vary: {} }
})

const task = (hash: string) => ({ hash, scenario, files: {} })

const finished = (ordinal: number, text: string, objective: number | null = 1): FinishedPoint => ({
  key: `key-${ordinal}`,
  ordinal,
  text,
  objective
})

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(effect))

type Noted = SweepStore & { readonly note: (hash: string, points: number) => Effect.Effect<unknown, StoreFailure> }

const kinds: Readonly<Record<string, (folder: string) => Effect.Effect<Noted, StoreFailure, Scope.Scope>>> = {
  "SQLite file": (folder) =>
    Effect.map(openSqlite(join(folder, "mine.sqlite")), (store) => ({
      ...store,
      note: (hash, points) => store.begin({ hash, name: `sweep ${hash}`, points })
    })),
  "Postgres database": () =>
    Effect.gen(function* () {
      const { store, submit } = yield* openShared(yield* Effect.promise(server.freshDatabase), 30)
      return { ...store, note: (hash, points) => submit(planOf(hash, points), task(hash)) }
    })
}

const withStore = (kind: string, act: (store: Noted) => Effect.Effect<void, StoreFailure>): Promise<void> =>
  inFolder((folder) => run(Effect.flatMap(kinds[kind]!(folder), act)))

describe.each(Object.keys(kinds))("a store in a %s", (kind) => {
  test("gives rows in the order of the points, whichever was done first", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        yield* store.note("a", 3)
        yield* store.add("a", [finished(2, '{"n":2}'), finished(0, '{"n":0}')])
        yield* store.add("a", [finished(1, '{"n":1}')])
        expect(yield* store.rows("a")).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
        expect([...(yield* store.done("a"))].sort()).toEqual(["key-0", "key-1", "key-2"])
      })
    ))

  test("keeps what a row says to the last character", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        const row = { x: 0.1 + 0.2, tiny: 5e-324, text: "ü \u0000 \\ ' \" \n 🌀", none: null, yes: true }
        yield* store.note("a", 1)
        yield* store.add("a", [finished(0, JSON.stringify(row))])
        expect(JSON.stringify(yield* store.rows("a"))).toBe(JSON.stringify([row]))
      })
    ))

  test("has a point once, however often it is added, and the first row of it", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        yield* store.note("a", 1)
        yield* store.note("a", 1)
        yield* store.add("a", [finished(0, '{"status":"ok","n":1}')])
        yield* store.add("a", [finished(0, '{"status":"ok","n":2}')])
        yield* store.add("a", [finished(0, '{"status":"error"}', null)])
        expect(yield* store.rows("a")).toEqual([{ status: "ok", n: 1 }])
        expect(yield* store.sweeps).toEqual([{ hash: "a", name: "sweep a", points: 1, done: 1 }])
      })
    ))

  test("takes the row of a point that had been given up", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        yield* store.note("a", 1)
        yield* store.add("a", [finished(0, '{"status":"error","reason":"its worker died"}', null)])
        yield* store.add("a", [finished(0, '{"status":"ok"}')])
        expect(yield* store.rows("a")).toEqual([{ status: "ok" }])
      })
    ))

  test("forgets what was given up, and nothing else", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        yield* store.note("a", 2)
        yield* store.add("a", [finished(0, '{"status":"error"}', null), finished(1, '{"status":"impossible"}', null)])
        yield* store.forgetErrors("a")
        expect([...(yield* store.done("a"))]).toEqual(["key-1"])
      })
    ))

  test("tells sweeps apart, and lists them by name", () =>
    withStore(kind, (store) =>
      Effect.gen(function* () {
        yield* store.note("b", 2)
        yield* store.note("a", 1)
        yield* store.add("b", [finished(0, '{"n":7}')])
        expect((yield* store.sweeps).map(({ hash, points, done }) => [hash, points, done])).toEqual([
          ["a", 1, 0],
          ["b", 2, 1]
        ])
        expect(yield* store.rows("a")).toEqual([])
        expect((yield* store.done("a")).size).toBe(0)
      })
    ))
})

describe("an SQLite file at rest", () => {
  const add = (file: string, hash: string) =>
    Effect.gen(function* () {
      const store = yield* openSqlite(file)
      yield* store.begin({ hash, name: hash, points: 1 }, scenario)
      yield* store.add(hash, [finished(0, "{}")])
    })

  test("is one file, and stays one when it is read", () =>
    inFolder(async (folder) => {
      const file = join(folder, "a.sqlite")
      await run(add(file, "a"))
      expect(readdirSync(folder)).toEqual(["a.sqlite"])
      expect(await run(Effect.flatMap(openSqlite(file, true), ({ rows }) => rows("a")))).toEqual([{}])
      expect(readdirSync(folder)).toEqual(["a.sqlite"])
    }))

  test("can be read where nothing may be written", () =>
    inFolder(async (folder) => {
      const file = join(folder, "a.sqlite")
      await run(add(file, "a"))
      chmodSync(file, 0o444)
      chmodSync(folder, 0o555)
      try {
        expect(await run(Effect.flatMap(openSqlite(file, true), ({ rows }) => rows("a")))).toEqual([{}])
      } finally {
        chmodSync(folder, 0o755)
      }
    }))

  test("is so only when the last of those who write to it has ended", () =>
    inFolder(async (folder) => {
      const file = join(folder, "a.sqlite")
      await run(
        Effect.gen(function* () {
          yield* add(file, "a")
          yield* Effect.scoped(add(file, "b"))
          expect(readdirSync(folder)).toContain("a.sqlite-wal")
          yield* add(file, "c")
        })
      )
      expect(readdirSync(folder)).toEqual(["a.sqlite"])
      expect((await run(Effect.flatMap(openSqlite(file, true), ({ sweeps }) => sweeps))).length).toBe(3)
    }))
})

describe("jobs in a Postgres database", () => {
  const withWork = (act: (work: SharedWork, url: string) => Effect.Effect<void, StoreFailure, Scope.Scope>) =>
    run(
      Effect.gen(function* () {
        const url = yield* Effect.promise(server.freshDatabase)
        yield* act(yield* openShared(url, 2), url)
      })
    )

  /** Takes a job and ends as a handler of it may. */
  const takeOne = <E>(work: SharedWork, end: Effect.Effect<void, E>) => {
    let taken: { readonly ordinals: readonly number[]; readonly attempt: number } | undefined
    return work.queue
      .take((job, { attempt }) => {
        taken = { ordinals: job.points.map(({ ordinal }) => ordinal), attempt }
        return end
      })
      .pipe(
        Effect.exit,
        Effect.map(() => taken)
      )
  }

  /** A job as a worker leaves it that died without a word. */
  const silenced = (url: string, name: string) =>
    Effect.promise(() =>
      server.query(
        url,
        `update windtunnel_queue set attempts = 3, acquired_at = now() - interval '10 seconds' where id = '${name}'`
      )
    )

  test("are offered once, by however many submitters at once", () =>
    withWork((work, url) =>
      Effect.gen(function* () {
        const other = yield* openShared(url, 2)
        const both = [work, other].map(({ submit }) => submit(planOf("a", 600), task("a")))
        expect(yield* Effect.all(both, { concurrency: "unbounded" })).toEqual([600, 600])
        // 600 points in jobs of 10.
        expect(yield* work.queue.pending("a")).toBe(60)
        expect(yield* work.queue.pending()).toBe(60)
        expect(yield* work.queue.pending("b")).toBe(0)
      })
    ))

  test("hold what is not done yet", () =>
    withWork((work) =>
      Effect.gen(function* () {
        const plan = planOf("a", 3)
        yield* work.submit(planOf("a", 3), task("a"))
        yield* work.store.add("a", [{ ...finished(1, "{}"), key: keyOf(plan.points[1]!) }])
        yield* work.queue.forget("a")
        expect(yield* work.submit(plan, task("a"))).toBe(2)
        expect(yield* work.store.progress("a")).toEqual({ done: 1, best: 1 })
      })
    ))

  test("that are handed back are the next one's first attempt", () =>
    withWork((work) =>
      Effect.gen(function* () {
        yield* work.submit(planOf("a", 1), task("a"))
        expect(yield* takeOne(work, Effect.interrupt)).toEqual({ ordinals: [0], attempt: 1 })
        expect(yield* takeOne(work, Effect.void)).toEqual({ ordinals: [0], attempt: 1 })
        expect(yield* work.queue.pending()).toBe(0)
      })
    ))

  test("of one point that three workers died of are a row with the reason", () =>
    withWork((work, url) =>
      Effect.gen(function* () {
        yield* work.submit(planOf("a", 2), task("a"))
        for (const before of [0, 1, 2]) expect(yield* work.queue.begin("a/1")).toBe(before)
        expect(yield* work.queue.bury).toBe(0)
        // The third one's lease is over.
        yield* silenced(url, "a/1")
        expect([yield* work.queue.bury, yield* work.queue.bury]).toEqual([1, 0])
        expect(yield* work.store.rows("a")).toEqual([
          {
            "workload.requests": 1,
            seed: 1,
            status: "error",
            reason: "its worker died at each of 3 attempts: killed, out of memory, or cut off"
          }
        ])
        expect(yield* work.queue.pending()).toBe(1)
      })
    ))

  test("that were not their workers' death count for nothing", () =>
    withWork((work, url) =>
      Effect.gen(function* () {
        yield* work.submit(planOf("a", 1), task("a"))
        for (const before of [0, 1, 2]) expect(yield* work.queue.begin("a/0")).toBe(before)
        yield* work.queue.end("a/0", 0)
        yield* silenced(url, "a/0")
        expect(yield* work.queue.bury).toBe(0)
        expect(yield* work.queue.begin("a/0")).toBe(0)
      })
    ))

  test("of several points that are given up come back point by point", () =>
    withWork((work, url) =>
      Effect.gen(function* () {
        yield* work.submit(planOf("a", 128), task("a"))
        yield* Effect.promise(() =>
          server.query(url, "update windtunnel_queue set state = 'failed' where id = 'a/0-1'")
        )
        expect(yield* work.queue.bury).toBe(1)
        expect(yield* work.store.rows("a")).toEqual([])
        expect(yield* work.queue.pending("a")).toBe(65)
      })
    ))

  test("of points that were given up are done again when that is asked for", () =>
    withWork((work) =>
      Effect.gen(function* () {
        const plan = planOf("a", 2)
        const row = (ordinal: number, text: string) => ({
          ...finished(ordinal, text),
          key: keyOf(plan.points[ordinal]!)
        })
        yield* work.submit(plan, task("a"))
        yield* work.store.add("a", [row(0, '{"status":"ok"}'), row(1, '{"status":"error"}')])
        for (const _ of plan.points) yield* takeOne(work, Effect.void)
        expect(yield* work.submit(plan, task("a"))).toBe(0)
        yield* work.store.forgetErrors("a")
        yield* work.queue.forget("a")
        expect(yield* work.submit(plan, task("a"))).toBe(1)
        expect(yield* takeOne(work, Effect.void)).toEqual({ ordinals: [1], attempt: 1 })
      })
    ))

  test("are of few points where there are few, and of many where there are many", () => {
    expect([1, 64, 65, 10_000, 1e6].map(chunkSize)).toEqual([1, 1, 2, 157, 256])
  })
})

describe("a database that goes away", () => {
  const failing = (failures: number, isPassing: boolean) => {
    let tries = 0
    const act = Effect.suspend(() =>
      ++tries <= failures ? Effect.fail(storeFailure("gone", isPassing)) : Effect.succeed("here")
    )
    return { act, tries: () => tries }
  }

  test("is waited for, and its end is told", async () => {
    const { act, tries } = failing(3, true)
    const told: string[] = []
    const outages = { onAway: ({ text }: StoreFailure) => void told.push(text), onBack: () => void told.push("back") }
    expect(await run(patiently(act, outages))).toBe("here")
    expect([tries(), told]).toEqual([4, ["gone", "back"]])
  })

  test("is not waited for without end, and not at all where waiting does not help", async () => {
    const [away, wrong] = [failing(Infinity, true), failing(Infinity, false)]
    const end = <A>(act: Effect.Effect<A, StoreFailure>) =>
      run(Effect.flip(patiently(act, undefined, Duration.millis(300))).pipe(Effect.map(({ text }) => text)))
    expect(await end(away.act)).toBe("gone; tried again for 0.3 s")
    expect(away.tries()).toBeGreaterThan(1)
    expect([await end(wrong.act), wrong.tries()]).toEqual(["gone", 1])
  })
})

test.each([
  ["postgres://me:secret@host:5432/db", "postgres://me@host:5432/db"],
  ["postgresql://me@host/db?password=secret&sslmode=require", "postgresql://me@host/db?sslmode=require"],
  ["postgres://me:sec/ret@:x:y", "postgres://..."]
])("of %s a password is not shown", (url, shown) => {
  expect(shownUrl(url)).toBe(shown)
})
