/** The pictures of README.md: the timeline, the pipeline and a report as a browser shows them, each below 200 KB. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Page } from "playwright-core"
import { launch } from "./chromium.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const pictures = join(root, "docs", "pictures")
const largestBytes = 200_000

const windtunnel = (...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "bin", "windtunnel.mjs"), ...args], {
    cwd: root,
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`windtunnel ${args.join(" ")}: ${stderr}`)
}

const shoot = async (page: Page, name: string): Promise<void> => {
  const bytes = await page.screenshot({ path: join(pictures, name) })
  if (bytes.length > largestBytes) throw new Error(`${name} has ${bytes.length} bytes`)
  console.log(`docs/pictures/${name}  ${Math.round(bytes.length / 1000)} KB`)
}

/** A run's timeline at an address, when it is drawn. */
const openTimeline = async (page: Page, run: string, hash = ""): Promise<void> => {
  await page.goto("about:blank")
  await page.goto(`${pathToFileURL(join(run, "timeline.html")).href}${hash}`)
  await page.waitForFunction("(window.windtunnel?.lastFrame() ?? -1) > 0")
  await page.waitForTimeout(300)
}

const folder = mkdtempSync(join(tmpdir(), "windtunnel-pictures-"))
const browser = await launch()
try {
  mkdirSync(pictures, { recursive: true })
  const bloom = join(folder, "bloom")
  windtunnel("run", "bloom-176b", "--out", bloom)
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: "reduce" })
  const page = await context.newPage()
  await openTimeline(page, bloom)
  await shoot(page, "timeline.png")

  // The first micro-batches of every stage, in a panel that is as high as they need.
  await openTimeline(page, bloom, "#v=1&t=0~16&tab=pipeline")
  const grip = (await page.locator(".grip").boundingBox())!
  await page.mouse.move(grip.x + 200, grip.y + 1)
  await page.mouse.down()
  await page.mouse.move(grip.x + 200, grip.y - 20)
  await page.mouse.up()
  await page.mouse.move(4, 716)
  await shoot(page, "pipeline.png")

  const chat = join(folder, "chat")
  windtunnel("report", "llama-3-8b-chat-l40s", "--format", "html", "--out", chat)
  const paper = await browser.newContext({ viewport: { width: 900, height: 880 } })
  const report = await paper.newPage()
  await report.goto(pathToFileURL(join(chat, "report.html")).href)
  await shoot(report, "report.png")
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
