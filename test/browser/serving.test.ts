/** A server in the viewer: its charts, its requests, and what-if with a simulation that is cancelled. */
import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { findings } from "./axe.ts"
import { fixture } from "./fixture.ts"
import { openViewer, type Probe } from "./page.ts"

const { onPage, browser } = fixture("small-server", ["--lanes"])

const spanOf = ({ start, end }: { readonly start: number; readonly end: number }): number => end - start
const figure = ({ runs }: Probe, label: string): number => runs[0]!.figures.find((one) => one.label === label)!.value

/** Drags over a chart from one share of its width to another. */
const brush = async (page: Page, title: RegExp, from: number, to: number): Promise<void> => {
  const chart = page.getByRole("img", { name: title })
  await chart.scrollIntoViewIfNeeded()
  const box = (await chart.boundingBox())!
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * from, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y)
  await page.mouse.move(box.x + box.width * to, y)
  await page.mouse.up()
}

/** Where a chart's plot is, by its hairlines. */
const plotOf = (page: Page, title: RegExp): Promise<{ left: number; right: number; width: number }> =>
  page.getByRole("img", { name: title }).evaluate((picture: SVGSVGElement) => {
    const line = picture.querySelector("line")!
    return {
      left: Number(line.getAttribute("x1")),
      right: Number(line.getAttribute("x2")),
      width: picture.viewBox.baseVal.width
    }
  })

describe("a server", () => {
  test("begins with the verdict, the latencies and where a replica's time goes", () =>
    onPage(async ({ page, until }) => {
      const panel = page.locator("#panel")
      await until(({ runs }) => runs.length === 1)
      expect(await panel.locator(".verdict").textContent()).toMatch(/^stable: /)
      expect(await panel.locator("svg.chart").first().getAttribute("aria-label")).toMatch(
        /^\d+ % of a replica's time is /
      )
      const rows = await panel
        .locator("table", { hasText: "Latencies" })
        .locator("tbody tr td:first-child")
        .allTextContents()
      expect(rows).toEqual(["first token", "per token", "end to end", "in the queue"])
      expect(await page.locator(".legend button").allTextContents()).toEqual(["compute", "host", "waiting"])
    }))

  test("has charts whose titles say what was found", () =>
    onPage(async ({ page }) => {
      await page.keyboard.press("Digit6")
      const titles = await page.locator("#panel svg.chart").evaluateAll((charts) => charts.map((one) => one.ariaLabel))
      expect(titles).toHaveLength(9)
      expect(titles[0]).toMatch(/^Time to first token: half within [\d.]+ ms, 99 % within [\d.]+ ms$/)
      expect(titles[4]).toMatch(/^Time to first token over the run: p99 at most [\d.]+ ms$/)
      expect(titles[8]).toMatch(/^KV cache: at most [\d.]+ % in use$/)
      expect(
        await page
          .locator("#panel svg.chart")
          .first()
          .locator("text", { hasText: /^p(50|99) [\d.]+ ms$/ })
          .count()
      ).toBe(2)
    }))

  test("a brush over a course moves the timeline there", () =>
    onPage(async ({ page, until, probe }) => {
      const { bounds } = await probe()
      await page.keyboard.press("Digit6")
      await brush(page, /^Time to first token over the run/, 0.4, 0.6)
      const { view } = await until((now) => spanOf(now.view.window) < spanOf(bounds) * 0.4)
      const { left, right, width } = await plotOf(page, /^Time to first token over the run/)
      const expected = bounds.start + (spanOf(bounds) * (0.4 * width - left)) / (right - left)
      expect(Math.abs(view.window.start - expected)).toBeLessThan(spanOf(bounds) * 0.02)
    }))

  test("a dot of throughput against latency leads to its part of the run", () =>
    onPage(async ({ page, until, probe }) => {
      const { bounds } = await probe()
      await page.keyboard.press("Digit6")
      await page.locator("svg [data-dot]").first().click({ force: true })
      const { view } = await until((now) => spanOf(now.view.window) < spanOf(bounds) * 0.1)
      expect(spanOf(view.window)).toBeCloseTo(spanOf(bounds) / 60, 1)
    }))

  test("a brush over a distribution leaves the requests with such latencies, and they come back", () =>
    onPage(async ({ page, until }) => {
      const requests = ({ rows }: Probe): readonly string[] =>
        rows.map(({ label }) => label).filter((label) => label.startsWith("request "))
      await page.keyboard.press("Digit6")
      await brush(page, /^Time from end to end/, 0.8, 0.99)
      const some = await until((now) => now.view.requests !== undefined)
      expect(some.view.requests!.metric).toBe("e2e")
      expect(some.view.requests!.tracks.length).toBeGreaterThan(5)
      expect(some.view.requests!.tracks.length).toBeLessThan(250)
      expect(requests(some)).toHaveLength(some.view.requests!.tracks.length)
      // The address keeps what was brushed.
      await page.waitForFunction(() => location.hash.includes("req=e2e"))
      const other = await openViewer(browser(), page.url())
      const same = await other.until((now) => now.view.requests !== undefined)
      expect(same.view.requests).toEqual(some.view.requests)
      expect(requests(same)).toEqual(requests(some))
      await other.page.context().close()
      await page.getByRole("button", { name: "Show all requests" }).click()
      expect(requests(await until((now) => now.view.requests === undefined))).toHaveLength(500)
    }))

  test("a request has a page of its own, with the steps that it was part of", () =>
    onPage(async ({ page, until }) => {
      await page.getByLabel("Filter tracks by name").fill("request 7:")
      const found = await until(({ rows }) => rows.some(({ label }) => label.startsWith("request 7:")))
      const row = found.rows.find(({ label }) => label.startsWith("request 7:"))!
      await page.locator(`[role=treeitem][data-id='${row.id}']`).click()
      await page.keyboard.press("Period")
      await until(({ view }) => view.selection !== undefined)
      const panel = page.locator("#panel")
      const [, prompt, answer] = /: (\d+) \+ (\d+) tokens/.exec(row.label)!
      expect(await panel.locator("h2").textContent()).toBe(`Request 7: ${prompt} + ${answer} tokens`)
      const facts = (await panel.locator("dl").textContent()) ?? ""
      expect(facts).toContain(`prompt${prompt} tokens`)
      expect(facts).toContain(`1 prefill, ${Number(answer) - 1} decode`)
      expect(facts).toContain("preemptednever")
      expect(await panel.locator("svg.chart").first().getAttribute("aria-label")).toMatch(
        /^\d+ % of its [\d.]+ m?s is (?:waiting|prefill|decode)$/
      )
      await panel.locator("details.numbers summary").first().click()
      const parts = await panel.locator("details.numbers tbody tr td:first-child").allTextContents()
      expect(parts.slice(0, 3)).toEqual(["waiting", "prefill", "decode"])
      await panel
        .getByRole("button", { name: /decode/ })
        .first()
        .click()
      await until(({ view }) => view.tab === "selection")
      expect(await panel.locator("h2").textContent()).toMatch(/decode/)
    }))
})

describe("axe finds nothing serious", () => {
  test.for(["light", "dark"] as const)("in the charts and on the page of a request, %s", (colorScheme) =>
    onPage(
      async ({ page, until }) => {
        expect(await findings(page)).toEqual([])
        await page.keyboard.press("Digit6")
        expect(await findings(page)).toEqual([])
        await page.getByLabel("Filter tracks by name").fill("request 7:")
        await until(({ rows }) => rows.some(({ label }) => label.startsWith("request 7:")))
        await page.locator("[role=treeitem][aria-label^='request 7:']").click()
        await page.keyboard.press("Period")
        await until(({ view }) => view.selection !== undefined)
        expect(await findings(page)).toEqual([])
      },
      undefined,
      { colorScheme }
    )
  )
})

describe("what if", () => {
  test("twice the clients of a server raise its throughput, and the sentence says by how much", () =>
    onPage(async ({ page, until }) => {
      await page.keyboard.press("KeyX")
      const rate = page.getByLabel("rate", { exact: true }).first()
      await rate.waitFor()
      expect(await rate.inputValue()).toBe("4")
      const before = figure(await until(() => true), "requests/s")
      await rate.fill("8")
      await rate.press("Enter")
      const after = await until((now) => figure(now, "requests/s") > before * 1.5)
      expect(figure(after, "requests/s")).toBeLessThan(before * 2.5)
      await page.waitForFunction(() =>
        /TTFT p99 .* before .* ms/.test(document.querySelector(".what-if > [role=status]")?.textContent ?? "")
      )
      // The lanes of requests are simulated as well.
      expect(after.rows.some(({ label }) => label === "requests")).toBe(true)
    }))

  test("a long simulation is cancelled, the picture stays, and the next change is simulated", () =>
    onPage(async ({ page, until }) => {
      await page.keyboard.press("KeyX")
      const requests = page.getByRole("textbox", { name: "requests", exact: true })
      await requests.waitFor()
      const before = figure(await until(() => true), "requests/s")
      await requests.fill("3000000")
      await requests.press("Enter")
      const cancel = page.getByRole("button", { name: "Cancel" })
      await cancel.and(page.locator(":enabled")).click()
      expect(await page.locator(".what-if > [role=status]").textContent()).toBe("Cancelled")
      expect(await cancel.isDisabled()).toBe(true)
      expect(figure(await until(() => true), "requests/s")).toBe(before)
      await requests.fill("100")
      await requests.press("Enter")
      await until((now) => figure(now, "requests/s") !== before)
    }))
})
