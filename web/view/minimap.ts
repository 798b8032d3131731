/** The whole trace in a strip: how busy it is, where the matches are, and a brush for the window. */
import { spanOf, within, type TimeWindow } from "../base/time-window.ts"
import { intervals } from "../model/busy.ts"
import { formatSeconds } from "../../src/units/index.ts"
import { h } from "./dom.ts"
import type { Theme } from "./theme.ts"

export interface Minimap {
  readonly element: HTMLElement
  readonly draw: (state: {
    readonly window: TimeWindow
    readonly bounds: TimeWindow
    readonly busy: Float32Array
    readonly matches: readonly number[]
    readonly theme: Theme
  }) => void
}

const height = 36

export const makeMinimap = (onWindow: (window: TimeWindow) => void): Minimap => {
  const canvas = h("canvas", { "aria-hidden": "true" })
  const brush = h("div", {
    class: "brush",
    role: "slider",
    tabindex: "0",
    "aria-label": "Window of the timeline",
    "aria-orientation": "horizontal"
  })
  const left = h("div", { class: "handle left" })
  const right = h("div", { class: "handle right" })
  brush.append(left, right)
  const element = h("div", { class: "minimap", role: "group", "aria-label": "The whole trace" }, canvas, brush)
  let bounds: TimeWindow = { start: 0, end: 1 }
  let window: TimeWindow = bounds
  let painted = ""
  let paintedBusy: Float32Array | undefined

  const timeAt = (event: PointerEvent): number => {
    const box = canvas.getBoundingClientRect()
    return bounds.start + ((event.clientX - box.left) / box.width) * spanOf(bounds)
  }

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    brush.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    const from = timeAt(event)
    const grabbed = event.target === left ? "start" : event.target === right ? "end" : undefined
    const isInside = event.target === brush && spanOf(window) < spanOf(bounds) * 0.999
    const before = window
    const move = (moved: PointerEvent): void => {
      const at = timeAt(moved)
      if (grabbed !== undefined) {
        const other = grabbed === "start" ? before.end : before.start
        onWindow(within({ start: Math.min(at, other), end: Math.max(at, other) }, bounds))
      } else if (isInside) {
        onWindow(within({ start: before.start + at - from, end: before.end + at - from }, bounds))
      } else if (Math.abs(at - from) > spanOf(bounds) * 0.002)
        onWindow(within({ start: Math.min(at, from), end: Math.max(at, from) }, bounds))
    }
    const end = (last: PointerEvent): void => {
      if (grabbed === undefined && !isInside && Math.abs(timeAt(last) - from) <= spanOf(bounds) * 0.002) {
        const half = spanOf(window) / 2
        onWindow(within({ start: from - half, end: from + half }, bounds))
      }
      element.removeEventListener("pointermove", move)
      element.removeEventListener("pointerup", end)
      element.removeEventListener("pointercancel", end)
    }
    element.addEventListener("pointermove", move)
    element.addEventListener("pointerup", end)
    element.addEventListener("pointercancel", end)
  })
  // The pointer is captured by the whole, which therefore hears of the clicks.
  element.addEventListener("dblclick", () => onWindow(bounds))
  brush.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowLeft" ? -0.1 : event.key === "ArrowRight" ? 0.1 : 0
    if (step !== 0) {
      const move = step * spanOf(window)
      onWindow(within({ start: window.start + move, end: window.end + move }, bounds))
    } else if (event.key === "Home")
      onWindow(within({ start: bounds.start, end: bounds.start + spanOf(window) }, bounds))
    else if (event.key === "End") onWindow(within({ start: bounds.end - spanOf(window), end: bounds.end }, bounds))
    else return
    event.preventDefault()
    event.stopPropagation()
  })

  const paint = (width: number, busy: Float32Array, matches: readonly number[], theme: Theme): void => {
    const scale = devicePixelRatio
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    const context = canvas.getContext("2d")
    if (context === null) return
    context.scale(scale, scale)
    context.clearRect(0, 0, width, height)
    context.fillStyle = theme.colours[0]!
    context.globalAlpha = 0.35
    context.beginPath()
    context.moveTo(0, height)
    for (let x = 0; x <= width; x++) {
      const at = Math.min(intervals - 1, Math.floor((x / width) * intervals))
      context.lineTo(x, height - (height - 6) * Math.min(1, busy[at] ?? 0))
    }
    context.lineTo(width, height)
    context.fill()
    context.globalAlpha = 1
    context.fillStyle = theme.colours[2]!
    let last = -1
    for (const match of matches) {
      const x = Math.round(((match - bounds.start) / spanOf(bounds)) * width)
      if (x !== last) context.fillRect(x, 0, 1, 8)
      last = x
    }
  }

  return {
    element,
    draw: (state) => {
      ;({ bounds, window } = state)
      const width = element.clientWidth
      const key = `${width} ${devicePixelRatio} ${state.theme.ground} ${state.matches.length} ${state.matches[0] ?? 0} ${bounds.end}`
      if (key !== painted || paintedBusy !== state.busy) {
        painted = key
        paintedBusy = state.busy
        paint(width, state.busy, state.matches, state.theme)
      }
      const from = ((window.start - bounds.start) / spanOf(bounds)) * 100
      const to = ((window.end - bounds.start) / spanOf(bounds)) * 100
      brush.style.setProperty("left", `${from}%`)
      brush.style.setProperty("width", `${Math.max(0.2, to - from)}%`)
      const share = spanOf(bounds) - spanOf(window)
      const now = share > 0 ? Math.round(((window.start - bounds.start) / share) * 100) : 0
      brush.setAttribute("aria-valuenow", String(Math.min(100, Math.max(0, now))))
      brush.setAttribute("aria-valuemin", "0")
      brush.setAttribute("aria-valuemax", "100")
      brush.setAttribute("aria-valuetext", `${formatSeconds(window.start)} to ${formatSeconds(window.end)}`)
    }
  }
}
