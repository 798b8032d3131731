/** Faults of sweeps that processes share through Postgres: no result lost, none doubled, the table as if nothing had been. */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { keptFolder } from "./keeping.ts"
import { startPostgres, type PostgresServer } from "./postgres.ts"
import { killAll, runCommand, startCommand, until, type Ending, type Fault, type Running } from "./processes.ts"
import {
  expectAllBut,
  middle,
  pointAt,
  points,
  simulatedBy,
  sweep,
  tableIn,
  undisturbed,
  type At,
  type Table
} from "./sweeps.ts"

// Each starts several processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 240_000 })

let server: PostgresServer
let whole: Table
beforeAll(async () => {
  ;[server, whole] = await Promise.all([startPostgres(), undisturbed()])
})
afterAll(() => server.close())

let [folder, remove, store] = ["", (): void => {}, ""]
beforeEach(async () => {
  ;[folder, remove] = keptFolder("faults")
  store = await server.freshDatabase()
})
afterEach(async () => {
  await killAll()
  remove()
})

const count = async (statement: string, database = store): Promise<number> =>
  Number((await server.query(database, `select count(*)::integer as n from ${statement}`))[0]?.["n"])

/** Whether somebody waits for a lock. */
const isWaiting = async (database: string): Promise<boolean> =>
  (await count("pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", database)) > 0

/** Submits the sweep and waits for what workers make of it. */
const submit = (): Running => startCommand([...sweep, "--store", store, "--workers", "0"])

interface WorkOptions {
  readonly threads?: number
  /** Seconds. */
  readonly lease?: number
  readonly isEnding?: boolean
}

/** A worker with short leases. */
const work = (
  faults: readonly Fault[] = [],
  { threads = 1, lease = 2, isEnding = false }: WorkOptions = {}
): Running => {
  const options = ["--workers", String(threads), "--lease", String(lease), ...(isEnding ? ["--until-empty"] : [])]
  return startCommand(["work", "--store", store, ...options], { faults })
}

interface Hold {
  readonly fault: Fault
  readonly isReached: () => boolean
  readonly release: () => void
}

/** A point that a process stays at until it is let go. */
const holdAt = (at: At, name = "hold"): Hold => {
  const [reached, free] = [join(folder, `${name}-reached`), join(folder, `${name}-free`)]
  return {
    fault: { at, way: "hold", reached, until: free },
    isReached: () => existsSync(reached),
    release: () => writeFileSync(free, "")
  }
}

const expectWhole = async ({ status, stdout, stderr }: Ending, database = store): Promise<void> => {
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/fault of windtunnel/)])
  expect(stdout).toContain(`${points} of ${points} points: ${points} ok`)
  expect(await count("windtunnel_points", database)).toBe(points)
  expect(await tableIn(database)).toEqual(whole)
}

describe("a worker", () => {
  test("that is killed at a point leaves its job to another", async () => {
    const submitter = submit()
    const hold = holdAt(middle)
    const worker = work([hold.fault])
    await until("the point", hold.isReached, [submitter, worker])
    const other = work()
    expect(await worker.kill()).toMatchObject({ signal: "SIGKILL" })
    await expectWhole(await submitter.ended)
    expect(other.isRunning()).toBe(true)
    expect(await count("windtunnel_queue where attempts > 1")).toBeGreaterThan(0)
  })

  test("that is stopped for longer than its lease finds its job done by another, and goes on", async () => {
    const submitter = submit()
    const hold = holdAt(middle)
    const worker = work([hold.fault])
    await until("the point", hold.isReached, [submitter, worker])
    worker.signal("SIGSTOP")
    const other = work()
    await expectWhole(await submitter.ended)
    await other.kill()
    worker.signal("SIGCONT")
    hold.release()
    // Its one thread is free for another sweep as soon as it is done with the point, for the second time in all.
    const second = ["sweep", "small", "--vary", "training.microBatch=1,2,4", "--set", "name=Second"]
    expect(await runCommand([...second, "--store", store, "--workers", "0"])).toMatchObject({ status: 0 })
    expect(worker.isRunning()).toBe(true)
    expect(await count("windtunnel_points")).toBe(points + 3)
    expect(await tableIn(store, "GPT 1.3B on one DGX A100")).toEqual(whole)
  })

  test("that is asked to end hands its jobs back at once", async () => {
    const submitter = submit()
    // Leases that nobody could wait for.
    const lease = 3600
    for (const [signal, at] of [
      ["SIGTERM", pointAt(1, "full", 320)],
      ["SIGINT", middle]
    ] as const) {
      const hold = holdAt(at, signal)
      const worker = work([hold.fault], { lease })
      await until("the point", hold.isReached, [submitter, worker])
      // Its other taker has a job too: no claim is on the way from the database, which would last as long as its lease.
      await until("two jobs", () => count("windtunnel_queue where acquired_by is not null").then((jobs) => jobs === 2))
      worker.signal(signal)
      expect(await worker.ended).toMatchObject({
        status: 130,
        stderr: expect.not.stringContaining("fault of windtunnel")
      })
    }
    work([], { lease })
    await expectWhole(await submitter.ended)
    expect(await count("windtunnel_queue where attempts > 1")).toBe(0)
  })
})

describe("the process that submits a sweep", () => {
  test("may be killed: workers finish it, and to submit it again does nothing", async () => {
    const hold = holdAt(middle)
    const submitter = startCommand([...sweep, "--store", store, "--workers", "1"], { faults: [hold.fault] })
    await until("the point", hold.isReached, [submitter])
    expect(await submitter.kill()).toMatchObject({ signal: "SIGKILL" })
    expect(await work([], { isEnding: true }).ended).toMatchObject({ status: 0, signal: null })
    expect(await count("windtunnel_points")).toBe(points)
    const jobs = await count("windtunnel_queue")
    const again = await runCommand([...sweep, "--store", store, "--workers", "1"])
    expect(simulatedBy(again)).toBe(0)
    await expectWhole(again)
    expect(await count("windtunnel_queue")).toBe(jobs)
  })

  test("may be killed while it submits: all of a sweep is there or nothing", async () => {
    expect(await work([], { isEnding: true }).ended).toMatchObject({ status: 0 })
    const unlock = await server.hold(store, "lock table windtunnel_queue in share mode")
    const submitter = submit()
    await until("the first job", () => isWaiting(store), [submitter])
    await submitter.kill()
    await unlock()
    await until("its end", () => count("pg_stat_activity where datname = current_database()").then((n) => n === 1))
    expect([await count("windtunnel_sweeps"), await count("windtunnel_queue")]).toEqual([0, 0])
    await expectWhole(await runCommand([...sweep, "--store", store, "--workers", "1"]))
  })

  test("may be stopped while it holds a lock: nobody waits for it for ever", async () => {
    const stoppedAt = async (database: string, lock: string): Promise<void> => {
      const all = [...sweep, "--store", database, "--workers", "1"]
      const unlock = await server.hold(database, lock)
      const submitter = startCommand(all)
      await until("the lock", () => isWaiting(database), [submitter])
      submitter.signal("SIGSTOP")
      await unlock()
      await expectWhole(await runCommand(all), database)
      submitter.signal("SIGCONT")
      await expectWhole(await submitter.ended, database)
    }
    // While it makes the tables, and while it writes jobs.
    const other = await server.freshDatabase()
    expect(await work([], { isEnding: true }).ended).toMatchObject({ status: 0 })
    await Promise.all([
      stoppedAt(other, "create table windtunnel_points (another integer)"),
      stoppedAt(store, "lock table windtunnel_queue in share mode")
    ])
  })

  test("may be two at once: both end with the whole table, and each point is there once", async () => {
    // Each stays at one of two points, the first that it comes to, until the other stays at the other.
    const [one, other] = [holdAt(middle, "one"), holdAt(pointAt(1, "full", 320), "other")]
    const start = () =>
      startCommand([...sweep, "--store", store, "--workers", "1"], { faults: [one.fault, other.fault] })
    const both = [start(), start()]
    await until("a point for each of them", () => one.isReached() && other.isReached(), both)
    one.release()
    other.release()
    for (const { ended } of both) await expectWhole(await ended)
  })
})

test("a database that goes away in the middle is waited for: connections cut, stopped, crashed", async () => {
  const others = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
  const restarted = async (how: "fast" | "crash", meanwhile: () => void): Promise<void> => {
    await server.stop(how)
    meanwhile()
    await server.knocked()
    await server.start()
  }
  const outages: readonly (readonly [hold: Hold, outage: (meanwhile: () => void) => Promise<void>])[] = [
    [
      holdAt(pointAt(1, "full", 320), "cut"),
      async (meanwhile) => {
        await server.query(store, `select pg_terminate_backend(pid) from ${others}`)
        meanwhile()
      }
    ],
    [holdAt(middle, "stop"), (meanwhile) => restarted("fast", meanwhile)],
    [holdAt(pointAt(4, "none", 1600), "crash"), (meanwhile) => restarted("crash", meanwhile)]
  ]
  // Whoever of them comes to a point stays there.
  const faults = outages.map(([{ fault }]) => fault)
  const submitter = startCommand([...sweep, "--store", store, "--workers", "1"], { faults })
  const worker = work(faults)
  for (const [hold, outage] of outages) {
    await until("a point", hold.isReached, [submitter, worker])
    // What is simulated now cannot be stored.
    await outage(hold.release)
  }
  await expectWhole(await submitter.ended)
  expect(worker.isRunning()).toBe(true)
})

describe("a point that always ends its worker", () => {
  const expectGivenUp = async ({ status, stdout }: Ending, reason: RegExp): Promise<void> => {
    expect(status).toBe(0)
    expect(stdout).toContain(`${points} of ${points} points: ${points - 1} ok, 1 error`)
    expectAllBut([{ at: middle, reason }], await tableIn(store), whole)
  }

  /** With the fault gone it is tried again when that is wished, and nothing else is. */
  const expectMended = async (): Promise<void> => {
    const again = [...sweep, "--store", store, "--workers", "1"]
    expect(simulatedBy(await runCommand(again))).toBe(0)
    const mended = await runCommand([...again, "--retry"])
    expect(simulatedBy(mended)).toBe(1)
    await expectWhole(mended)
  }

  test("its process: is given up with the reason, and what is simulated beside it is not", async () => {
    const submitter = submit()
    // Always at work when the bad point, some jobs later, ends the process.
    const slow = { at: pointAt(2, "none", 512), way: "slow", milliseconds: 1500 } as const
    // Somebody starts workers again, as Slurm or Kubernetes do.
    let deaths = 0
    while (submitter.isRunning()) {
      const worker = work([{ at: middle, way: "kill" }, slow], { threads: 2 })
      await Promise.race([worker.ended, submitter.ended])
      if (!submitter.isRunning()) break
      expect(await worker.ended).toMatchObject({ signal: "SIGKILL" })
      expect(++deaths).toBeLessThan(20)
    }
    // As one of a job (if it was not a job by itself), beside others, and three times with nothing beside it.
    expect([4, 5]).toContain(deaths)
    await expectGivenUp(await submitter.ended, /worker died at each of 3 attempts/)
    await expectMended()
  })

  test("its thread: is given up with the reason, and the others are simulated", async () => {
    const submitter = submit()
    const worker = work([{ at: middle, way: "exit" }])
    await expectGivenUp(await submitter.ended, /thread died at each of 3 attempts: .*status 13/)
    await worker.kill()
    await expectMended()
  })
})
