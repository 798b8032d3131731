/** Sweeps with real files, threads and processes. */
import { spawn } from "node:child_process"
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { inFolder, windtunnel } from "../cli/command-line.ts"

const small = [
  "--vary",
  "training.microBatch=1,2,4",
  "--vary",
  "training.recompute=none,full",
  "--set",
  "training.globalBatch=64"
]

const csvOf = async (store: string): Promise<string> => (await windtunnel("results", store, "--csv")).stdout

describe("a sweep", () => {
  test("simulates every combination as `run` does, keeps why a point cannot run, and does nothing the second time", () =>
    inFolder(async (folder) => {
      const store = join(folder, "mine.sqlite")
      const first = await windtunnel("sweep", "small", ...small, "--store", store, "--workers", "1")
      expect(first.status).toBe(0)
      expect(first.stdout).toMatch(/6 of 6 points: /)
      expect(first.stdout).toMatch(/6 simulated now/)
      const before = await csvOf(store)
      const again = await windtunnel("sweep", "small", ...small, "--store", store)
      expect(again.stdout).toMatch(/0 simulated now/)
      expect(await csvOf(store)).toBe(before)
      const rows = JSON.parse((await windtunnel("results", store, "--json")).stdout) as Record<string, unknown>[]
      const run = await windtunnel(
        "run",
        "small",
        "--json",
        "--set",
        "training.globalBatch=64",
        "--set",
        "training.microBatch=2",
        "--set",
        "training.recompute=full"
      )
      const one = rows.find((row) => row["training.microBatch"] === 2 && row["training.recompute"] === "full")
      expect(one?.["iterationSeconds"]).toBe(
        (JSON.parse(run.stdout) as { result: { iterationSeconds: number } }).result.iterationSeconds
      )
    }))

  test("gives the same table with one thread and with several, also of servers and seeds", () =>
    inFolder(async (folder) => {
      const sweep = ["sweep", "small-server", "--vary", "workload.arrivals.poisson.rate=2,4", "--seeds", "2"]
      const [alone, together] = [join(folder, "1.sqlite"), join(folder, "2.sqlite")]
      await windtunnel(...sweep, "--store", alone, "--workers", "1")
      await windtunnel(...sweep, "--store", together, "--workers", "2")
      const table = await csvOf(alone)
      expect(table.trim().split("\n")).toHaveLength(5)
      expect(await csvOf(together)).toBe(table)
    }))

  test("that was killed resumes where it was, with no point lost or doubled", () =>
    inFolder(async (folder) => {
      const [store, whole] = [join(folder, "killed.sqlite"), join(folder, "whole.sqlite")]
      const sweep = [
        "sweep",
        "small",
        "--vary",
        "training.microBatch=1,2",
        "--vary",
        "training.globalBatch=64..4096+64"
      ]
      const child = spawn(
        process.execPath,
        [resolve("bin/windtunnel.mjs"), ...sweep, "--store", store, "--workers", "1"],
        {
          stdio: "ignore"
        }
      )
      // Until a few points are stored.
      const stored = (): number => {
        try {
          const database = new DatabaseSync(store, { readOnly: true })
          const count = Number(database.prepare("select count(*) as n from points").get()?.["n"])
          database.close()
          return count
        } catch {
          return 0
        }
      }
      for (let wait = 0; wait < 600 && stored() === 0; wait++) await sleep(20)
      child.kill("SIGKILL")
      await new Promise((ended) => child.once("exit", ended))
      const kept = stored()
      expect(kept).toBeGreaterThan(0)
      const resumed = await windtunnel(...sweep, "--store", store, "--workers", "1")
      expect(resumed.stdout).toContain(`${128 - kept} simulated now`)
      await windtunnel(...sweep, "--store", whole, "--workers", "1")
      expect(await csvOf(store)).toBe(await csvOf(whole))
    }))

  test("may be a block of the scenario, with a condition", () =>
    inFolder(async (folder) => {
      const [file, store] = [join(folder, "mine.yaml"), join(folder, "mine.sqlite")]
      writeFileSync(
        file,
        `${readFileSync("scenarios/small.yaml", "utf8")}\nsweep:\n  vary: { training.microBatch: 1..8*2, training.recompute: [none, full] }\n  where: microBatch < 4\n`
      )
      const swept = await windtunnel("sweep", file, "--store", store)
      expect(swept.stdout).toMatch(/4 of 4 points/)
      expect((await windtunnel("run", file)).status).toBe(0)
    }))
})

describe("a sweep that cannot be is refused, and nothing is written", () => {
  test.each([
    [["--vary", "training.microBach=1,2"], /training\.microBach.*\n[^]*did you mean microBatch/],
    [["--vary", "training.microBatch"], /--vary: given training\.microBatch/],
    [[], /nothing to vary\n {2}expected --vary/],
    [["--vary", "training.microBatch=1,2", "--where", "micro > 1"], /--where: given micro\n[^]*microBatch/],
    [["--vary", "training.microBatch=1,2", "--where", "microBatch > 8"], /expected a condition that one of the 2/],
    [["--vary", "training.microBatch=1,2", "--workers", "0"], /--workers takes/],
    [["--vary", "training.microBatch=1,2", "--seeds", "0"], /--seeds takes/]
  ])("%j", (options, message) =>
    inFolder(async (folder) => {
      const store = join(folder, "none.sqlite")
      const { status, stderr } = await windtunnel("sweep", "small", ...options, "--store", store)
      expect(status).toBe(2)
      expect(stderr).toMatch(message)
      expect(existsSync(store)).toBe(false)
    })
  )
})

describe("a store", () => {
  const made = async (folder: string): Promise<string> => {
    const store = join(folder, "mine.sqlite")
    await windtunnel("sweep", "small", ...small, "--store", store, "--workers", "1")
    return store
  }

  test("is filtered, sorted and cut to columns", () =>
    inFolder(async (folder) => {
      const store = await made(folder)
      const { stdout } = await windtunnel(
        "results",
        store,
        "--where",
        "status == 'ok' && microBatch > 1",
        "--sort",
        "microBatch:desc",
        "--columns",
        "microBatch,status",
        "--csv"
      )
      expect(stdout.trim().split("\n").slice(0, 2)).toEqual(["training.microBatch,status", "4,ok"])
      const table = (await windtunnel("results", store)).stdout
      expect(table.split("\n").every((line) => line.length <= 80 || line.startsWith("more columns"))).toBe(true)
      const wrong = await windtunnel("results", store, "--sort", "microBach")
      expect(wrong).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/--sort: given microBach\n[^]*microBatch/)
      })
    }))

  test("that is no store, damaged, of another version or not there is refused by its name", () =>
    inFolder(async (folder) => {
      const store = await made(folder)
      const [junk, cut, other] = ["junk", "cut", "other"].map((name) => join(folder, `${name}.sqlite`)) as [
        string,
        string,
        string
      ]
      writeFileSync(junk, "this is not a database, but long enough to be read as one".repeat(50))
      copyFileSync(store, cut)
      truncateSync(cut, 5000)
      copyFileSync(store, other)
      const database = new DatabaseSync(other)
      database.exec("update store set version = 7")
      database.close()
      const said = async (file: string): Promise<string> => {
        const { status, stderr } = await windtunnel("results", file)
        expect(status).toBe(2)
        return stderr
      }
      expect(await said(junk)).toContain("it is no SQLite file")
      expect(await said(cut)).toMatch(/damaged|no store of sweeps/)
      expect(await said(other)).toContain("version 7, and this windtunnel reads version 1")
      expect(await said(join(folder, "absent.sqlite"))).toContain("no such file")
      expect((await windtunnel("sweep", "small", ...small, "--store", junk)).stderr).toContain("it is no SQLite file")
      expect((await windtunnel("sweep", "small", ...small, "--store", join(junk, "such.sqlite"))).stderr).toMatch(
        /something else has that name|a folder of its path is a file/
      )
    }))
})
