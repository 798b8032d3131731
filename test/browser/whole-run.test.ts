/** A whole training run in the viewer: its page, its course in the timeline, and the address that brings both back. */
import { describe, expect, test } from "vitest"
import { findings } from "./axe.ts"
import { fixture } from "./fixture.ts"
import { openViewer } from "./page.ts"

const { onPage, browser } = fixture("whole-run/opt-175b")

describe("a whole run", () => {
  test("has a page that says how long it takes, how sure that is, and what stopped it", () =>
    onPage(async ({ page }) => {
      await page.keyboard.press("Digit8")
      const panel = page.locator("#panel")
      expect(await panel.locator("h2").textContent()).toMatch(
        /^The run takes [\d.]+ days, [\d.]+ days to [\d.]+ days in nine of ten$/
      )
      const titles = await panel.locator("svg.chart").evaluateAll((charts) => charts.map((one) => one.ariaLabel))
      expect(titles[0]).toMatch(/^One of the runs: \d+ failures, [\d,]+ steps done again$/)
      expect(titles[1]).toMatch(/^[\d.]+ % of the time is training$/)
      expect(
        await panel.locator("table", { hasText: "Failures of the run" }).locator("tbody tr").count()
      ).toBeGreaterThan(5)
    }))

  test("is in the timeline when it is wanted: steps, saves, failures, restarts, and the way back", () =>
    onPage(async ({ page, until }) => {
      await page.keyboard.press("Digit8")
      await page.getByRole("button", { name: "Show the run in the timeline" }).click()
      const { rows, bounds } = await until((now) => now.rows.some(({ label }) => label === "until noticed"))
      expect(bounds.end).toBeGreaterThan(40 * 86_400)
      expect(rows.map(({ label }) => label)).toEqual(expect.arrayContaining(["steps", "restart", "steps done"]))
      expect(await page.locator(".legend button").allTextContents()).toContain("restart")
      // A failure of the table leads to its place.
      await page.locator("#panel table", { hasText: "Failures of the run" }).locator("button").first().click()
      const near = await until(({ view }) => view.window.end - view.window.start < bounds.end / 10)
      expect(near.rectangles.some(({ row }) => row === "until noticed")).toBe(true)
      await page.waitForFunction(() => location.hash.includes("run=1"))
      await page.waitForTimeout(300)

      const other = await openViewer(browser(), page.url())
      const found = await other.until((now) => now.rows.some(({ label }) => label === "until noticed"))
      expect(found.view.window).toEqual(near.view.window)
      expect(found.view.tab).toBe("run")
      await other.page.context().close()

      await page.getByRole("button", { name: "Show an iteration in the timeline" }).click()
      await until((now) => now.bounds.end < 1000)
    }))

  test.for(["light", "dark"] as const)("is read by everyone: axe finds nothing serious, %s", (colorScheme) =>
    onPage(
      async ({ page, until }) => {
        await page.keyboard.press("Digit8")
        await page.getByRole("button", { name: "Show the run in the timeline" }).click()
        await until((now) => now.rows.some(({ label }) => label === "until noticed"))
        expect(await findings(page)).toEqual([])
      },
      undefined,
      { colorScheme }
    )
  )
})
