/** Faults of sweeps into an SQLite file: no result lost, none doubled, the table as if nothing had been. */
import { copyFileSync, existsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { randomStream } from "../../src/random/index.ts"
import { smallDisk, smallFiles } from "./full-disk.ts"
import { keptFolder } from "./keeping.ts"
import { killAll, runCommand, startCommand, until } from "./processes.ts"
import {
  expectAllBut,
  middle,
  pointAt,
  points,
  rowsOf,
  simulatedBy,
  storedIn,
  sweep,
  tableIn,
  undisturbed,
  type At,
  type Table
} from "./sweeps.ts"

// Each starts several processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 240_000 })

let [folder, remove] = ["", (): void => {}]
beforeEach(() => {
  ;[folder, remove] = keptFolder("faults")
})
afterEach(async () => {
  await killAll()
  remove()
})

let whole: Table
beforeAll(async () => {
  whole = await undisturbed()
})

describe("a sweep", () => {
  test("that is killed again and again goes on from what it had stored", async () => {
    const store = join(folder, "killed.sqlite")
    const random = randomStream(1, "kills")
    // The last point never ends, so that no round is done before it is killed. All others are stored nevertheless.
    const held = {
      at: pointAt(4, "full", 1600),
      way: "hold",
      reached: join(folder, "reached"),
      until: join(folder, "never")
    } as const
    let kept = 0
    for (let round = 0; round < 3; round++) {
      const goal = round === 2 ? points - 1 : Math.min(points - 1, kept + Math.ceil(random() * 60))
      const running = startCommand([...sweep, "--store", store, "--workers", "2"], { faults: [held] })
      await until(`${goal} points`, () => storedIn(store) >= goal, [running])
      expect(await running.kill()).toMatchObject({ signal: "SIGKILL" })
      expect(storedIn(store)).toBeGreaterThanOrEqual(goal)
      kept = storedIn(store)
    }
    const resumed = await runCommand([...sweep, "--store", store])
    expect(resumed).toMatchObject({ status: 0, signal: null })
    expect(simulatedBy(resumed)).toBe(points - kept)
    expect(await tableIn(store)).toEqual(whole)
    expect(simulatedBy(await runCommand([...sweep, "--store", store]))).toBe(0)
  })

  test("that is killed while it makes its store can be started again", async () => {
    const store = join(folder, "early.sqlite")
    const running = startCommand([...sweep, "--store", store])
    await until("the store's file", () => existsSync(store), [running])
    expect(await running.kill()).toMatchObject({ signal: "SIGKILL" })
    expect(await runCommand([...sweep, "--store", store])).toMatchObject({ status: 0 })
    expect(await tableIn(store)).toEqual(whole)
  })

  test("that two ask for at once is whole for both, with one row a point", async () => {
    const store = join(folder, "both.sqlite")
    const [here, there] = [join(folder, "here"), join(folder, "there")]
    // Each stays at a point until the other has reached one of its own: both are in the middle at the same time.
    const start = (at: At, reached: string, other: string) =>
      startCommand([...sweep, "--store", store, "--workers", "1"], {
        faults: [{ at, way: "hold", reached, until: other }]
      })
    const both = [start(pointAt(1, "none", 320), here, there), start(pointAt(2, "full", 960), there, here)]
    for (const { ended } of both) {
      const { status, stdout, stderr } = await ended
      expect([status, stderr]).toEqual([0, expect.not.stringMatching(/locked|busy|fault/i)])
      expect(stdout).toContain(`${points} of ${points} points: ${points} ok`)
    }
    expect(storedIn(store)).toBe(points)
    expect(await tableIn(store)).toEqual(whole)
  })
})

describe("a disk that is full", () => {
  test.each([
    ["a disk", smallDisk],
    ["a quota", smallFiles]
  ])("ends a sweep with one message, keeps what was stored, and it goes on when there is room: %s", async (_, make) => {
    const disk = make(folder, 128 * 1024)
    try {
      const store = join(disk.folder, "mine.sqlite")
      const full = await runCommand([...sweep, "--store", store], disk.options)
      expect(full).toMatchObject({ status: 2, signal: null, stdout: "" })
      const said = full.stderr.split("\n").filter((line) => line.includes(store))
      expect(said).toEqual([expect.stringMatching(/the disk is full.*; what was stored before is kept$/)])
      expect(full.stderr).not.toMatch(/fault of windtunnel|SQLITE|^ +at /m)

      // What the file holds, looked at where there is room for the reader's own files.
      const copy = join(folder, "copy.sqlite")
      for (const part of ["", "-wal"]) if (existsSync(store + part)) copyFileSync(store + part, copy + part)
      const database = new DatabaseSync(copy)
      expect(database.prepare("pragma integrity_check").get()).toEqual({ integrity_check: "ok" })
      database.close()
      const kept = rowsOf(await tableIn(copy))
      expect(kept.length).toBeGreaterThan(0)
      expect(kept.length).toBeLessThan(points)
      const rows = new Set(rowsOf(whole).map((row) => JSON.stringify(row)))
      expect(kept.filter((row) => !rows.has(JSON.stringify(row)))).toEqual([])

      const resumed = await runCommand([...sweep, "--store", store], disk.grow())
      expect(resumed).toMatchObject({ status: 0 })
      expect(simulatedBy(resumed)).toBe(points - kept.length)
      expect(await tableIn(store)).toEqual(whole)
    } finally {
      disk.remove()
    }
  })
})

test("points that always end their thread are given up with the reason, and the others are simulated", async () => {
  const store = join(folder, "crashing.sqlite")
  const ways = [
    { way: "exit", at: pointAt(1, "full", 320), reason: /died at each of 3 attempts: .*status 13/ },
    { way: "throw", at: middle, reason: /a fault on purpose/ },
    { way: "heap", at: pointAt(4, "none", 1600), reason: /died at each of 3 attempts: it ran out of memory/ }
  ] as const
  const { status, stdout, stderr } = await runCommand([...sweep, "--store", store, "--workers", "2"], {
    faults: ways,
    heap: 80
  })
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("fault of windtunnel")])
  expect(stdout).toContain(`${points} of ${points} points: ${points - ways.length} ok, ${ways.length} error`)
  expectAllBut(ways, await tableIn(store), whole)
  // As any other points, they are done; with the faults gone they are tried again when that is wished.
  expect(simulatedBy(await runCommand([...sweep, "--store", store]))).toBe(0)
  expect(simulatedBy(await runCommand([...sweep, "--store", store, "--retry"]))).toBe(ways.length)
  expect(await tableIn(store)).toEqual(whole)
})
