/** The page of a sweep's report in a real browser: for every reader, and on paper. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launch } from "../browser/chromium.ts"
import { small, windtunnel, write } from "../cli/command-line.ts"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const sweeps = {
  two: ["training.microBatch=1,2,4", "training.recompute=none,full"],
  four: [
    "training.microBatch=1,2,3,4",
    "training.recompute=none,selective,full",
    "training.zeroStage=0,1",
    "training.sequenceLength=1024,2048,65536"
  ]
} as const

let browser: Browser
let folder = ""

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "windtunnel-sweep-page-"))
  const scenario = write(folder, "small.yaml", small)
  for (const [name, vary] of Object.entries(sweeps)) {
    const store = join(folder, `${name}.sqlite`)
    const axes = vary.flatMap((axis) => ["--vary", axis])
    expect((await windtunnel("sweep", scenario, ...axes, "--workers", "1", "--store", store)).status).toBe(0)
    expect((await windtunnel("report", store, "--out", join(folder, name), "--format", "html")).status).toBe(0)
  }
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const onPage = async (
  name: string,
  options: Parameters<Browser["newPage"]>[0],
  body: (page: Page) => Promise<void>
): Promise<void> => {
  const page = await browser.newPage(options)
  await page.goto(pathToFileURL(join(folder, name, "report.html")).href)
  await body(page)
  await page.close()
}

describe.for(Object.keys(sweeps))("the page of a sweep of %s fields", (name) => {
  test.for(["light", "dark"] as const)("has nothing that axe finds serious, %s", (colorScheme) =>
    onPage(name, { viewport: { width: 1000, height: 800 }, colorScheme }, async (page) => {
      await page.evaluate(`${axe};0`)
      const found = await page.evaluate<readonly string[]>(
        "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 120)))"
      )
      expect(found).toEqual([])
    })
  )

  test("is no wider than a telephone", () =>
    onPage(name, { viewport: { width: 400, height: 800 } }, async (page) => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400)
    }))

  // A4 within the page's margins: 178 x 267 mm at 96 pixels an inch.
  test("has its first page on one sheet, and nothing cut off", () =>
    onPage(name, { viewport: { width: 673, height: 1009 } }, async (page) => {
      await page.emulateMedia({ media: "print" })
      expect(await page.evaluate("document.querySelector('header').getBoundingClientRect().height")).toBeLessThan(1009)
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(673)
    }))

  test("has no text of a chart outside of its picture", () =>
    onPage(name, { viewport: { width: 720, height: 1000 } }, async (page) => {
      const outside = await page.evaluate<readonly string[]>(
        "[...document.querySelectorAll('svg.chart')].flatMap((svg) => { const box = svg.getBoundingClientRect(); return [...svg.querySelectorAll('text')].filter((text) => { const own = text.getBoundingClientRect(); return own.left < box.left - 3 || own.right > box.right + 3 || own.bottom > box.bottom + 1 }).map((text) => text.textContent) })"
      )
      expect(outside).toEqual([])
    }))
})
