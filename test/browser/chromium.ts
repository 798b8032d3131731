/** A real headless Chromium: the one of @sparticuz/chromium on Linux x64, else an installed one or CHROMIUM_PATH. */
import { existsSync } from "node:fs"
import chromium from "@sparticuz/chromium"
import { chromium as playwright, type Browser } from "playwright-core"

const installed = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

const executable = async (): Promise<string> => {
  const named = process.env["CHROMIUM_PATH"]
  if (named !== undefined) return named
  if (process.platform === "linux" && process.arch === "x64") return chromium.executablePath()
  const found = installed.find((path) => existsSync(path))
  if (found === undefined) throw new Error("the browser tests need Chromium: set CHROMIUM_PATH")
  return found
}

export const launch = async (): Promise<Browser> =>
  playwright.launch({
    executablePath: await executable(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-device-scale-factor=1"]
  })
