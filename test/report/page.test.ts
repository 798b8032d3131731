/** The report's page in a real browser: for every reader, on paper, and with a hostile scenario. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { launch } from "../browser/chromium.ts"
import { windtunnel } from "../cli/command-line.ts"
import { smallServer, smallTraining } from "./resolved.ts"

const hostile = "</title><script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
const scenarios = {
  server: smallServer,
  training: smallTraining,
  hostile: { ...smallServer, name: hostile, model: { extends: "llama-3.1-8b", name: hostile, title: hostile } }
} as const

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

let browser: Browser
let folder = ""

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "windtunnel-report-"))
  for (const [name, scenario] of Object.entries(scenarios)) {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(scenario))
    const { status, stderr } = await windtunnel("report", file, "--out", join(folder, name), "--format", "html")
    expect([status, stderr]).toEqual([0, ""])
  }
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const onPage = async (
  name: keyof typeof scenarios,
  options: Parameters<Browser["newPage"]>[0],
  body: (page: Page) => Promise<void>
): Promise<void> => {
  const page = await browser.newPage(options)
  const errors: string[] = []
  page.on("pageerror", ({ message }) => errors.push(message))
  await page.goto(pathToFileURL(join(folder, name, "report.html")).href)
  await body(page)
  expect(errors).toEqual([])
  await page.close()
}

const wide = { width: 1000, height: 800 }

describe("the report's page", () => {
  test.for(["light", "dark"] as const)("has nothing that axe finds serious, %s", (colorScheme) =>
    onPage("server", { viewport: wide, colorScheme }, async (page) => {
      await page.evaluate(`${axe};0`)
      const found = await page.evaluate<readonly string[]>(
        "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 120)))"
      )
      expect(found).toEqual([])
    })
  )

  test.for(["server", "training"] as const)("of a %s is no wider than a telephone", (name) =>
    onPage(name, { viewport: { width: 400, height: 800 } }, async (page) => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400)
    })
  )

  test("has charts on a telephone whose letters can be read, below titles that are whole; on a desk as they were", async () => {
    const measure = `(() => {
      const svg = document.querySelector("figure svg")
      const seen = (selector) => getComputedStyle(document.querySelector(selector))
      return [
        svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
        seen("figcaption").display,
        seen("figure svg .title").visibility
      ]
    })()`
    await onPage("server", { viewport: { width: 390, height: 800 } }, async (page) => {
      // Letters of 12 pixels have nine at least.
      expect(await page.evaluate(measure)).toEqual([0.75, "block", "hidden"])
    })
    await onPage("server", { viewport: wide }, async (page) => {
      const [scale, ...looks] = await page.evaluate<readonly [number, string, string]>(measure)
      expect(scale).toBeGreaterThan(1)
      expect(looks).toEqual(["none", "visible"])
    })
  })

  // A4 within the page's margins: 178 x 267 mm at 96 pixels an inch.
  test.for(["server", "training"] as const)("of a %s has its first page on one sheet, and nothing cut off", (name) =>
    onPage(name, { viewport: { width: 673, height: 1009 } }, async (page) => {
      await page.emulateMedia({ media: "print" })
      expect(await page.evaluate("document.querySelector('header').getBoundingClientRect().height")).toBeLessThan(1009)
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(673)
    })
  )

  test("shows a hostile scenario and runs nothing of it", () =>
    onPage("hostile", { viewport: wide }, async (page) => {
      expect(await page.title()).toContain("<script>")
      expect(await page.locator("h1").textContent()).toBe(hostile)
      expect(await page.evaluate("document.scripts.length + document.images.length")).toBe(0)
    }))
})
