/** What lies under the slices: hairlines between rows, and a faint hatch where a stream may be idle. */
import { toPixel } from "../base/time-window.ts"
import type { Row } from "../model/tree.ts"
import type { Frame } from "./painter.ts"
import type { Theme } from "./theme.ts"

export type PlacedRow = readonly [row: Row, y: number]

export const drawGround = (context: CanvasRenderingContext2D, frame: Frame, visible: readonly PlacedRow[]): void => {
  const { theme, width } = frame
  context.fillStyle = theme.background
  context.fillRect(0, 0, width, frame.height)
  const pattern = hatch(context, theme)
  const { bounds } = frame.timeline
  const from = Math.max(0, toPixel(frame.view.window, width, bounds.start))
  const to = Math.min(width, toPixel(frame.view.window, width, bounds.end))
  for (const [row, y] of visible) {
    const top = Math.max(y, row.isPinned ? 0 : frame.rows.pinnedHeight)
    if ((row.kind === "slices" || row.kind === "headline") && pattern !== null) {
      context.fillStyle = pattern
      context.fillRect(from, top + 2, to - from, y + row.height - 2 - top - 2)
    }
    context.fillStyle = theme.line
    if (y + row.height - 1 >= top) context.fillRect(0, Math.round(y + row.height) - 1, width, 1)
  }
  if (frame.rows.pinnedHeight > 0) {
    context.fillStyle = theme.faint
    context.fillRect(0, frame.rows.pinnedHeight - 1, width, 1)
  }
}

const hatches = new Map<string, CanvasPattern | null>()

const hatch = (context: CanvasRenderingContext2D, theme: Theme): CanvasPattern | null => {
  const known = hatches.get(theme.ground)
  if (known !== undefined) return known
  const tile = document.createElement("canvas")
  tile.width = 6
  tile.height = 6
  const inner = tile.getContext("2d")
  if (inner !== null) {
    inner.strokeStyle = theme.ground === "light" ? "#eeeeee" : "#1f1f1f"
    inner.lineWidth = 1
    inner.beginPath()
    for (const shift of [-6, 0, 6]) {
      inner.moveTo(shift, 6)
      inner.lineTo(shift + 6, 0)
    }
    inner.stroke()
  }
  const pattern = context.createPattern(tile, "repeat")
  hatches.set(theme.ground, pattern)
  return pattern
}
