/** The built viewer in a real browser: what hands do, what the picture then is, and that hostile files do nothing. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { palette } from "../../web/model/kinds.ts"
import { fixture } from "./fixture.ts"
import { openViewer } from "./page.ts"

const { browser, run, address, empty, file, onPage } = fixture()

const spanOf = ({ start, end }: { readonly start: number; readonly end: number }): number => end - start
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const slice = (name: string, ts: unknown, dur: unknown) => ({ ph: "X", name, pid: 1, tid: 1, ts, dur })

describe("the picture", () => {
  test("of BLOOM has a row for each stage, its schedule, and an axis in seconds", () =>
    onPage(async ({ probe, page }) => {
      const { rows, rectangles, axis, bounds } = await probe()
      expect(rows.map(({ label, kind }) => `${label}: ${kind}`).slice(0, 3)).toEqual([
        "BLOOM-176B pre-training on Jean Zay: group",
        "node 0 · rank 0 (stage 0): headline",
        "node 4 · rank 32 (stage 1): headline"
      ])
      expect(rows).toHaveLength(13)
      expect(bounds.end).toBeGreaterThan(100)
      expect(axis.ticks.slice(0, 3).map(({ label }) => label)).toEqual(["0", "20 s", "40 s"])
      const [first] = rectangles
      expect(first).toMatchObject({ row: "node 0 · rank 0 (stage 0)", name: "F 0", x: 0 })
      expect(new Set(rectangles.map(({ row }) => row)).size).toBe(12)
      expect(await page.title()).toBe("BLOOM-176B pre-training on Jean Zay · Windtunnel")
      expect(await page.locator(".axis text").first().textContent()).toBe("0")
      expect(await page.locator("#panel svg.chart").first().getAttribute("aria-label")).toMatch(
        /^\d+ % of an iteration of 1\d\d s is matrices$/
      )
    }))

  test("opens from disk as a single file, without server or network", () =>
    onPage(async ({ probe }) => {
      const { rows, runs } = await probe()
      expect(rows).toHaveLength(13)
      expect(runs[0]!.iterationSeconds).toBeGreaterThan(100)
    }, file))

  test("is drawn: where a rectangle is, its colour is", () =>
    onPage(async ({ probe, page }) => {
      const { rectangles } = await probe()
      const wide = rectangles.find(({ width, x }) => width > 3 && x > 10)!
      const pixel = await page.evaluate(
        ([x, y]) => {
          const canvas = document.querySelector<HTMLCanvasElement>("canvas.picture")!
          return [...canvas.getContext("2d")!.getImageData(x!, y!, 1, 1).data]
        },
        [Math.round(wide.x + 1), Math.round(wide.y + 3)]
      )
      const hex = palette("light")[wide.colour]!
      expect(
        `#${pixel
          .slice(0, 3)
          .map((part) => part.toString(16).padStart(2, "0"))
          .join("")}`
      ).toBe(hex)
    }))

  test("is drawn where it is crowded as well: every narrow rectangle has its colour, to its height, also under a pinned row", () =>
    onPage(async ({ drop, until, page }) => {
      // 40,000 slices of two kinds on one track: far more than columns of pixels.
      const traceEvents = Array.from({ length: 40_000 }, (_, index) =>
        slice(
          index % 7 < 4 ? "ncclDevKernel_AllReduce" : "Memcpy HtoD",
          index * 10 + (index % 3),
          index % 5 === 0 ? 2 : 8
        )
      )
      await drop("crowded.json", json({ traceEvents }))
      const { rows } = await until(({ rectangles }) => rectangles.some(({ name }) => name === "Memcpy HtoD"))
      await page.locator(`[role=treeitem][data-id='${rows.at(-1)!.id}']`).focus()
      await page.keyboard.press(" ")
      const { rectangles } = await until((now) => now.rows.some(({ isPinned }) => isPinned))
      expect(new Set(rectangles.map(({ colour }) => colour)).size).toBeGreaterThan(1)
      // Where rectangles share a column of pixels, one of them is seen.
      const narrow = rectangles.filter(
        ({ x, y, width }) =>
          width === 1 &&
          !rectangles.some(
            (other) =>
              (other.x !== x || other.y !== y) &&
              other.x < x + 1 &&
              other.x + other.width > x &&
              Math.abs(other.y - y) < 18
          )
      )
      const pixels = await page.evaluate(
        (places) => {
          const context = document.querySelector<HTMLCanvasElement>("canvas.picture")!.getContext("2d")!
          return places.map(([x, y]) => [...context.getImageData(x!, y!, 1, 1).data.slice(0, 3)])
        },
        narrow.map(({ x, y, height }) => [x, Math.round(y + height - 2)])
      )
      const wanted = narrow.map(({ colour }) => palette("light")[colour]!)
      const found = pixels.map((pixel) => `#${pixel.map((part) => part.toString(16).padStart(2, "0")).join("")}`)
      const wrong = found.filter((hex, index) => hex !== wanted[index])
      expect(narrow.length).toBeGreaterThan(500)
      expect(wrong.length).toBe(0)
    }))

  test("of the pipeline has numbered micro-batches by stage", () =>
    onPage(async ({ probe, page }) => {
      await page.keyboard.press("3")
      const { stages, view } = await probe()
      expect(view.tab).toBe("pipeline")
      expect(new Set(stages.map(({ stage }) => stage)).size).toBe(12)
      expect(stages.some(({ microBatch }) => microBatch === 127)).toBe(true)
    }))
})

describe("panels", () => {
  test("memory is stacked by kind, and the kinds at the peak add up to it", () =>
    onPage(async ({ page }) => {
      await page.keyboard.press("Digit4")
      const figure = page.locator(".memory-course")
      expect(await figure.locator("figcaption").textContent()).toMatch(
        /^rank 0 \(stage 0\): at most [\d.]+ GB of 80 GB, after [\d.]+ s$/
      )
      const kinds = await figure.locator("tbody tr td:first-child").allTextContents()
      expect(kinds).toEqual(["weights", "gradients", "optimizer", "context", "activations", "working"])
      expect(await figure.locator("path.layer").count()).toBe(kinds.length)
      const sizes = await figure.locator("tbody tr td:last-child").allTextContents()
      const sum = sizes.reduce((all, size) => all + Number.parseFloat(size), 0)
      const [, peak] = /at most ([\d.]+) GB/.exec((await figure.locator("figcaption").textContent()) ?? "")!
      expect(Math.abs(sum - Number(peak))).toBeLessThan(0.1)
      // The rank under the keyboard is the one that is shown.
      await page.locator("[role=treeitem][aria-label^='node 44']").click()
      await page.waitForFunction(() =>
        document.querySelector(".memory-course figcaption")?.textContent?.includes("stage 11")
      )
    }))

  test("an area has its table, its exposed communication and its bubble, as the breakdown has them", () =>
    onPage(async ({ page, until }) => {
      await page.keyboard.press("Control+a")
      await until(({ view }) => view.area !== undefined)
      const facts = Object.fromEntries(
        await page
          .locator("#panel dl > div")
          .evaluateAll((rows) =>
            rows.map((row) => [row.querySelector("dt")?.textContent ?? "", row.querySelector("dd")?.textContent ?? ""])
          )
      ) as Readonly<Record<string, string>>
      const { result } = JSON.parse(readFileSync(join(run, "result.json"), "utf8")) as {
        readonly result: {
          readonly iterationSeconds: number
          readonly breakdown: { readonly exposed: { readonly tensor: number } }
        }
      }
      // All-reduces of tensor parallelism lie between the kernels, and nothing hides them.
      expect(Number.parseFloat(facts["tensor parallel"]!)).toBeCloseTo(result.breakdown.exposed.tensor, 1)
      const seconds = ["work", "exposed communication", "bubble"].map((name) => Number.parseFloat(facts[name]!))
      expect(seconds.reduce((sum, one) => sum + one, 0) / result.iterationSeconds).toBeCloseTo(1, 2)
      expect(await page.locator("#panel thead th").allTextContents()).toEqual([
        "name",
        "count",
        "total",
        "mean",
        "p99",
        "share"
      ])
      // The address keeps the area.
      await page.waitForFunction(() => location.hash.includes("area="))
      const area = (await until(() => true)).view.area!
      const other = await openViewer(browser(), page.url())
      const same = (await other.until(({ view }) => view.area !== undefined)).view.area!
      expect(new Set(same.tracks)).toEqual(new Set(area.tracks))
      await other.page.context().close()
    }))
})

describe("the critical path", () => {
  test("adds up to the iteration, and is highlighted in the timeline when it is wanted", () =>
    onPage(async ({ page, until, probe }) => {
      const { path, bounds } = await probe()
      expect(path.slices.length).toBeGreaterThan(200)
      expect(path.seconds).toBeCloseTo(bounds.end, 6)
      await page.keyboard.press("Digit5")
      expect(await page.locator("#panel svg.chart").first().getAttribute("aria-label")).toMatch(
        /^The critical path takes 1\d\d s through \d+ slices$/
      )
      const ink = (): Promise<number> =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>("canvas.picture")!
          const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
          let sum = 0
          for (let index = 0; index < data.length; index += 4) sum += (255 - data[index]!) * (data[index + 3]! / 255)
          return sum
        })
      const everything = await ink()
      await page.getByRole("button", { name: "Highlight in the timeline" }).click()
      await page.waitForFunction(() => location.hash.includes("path=1"))
      // What is not on the path fades.
      expect(await ink()).toBeLessThan(everything * 0.6)
      const other = await openViewer(browser(), page.url())
      await other.until((now) => now.rectangles.length > 0)
      expect(await other.page.getByRole("button", { name: "Show everything" }).getAttribute("aria-pressed")).toBe(
        "true"
      )
      await other.page.context().close()
      await page.keyboard.press("KeyP")
      await until(() => true)
      await page.waitForTimeout(100)
      expect(await ink()).toBe(everything)
    }))
})

describe("hands", () => {
  test("in the minimap: a drag chooses a window, the window is dragged and moved by keys, a double click shows the whole", () =>
    onPage(async ({ page, until }) => {
      const map = (await page.locator(".minimap").boundingBox())!
      const at = (share: number): readonly [number, number] => [map.x + map.width * share, map.y + map.height / 2]
      await page.keyboard.press("KeyW")
      await page.keyboard.press("KeyW")
      await page.keyboard.press("KeyW")
      const { view, bounds } = await until((now) => spanOf(now.view.window) < spanOf(now.bounds) / 2)
      const middle = (view.window.start + view.window.end) / 2 / spanOf(bounds)
      await page.mouse.move(...at(middle))
      await page.mouse.down()
      await page.mouse.move(...at(middle - 0.1), { steps: 3 })
      await page.mouse.up()
      const moved = await until((now) => now.view.window.start < view.window.start - 1)
      expect(view.window.start - moved.view.window.start).toBeCloseTo(0.1 * spanOf(bounds), 0)
      expect(spanOf(moved.view.window)).toBeCloseTo(spanOf(view.window), 6)
      const brush = page.getByRole("slider", { name: "Window of the timeline" })
      await brush.focus()
      await page.keyboard.press("End")
      await until((now) => Math.abs(now.view.window.end - bounds.end) < 1e-6)
      await brush.dblclick()
      await until((now) => spanOf(now.view.window) === spanOf(bounds))
    }))

  test("W and S zoom, A and D pan, 0 shows the whole, on any layout", () =>
    onPage(async ({ until, page }) => {
      await page.keyboard.press("KeyW")
      const near = await until(({ view, bounds }) => spanOf(view.window) < spanOf(bounds) * 0.7)
      await page.keyboard.press("KeyD")
      const later = await until(({ view }) => view.window.start > near.view.window.start + 1)
      await page.keyboard.press("KeyA")
      await until(({ view }) => view.window.start < later.view.window.start - 1)
      await page.keyboard.press("KeyS")
      await until(({ view }) => spanOf(view.window) > spanOf(near.view.window) * 1.4)
      await page.keyboard.press("Digit0")
      await until(({ view, bounds }) => spanOf(view.window) === spanOf(bounds))
    }))

  test("Ctrl and the wheel zooms at the pointer, Shift and a drag pans", () =>
    onPage(async ({ until, probe, page }) => {
      const sheet = (await page.locator(".sheet").boundingBox())!
      const before = await probe()
      const under = before.bounds.end * 0.25
      await page.mouse.move(sheet.x + sheet.width * 0.25, sheet.y + 60)
      await page.keyboard.down("Control")
      await page.mouse.wheel(0, -400)
      await page.keyboard.up("Control")
      const { view } = await until((now) => spanOf(now.view.window) < spanOf(before.bounds) * 0.6)
      expect(view.window.start + spanOf(view.window) * 0.25).toBeCloseTo(under, 3)
      await page.keyboard.down("Shift")
      await page.mouse.down()
      await page.mouse.move(sheet.x + sheet.width * 0.25 - 100, sheet.y + 60, { steps: 4 })
      await page.mouse.up()
      await page.keyboard.up("Shift")
      const moved = await until((now) => now.view.window.start > view.window.start)
      expect(moved.view.window.start - view.window.start).toBeCloseTo((100 / sheet.width) * spanOf(view.window), 2)
      expect(moved.view.area).toBeUndefined()
    }))

  test("a click selects a slice; [ and ] follow its arrows, F zooms to it, M marks it, Escape lets go", () =>
    onPage(async ({ until, probe, page }) => {
      const sheet = (await page.locator(".sheet").boundingBox())!
      const { rectangles } = await probe()
      const target = rectangles.find(({ row, width, x }) => row.includes("rank 160") && width > 4 && x > 300)!
      await page.mouse.click(sheet.x + target.x + target.width / 2, sheet.y + target.y + 6)
      const { view } = await until((now) => now.view.selection !== undefined)
      expect(view.selection).toEqual({ slice: target.slice, entry: -1 })
      expect(await page.locator("#panel h2").textContent()).toBe(target.name)
      expect(await page.locator("#panel dl").textContent()).toContain("micro-batch")
      await page.keyboard.press("BracketLeft")
      const source = await until((now) => now.view.selection?.slice !== target.slice)
      expect(await page.locator("#panel h2").textContent()).toMatch(/^send /)
      await page.keyboard.press("BracketRight")
      await until(
        (now) => now.view.selection?.slice === target.slice && now.view.selection.slice !== source.view.selection!.slice
      )
      await page.keyboard.press("KeyM")
      await until((now) => now.view.marks.length === 1)
      await page.keyboard.press("KeyF")
      await until((now) => spanOf(now.view.window) < 2)
      await page.keyboard.press("Period")
      await until((now) => now.view.selection?.slice !== target.slice)
      await page.keyboard.press("Comma")
      await until((now) => now.view.selection?.slice === target.slice)
      await page.keyboard.press("Escape")
      await until((now) => now.view.selection === undefined)
    }))

  test("a drag selects an area, with a table by name", () =>
    onPage(async ({ until, page }) => {
      const sheet = (await page.locator(".sheet").boundingBox())!
      await page.mouse.move(sheet.x + 300, sheet.y + 30)
      await page.mouse.down()
      await page.mouse.move(sheet.x + 500, sheet.y + 120, { steps: 5 })
      await page.mouse.up()
      const { view, bounds } = await until((now) => now.view.area !== undefined)
      expect(view.area!.start).toBeCloseTo((300 / sheet.width) * bounds.end, 1)
      const rows = await page.locator("#panel tbody tr").allTextContents()
      expect(rows.some((row) => row.startsWith("B"))).toBe(true)
      expect(await page.locator("#panel thead").textContent()).toBe("namecounttotalmeanp99share")
    }))

  test("/ searches; Enter goes from match to match and back", () =>
    onPage(async ({ until, page }) => {
      await page.keyboard.press("/")
      await page.keyboard.type("optimizer")
      const { matches } = await until((now) => now.matches > 0)
      expect(matches).toBe(12)
      await page.keyboard.press("Enter")
      await until((now) => now.view.match === 0 && now.view.selection !== undefined)
      await page.keyboard.press("Shift+Enter")
      await until((now) => now.view.match === 11)
      expect(await page.locator(".search output").textContent()).toBe("12 of 12")
    }))

  test("? and the palette list every command, and run them", () =>
    onPage(async ({ probe, until, page }) => {
      await page.keyboard.press("?")
      expect(await page.locator("dialog.help dt").count()).toBeGreaterThan(20)
      await page.keyboard.press("Escape")
      const { commands } = await probe()
      await page.keyboard.press("Control+Shift+P")
      expect(await page.locator("[role=option]").count()).toBe(commands.length)
      await page.keyboard.type("pipeline sched")
      await page.keyboard.press("Enter")
      await until((now) => now.view.tab === "pipeline")
    }))

  test("by keyboard alone: the tree folds, pins and leads to slices", () =>
    onPage(async ({ until, page }) => {
      await page.locator("[role=treeitem]").first().focus()
      await page.keyboard.press("ArrowDown")
      await page.keyboard.press("ArrowRight")
      const opened = await until((now) => now.rows.length > 13)
      expect(opened.rows.map(({ label }) => label).slice(2, 9)).toEqual([
        "schedule",
        "compute",
        "tensor",
        "pipeline",
        "data",
        "host",
        "memory (bytes)"
      ])
      await page.keyboard.press("ArrowRight")
      await page.keyboard.press(" ")
      await until((now) => now.rows[0]!.isPinned && now.rows[0]!.label === "schedule")
      await page.keyboard.press("Enter")
      await until((now) => now.view.selection !== undefined)
    }))

  test("the legend hides a kind, the filter hides tracks", () =>
    onPage(async ({ until, probe, page }) => {
      await page.keyboard.press("KeyE")
      const before = await until((now) => now.rows.length > 50)
      expect(before.rectangles.some(({ row }) => row === "pipeline")).toBe(true)
      await page.getByRole("button", { name: "pipeline sends" }).click()
      await until(
        (now) => now.view.hidden.includes("pipeline") && now.rectangles.every(({ row }) => row !== "pipeline")
      )
      await page.getByLabel("Filter tracks by name").fill("tensor")
      await until((now) => now.rows.every(({ label }) => !["schedule", "compute"].includes(label)))
      expect((await probe()).rows.filter(({ label }) => label === "tensor")).toHaveLength(12)
    }))

  test("templates are drawn kernel by kernel where zoomed in", () =>
    onPage(async ({ until, probe, page }) => {
      await page.keyboard.press("KeyE")
      await until((now) => now.rows.length > 50)
      const far = await probe()
      expect(far.rectangles.filter(({ row }) => row === "compute").some(({ name }) => name === "QKV projection")).toBe(
        false
      )
      for (let step = 0; step < 16; step++) await page.keyboard.press("KeyW")
      await until((now) => now.rectangles.some(({ row, name }) => row === "compute" && /projection/.test(name)))
    }))

  test("two fingers pinch", () =>
    onPage(
      async ({ until, page, probe }) => {
        const sheet = (await page.locator(".sheet").boundingBox())!
        const session = await page.context().newCDPSession(page)
        const fingers = (gap: number) => [
          { x: sheet.x + 200 - gap, y: sheet.y + 60, id: 1 },
          { x: sheet.x + 200 + gap, y: sheet.y + 60, id: 2 }
        ]
        const send = (type: "touchStart" | "touchMove" | "touchEnd", gap: number) =>
          session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : fingers(gap) })
        await send("touchStart", 30)
        for (const gap of [40, 60, 90, 120]) await send("touchMove", gap)
        await send("touchEnd", 0)
        const { bounds } = await probe()
        await until((now) => spanOf(now.view.window) < spanOf(bounds) * 0.4)
      },
      undefined,
      { hasTouch: true }
    ))

  test("the address brings the same view back, and survives a wrong one", () =>
    onPage(async ({ until, page, probe }) => {
      for (let step = 0; step < 4; step++) await page.keyboard.press("KeyW")
      await page.keyboard.press("KeyE")
      await page.keyboard.press("Period")
      const before = await until((now) => now.view.selection !== undefined && now.rows.length > 50)
      await page.waitForTimeout(500)
      const settled = await probe()
      await page.waitForFunction(() => location.hash.includes("sel="))
      const other = await openViewer(browser(), page.url())
      const after = await other.until((now) => now.view.selection !== undefined)
      expect(after.view.window).toEqual(settled.view.window)
      expect(after.view.selection).toEqual(before.view.selection)
      expect(after.rows).toHaveLength(before.rows.length)
      await other.page.context().close()
      const wrong = await openViewer(
        browser(),
        `${address()}#v=1&t=1e9~2e9&sel=99999999_7&pin=%5B%22x%22%5D&hide=nothing`
      )
      const found = await wrong.until((now) => now.rectangles.length > 0)
      expect(found.view.selection).toBeUndefined()
      expect(wrong.errors).toEqual([])
      await wrong.page.context().close()
    }))
})

describe("what if", () => {
  test("a change of the form is simulated, an error stands beside its field, undo goes back, the command can be copied", () =>
    onPage(
      async ({ until, page }) => {
        await page.keyboard.press("KeyX")
        const micro = page.getByLabel("micro batch", { exact: true })
        await micro.waitFor()
        const before = (await until(() => true)).runs[0]!.iterationSeconds!
        await micro.fill("4")
        await micro.press("Enter")
        const after = await until(({ runs }) => runs[0]!.iterationSeconds !== before)
        expect(after.runs[0]!.iterationSeconds).toBeGreaterThan(50)
        await micro.fill("7")
        await micro.press("Enter")
        await page.locator(".field .error:not(:empty)").first().waitFor()
        expect(await page.locator(".field [aria-invalid=true]").count()).toBeGreaterThan(0)
        await page.getByRole("button", { name: "Undo" }).click()
        await until(({ runs }) => runs[0]!.iterationSeconds === after.runs[0]!.iterationSeconds)
        const status = page.locator(".what-if > [role=status]")
        await status.getByText(/Simulated in/).waitFor()
        await page.getByRole("button", { name: "Copy as command" }).click()
        await status.getByText(/--set/).waitFor()
        expect(await status.textContent()).toContain("--set training.microBatch=4")
        await page.getByRole("button", { name: "Undo" }).click()
        await until(({ runs }) => runs[0]!.iterationSeconds === before)
      },
      undefined,
      { permissions: ["clipboard-write"] }
    ))

  test("works in the single file as well: YAML, with the line that is wrong", () =>
    onPage(async ({ until, page }) => {
      await page.keyboard.press("KeyX")
      await page.getByLabel("micro batch", { exact: true }).waitFor()
      await page.getByText("YAML", { exact: true }).click()
      const yaml = page.getByLabel("Scenario as YAML")
      const text = await yaml.inputValue()
      expect(text).toContain("microBatch: 2")
      const before = (await until(() => true)).runs[0]!.iterationSeconds!
      await yaml.fill(text.replace("recompute: full", "recompute: none"))
      await until(({ runs }) => runs[0]!.iterationSeconds! < before)
      await yaml.fill(text.replace("recompute: full", "recompute: [full"))
      await page.locator(".problems li").first().waitFor()
      expect(await page.locator(".problems").textContent()).toMatch(/line \d+/)
    }, file))

  test("a change can be compared with what was before", () =>
    onPage(async ({ until, page }) => {
      await page.keyboard.press("KeyX")
      const micro = page.getByLabel("micro batch", { exact: true })
      await micro.waitFor()
      await micro.fill("4")
      await micro.press("Enter")
      await page.getByRole("button", { name: "Compare with before" }).and(page.locator(":enabled")).click()
      const { deltas, runs } = await until((now) => now.runs.length === 2)
      const [a, b] = runs.map(({ iterationSeconds }) => iterationSeconds!) as [number, number]
      expect(deltas.reduce((sum, { difference }) => sum + difference, 0)).toBeCloseTo(b - a, 6)
      expect(await page.locator("#panel caption").first().textContent()).toBe("Differences by contribution")
    }))
})

describe("files", () => {
  test("a recording dropped on the page is shown, or compared with what is shown", () =>
    onPage(async ({ until, drop, page }) => {
      const trace = json({ traceEvents: [slice("matmul", 0, 2e6), slice("ncclDevKernel_AllReduce", 2e6, 1e6)] })
      await drop("pytorch.json.gz", gzipSync(trace), "Compare")
      const both = await until((now) => now.runs.length === 2)
      expect(both.rows.filter(({ label }) => /^[AB] · /.test(label)).map(({ label }) => label.slice(0, 1))).toEqual([
        "A",
        "B"
      ])
      expect(both.deltas.length).toBeGreaterThan(3)
      await drop("pytorch.json.gz", gzipSync(trace))
      const alone = await until((now) => now.runs.length === 1)
      expect(alone.rectangles.map(({ name }) => name)).toEqual(["matmul", "ncclDevKernel_AllReduce"])
      expect(await page.title()).toContain("pytorch.json.gz")
    }))

  test("hostile ones are shown as text or refused with a message, and run nothing", () =>
    onPage(async ({ until, drop, page, probe }) => {
      const attack = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
      await drop(
        "attack.json",
        json({
          traceEvents: [
            { ph: "M", name: "process_name", pid: 1, args: { name: attack } },
            { ...slice(attack, 0, 5), cat: attack, args: { [attack]: attack, deep: { a: [attack] } } },
            slice("x".repeat(10_000_000), 5, 5),
            slice("backwards", 3, -1),
            ...Array.from({ length: 3000 }, (_, level) => slice("deep", level / 1000, 10 - level / 1000))
          ]
        })
      )
      await until((now) => now.rectangles.some(({ name }) => name === attack))
      await page.keyboard.press("Period")
      await until((now) => now.view.selection !== undefined)
      expect(await page.locator("#panel").textContent()).toContain("<script>")
      expect(await page.locator(".labels").textContent()).toContain("<img")
      expect(await page.locator(".status").textContent()).toContain("1 event with a negative duration left out")
      const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
        ["cut.json.gz", gzipSync(json([slice("a", 0, 1)])).subarray(0, 30), /gzip file is damaged or cut short/],
        ["nan.json", json([slice("a", "NaN", 1), slice("b", 0, "NaN")]), /none of 2 events can be shown/],
        ["image.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /neither a trace, a result nor a scenario/],
        ["cut.windtunnel", readFileSync(join(run, "trace.windtunnel")).subarray(0, 5000), /truncated/],
        [
          "wrong.yaml",
          new TextEncoder().encode("cluster: {}\nmodel: nothing-like-it\ntraining: { globalBatch: 1 }\n"),
          /nothing-like-it|cluster/
        ]
      ]
      for (const [name, bytes, message] of refusals) {
        await drop(name, bytes)
        await page.waitForFunction(
          (pattern) => new RegExp(pattern).test(document.querySelector(".status.error")?.textContent ?? ""),
          message.source
        )
      }
      // What was shown before is still there.
      expect((await probe()).rectangles.some(({ name }) => name === attack)).toBe(true)
      expect(await page.evaluate("window.pwned")).toBeUndefined()
    }))

  test("arguments nested deeper than anything recursive can read are no harm", () =>
    onPage(async ({ until, drop, page }) => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      const whole = `{"traceEvents":[{"ph":"X","name":"well","pid":1,"tid":1,"ts":0,"dur":5,"args":{"deep":${deep}}}]}`
      await drop("deep.json", new TextEncoder().encode(whole))
      await until((now) => now.rectangles.some(({ name }) => name === "well"))
      await page.keyboard.press("Period")
      await until((now) => now.view.selection !== undefined)
      expect(await page.locator("#panel h2").textContent()).toBe("well")
    }))

  test("the policy of the page refuses a script that got in all the same", async () => {
    for (const place of [address(), file]) {
      const { page, until } = await openViewer(browser(), place)
      await until((now) => now.rectangles.length > 0)
      await page.evaluate(() => {
        const script = document.createElement("script")
        script.textContent = "window.pwned = 1"
        document.body.append(script)
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned=1'>")
      })
      await page.waitForTimeout(100)
      expect(await page.evaluate("window.pwned")).toBeUndefined()
      await page.context().close()
    }
  })
})

describe("the start page", () => {
  test("has the shipped scenarios as cards, and simulates the one that is chosen", () =>
    onPage(async ({ page, until }) => {
      const card = page.getByRole("button", { name: /BLOOM-176B pre-training on Jean Zay/ })
      await card.first().waitFor()
      expect(await page.locator(".card svg rect").count()).toBeGreaterThan(50)
      await card.first().click()
      const { runs } = await until((now) => now.rectangles.length > 0)
      expect(runs[0]!.iterationSeconds).toBeGreaterThan(100)
    }, empty()))
})
