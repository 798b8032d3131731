import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { version } from "../../src/cli/version.ts"
import { inFolder, small, write } from "./command-line.ts"

const launcher = fileURLToPath(new URL("../../bin/windtunnel.mjs", import.meta.url))
const launch = (...args: readonly string[]) => spawnSync(process.execPath, [launcher, ...args], { encoding: "utf8" })

test("the version is that of the package", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  expect(version).toBe(manifest.version)
})

test("the command runs as a process of its own, with its exit status", async () => {
  await inFolder(async (folder) => {
    const file = write(folder, "small.yaml", small)
    const good = launch("run", file, "--json")
    expect(good.status).toBe(0)
    expect(JSON.parse(good.stdout).result.kind).toBe("training")
    const wrong = launch("run", file, "--set", "model=nothing")
    expect(wrong.status).toBe(2)
    expect(wrong.stdout).toBe("")
    expect(wrong.stderr).toContain("there is no model")
  })
})

test("a reader that stops early is no error", async () => {
  const child = spawn(process.execPath, [launcher, "catalog", "--json"], { stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  child.stderr.on("data", (text: Buffer) => {
    said += text.toString()
  })
  child.stdout.once("data", () => child.stdout.destroy())
  const [status] = await once(child, "close")
  expect(status).toBe(0)
  expect(said).toBe("")
})
