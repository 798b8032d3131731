/**
 * The viewer at its limits: 1,000,000 slices on 64 tracks in a real browser, drawn in software. Figures, not tests:
 * the first picture of a file, a frame's own work at several zooms, memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { test } from "vitest"
import { timelinePage } from "../../src/cli/timeline-page.ts"
import { encodeTrace } from "../../src/trace/index.ts"
import { launch } from "../browser/chromium.ts"
import { manySlices } from "../web/recordings.ts"

const [tracks, slices] = [64, 15_625]
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

test("a million slices", async () => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-bench-"))
  const browser = await launch()
  try {
    const built = timelinePage(new Map([["trace.windtunnel", encodeTrace(manySlices(tracks, slices))]]))
    if ("failure" in built) throw new Error(built.failure)
    const file = join(folder, "timeline.html")
    writeFileSync(file, built.page)
    const context = await browser.newContext({ viewport: { width: 1600, height: 1700 }, reducedMotion: "reduce" })
    const page = await context.newPage()
    await page.goto(pathToFileURL(file).href)
    const isDrawn = "(window.windtunnel?.lastFrame() ?? -1) > 0 && performance.now()"
    const handle = await page.waitForFunction(isDrawn, null, { polling: 20 })
    console.log(`first picture ${Math.round(Number(await handle.jsonValue()))} ms after navigation`)
    for (const zoom of [1, 10, 100, 1000, 10_000]) {
      const times = await page.evaluate<readonly number[]>(`(async () => {
        const span = ${zoom === 1 ? "null" : zoom}
        const { bounds } = windtunnel.probe()
        const length = (bounds.end - bounds.start) / ${zoom}
        const times = []
        for (let step = 0; step < 24; step++) {
          const start = bounds.start + (bounds.end - bounds.start - length) * (0.3 + step * 0.1 / ${zoom})
          location.hash = "#v=1&t=" + start + "~" + (start + length * (1 - step * 1e-9))
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))
          times.push(windtunnel.lastFrame())
        }
        return times
      })()`)
      console.log(
        `zoom ${zoom}x: frame ${median(times).toFixed(1)} ms median, ${Math.max(...times).toFixed(1)} ms most`
      )
    }
    const session = await context.newCDPSession(page)
    await session.send("HeapProfiler.collectGarbage")
    const heap = await page.evaluate<number>("performance.memory.usedJSHeapSize")
    const { metrics } = (await session.send("Performance.enable"), await session.send("Performance.getMetrics"))
    const external = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0
    console.log(`heap ${Math.round(Math.max(heap, external) / 1e6)} MB`)
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 300_000)
