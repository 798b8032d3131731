/**
 * What a sweep costs beside its points: 10,000 small ones in one bare loop and in two at once, and as sweeps with one and two
 * workers into an SQLite file and into a Postgres database, all on this machine. Of every time the least of some rounds counts, in turns, so
 * that all of them meet the same machine.
 *
 * The points are of training: those of servers keep V8's threads for garbage busy as well, so that a bare loop of them takes more
 * than one processor, and two loops cannot be twice as fast on two.
 */
import { execFile, spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { inFolder } from "../cli/command-line.ts"
import { startPostgres } from "../faults/postgres.ts"

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const [bareLoop, windtunnel] = [path("bare-loop.ts"), path("../../bin/windtunnel.mjs")]

const scenario = "gpt-145b-sc21"
const vary = ["training.recompute=none,full", "training.sequenceLength=1024..11022+2"]
const points = 10_000

const rounds = Number(process.env["ROUNDS"] ?? 2)

const run = (args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const execute = promisify(execFile)

/** Seconds of the loop alone, or of several at once with a share of the points each: what the machine itself allows. */
const bareSeconds = async (loops: number): Promise<number> => {
  const shares = Array.from({ length: loops }, (_, share) => [bareLoop, `${share}/${loops}`, scenario, ...vary])
  const said = await Promise.all(shares.map((args) => execute(process.execPath, args)))
  const ends = said.map(({ stdout }) => JSON.parse(stdout) as { readonly seconds: number; readonly points: number })
  expect(ends.reduce((sum, one) => sum + one.points, 0)).toBe(points)
  return Math.max(...ends.map(({ seconds }) => seconds))
}

/** Seconds of a sweep from its first look into the store to the last row, the start of its threads included. */
const sweepSeconds = (store: string, workers: number): number => {
  const flags = vary.flatMap((axis) => ["--vary", axis])
  const said = run([windtunnel, "sweep", scenario, ...flags, "--store", store, "--workers", String(workers)])
  const [, seconds] = /10,000 simulated now in ([\d.]+) s/.exec(said) ?? []
  return Number(seconds)
}

test("queue and store take less than 15 %, and a second worker makes it 1.7 times as fast", async () => {
  const server = await startPostgres()
  try {
    await inFolder(async (folder) => {
      const file = join(folder, "sweep.sqlite")
      const best = {
        "bare 1": Infinity,
        "bare 2": Infinity,
        "SQLite 1": Infinity,
        "SQLite 2": Infinity,
        "Postgres 1": Infinity,
        "Postgres 2": Infinity
      }
      const keep = (kind: keyof typeof best, seconds: number): void => void (best[kind] = Math.min(best[kind], seconds))
      for (let round = 0; round < rounds; round++) {
        keep("bare 1", await bareSeconds(1))
        keep("bare 2", await bareSeconds(2))
        for (const workers of [1, 2] as const) {
          for (const suffix of ["", "-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true })
          keep(`SQLite ${workers}`, sweepSeconds(file, workers))
          keep(`Postgres ${workers}`, sweepSeconds(await server.freshDatabase(), workers))
        }
      }
      console.log(
        `bare: one loop ${best["bare 1"].toFixed(1)} s, ${((1000 * best["bare 1"]) / points).toFixed(2)} ms a point; two loops at once ${best["bare 2"].toFixed(1)} s`
      )
      for (const kind of ["SQLite", "Postgres"] as const) {
        const [one, two] = [best[`${kind} 1`], best[`${kind} 2`]]
        const overhead = two / best["bare 2"] - 1
        console.log(
          `${kind}: 1 worker ${one.toFixed(1)} s, 2 workers ${two.toFixed(1)} s; overhead over two loops ${(100 * overhead).toFixed(1)} %, over twice one loop's speed ${((200 * two) / best["bare 1"] - 100).toFixed(1)} %, speed-up ${(one / two).toFixed(2)}`
        )
        expect.soft(overhead).toBeLessThan(0.15)
        expect.soft(one / two).toBeGreaterThanOrEqual(1.7)
      }
    })
  } finally {
    await server.close()
  }
}, 3_600_000)
