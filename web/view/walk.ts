/** The rectangles in sight, row by row: what the painter paints, and what the picture is as data. */
import { bucketSeconds, type TimeWindow } from "../base/time-window.ts"
import { laneRectangles, rectangleCache, type Rectangles } from "../model/rectangles.ts"
import { streamRectangles } from "../model/streams.ts"
import type { Timeline } from "../model/timeline.ts"
import type { Row } from "../model/tree.ts"
import type { PlacedRow } from "./ground.ts"
import type { Frame } from "./painter.ts"
import type { Scene, View } from "./session.ts"

/** Rectangles of so few pixels are rounded to whole ones; only wider ones have edges that are worth blending. */
export const narrow = 3

/** Called with a rectangle's place in its list, its left edge and width, its lane's top and height, and its share of that. */
export type Visit = (
  row: Row,
  list: Rectangles,
  index: number,
  x: number,
  laneTop: number,
  width: number,
  laneHeight: number,
  share: number
) => void

export interface Walk {
  /** @param isUnder  what lies in the gaps of folded groups, instead of their headlines */
  readonly each: (frame: Frame, rows: readonly PlacedRow[], isUnder: boolean, visit: Visit) => void
}

/** Rows in sight from top to bottom. */
export const visibleRows = (frame: Frame): readonly PlacedRow[] => {
  const { rows, pinnedHeight } = frame.rows
  return rows.flatMap((row) => {
    const y = row.isPinned ? row.top : pinnedHeight + row.top - frame.scroll
    const isSeen = y + row.height > (row.isPinned ? 0 : pinnedHeight) && y < frame.height
    return isSeen ? [[row, y] as const] : []
  })
}

export const makeWalk = (scene: Scene): Walk => {
  let timeline: Timeline | undefined
  let hidden: View["hidden"] = new Set()
  const laneCache = rectangleCache((lane, window, bucket) => laneRectangles(timeline!, lane, window, bucket))
  const streamCache = rectangleCache((track, window, bucket) =>
    streamRectangles(timeline!, scene.streams, scene.streams.byTrack.get(track)!, window, bucket, hidden)
  )

  const use = (frame: Frame): void => {
    if (timeline === frame.timeline) return
    timeline = frame.timeline
    hidden = frame.view.hidden
    laneCache.clear()
    streamCache.clear()
  }

  /** Lists of rectangles of a row with the top of each within the row. */
  const listsOf = (row: Row, window: TimeWindow, bucket: number, isUnder: boolean) => {
    const track = row.kind === "headline" ? row.node.headline : row.node.track
    const lists: { readonly list: Rectangles; readonly top: number; readonly height: number }[] = []
    if (track < 0) return lists
    if (isUnder) {
      // In the gaps of a folded group's headline: what its other streams do there, less high.
      const height = (row.height - 4) * 0.45
      const lanes =
        row.kind === "headline"
          ? row.node.others.flatMap((other) => timeline!.lanesOfTrack[other]?.slice(0, 1) ?? [])
          : []
      for (const lane of lanes)
        lists.push({ list: laneCache.get(lane, window, bucket), top: row.height - 2 - height, height })
      return lists
    }
    const height = row.kind === "headline" ? row.height - 4 : row.laneHeight
    const lanes = timeline!.lanesOfTrack[track] ?? []
    const shown = row.kind === "headline" ? lanes.slice(0, 1) : lanes
    shown.forEach((lane, index) => {
      lists.push({ list: laneCache.get(lane, window, bucket), top: 2 + index * row.laneHeight, height })
    })
    const isAlone = lanes.length === 0
    if (scene.streams.byTrack.has(track) && (row.kind === "slices" || isAlone)) {
      const list = streamCache.get(track, window, bucket)
      lists.push({ list, top: 2 + lanes.length * row.laneHeight, height: isAlone ? row.height - 4 : row.laneHeight })
    }
    return lists
  }

  return {
    each: (frame, rows, isUnder, visit) => {
      use(frame)
      const { window } = frame.view
      const bucket = bucketSeconds(window, frame.width)
      const scale = frame.width / (window.end - window.start)
      for (const [row, rowTop] of rows) {
        if (row.kind !== "slices" && row.kind !== "headline") continue
        for (const { list, top, height } of listsOf(row, window, bucket, isUnder)) {
          const { start, end, level, count } = list
          // Of narrow rectangles in one column of pixels the highest is enough; whole pixels need no blending.
          let column = -1
          let columnShare = 0
          for (let index = 0; index < count; index++) {
            let left = (start[index]! - window.start) * scale
            let right = (end[index]! - window.start) * scale
            if (right < 0 || left > frame.width) continue
            if (left < -2) left = -2
            if (right > frame.width + 2) right = frame.width + 2
            const share = level[index]! / 255
            const width = right - left
            // Neighbours of some size are told apart by a hairline of the ground.
            let drawn = Math.max(narrow + 0.01, width - 0.75)
            if (width <= narrow) {
              // Two pixels or three end where the next begins; what has less is a whole one.
              const isOne = width <= 1.5
              left = isOne ? Math.floor(left) : Math.round(left)
              drawn = isOne ? 1 : Math.max(1, Math.round(right) - left)
              if (isOne) {
                if (left === column && share <= columnShare) continue
                column = left
                columnShare = share
              }
            }
            visit(row, list, index, left, rowTop + top, drawn, height, share)
          }
        }
      }
    }
  }
}
