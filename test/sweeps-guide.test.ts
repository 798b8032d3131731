/** The commands of docs/sweeps.md print what it says they do. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parse } from "yaml"
import { scenarioFromData } from "../src/scenario/index.ts"
import { inFolder, windtunnel } from "./cli/command-line.ts"
import { startPostgres, type PostgresServer } from "./faults/postgres.ts"

const guide = readFileSync(new URL("../docs/sweeps.md", import.meta.url), "utf8")
const blocks = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language = "", 2: body = "" }) => ({
  language,
  body
}))

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.close())

/** The database of the guide's examples. */
const written = "postgres://windtunnel@db.example.org/mine"

test("every command prints the block below it", () =>
  inFolder(async (folder) => {
    mkdirSync(join(folder, "mine"))
    const url = await server.freshDatabase()
    let commands = 0
    for (const [index, { language, body }] of blocks.entries()) {
      if (language !== "sh") continue
      const words = body.trim().split(" ").slice(1)
      const { status, stdout, stderr } = await windtunnel(
        ...words.map((word) => (word.startsWith("mine/") ? join(folder, word) : word.replace(written, url)))
      )
      expect(status).toBe(0)
      expect(stdout + stderr).toContain(blocks[index + 1]?.body.trimEnd() ?? "nothing below")
      commands++
    }
    expect(commands).toBe(6)
  }))

test("the block of a scenario is one", () => {
  const written = blocks.find(({ language }) => language === "yaml")
  const data = { cluster: { system: "dgx-h100" }, model: "llama-3.1-8b", training: { globalBatch: 8 } }
  const loaded = scenarioFromData({ name: "guide", data: { ...data, ...(parse(written?.body ?? "") as object) } })
  expect(loaded._tag).not.toBe("Refused")
})
