/** Sweeps over a real Postgres: submitted here, done here or elsewhere, the same table as on one machine. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { BatchEnd, Crew } from "../../src/cli/point-crew.ts"
import type { FinishedPoint } from "../../src/cli/store/sweep-store.ts"
import { sweepHere } from "../../src/cli/sweep-here.ts"
import { keyOf } from "../../src/cli/sweep-key.ts"
import { cannotTravel } from "../../src/cli/sweep-travel.ts"
import { inFolder, windtunnel } from "../cli/command-line.ts"
import { startPostgres, type PostgresServer } from "../faults/postgres.ts"
import { serving, smallServer } from "../report/resolved.ts"

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.close())

const rates = ["--vary", "workload.arrivals.poisson.rate=2,4,8", "--seeds", "2", "--set", "workload.requests=100"]

const tables = async (store: string): Promise<readonly string[]> => [
  (await windtunnel("results", store, "--csv")).stdout,
  (await windtunnel("results", store, "--json")).stdout
]

describe("a sweep in a database", () => {
  test("has the table of one in a file, to the byte, and does nothing the second time", () =>
    inFolder(async (folder) => {
      const [file, url] = [join(folder, "mine.sqlite"), await server.freshDatabase()]
      const impossible = ["sweep", "small", "--vary", "training.parallelism.tensor=2,3,16", "--workers", "1", "--store"]
      await windtunnel(...impossible, file)
      const first = await windtunnel(...impossible, url)
      expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(/3 of 3 points: [^]*3 simulated now/) })
      expect(await tables(url)).toEqual(await tables(file))
      const again = await windtunnel(...impossible, url)
      expect(again).toMatchObject({ stdout: expect.stringContaining("0 simulated now") })
      expect(again.stderr).toBe("nothing was left to simulate\n")
      const said = [first, again].map(({ stdout, stderr }) => stdout + stderr).join("")
      expect(said).not.toContain(new URL(url).password)
    }))

  test("has the report of one in a file, and its password in none of it", () =>
    inFolder(async (folder) => {
      const [file, url] = [join(folder, "mine.sqlite"), await server.freshDatabase()]
      const reports: unknown[] = []
      for (const store of [file, url]) {
        await windtunnel("sweep", "small-server", ...rates, "--workers", "1", "--store", store)
        const { status, stdout, stderr } = await windtunnel("report", store, "--json")
        expect([status, stderr]).toEqual([0, ""])
        expect(stdout).not.toContain(new URL(url).password)
        const { runs, ...report } = JSON.parse(stdout)
        reports.push([report, runs[0].scenario])
      }
      expect(reports[1]).toEqual(reports[0])
    }))

  test("that was only submitted is done by a worker that knows nothing but the database", () =>
    inFolder(async (folder) => {
      const [file, url] = [join(folder, "mine.sqlite"), await server.freshDatabase()]
      const swept = ["sweep", "small-server", ...rates]
      expect(await windtunnel(...swept, "--store", url, "--workers", "0", "--no-wait")).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/6 of 6 points are to be done\n\n.*windtunnel work --store postgres:/)
      })
      const worked = await windtunnel("work", "--store", url, "--workers", "1", "--until-empty")
      expect(worked).toMatchObject({ status: 0, stdout: "" })
      expect(worked.stderr).toMatch(/on 1 thread; ends when nothing is left\nsweep \w{8}: .*\n6 points done here\n/)
      await windtunnel(...swept, "--store", file, "--workers", "1")
      expect(await tables(url)).toEqual(await tables(file))
      expect((await windtunnel(...swept, "--store", url, "--workers", "0")).stdout).toMatch(
        /6 of 6 points: [^]*0 simulated now/
      )
    }))

  test("takes the files along that its scenario reads", () =>
    inFolder(async (folder) => {
      const [file, url] = [join(folder, "mine.sqlite"), await server.freshDatabase()]
      const [scenario, trace] = [join(folder, "mine.json"), join(folder, "trace.jsonl")]
      const lines = Array.from({ length: 40 }, (_, index) =>
        JSON.stringify({ timestamp: 100 * index, input_length: 512 + index, output_length: 20, hash_ids: [index] })
      )
      writeFileSync(trace, `${lines.join("\n")}\n`)
      writeFileSync(
        scenario,
        JSON.stringify({ ...smallServer, workload: { arrivals: { trace: { file: "trace.jsonl" } } } })
      )
      const swept = ["sweep", scenario, "--vary", "workload.requests=10,40", "--workers", "1", "--store"]
      await windtunnel(...swept, file)
      expect((await windtunnel(...swept, url, "--no-wait")).status).toBe(0)
      rmSync(trace)
      await windtunnel("work", "--store", url, "--workers", "1", "--until-empty")
      const [, json] = await tables(url)
      expect(JSON.parse(json ?? "")).toMatchObject([{ status: "ok" }, { status: "ok" }])
      expect(await tables(url)).toEqual(await tables(file))
    }))

  test("that another version submitted is left to workers of that version", async () => {
    const url = await server.freshDatabase()
    await windtunnel("sweep", "small-server", ...rates, "--store", url, "--no-wait")
    await server.query(url, "update windtunnel_queue set queue_name = 'points 0.0.1'")
    const worked = await windtunnel("work", "--store", url, "--workers", "1", "--until-empty")
    expect(worked.stderr).toMatch(/6 jobs wait for another version of windtunnel; this is \d[^]*0 points done here/)
  })

  test("of another version, or a database without sweeps, is refused", async () => {
    const url = await server.freshDatabase()
    expect(await windtunnel("results", url)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("the database holds no store of sweeps")
    })
    await windtunnel("sweep", "small-server", ...rates, "--store", url, "--no-wait")
    await server.query(url, "update windtunnel_store set version = 7")
    for (const command of [
      ["results", url],
      ["work", "--store", url, "--until-empty"],
      ["sweep", "small-server", ...rates, "--store", url]
    ])
      expect(await windtunnel(...command)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/version 7, and this windtunnel reads version 1/)
      })
  })
})

describe("what cannot be reached or sent is refused, and no password is said", () => {
  const changed = (url: string, change: (parsed: URL) => void): string => {
    const parsed = new URL(url)
    change(parsed)
    return parsed.href
  }

  test.each([
    ["a wrong password", (url: URL) => (url.password = "hunter2"), /user or password is wrong/],
    [
      "no password",
      (url: URL) => (url.password = ""),
      /wants a password\n {2}expected one in the URL or in PGPASSWORD/
    ],
    ["no such database", (url: URL) => (url.pathname = "/nonesuch"), /no database of that name/],
    ["no server", (url: URL) => (url.port = "1"), /no server listens there/]
  ])("%s", async (_, change, message) => {
    const url = changed(await server.freshDatabase(), change)
    for (const command of [
      ["results", url],
      ["work", "--store", url],
      ["sweep", "small-server", ...rates, "--store", url]
    ]) {
      const { status, stdout, stderr } = await windtunnel(...command)
      expect([status, stdout]).toEqual([2, ""])
      expect(stderr).toMatch(message)
      expect(stderr).not.toMatch(/hunter2|not-so-secret/)
    }
  })

  test.each([
    [["work", "--store", "mine.sqlite"], /--store mine\.sqlite: no URL of a database/],
    [["work", "--store", "mysql://me:hunter2@host/db"], /mysql:\/\/me@host\/db: it is no URL of a database/],
    [["work", "--store", "postgres://host/db", "--workers", "0"], /--workers takes a whole number from 1 /],
    [["work", "--store", "postgres://host/db", "--lease", "1"], /--lease takes whole seconds from 2 /],
    [["sweep", "small", "--lease", "20"], /--lease is of jobs that machines share\n {2}expected a database/],
    [["sweep", "small", "--no-wait"], /--no-wait leaves the points to other machines\n {2}expected a database/],
    [["sweep", "small", ...rates.slice(0, 2), "--workers", "0"], /--workers takes a whole number from 1 /]
  ])("%j", async (command, message) => {
    const { status, stderr } = await windtunnel(...command)
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain("hunter2")
  })

  test("a policy written as a function", async () => {
    const { scenario } = serving(smallServer)
    expect(cannotTravel(scenario)).toBeUndefined()
    const own = { ...scenario, serving: { ...scenario.serving, batching: { policy: () => ({}) } } }
    expect(cannotTravel(own)).toBe("serving.batching.policy is a function")
    const url = await server.freshDatabase()
    const script = "scenarios/batching-policy.ts"
    const swept = ["sweep", script, "--vary", "workload.requests=10", "--store", url]
    expect(await windtunnel(...swept)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/is a function, which no other machine can be sent\n {2}expected .*SQLite file/)
    })
  })
})

describe("a thread that dies", () => {
  const points = Array.from({ length: 40 }, (_, ordinal) => ({ ordinal, changes: { x: ordinal }, seed: 1 }))

  /** A crew whose threads die at the points of which `isDeadly` holds, and what each batch was. */
  const mortal = (isDeadly: (ordinal: number, attempt: number) => boolean) => {
    const batches: number[][] = []
    const attempts = new Map<number, number>()
    const crew: Pick<Crew, "simulate"> = {
      simulate: async (_, batch, onRows): Promise<BatchEnd> => {
        batches.push(batch.map(({ ordinal }) => ordinal))
        for (const [index, point] of batch.entries()) {
          const attempt = (attempts.get(point.ordinal) ?? 0) + 1
          attempts.set(point.ordinal, attempt)
          if (isDeadly(point.ordinal, attempt))
            return { death: { reason: "it ran out of memory", unfinished: batch.slice(index) }, milliseconds: 1 }
          onRows([{ key: keyOf(point), ordinal: point.ordinal, text: "{}", objective: 1 }])
        }
        return { death: undefined, milliseconds: batch.length }
      }
    }
    return { crew, batches, attempts }
  }

  const swept = async (crew: Pick<Crew, "simulate">): Promise<readonly FinishedPoint[]> => {
    const rows: FinishedPoint[] = []
    const { scenario } = serving(smallServer)
    await sweepHere(crew, 2, { hash: "a", scenario }, points, (more) => void rows.push(...more))
    return rows.toSorted((one, other) => one.ordinal - other.ordinal)
  }

  test("takes no other point along, and a point that always ends it is given up with the reason", async () => {
    const { crew, batches, attempts } = mortal((ordinal) => ordinal === 17)
    const rows = await swept(crew)
    expect(rows.map(({ ordinal }) => ordinal)).toEqual(points.map(({ ordinal }) => ordinal))
    expect(rows.filter(({ text }) => text !== "{}").map(({ ordinal, text }) => [ordinal, JSON.parse(text)])).toEqual([
      [17, { x: 17, seed: 1, status: "error", reason: "its thread died at each of 3 attempts: it ran out of memory" }]
    ])
    expect(batches.filter((batch) => batch.length === 1 && batch[0] === 17)).toHaveLength(3)
    expect(Math.max(...[...attempts].filter(([ordinal]) => ordinal !== 17).map(([, tries]) => tries))).toBe(1)
  })

  test("only once leaves no trace", async () => {
    const { crew } = mortal((ordinal, attempt) => ordinal % 7 === 0 && attempt === 1)
    expect((await swept(crew)).map(({ ordinal, text }) => [ordinal, text])).toEqual(
      points.map(({ ordinal }) => [ordinal, "{}"])
    )
  })
})
