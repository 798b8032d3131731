/**
 * Mouse, wheel and fingers on the timeline, as Perfetto has them: the wheel scrolls, Ctrl and the wheel zooms at the
 * pointer, Shift and the wheel (or a sideways wheel) pans, a drag selects an area, Shift and a drag pans, two fingers
 * pinch.
 */

interface Point {
  readonly x: number
  readonly y: number
}

export interface PointerActions {
  readonly hover: (at: Point | undefined) => void
  readonly click: (x: number, y: number) => void
  readonly doubleClick: () => void
  readonly dragArea: (from: Point, to: Point, isEnd: boolean) => void
  /** By pixels, positive to the right. */
  readonly pan: (pixels: number) => void
  readonly zoom: (x: number, factor: number) => void
}

/** Pixels that a hand may tremble in a click. */
const tremble = 4

export const makePointer = (sheet: HTMLElement, scroller: HTMLElement, actions: PointerActions): void => {
  const fingers = new Map<number, Point>()
  let began: Point | undefined
  let last: Point | undefined
  let mode: "none" | "area" | "pan" | "pinch" = "none"
  let gap = 0

  const pointOf = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = sheet.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const gapOf = (): number => {
    const [a, b] = [...fingers.values()]
    return a === undefined || b === undefined ? 0 : Math.abs(a.x - b.x)
  }

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    const at = pointOf(event)
    fingers.set(event.pointerId, at)
    scroller.focus({ preventScroll: true })
    if (fingers.size === 2) {
      mode = "pinch"
      gap = gapOf()
      return
    }
    began = at
    last = at
    mode = "none"
  })
  sheet.addEventListener("pointermove", (event) => {
    const at = pointOf(event)
    if (event.pointerType !== "touch") actions.hover(at)
    if (!fingers.has(event.pointerId)) return
    fingers.set(event.pointerId, at)
    if (mode === "pinch") {
      const now = gapOf()
      const [a, b] = [...fingers.values()]
      if (a !== undefined && b !== undefined && gap > 8 && now > 8) actions.zoom((a.x + b.x) / 2, gap / now)
      gap = now
      return
    }
    if (began === undefined || last === undefined) return
    if (mode === "none" && Math.hypot(at.x - began.x, at.y - began.y) > tremble) {
      mode = event.shiftKey || event.pointerType === "touch" ? "pan" : "area"
      sheet.setPointerCapture(event.pointerId)
    }
    if (mode === "area") actions.dragArea(began, at, false)
    if (mode === "pan") {
      actions.pan(at.x - last.x)
      if (event.pointerType === "touch") scroller.scrollTop -= at.y - last.y
    }
    last = at
  })
  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return
    const at = pointOf(event)
    if (event.type === "pointerup" && began !== undefined) {
      if (mode === "none") actions.click(at.x, at.y)
      if (mode === "area") actions.dragArea(began, at, true)
    }
    if (fingers.size === 0) {
      began = undefined
      mode = "none"
    }
  }
  sheet.addEventListener("pointerup", lift)
  sheet.addEventListener("pointercancel", lift)
  sheet.addEventListener("pointerleave", () => actions.hover(undefined))
  sheet.addEventListener("dblclick", actions.doubleClick)
  sheet.addEventListener(
    "wheel",
    (event) => {
      const isLines = event.deltaMode === 1
      const unit = isLines ? 20 : 1
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        const delta = Math.max(-200, Math.min(200, event.deltaY * unit))
        return actions.zoom(pointOf(event).x, 2 ** (delta / 200))
      }
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      if (sideways === 0 || (!event.shiftKey && Math.abs(event.deltaX) < Math.abs(event.deltaY))) return undefined
      event.preventDefault()
      return actions.pan(-sideways * unit)
    },
    { passive: false }
  )
}
