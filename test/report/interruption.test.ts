/** Ctrl-C while a report is being made: real processes, a real signal. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { pointPool } from "../../src/cli/point-pool.ts"
import { inFolder, write } from "../cli/command-line.ts"
import { serving, smallServer } from "./resolved.ts"

const launcher = fileURLToPath(new URL("../../bin/windtunnel.mjs", import.meta.url))

/** So much work that no machine is done with it before the signal. */
const endless = {
  ...smallServer,
  workload: { ...smallServer.workload, requests: 200_000, arrivals: { poisson: { rate: 200 } } }
}

const hook = new URL("listening-hook.mjs", import.meta.url).href

/**
 * Starts the command, waits until a condition holds and it listens to interrupts (Node that is still starting just dies of
 * one), interrupts it, and returns its exit status.
 */
const interrupted = async (folder: string, args: readonly string[], isTime: () => boolean): Promise<number | null> => {
  const listens = join(folder, "listens")
  const env = { ...process.env, NODE_OPTIONS: `--import=${hook}`, WINDTUNNEL_LISTENS: listens }
  const child = spawn(process.execPath, [launcher, ...args], { stdio: "ignore", env })
  const ended = once(child, "exit")
  while (!isTime() || !existsSync(listens)) await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill("SIGINT")
  const [status] = await ended
  return status
}

describe("a report that is interrupted", () => {
  test(
    "ends with 130 and writes nothing, wherever it was",
    () =>
      inFolder(async (folder) => {
        const file = write(folder, "server.json", JSON.stringify(endless))
        const out = join(folder, "out")
        const start = Date.now()
        const status = await interrupted(
          folder,
          ["report", file, "--out", out, "--workers", "2"],
          () => Date.now() - start > 1500
        )
        expect(status).toBe(130)
        expect(existsSync(out)).toBe(false)
      }),
    60_000
  )

  test(
    "beside a run leaves the run whole, and no part of the report",
    () =>
      inFolder(async (folder) => {
        const quick = { ...smallServer, workload: { ...endless.workload, requests: 3000 } }
        const file = write(folder, "server.json", JSON.stringify(quick))
        const out = join(folder, "out")
        const args = ["run", file, "--out", out, "--trace", "off", "--report"]
        const status = await interrupted(folder, args, () => existsSync(join(out, "scenario.json")))
        expect(status).toBe(130)
        expect(readdirSync(out).sort()).toEqual(["result.json", "scenario.json"])
      }),
    60_000
  )
})

test("points that are asked for when the pool ends are given up, not simulated here", async () => {
  const { scenario } = serving(endless)
  const requests = [1, 2, 3, 4, 5, 6].map((seed) => ({ scenario, changes: {}, seed }))
  const pool = pointPool(2)
  let done = 0
  const running = pool.run(requests, () => void done++)
  const given = expect(running).rejects.toThrow("the study was ended")
  await pool.end()
  await given
  expect(done).toBe(0)
})
