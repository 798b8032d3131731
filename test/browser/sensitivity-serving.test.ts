/** What more would buy, beside a server: progress, an end of it, and results to choose from. */
import { expect, test } from "vitest"
import { fixture } from "./fixture.ts"
import type { Probe } from "./page.ts"

const { onPage } = fixture("small-server")

const counted = ".sensitivity tbody tr"

test("a server's capacity and latencies, one resource after another, until it is stopped", () =>
  onPage(async ({ page, until }) => {
    const finished = ({ runs }: Probe): number => runs[0]!.figures.find(({ label }) => label === "requests/s")!.value
    await page.keyboard.press("KeyX")
    const requests = page.getByRole("textbox", { name: "requests", exact: true })
    await requests.waitFor()
    // Many requests take a while for each resource: rows come one by one.
    const before = finished(await until(() => true))
    await requests.fill("8000")
    await requests.press("Enter")
    await page.waitForFunction(() =>
      document.querySelector(".what-if > [role=status]")?.textContent?.includes("Simulated in")
    )
    expect(finished(await until(() => true))).not.toBe(before)
    const section = page.locator(".sensitivity")
    const status = section.getByRole("status")
    await page.getByText("What more would buy").click()
    await section.getByRole("progressbar").waitFor()
    await page.waitForFunction((rows) => document.querySelectorAll(rows).length > 0, counted, { polling: 5 })
    await section.getByRole("button", { name: "Stop" }).click()
    expect(await status.textContent()).toBe("Stopped")
    expect(await page.locator(counted).count()).toBeLessThan(9)
    expect(await section.getByRole("progressbar").count()).toBe(0)
    // The next change begins anew.
    await requests.fill("300")
    await requests.press("Enter")
    await page.waitForFunction((rows) => document.querySelectorAll(rows).length === 9, counted)
    expect(await section.locator("option").allTextContents()).toEqual([
      "capacity",
      "tokens/s",
      "TTFT",
      "TPOT",
      "TTFT p99",
      "TPOT p99",
      "request",
      "energy/token"
    ])
  }))
