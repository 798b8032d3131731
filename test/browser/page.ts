/** A page with the viewer, and what the tests ask of it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core"

/** What the page tells of its picture: data, not pixels. */
export interface Probe {
  readonly view: {
    readonly window: { readonly start: number; readonly end: number }
    readonly selection: { readonly slice: number; readonly entry: number } | undefined
    readonly area: { readonly start: number; readonly end: number; readonly tracks: readonly number[] } | undefined
    readonly marks: readonly unknown[]
    readonly hidden: readonly string[]
    readonly pinned: readonly string[]
    readonly folded: readonly string[]
    readonly tab: string
    readonly search: string
    readonly match: number
    readonly requests: { readonly metric: string; readonly tracks: readonly number[] } | undefined
  }
  readonly bounds: { readonly start: number; readonly end: number }
  readonly rows: readonly {
    readonly id: string
    readonly label: string
    readonly kind: string
    readonly top: number
    readonly height: number
    readonly isPinned: boolean
  }[]
  readonly rectangles: readonly {
    readonly row: string
    readonly name: string
    readonly slice: number
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly colour: number
  }[]
  readonly axis: { readonly base: string; readonly ticks: readonly { readonly label: string }[] }
  readonly matches: number
  readonly deltas: readonly { readonly name: string; readonly difference: number }[]
  readonly stages: readonly { readonly stage: number; readonly microBatch: number }[]
  readonly runs: readonly {
    readonly name: string
    readonly iterationSeconds: number | undefined
    readonly figures: readonly { readonly label: string; readonly value: number }[]
  }[]
  readonly path: { readonly slices: readonly number[]; readonly seconds: number; readonly waiting: number }
  readonly commands: readonly { readonly id: string; readonly name: string }[]
}

export interface Viewer {
  readonly page: Page
  /** Errors of the page and refusals of its Content-Security-Policy; a test ends with none. */
  readonly errors: readonly string[]
  readonly probe: () => Promise<Probe>
  /** Waits until the picture is as wanted; fails with what it is. */
  readonly until: (isWanted: (probe: Probe) => boolean) => Promise<Probe>
  readonly drop: (name: string, bytes: Uint8Array, onto?: string) => Promise<void>
}

export const openViewer = async (
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {}
): Promise<Viewer> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    // Windows move at once, so that a test need not wait for them to arrive.
    reducedMotion: "reduce",
    ...options
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on("pageerror", (error) => errors.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text())
  })
  await page.goto(address)
  // As text: thousands of rectangles take the debugger's own serialisation most of a second.
  const read = async (): Promise<Probe | null> =>
    JSON.parse(await page.evaluate<string>("JSON.stringify(window.windtunnel?.probe() ?? null)"))
  const until = async (isWanted: (probe: Probe) => boolean): Promise<Probe> => {
    const end = Date.now() + 20_000
    for (;;) {
      const found = await read()
      if (found !== null && isWanted(found)) return found
      if (Date.now() > end) {
        const status = await page.textContent(".status").catch(() => "")
        throw new Error(
          `the page did not come to it: ${status ?? ""} ${JSON.stringify(found?.view)} ${errors.join("; ")}`
        )
      }
      await page.waitForTimeout(25)
    }
  }
  return {
    page,
    errors,
    until,
    probe: () => until(() => true),
    drop: async (name, bytes, onto) => {
      await page.evaluate(
        ([fileName, base64, selector]) => {
          const content = Uint8Array.from(atob(base64 ?? ""), (letter) => letter.charCodeAt(0))
          const transfer = new DataTransfer()
          transfer.items.add(new File([content], fileName ?? ""))
          window.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer, bubbles: true }))
          const target = [...document.querySelectorAll(".drop-target")].find((one) =>
            one.textContent?.includes(selector ?? "Open")
          )
          const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
          ;(target ?? window).dispatchEvent(event)
        },
        [name, Buffer.from(bytes).toString("base64"), onto] as const
      )
    }
  }
}
