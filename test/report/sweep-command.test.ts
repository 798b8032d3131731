/** A sweep on the command line, from its points to its report. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { inFolder, small, windtunnel, write } from "../cli/command-line.ts"

const sweeps = {
  two: ["training.microBatch=1,2,4", "training.recompute=none,full"],
  three: ["training.microBatch=1,2,4", "training.recompute=none,full", "training.zeroStage=0,1"],
  none: ["training.parallelism.tensor=3,5"]
} as const

let stores = ""

beforeAll(async () => {
  stores = mkdtempSync(join(tmpdir(), "windtunnel-stores-"))
  const scenario = write(stores, "small.yaml", small)
  for (const [name, vary] of Object.entries(sweeps)) {
    const axes = vary.flatMap((axis) => ["--vary", axis])
    const store = join(stores, `${name}.sqlite`)
    expect((await windtunnel("sweep", scenario, ...axes, "--workers", "1", "--store", store)).status).toBe(0)
  }
})

afterAll(() => rmSync(stores, { recursive: true, force: true }))

/** A copy of a store that was filled, in a folder of the test's own. */
const swept = <A>(name: keyof typeof sweeps, body: (store: string, folder: string) => Promise<A>): Promise<A> =>
  inFolder((folder) => {
    const store = join(folder, "mine.sqlite")
    copyFileSync(join(stores, `${name}.sqlite`), store)
    return body(store, folder)
  })

describe("windtunnel report of a sweep", () => {
  test("writes all forms, with the best point of the store and its interval on top", () =>
    swept("two", async (store, folder) => {
      const out = join(folder, "out")
      const { status, stdout, stderr } = await windtunnel("report", store, "--out", out)
      expect([status, stderr]).toEqual([0, ""])
      expect(readdirSync(out).toSorted()).toEqual(["report.csv", "report.html", "report.json", "report.md"])
      const document = JSON.parse(readFileSync(join(out, "report.json"), "utf8"))
      const rows = JSON.parse((await windtunnel("results", store, "--json")).stdout) as Record<string, unknown>[]
      const best = Math.max(
        ...rows.filter(({ status: one }) => one === "ok").map((row) => Number(row["tokensPerSecondPerAccelerator"]))
      )
      expect(document).toMatchObject({ report: "sweep", title: "Small" })
      expect(document.figures[0]).toMatchObject({ name: "throughput per accelerator", value: best })
      expect(document.figures[0].intervals).toHaveLength(3)
      expect(document.answer).toMatch(
        /^The highest throughput per accelerator of 6 points, [\d,]+ tokens\/s \(90 % interval /
      )
      expect(stdout.replaceAll(/\s+/g, " ")).toContain("comes with microBatch")
      expect(document.picture.columns.map(({ name }: { name: string }) => name)).toEqual([
        "recompute",
        "microBatch 1, tokens/s",
        "microBatch 2, tokens/s",
        "microBatch 4, tokens/s"
      ])
      expect(document.sections.map(({ id }: { id: string }) => id)).toEqual(["curves", "front", "best", "asked"])
    }))

  test("keeps the scenario with its sweep, which is the same sweep when it is run again", () =>
    swept("two", async (store, folder) => {
      const { stdout } = await windtunnel("report", store, "--json")
      const [run] = JSON.parse(stdout).runs
      const again = write(folder, "sweep.json", JSON.stringify(run.scenario))
      const { status, stdout: second } = await windtunnel("sweep", again, "--store", store, "--workers", "1")
      expect(status).toBe(0)
      expect(second).toContain("0 simulated now")
      expect(run.remarks[0]).toMatch(
        /^The best point is the scenario with --set training\.microBatch=\d --set training\.recompute=\w+\.$/
      )
    }))

  test("keeps the condition and the seeds of the sweep, so that what is saved from it is the same one", () =>
    inFolder(async (folder) => {
      const store = join(folder, "mine.sqlite")
      const vary = ["--vary", "training.microBatch=1,2,4", "--vary", "model=gpt3-125m,gpt3-350m"]
      const asked = [...vary, "--where", "microBatch < 4", "--seeds", "2", "--workers", "1", "--store", store]
      const { status, stdout } = await windtunnel("sweep", write(folder, "small.yaml", small), ...asked)
      expect(status).toBe(0)
      // What has no dot in its name was varied as well.
      expect(stdout).toMatch(/^microBatch {2}model +seed {2}iteration/m)
      const { stdout: document } = await windtunnel("report", store, "--json")
      const [{ scenario, remarks }] = JSON.parse(document).runs
      expect(scenario.sweep).toEqual({
        vary: { "training.microBatch": [1, 2, 4], model: ["gpt3-125m", "gpt3-350m"] },
        where: "microBatch < 4",
        seeds: 2
      })
      expect(remarks[1]).toMatch(/sweep sweep\.json does it again/)
      const saved = write(folder, "sweep.json", JSON.stringify(scenario))
      expect((await windtunnel("sweep", saved, "--store", store)).stdout).toContain("8 of 8 points: 8 ok\n0 simulated")
    }))

  test("takes an objective, axes by the ends of their paths, and a condition", () =>
    swept("two", async (store) => {
      const { stdout } = await windtunnel(
        ...["report", store, "--json", "--objective", "memoryBytes", "--x", "recompute", "--y", "microBatch"],
        ...["--where", "microBatch <= 2"]
      )
      const document = JSON.parse(stdout)
      expect(document.answer).toMatch(
        /^The lowest memory of the fullest accelerator of 4 points, [\d.]+ GB, comes with microBatch 1, recompute full/
      )
      expect(document.picture.columns.map(({ name }: { name: string }) => name)).toEqual([
        "microBatch",
        "recompute none",
        "recompute full"
      ])
      expect(document.about).toContain("only where microBatch <= 2")
    }))

  test("has a chart of all points and the fields in their order where there are three", () =>
    swept("three", async (store) => {
      const document = JSON.parse((await windtunnel("report", store, "--json")).stdout)
      expect(document.picture.rows).toHaveLength(12)
      expect(document.sections[0].id).toBe("fields")
      const rows = document.sections[0].blocks[1].table.rows as readonly (readonly unknown[])[]
      expect(rows.map(([field]) => field)).toContain("training.zeroStage")
      // Shares of the spread, the greatest first; the three fields together explain most of it.
      const explained = rows.map((row) => Number(row[5]))
      expect(explained).toEqual(explained.toSorted((a, b) => b - a))
      expect(explained.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0.8)
    }))

  test("ends with status 1 where no point can run, and still says why", () =>
    swept("none", async (store) => {
      const { status, stdout } = await windtunnel("report", store, "--json")
      expect(status).toBe(1)
      expect(JSON.parse(stdout).answer).toBe("None of 2 points can run: 2 are impossible.")
    }))

  test("of a store of before, without scenarios, does without an interval", () =>
    swept("two", async (store) => {
      const database = new DatabaseSync(store)
      database.exec("drop table scenarios")
      database.close()
      const document = JSON.parse((await windtunnel("report", store, "--json")).stdout)
      expect(document.figures[0].intervals).toBeNull()
      expect(document.trust).toContain("an interval needs the scenario")
    }))

  test("of a sweep that was killed says how far it came", () =>
    swept("two", async (store) => {
      const database = new DatabaseSync(store)
      database.exec("delete from points where ordinal >= 4")
      database.close()
      const document = JSON.parse((await windtunnel("report", store, "--json")).stdout)
      expect(document.answer).toMatch(/So far 4 of 6 points are simulated: this may change\.$/)
    }))
})

describe("what cannot be reported is refused with what can", () => {
  test("files that are stores by name alone", () =>
    inFolder(async (folder) => {
      const damaged = write(folder, "damaged.sqlite", "no database")
      expect(await windtunnel("report", damaged)).toMatchObject({
        status: 2,
        stderr: `${damaged}: it is no SQLite file\n`
      })
      const absent = join(folder, "absent.sqlite")
      const { status, stderr } = await windtunnel("report", absent)
      expect([status, stderr]).toEqual([2, expect.stringContaining(`${absent}: no such file`)])
    }))

  test("names of sweeps, columns and fields that are not there, with those near", () =>
    swept("two", async (store) => {
      const said = async (...flags: readonly string[]) => {
        const { status, stderr } = await windtunnel("report", store, ...flags)
        expect(status).toBe(2)
        return stderr
      }
      expect(await said("--sweep", "Smal1")).toContain('it holds no sweep "Smal1"; nearest: Small\n')
      expect(await said("--objective", "iterationSecond")).toMatch(
        /^--objective: given iterationSecond\n.*nearest: iterationSeconds\n$/
      )
      expect(await said("--x", "microBach")).toMatch(/^--x: given microBach\n.*nearest: microBatch/)
      expect(await said("--x", "microBatch", "--y", "microBatch")).toContain("which is --x already")
      expect(await said("--where", "microBatch > 9")).toContain("a condition that one of the 6 finished points meets")
      expect(await said("--x", "recompute", "--where", "recompute == 'full'")).toContain(
        "has one value in these points"
      )
      expect(await said("--objective", "dollarsPerMillionTokens")).toContain(
        "--objective: given dollarsPerMillionTokens"
      )
      expect(await said("--set", "seed=2")).toContain("reported alone and from its rows")
      expect(await said("bloom-176b")).toContain("reported alone and from its rows")
    }))

  test("several sweeps, until one is named; a sweep without a point", () =>
    swept("two", async (store, folder) => {
      const other = write(folder, "other.yaml", small.replace("Small", "Other"))
      await windtunnel("sweep", other, "--vary", "training.microBatch=1,2", "--workers", "1", "--store", store)
      const { status, stderr } = await windtunnel("report", store)
      expect(status).toBe(2)
      expect(stderr).toMatch(
        /it holds several sweeps\n {2}expected --sweep with one of\n {4}\w{8} {2}Other, 2 of 2 points\n {4}\w{8} {2}Small, 6 of 6 points\n$/
      )
      expect((await windtunnel("report", store, "--sweep", "Other", "--json")).stdout).toContain('"title": "Other"')
      const database = new DatabaseSync(store)
      database.exec("delete from points where sweep = (select hash from sweeps where name = 'Other')")
      database.close()
      const begun = await windtunnel("report", store, "--sweep", "Other")
      expect([begun.status, begun.stderr]).toEqual([
        2,
        expect.stringContaining("none of the 2 points of Other is finished")
      ])
    }))

  test("flags of sweeps for what is no store, and a file of SQLite that is none", () =>
    inFolder(async (folder) => {
      const scenario = write(folder, "small.yaml", small)
      const wrong = await windtunnel("report", scenario, "--objective", "iterationSeconds")
      expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("is no store of a sweep")])
      const foreign = join(folder, "foreign.sqlite")
      const database = new DatabaseSync(foreign)
      database.exec("create table x (y)")
      database.close()
      const other = await windtunnel("report", foreign)
      expect([other.status, other.stderr]).toEqual([
        2,
        expect.stringContaining("it is an SQLite file, but no store of sweeps")
      ])
    }))
})
