/**
 * Draws the rows in sight on a canvas, and answers with what it drew: rectangles are data first.
 *
 * Rectangles are gathered by colour and filled colour by colour; labels, counters and overlays follow.
 */
import { toPixel } from "../base/time-window.ts"
import { busyShares } from "../model/busy.ts"
import { colourClasses } from "../model/kinds.ts"
import type { Rectangles } from "../model/rectangles.ts"
import { headlinesOf, type Row, type Rows } from "../model/tree.ts"
import type { Timeline } from "../model/timeline.ts"
import { drawBusy, drawCounter } from "./counter-painter.ts"
import { drawGround, type PlacedRow } from "./ground.ts"
import type { Scene, View } from "./session.ts"
import { makeSliceLabels, type Labelled } from "./slice-labels.ts"
import { makeStrips } from "./strips.ts"
import type { Theme } from "./theme.ts"
import { makeWalk, narrow, visibleRows } from "./walk.ts"

export interface Drawn {
  readonly row: string
  readonly slice: number
  readonly entry: number
  readonly members: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly colour: number
}

/** A place for the rectangles of one colour: x, y, width, height. */
interface Batch {
  values: Float32Array
  length: number
}

export interface Painter {
  /** Draws a frame; the picture is `width` by `height` CSS pixels, rows scrolled by `scroll`. */
  readonly paint: (context: CanvasRenderingContext2D, frame: Frame) => void
  /** What a frame shows, row by row. */
  readonly rectangles: (frame: Frame) => readonly Drawn[]
}

export interface Frame {
  readonly view: View
  readonly timeline: Timeline
  readonly rows: Rows
  readonly theme: Theme
  readonly width: number
  readonly height: number
  readonly scroll: number
  readonly path: ReadonlySet<number>
}

export const makePainter = (scene: Scene): Painter => {
  const walk = makeWalk(scene)
  const label = makeSliceLabels(scene)
  let timeline: Timeline | undefined
  const busyCache = new Map<string, Float32Array>()
  const batches: readonly Batch[] = colourClasses.map(() => ({ values: new Float32Array(4096), length: 0 }))
  const add = (x: number, y: number, width: number, height: number, colour: number): void => {
    const batch = batches[colour]!
    if (batch.length + 4 > batch.values.length) {
      const grown = new Float32Array(batch.values.length * 2)
      grown.set(batch.values)
      batch.values = grown
    }
    batch.values[batch.length++] = x
    batch.values[batch.length++] = y
    batch.values[batch.length++] = width
    batch.values[batch.length++] = height
  }
  const strips = makeStrips(add)

  /** Paints rectangles, and answers with those that have room for a label. */
  const fill = (
    context: CanvasRenderingContext2D,
    frame: Frame,
    rows: readonly PlacedRow[],
    isUnder: boolean
  ): readonly Labelled[] => {
    for (const batch of batches) batch.length = 0
    strips.clear(frame.width, frame.theme.colours)
    const labelled: Labelled[] = []
    let current: Rectangles | undefined
    walk.each(frame, rows, isUnder, (row, list, index, x, top, width, height, share) => {
      const colour = list.colour[index]!
      if (width <= narrow) {
        if (current !== list) strips.begin(top, height)
        current = list
        strips.set(x, width, share, colour)
        return
      }
      const y = top + height * (1 - share)
      const tall = height * share
      add(x, y, width, tall, colour)
      if (!isUnder && width >= 14 && tall >= 9 && list.members[index] === 1)
        labelled.push({ row, list, index, x, y, width, height: tall })
    })
    strips.end()
    strips.draw(context)
    batches.forEach(({ values, length }, colour) => {
      if (length === 0) return
      context.fillStyle = frame.theme.colours[colour] ?? frame.theme.faint
      for (let at = 0; at < length; at += 4)
        context.fillRect(values[at]!, values[at + 1]!, values[at + 2]!, values[at + 3]!)
    })
    return labelled
  }

  /** Of lanes of requests, few are busy at a time: their row goes up to the most that were. */
  const busyOf = (frame: Frame, { node }: Row): Float32Array => {
    const shares = busyShares(frame.timeline, headlinesOf(node))
    const most = node.children.some(({ track }) => scene.requests.has(track)) ? Math.max(...shares) : 0
    return most > 0 ? shares.map((share) => share / most) : shares
  }

  const counters = (context: CanvasRenderingContext2D, frame: Frame, rows: readonly PlacedRow[]): void => {
    for (const [row, y] of rows) {
      const series = scene.counters[row.node.counter]
      if (row.kind === "counter" && series !== undefined) drawCounter(context, frame, row, y, series)
      if (row.kind !== "busy") continue
      const shares = busyCache.get(row.node.id) ?? busyOf(frame, row)
      busyCache.set(row.node.id, shares)
      drawBusy(context, frame, row, y, shares)
    }
  }

  /** Everything but the critical path steps back. */
  const criticalPath = (context: CanvasRenderingContext2D, frame: Frame, rows: readonly PlacedRow[]): void => {
    context.globalAlpha = 0.72
    context.fillStyle = frame.theme.background
    for (const [row, y] of rows)
      if (row.kind === "slices" || row.kind === "headline") context.fillRect(0, y, frame.width, row.height - 1)
    context.globalAlpha = 1
    const { window } = frame.view
    const { slices } = scene.whole.trace
    for (const [row, y] of rows) {
      const track = row.kind === "headline" ? row.node.headline : row.node.track
      if (row.kind !== "headline" && row.kind !== "slices") continue
      for (const slice of frame.path) {
        if (slices.track[slice] !== track) continue
        const left = toPixel(window, frame.width, slices.start[slice]!)
        const right = toPixel(window, frame.width, slices.start[slice]! + slices.duration[slice]!)
        if (right < 0 || left > frame.width) continue
        context.fillStyle = frame.theme.colours[scene.colour[slice]!]!
        context.fillRect(left, y + 2, Math.max(1, right - left - 0.5), Math.min(row.height - 4, 18))
      }
    }
  }

  const paintRows = (context: CanvasRenderingContext2D, frame: Frame, rows: readonly PlacedRow[]): void => {
    fill(context, frame, rows, true)
    const labelled = fill(context, frame, rows, false)
    if (frame.path.size > 0) criticalPath(context, frame, rows)
    label(context, frame, labelled)
    counters(context, frame, rows)
  }

  return {
    paint: (context, frame) => {
      if (timeline !== frame.timeline) busyCache.clear()
      timeline = frame.timeline
      const rows = visibleRows(frame)
      const { pinnedHeight } = frame.rows
      drawGround(context, frame, rows)
      context.save()
      if (pinnedHeight > 0) {
        // What is scrolled stays below what is pinned.
        context.beginPath()
        context.rect(0, pinnedHeight, frame.width, frame.height - pinnedHeight)
        context.clip()
      }
      paintRows(
        context,
        frame,
        rows.filter(([row]) => !row.isPinned)
      )
      context.restore()
      if (pinnedHeight > 0)
        paintRows(
          context,
          frame,
          rows.filter(([row]) => row.isPinned)
        )
    },
    rectangles: (frame) => {
      const drawn: Drawn[] = []
      walk.each(frame, visibleRows(frame), false, (row, list, index, x, top, width, height, share) => {
        drawn.push({
          row: row.node.label,
          slice: list.slice[index]!,
          entry: list.entry[index]!,
          members: list.members[index]!,
          x,
          y: top + height * (1 - share),
          width,
          height: height * share,
          colour: list.colour[index]!
        })
      })
      return drawn
    }
  }
}
