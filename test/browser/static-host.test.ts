/** The built site on a host that knows nothing of it: a plain file server, in a folder below its root. */
import { readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, normalize } from "node:path"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { builtViewer } from "../../src/cli/viewer-build.ts"
import { windtunnel } from "../cli/command-line.ts"
import { launch } from "./chromium.ts"
import { openViewer } from "./page.ts"

const prefix = "/people/someone/windtunnel/"
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css"
}

let server: Server
let browser: Browser
const asked: string[] = []

beforeAll(async () => {
  const viewer = builtViewer()
  if ("failure" in viewer) throw new Error(viewer.failure)
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname
    asked.push(path)
    const file = join(viewer.folder, normalize(path.slice(prefix.length - 1)), path.endsWith("/") ? "index.html" : "")
    const isFound = path.startsWith(prefix) && statSync(file, { throwIfNoEntry: false })?.isFile() === true
    response.writeHead(isFound ? 200 : 404, { "content-type": types[extname(file)] ?? "application/octet-stream" })
    response.end(isFound ? readFileSync(file) : "not found")
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  browser = await launch()
}, 180_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
})

describe("the built site on a foreign host", () => {
  test("starts without the simulator, simulates in the browser what is chosen, and gives the command line's numbers", async () => {
    const { port } = server.address() as AddressInfo
    const viewer = await openViewer(browser, `http://127.0.0.1:${port}${prefix}`)
    const { page, until, errors } = viewer
    const card = page.getByRole("button", { name: /BLOOM-176B pre-training on Jean Zay/ }).first()
    await card.waitFor()
    expect(asked.filter((path) => path.includes("worker"))).toEqual([])
    await card.click()
    const { runs } = await until(({ rectangles }) => rectangles.length > 0)
    expect(asked.filter((path) => path.includes("worker"))).toHaveLength(1)
    // Nothing outside of its folder is asked for.
    expect(asked.filter((path) => !path.startsWith(prefix) && path !== "/favicon.ico")).toEqual([])

    const ended = await windtunnel("run", "bloom-176b", "--json")
    const { result } = JSON.parse(ended.stdout) as { readonly result: { readonly iterationSeconds: number } }
    expect(runs[0]!.iterationSeconds).toBe(result.iterationSeconds)

    await page.keyboard.press("KeyX")
    const micro = page.getByLabel("micro batch", { exact: true })
    await micro.waitFor()
    await micro.fill("4")
    await micro.press("Enter")
    await until((now) => now.runs[0]!.iterationSeconds !== result.iterationSeconds)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test("shows a server and a whole run as well", async () => {
    const { port } = server.address() as AddressInfo
    const { page, until, errors } = await openViewer(browser, `http://127.0.0.1:${port}${prefix}`)
    await page
      .getByRole("button", { name: /BLOOM-560m on one L4/ })
      .first()
      .click()
    await until(({ rectangles }) => rectangles.length > 0)
    await page.keyboard.press("Digit6")
    await page.getByRole("img", { name: /^Time to first token: half within/ }).waitFor()
    await page.getByRole("button", { name: "Start", exact: true }).click()
    await page
      .getByRole("button", { name: /whole run on Jean Zay/ })
      .first()
      .click()
    await until(({ runs }) => runs[0]?.name.includes("whole run") === true)
    await page.keyboard.press("Digit8")
    await page.getByRole("img", { name: /^One of the runs: \d+ failures/ }).waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  })
})
