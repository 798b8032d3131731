/** The timeline on the page: rows, axis, minimap, and the hands on them. */
import { between, panned, toSeconds, zoomed, type TimeWindow } from "../base/time-window.ts"
import { busyShares } from "../model/busy.ts"
import type { Hit } from "../model/hit.ts"
import { mainTracks, rowsOf, type Rows } from "../model/tree.ts"
import { timelineOf, type Timeline } from "../model/timeline.ts"
import { drawAxis } from "./axis.ts"
import { h, svg } from "./dom.ts"
import { makeLabels } from "./labels.ts"
import { makeMinimap } from "./minimap.ts"
import { drawOverlay } from "./overlay.ts"
import { makePainter, type Drawn, type Frame, type Painter } from "./painter.ts"
import { areaBetween, hitAt, rowAt } from "./picking.ts"
import { makePointer } from "./pointer.ts"
import type { Scene, View } from "./session.ts"
import { isStill, theme } from "./theme.ts"

export interface TimelineView {
  readonly element: HTMLElement
  readonly show: (scene: Scene, view: View) => void
  /** Draws again when something outside of the view changed: size, ground. */
  readonly refresh: () => void
  readonly setMatches: (times: readonly number[]) => void
  readonly setPath: (slices: ReadonlySet<number>) => void
  /** Brings a row into sight. */
  readonly reveal: (top: number, height: number) => void
  readonly timeline: () => Timeline
  readonly rows: () => Rows
  readonly rectangles: () => readonly Drawn[]
  /** Milliseconds that the last frames took to make. */
  readonly frameTimes: () => readonly number[]
  readonly moveTo: (window: TimeWindow) => void
  /** Where the window is, or where it is on its way to: the next key starts from there. */
  readonly aim: () => TimeWindow
  readonly pointerTime: () => number | undefined
  readonly focusRow: (id: string) => void
}

export interface TimelineActions {
  readonly setWindow: (window: TimeWindow) => void
  readonly select: (hit: Hit | undefined) => void
  readonly selectArea: (area: View["area"]) => void
  readonly toggle: (id: string) => void
  readonly pin: (id: string) => void
  readonly focus: (id: string) => void
  readonly fit: () => void
}

const none: ReadonlySet<number> = new Set()

export const makeTimelineView = (actions: TimelineActions): TimelineView => {
  const canvas = h("canvas", { class: "picture" })
  const axis = svg("svg", { class: "axis", height: "24", role: "img" })
  const spacer = h("div", { class: "spacer" })
  const labels = makeLabels(actions)
  const sheet = h("div", { class: "sheet" }, canvas)
  const scroller = h(
    "div",
    { class: "scroller", tabindex: "0", role: "application", "aria-label": "Timeline. Press ? for keys" },
    h("div", { class: "sticky" }, labels.element, sheet),
    spacer
  )
  const minimap = makeMinimap((window) => {
    target = undefined
    actions.setWindow(window)
  })
  const element = h(
    "section",
    { class: "timeline", "aria-label": "Timeline" },
    h("div", { class: "overview" }, h("div", { class: "corner" }), minimap.element),
    h("div", { class: "ruler" }, h("div", { class: "corner" }), axis),
    scroller
  )

  let scene: Scene | undefined
  let view: View | undefined
  let timeline: Timeline | undefined
  let painter: Painter | undefined
  let rows: Rows = { rows: [], pinnedHeight: 0, height: 0 }
  let busy: Float32Array = new Float32Array(0)
  let matches: readonly number[] = []
  let path: ReadonlySet<number> = none
  let hover: { readonly x: number; readonly y: number } | undefined
  let dragged: (TimeWindow & { readonly top: number; readonly bottom: number }) | undefined
  let scheduled = 0
  let target: { readonly from: TimeWindow; readonly to: TimeWindow; readonly since: number } | undefined
  let times: number[] = []

  const width = (): number => Math.max(1, sheet.clientWidth)
  const height = (): number => Math.max(1, scroller.clientHeight)

  const frameOf = (): Frame | undefined =>
    view === undefined || timeline === undefined
      ? undefined
      : { view, timeline, rows, theme: theme(), width: width(), height: height(), scroll: scroller.scrollTop, path }

  const schedule = (): void => {
    if (scheduled === 0) scheduled = requestAnimationFrame(draw)
  }

  const draw = (now: number): void => {
    scheduled = 0
    if (scene === undefined || view === undefined || timeline === undefined || painter === undefined) return
    if (target !== undefined) {
      const share = Math.min(1, Math.max(0, (now - target.since) / 120))
      const window = between(target.from, target.to, 1 - (1 - share) ** 3)
      if (share >= 1) target = undefined
      actions.setWindow(window)
      if (target !== undefined) schedule()
    }
    const began = performance.now()
    const frame = frameOf()
    const context = sized(canvas, width(), height())
    if (frame === undefined || context === null) return
    painter.paint(context, frame)
    drawOverlay(context, scene, frame, hover, dragged)
    labels.draw(rows, scroller.scrollTop, height(), view.row)
    drawAxis(axis, view.window, width(), hover?.x, dragged ?? view.area)
    minimap.draw({ window: view.window, bounds: timeline.bounds, busy, matches, theme: frame.theme })
    times.push(performance.now() - began)
    if (times.length > 400) times = times.slice(-200)
  }

  const setWindow = (window: TimeWindow): void => {
    target = undefined
    actions.setWindow(window)
  }

  makePointer(sheet, scroller, {
    hover: (at) => {
      hover = at
      schedule()
    },
    click: (x, y) => {
      const frame = frameOf()
      if (scene === undefined || frame === undefined) return
      actions.select(hitAt(scene, frame, x, y))
      const row = rowAt(frame, y)
      if (row !== undefined) actions.focus(row.node.id)
    },
    doubleClick: actions.fit,
    dragArea: (from, to, isEnd) => {
      const frame = frameOf()
      if (view === undefined || frame === undefined) return
      if (isEnd) {
        dragged = undefined
        actions.selectArea(areaBetween(frame, from, to))
        return
      }
      dragged = {
        start: toSeconds(view.window, width(), Math.min(from.x, to.x)),
        end: toSeconds(view.window, width(), Math.max(from.x, to.x)),
        top: Math.min(from.y, to.y),
        bottom: Math.max(from.y, to.y)
      }
      schedule()
    },
    pan: (pixels) => {
      if (view !== undefined && timeline !== undefined)
        setWindow(panned(view.window, -pixels / width(), timeline.bounds))
    },
    zoom: (x, factor) => {
      if (view !== undefined && timeline !== undefined)
        setWindow(zoomed(view.window, toSeconds(view.window, width(), x), factor, timeline.bounds))
    }
  })
  scroller.addEventListener("scroll", schedule, { passive: true })
  new ResizeObserver(schedule).observe(scroller)

  let laid: readonly unknown[] = []
  return {
    element,
    show: (nextScene, nextView) => {
      const isNew = scene !== nextScene
      if (isNew) {
        scene = nextScene
        painter = makePainter(nextScene)
        timeline = undefined
        times = []
      }
      if (isNew || timeline === undefined || view?.hidden !== nextView.hidden) {
        const before = timeline
        timeline =
          nextView.hidden.size === 0
            ? nextScene.whole
            : { ...timelineOf(nextScene.read.trace, nextScene.colour, nextView.hidden), bounds: nextScene.whole.bounds }
        if (before !== timeline) busy = busyShares(timeline, mainTracks(nextScene.tree, nextScene.read.trace.tracks))
      }
      view = nextView
      const key = [timeline, nextView.folded, nextView.pinned, nextView.filter, nextView.requests]
      if (key.some((part, index) => part !== laid[index])) {
        laid = key
        const { folded, pinned, filter, requests } = nextView
        rows = rowsOf(nextScene.tree, timeline, {
          folded,
          pinned,
          filter,
          streams: nextScene.streams,
          ...(requests === undefined ? {} : { chosen: { of: nextScene.requests, kept: requests.tracks } })
        })
        spacer.style.setProperty("height", `${rows.height + rows.pinnedHeight}px`)
      }
      schedule()
    },
    refresh: schedule,
    setMatches: (found) => {
      matches = found
      schedule()
    },
    setPath: (slices) => {
      path = slices
      schedule()
    },
    reveal: (top, tall) => {
      const room = height() - rows.pinnedHeight
      if (top < scroller.scrollTop) scroller.scrollTop = top
      else if (top + tall > scroller.scrollTop + room) scroller.scrollTop = Math.max(0, top + tall - room + 8)
    },
    timeline: () => {
      if (timeline === undefined) throw new Error("nothing is shown yet")
      return timeline
    },
    rows: () => rows,
    rectangles: () => {
      const frame = frameOf()
      return frame === undefined || painter === undefined ? [] : painter.rectangles(frame)
    },
    frameTimes: () => times,
    moveTo: (window) => {
      if (view === undefined) return
      if (isStill()) return setWindow(window)
      target = { from: view.window, to: window, since: performance.now() }
      schedule()
    },
    aim: () => target?.to ?? view?.window ?? { start: 0, end: 1 },
    pointerTime: () =>
      hover === undefined || view === undefined ? undefined : toSeconds(view.window, width(), hover.x),
    focusRow: (id) => {
      // At once, so that the next key already finds the row.
      labels.focusRow(id)
      labels.draw(rows, scroller.scrollTop, height(), id)
      schedule()
    }
  }
}

/** A canvas of so many CSS pixels, sharp on any screen. */
export const sized = (canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null => {
  const scale = devicePixelRatio
  const [wide, tall] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide
    canvas.height = tall
    canvas.style.setProperty("width", `${width}px`)
    canvas.style.setProperty("height", `${height}px`)
  }
  const context = canvas.getContext("2d", { alpha: false })
  context?.setTransform(scale, 0, 0, scale, 0, 0)
  return context
}
