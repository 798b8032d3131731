/** A run, the servers that show it, and the browser: made once for a file of tests, taken down after it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"
import { filesToShow } from "../../src/cli/view-files.ts"
import { startViewServer, type ViewServer } from "../../src/cli/view-server.ts"
import { builtViewer } from "../../src/cli/viewer-build.ts"
import { windtunnel } from "../cli/command-line.ts"
import { launch } from "./chromium.ts"
import { openViewer, type Viewer } from "./page.ts"

export interface Fixture {
  readonly browser: () => Browser
  /** Folder of the run. */
  readonly run: string
  /** The page of the run, the page without one, and the single file. */
  readonly address: () => string
  readonly empty: () => string
  readonly file: string
  /** Runs a test on a page of its own, and fails when the page reports an error. */
  readonly onPage: (
    body: (viewer: Viewer) => Promise<void>,
    address?: string,
    options?: Parameters<typeof openViewer>[2]
  ) => Promise<void>
}

/** @param scenario  and what else `windtunnel run` is told */
export const fixture = (scenario = "bloom-176b", more: readonly string[] = []): Fixture => {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-browser-"))
  const run = join(folder, "run")
  let browser: Browser
  const servers: ViewServer[] = []

  beforeAll(async () => {
    const viewer = builtViewer()
    if ("failure" in viewer) throw new Error(viewer.failure)
    const ended = await windtunnel("run", scenario, ...more, "--out", run)
    expect(ended.status, ended.stderr).toBe(0)
    const shown = await Effect.runPromise(filesToShow(run, []))
    servers.push(await startViewServer({ viewer: viewer.folder, port: 0, ...shown }))
    servers.push(await startViewServer({ viewer: viewer.folder, port: 0, files: new Map() }))
    browser = await launch()
  }, 180_000)

  afterAll(async () => {
    await browser?.close()
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const address = (): string => servers[0]!.address
  const empty = (): string => servers[1]!.address
  return {
    browser: () => browser,
    run,
    address,
    empty,
    file: pathToFileURL(join(run, "timeline.html")).href,
    onPage: async (body, wanted, options = {}) => {
      const viewer = await openViewer(browser, wanted ?? address(), options)
      try {
        if (wanted !== empty()) await viewer.until(({ rectangles }) => rectangles.length > 0)
        await body(viewer)
        expect(viewer.errors).toEqual([])
      } finally {
        await viewer.page.context().close()
      }
    }
  }
}
