/** What lies over the rows: selection, its arrows, the area, marks, the line under the pointer. */
import { toPixel, type TimeWindow } from "../base/time-window.ts"
import type { Hit } from "../model/hit.ts"
import { positionOf, stretchOf, trackOfHit } from "../model/place.ts"
import type { Row } from "../model/tree.ts"
import type { Frame } from "./painter.ts"
import type { Scene } from "./session.ts"

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Row that shows a track: its own, or that of the folded group whose headline it is. */
export const rowOfTrack = (frame: Frame, track: number): Row | undefined => {
  const { rows } = frame.rows
  return (
    rows.find(({ node, kind, isPinned }) => !isPinned && kind === "slices" && node.track === track) ??
    rows.find(({ node, kind, isPinned }) => !isPinned && kind === "headline" && node.headline === track) ??
    rows.find(({ node, kind }) => kind === "slices" && node.track === track) ??
    rows.find(({ node, kind }) => kind === "headline" && node.others.includes(track))
  )
}

/** Where a slice is on the picture; undefined where its row is folded away. */
export const boxOf = (scene: Scene, frame: Frame, hit: Hit): Box | undefined => {
  const row = rowOfTrack(frame, trackOfHit(frame.timeline, scene.streams, hit))
  if (row === undefined) return undefined
  const { start, end } = stretchOf(frame.timeline, hit)
  const lanes = frame.timeline.lanesOfTrack[row.kind === "headline" ? row.node.headline : row.node.track]?.length ?? 0
  const ownDepth = (): number => positionOf(frame.timeline, hit.slice)?.depth ?? 0
  const depth = row.kind === "headline" ? 0 : hit.entry >= 0 ? lanes : ownDepth()
  const y = (row.isPinned ? row.top : frame.rows.pinnedHeight + row.top - frame.scroll) + 2 + depth * row.laneHeight
  const x = toPixel(frame.view.window, frame.width, start)
  const right = toPixel(frame.view.window, frame.width, end)
  const height = row.kind === "headline" || lanes === 0 ? row.height - 4 : row.laneHeight
  return { x, y, width: Math.max(2, right - x), height }
}

export const drawOverlay = (
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  hover: { readonly x: number } | undefined,
  dragged: (TimeWindow & { readonly top: number; readonly bottom: number }) | undefined
): void => {
  const { view, theme, width, height } = frame
  const x = (seconds: number): number => toPixel(view.window, width, seconds)
  const area = dragged ?? view.area
  if (area !== undefined) {
    const [from, to] = [x(area.start), x(area.end)]
    context.fillStyle = theme.accent
    context.globalAlpha = 0.08
    const shown = dragged === undefined ? rowsOfArea(frame) : [{ top: dragged.top, bottom: dragged.bottom }]
    for (const { top, bottom } of shown) context.fillRect(from, top, to - from, bottom - top)
    context.globalAlpha = 0.7
    context.fillRect(Math.round(from), 0, 1, height)
    context.fillRect(Math.round(to), 0, 1, height)
    context.globalAlpha = 1
  }
  context.fillStyle = theme.colours[2]!
  for (const mark of view.marks) {
    context.globalAlpha = 0.12
    context.fillRect(x(mark.start), 0, x(mark.end) - x(mark.start), height)
    context.globalAlpha = 0.9
    context.fillRect(Math.round(x(mark.start)), 0, 1, height)
    context.fillRect(Math.round(x(mark.end)), 0, 1, height)
    context.globalAlpha = 1
  }
  if (view.selection !== undefined) drawSelection(context, scene, frame, view.selection)
  if (hover !== undefined) {
    context.fillStyle = theme.faint
    context.globalAlpha = 0.5
    context.fillRect(Math.round(hover.x), 0, 1, height)
    context.globalAlpha = 1
  }
}

const rowsOfArea = (frame: Frame): readonly { readonly top: number; readonly bottom: number }[] => {
  const ids = new Set(frame.view.area?.rows)
  return frame.rows.rows.flatMap((row) => {
    if (!ids.has(row.node.id)) return []
    const top = row.isPinned ? row.top : frame.rows.pinnedHeight + row.top - frame.scroll
    return top > frame.height || top + row.height < 0 ? [] : [{ top, bottom: top + row.height }]
  })
}

const drawSelection = (context: CanvasRenderingContext2D, scene: Scene, frame: Frame, hit: Hit): void => {
  const box = boxOf(scene, frame, hit)
  if (box === undefined) return
  const { theme } = frame
  const { pinnedHeight } = frame.rows
  context.save()
  context.lineWidth = 2
  context.strokeStyle = theme.background
  context.strokeRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2)
  context.lineWidth = 1.5
  context.strokeStyle = theme.accent
  context.strokeRect(box.x, box.y, box.width, box.height)
  if (hit.entry < 0) {
    context.lineWidth = 1.25
    const boxAt = (slice: number): Box | undefined => boxOf(scene, frame, { slice, entry: -1 })
    for (const source of scene.flows.into(hit.slice).slice(0, mostArrows)) {
      drawArrow(context, boxAt(source), box)
      // A send is on its way between two operations: both ends are of interest.
      if (isSend(scene, source))
        for (const first of scene.flows.into(source)) drawArrow(context, boxAt(first), boxAt(source))
    }
    for (const target of scene.flows.outOf(hit.slice).slice(0, mostArrows)) {
      drawArrow(context, box, boxAt(target))
      if (isSend(scene, target))
        for (const last of scene.flows.outOf(target)) drawArrow(context, boxAt(target), boxAt(last))
    }
  }
  if (box.y < pinnedHeight && frame.scroll > 0) {
    context.fillStyle = theme.faint
    context.fillRect(0, pinnedHeight - 1, frame.width, 1)
  }
  context.restore()
}

const mostArrows = 50

const isSend = ({ whole: { trace } }: Scene, slice: number): boolean =>
  trace.tracks[trace.slices.track[slice]!]?.at(-1) === "pipeline"

/** A Bezier from the end of a slice to the start of another. */
const drawArrow = (context: CanvasRenderingContext2D, from: Box | undefined, to: Box | undefined): void => {
  if (from === undefined || to === undefined) return
  const [x0, y0] = [from.x + from.width, from.y + from.height / 2]
  const [x1, y1] = [to.x, to.y + to.height / 2]
  const bend = Math.min(80, Math.max(12, Math.abs(x1 - x0) / 2))
  context.beginPath()
  context.moveTo(x0, y0)
  context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1)
  context.stroke()
  context.fillStyle = context.strokeStyle
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x1 - 6, y1 - 3)
  context.lineTo(x1 - 6, y1 + 3)
  context.fill()
}
