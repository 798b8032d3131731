/** What more would buy, beside a training run: the numbers of `windtunnel sensitivity`, and changes that a click makes. */
import type { Page } from "playwright-core"
import { describe, expect, test } from "vitest"
import { windtunnel } from "../cli/command-line.ts"
import { findings } from "./axe.ts"
import { fixture } from "./fixture.ts"
import type { Probe } from "./page.ts"

const { onPage } = fixture()

const seconds = ({ runs }: Probe): number => runs[0]!.iterationSeconds!

const opened = async (page: Page): Promise<void> => {
  await page.keyboard.press("KeyX")
  await page.getByLabel("micro batch", { exact: true }).waitFor()
  await page.getByText("What more would buy").click()
  await done(page)
}

const done = (page: Page) =>
  page.waitForFunction(() =>
    /^\d+ simulations with/.test(document.querySelector(".sensitivity [role=status]")?.textContent ?? "")
  )

const rowsOf = async (page: Page): Promise<readonly (readonly string[])[]> => {
  const rows = await page.locator(".sensitivity tbody tr").allInnerTexts()
  return rows.map((row) => row.split(/\t|\n/).map((cell) => cell.trim()))
}

const yaml = (page: Page): Promise<string> => page.getByLabel("Scenario as YAML").inputValue()

describe("what more would buy", () => {
  test("is what `windtunnel sensitivity` says, in the same order", () =>
    onPage(async ({ page }) => {
      const { stdout } = await windtunnel("sensitivity", "bloom-176b", "--json", "--workers", "1")
      const { effects, finding } = JSON.parse(stdout) as {
        readonly finding: string
        readonly effects: readonly {
          readonly title: string
          readonly responses: readonly { readonly withMore: number; readonly withLess: number }[]
        }[]
      }
      await opened(page)
      const signed = (change: number): string => {
        const text = (100 * change).toFixed(1)
        return Number(text) === 0 ? "0 %" : `${change > 0 ? "+" : ""}${text} %`
      }
      const rows = await rowsOf(page)
      expect(rows.map(([title, more, less]) => [title?.replace(" ×2", ""), more, less])).toEqual(
        effects.map(({ title, responses: [response] }) => [
          title,
          signed(response!.withMore),
          signed(response!.withLess)
        ])
      )
      expect(rows.find(([title]) => title === "micro-batch ×2")?.at(-1)).toBe("step")
      const picture = page.locator(".sensitivity svg.chart")
      expect(await picture.getAttribute("aria-label")).toBe(finding)
      // Another result sorts by another effect, without a simulation.
      await page.getByLabel("effect on").selectOption("energy/token")
      expect(await picture.getAttribute("aria-label")).toMatch(/^10 % more FLOP\/s buys [\d.]+ % less energy\/token/)
    }))

  test("a click on a bar makes the change, undo takes it back, and the bars follow", () =>
    onPage(async ({ page, until }) => {
      const before = seconds(await until(() => true))
      await opened(page)
      const [first] = await rowsOf(page)
      expect(first?.[0]).toBe("FLOP/s")
      await page.locator(".sensitivity svg [data-dot='0']").click()
      const after = seconds(await until((now) => seconds(now) < before * 0.97))
      expect(await yaml(page)).toMatch(/\nresources:\n +flops: 1\.1\n/)
      await page.waitForFunction(() => !document.querySelector(".sensitivity .effects")?.classList.contains("old"))
      await done(page)
      // One more tenth buys less than the first did.
      const [again] = await rowsOf(page)
      expect(Number.parseFloat(again![1]!)).toBeLessThan(Number.parseFloat(first![1]!))
      expect(before / after - 1).toBeCloseTo(Number.parseFloat(first![1]!) / 100, 2)
      await page.getByRole("button", { name: "Undo" }).click()
      await until((now) => seconds(now) === before)
      expect(await yaml(page)).not.toContain("resources")
      await page.waitForFunction(
        (wanted) => document.querySelector(".sensitivity tbody td:nth-child(2)")?.textContent === wanted,
        first![1]!
      )
    }))

  test("by keyboard alone: the change of a row is a button with a sentence, and keeps the focus", () =>
    onPage(async ({ page, until }) => {
      const before = seconds(await until(() => true))
      await opened(page)
      const button = page.getByRole("button", { name: /^9\.09 % less host time: tokens\/s \+[\d.]+ %$/ })
      await button.focus()
      await page.keyboard.press("Enter")
      await until((now) => seconds(now) < before)
      expect(await yaml(page)).toMatch(/\n +host: 0\.909091\n/)
      await page.waitForFunction(() => !document.querySelector(".sensitivity .effects")?.classList.contains("old"))
      await done(page)
      expect(await page.evaluate(() => document.activeElement?.getAttribute("title"))).toBe("9.09 % less host time")
      // A tenth more of what is a tenth less is as it was.
      await page.getByRole("button", { name: /^10 % more host time/ }).click()
      await until((now) => seconds(now) === before)
      expect(await yaml(page)).not.toContain("resources")
    }))

  test("a field of the scenario changes as a field", () =>
    onPage(async ({ page, until }) => {
      const before = seconds(await until(() => true))
      await opened(page)
      await page.getByRole("button", { name: /^twice the micro-batch/ }).click()
      await until((now) => seconds(now) !== before)
      expect(await page.getByLabel("micro batch", { exact: true }).inputValue()).toBe("4")
    }))

  test("closed it simulates nothing", () =>
    onPage(async ({ page, until }) => {
      const before = seconds(await until(() => true))
      await page.keyboard.press("KeyX")
      const field = page.getByLabel("micro batch", { exact: true })
      await field.fill("4")
      await field.press("Enter")
      await until((now) => seconds(now) !== before)
      expect(await page.locator(".sensitivity [role=status]").textContent()).toBe("")
      expect(await page.locator(".sensitivity svg").count()).toBe(0)
    }))

  test.for([
    { colorScheme: "light", viewport: { width: 1280, height: 800 } },
    { colorScheme: "dark", viewport: { width: 400, height: 800 } }
  ] as const)("is for everyone: $colorScheme, $viewport.width pixels", ({ colorScheme, viewport }) =>
    onPage(
      async ({ page }) => {
        await opened(page)
        expect(await findings(page)).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
        const [panel, picture] = await Promise.all(
          [".what-if", ".sensitivity svg.chart"].map((one) => page.locator(one).boundingBox())
        )
        expect(picture!.x).toBeGreaterThanOrEqual(panel!.x)
        expect(picture!.x + picture!.width).toBeLessThanOrEqual(panel!.x + panel!.width)
      },
      undefined,
      { colorScheme, viewport }
    )
  )
})
