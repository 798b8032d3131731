/** The viewer for everyone: screen readers, small and large windows, the dark, and readers who want no motion. */
import { describe, expect, test } from "vitest"
import { palette } from "../../web/model/kinds.ts"
import { findings } from "./axe.ts"
import { fixture } from "./fixture.ts"

const { empty, onPage } = fixture()

const wide = { width: 1280, height: 800 }
const small = { width: 400, height: 800 }
const huge = { width: 3840, height: 2160 }

describe("axe finds nothing serious", () => {
  test.for(["light", "dark"] as const)("in the timeline with each panel, the dialogs and what-if, %s", (colorScheme) =>
    onPage(
      async ({ page, until }) => {
        await page.keyboard.press("Period")
        await until(({ view }) => view.selection !== undefined)
        for (const key of ["Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit7"]) {
          await page.keyboard.press(key)
          expect(await findings(page), key).toEqual([])
        }
        await page.keyboard.press("?")
        expect(await findings(page)).toEqual([])
        await page.keyboard.press("Escape")
        await page.keyboard.press("Control+Shift+P")
        expect(await findings(page)).toEqual([])
        await page.keyboard.press("Escape")
        await page.keyboard.press("KeyX")
        await page.getByLabel("micro batch", { exact: true }).waitFor()
        expect(await findings(page)).toEqual([])
      },
      undefined,
      { colorScheme }
    )
  )

  test("on the start page", () =>
    onPage(async ({ page }) => {
      await page.locator(".card").first().waitFor()
      expect(await findings(page)).toEqual([])
    }, empty()))
})

describe("any window", () => {
  test.for([
    ["400 px", small],
    ["4k", huge]
  ] as const)("of %s has the timeline, the panel and no sideways scrolling", ([, viewport]) =>
    onPage(
      async ({ page, probe, until }) => {
        const { rectangles, axis } = await probe()
        expect(rectangles.length).toBeGreaterThan(100)
        expect(axis.ticks.length).toBeGreaterThan(1)
        const sheet = (await page.locator(".sheet").boundingBox())!
        expect(sheet.width).toBeGreaterThan(viewport.width * 0.6)
        expect(sheet.height).toBeGreaterThan(120)
        for (const key of ["Digit1", "Digit2", "Digit4", "KeyX"]) {
          await page.keyboard.press(key)
          if (key === "KeyX") await page.getByLabel("micro batch", { exact: true }).waitFor()
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), key).toBeLessThanOrEqual(
            0
          )
        }
        await page.getByRole("button", { name: "Close" }).click()
        await page.mouse.click(sheet.x + 40, sheet.y + 34)
        await until(({ view }) => view.selection !== undefined)
      },
      undefined,
      { viewport }
    )
  )
})

describe("the dark", () => {
  test("follows the system, and a command switches it", () =>
    onPage(
      async ({ page, probe }) => {
        const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
        expect(await ground()).toBe("rgb(17, 17, 17)")
        const wanted = (await probe()).rectangles.find(({ width, x }) => width > 3 && x > 10)!
        const pixel = await page.evaluate(
          ([x, y]) => [
            ...document.querySelector<HTMLCanvasElement>("canvas.picture")!.getContext("2d")!.getImageData(x!, y!, 1, 1)
              .data
          ],
          [Math.round(wanted.x + 1), Math.round(wanted.y + 3)]
        )
        const hex = pixel.slice(0, 3).map((part) => part.toString(16).padStart(2, "0"))
        expect(`#${hex.join("")}`).toBe(palette("dark")[wanted.colour])
        await page.keyboard.press("Shift+KeyL")
        expect(await ground()).toBe("rgb(255, 255, 255)")
      },
      undefined,
      { colorScheme: "dark", viewport: wide }
    ))
})

describe("motion", () => {
  const length = ({ start, end }: { readonly start: number; readonly end: number }): number => end - start

  test("a reader who wants none gets the new window at once", () =>
    onPage(async ({ page, probe }) => {
      const before = await probe()
      await page.keyboard.press("KeyW")
      const { view } = await probe()
      expect(length(view.window)).toBeCloseTo(length(before.bounds) / 1.5, 6)
    }))

  test("otherwise the window glides there, and quick keys add up", () =>
    onPage(
      async ({ page, until }) => {
        for (let step = 0; step < 5; step++) await page.keyboard.press("KeyW")
        const { view } = await until((now) => length(now.view.window) < (length(now.bounds) / 1.5 ** 5) * 1.001)
        expect(length(view.window)).toBeGreaterThan(0)
      },
      undefined,
      { reducedMotion: "no-preference" }
    ))
})
