/** Rows that are no slices: counters as step areas with their bands, and folded groups by how busy they are. */
import { formatBytes, formatFigures } from "../../src/units/index.ts"
import { intervals } from "../model/busy.ts"
import { counterBand, type CounterSeries } from "../model/counters.ts"
import type { Row } from "../model/tree.ts"
import type { Frame } from "./painter.ts"

const clip = (context: CanvasRenderingContext2D, frame: Frame, row: Row): void => {
  context.beginPath()
  const top = row.isPinned ? 0 : frame.rows.pinnedHeight
  context.rect(0, top, frame.width, frame.height - top)
  context.clip()
}

/** Shares of each interval of the trace that a group is busy, as an area. */
export const drawBusy = (
  context: CanvasRenderingContext2D,
  frame: Frame,
  row: Row,
  y: number,
  shares: Float32Array
): void => {
  const { bounds } = frame.timeline
  const bottom = y + row.height - 2
  const tall = row.height - 5
  context.save()
  clip(context, frame, row)
  context.fillStyle = frame.theme.colours[0]!
  context.globalAlpha = 0.55
  context.beginPath()
  context.moveTo(0, bottom)
  for (let x = 0; x <= frame.width; x++) {
    const seconds = frame.view.window.start + (x / frame.width) * (frame.view.window.end - frame.view.window.start)
    const at = Math.floor(((seconds - bounds.start) / (bounds.end - bounds.start)) * intervals)
    context.lineTo(x, bottom - tall * Math.min(1, shares[Math.min(intervals - 1, Math.max(0, at))]!))
  }
  context.lineTo(frame.width, bottom)
  context.fill()
  context.restore()
}

/** A counter: the area to its value, and over it the band between least and greatest of each pixel. */
export const drawCounter = (
  context: CanvasRenderingContext2D,
  frame: Frame,
  row: Row,
  y: number,
  series: CounterSeries
): void => {
  if (series.time.length === 0) return
  const { window } = frame.view
  const band = counterBand(series, window, frame.width)
  const low = Math.min(0, series.least)
  const high = series.greatest > low ? series.greatest : low + 1
  const bottom = y + row.height - 2
  const tall = row.height - 6
  const at = (value: number): number => bottom - ((value - low) / (high - low)) * tall
  context.save()
  clip(context, frame, row)
  const colour = frame.theme.colours[kindColour(row.node.label)]!
  context.fillStyle = colour
  // The area to the value, and the band between least and greatest over it.
  context.globalAlpha = 0.3
  for (let x = 0; x < band.last.length; x++)
    if (!Number.isNaN(band.least[x]!)) context.fillRect(x, at(band.least[x]!), 1, bottom - at(band.least[x]!))
  context.globalAlpha = 0.75
  for (let x = 0; x < band.last.length; x++) {
    if (Number.isNaN(band.least[x]!)) continue
    const top = at(band.greatest[x]!)
    context.fillRect(x, top, 1, Math.max(1, at(band.least[x]!) - top))
  }
  context.globalAlpha = 1
  context.fillStyle = frame.theme.faint
  context.font = "10px system-ui, sans-serif"
  context.textBaseline = "top"
  const most = /bytes/i.test(row.node.label) ? formatBytes(series.greatest) : formatFigures(series.greatest)
  const width = context.measureText(most).width
  context.fillStyle = frame.theme.background
  context.globalAlpha = 0.8
  context.fillRect(frame.width - width - 8, y + 2, width + 6, 13)
  context.globalAlpha = 1
  context.fillStyle = frame.theme.faint
  context.fillText(most, frame.width - width - 5, y + 3)
  context.restore()
}

/** Colour of a counter by what it counts. */
const kindColour = (label: string): number =>
  /memory|bytes|kv|block/i.test(label) ? 7 : /queue|wait/i.test(label) ? 2 : 0
