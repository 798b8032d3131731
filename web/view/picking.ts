/** What lies where in the picture: the row, slice or kernel under a point, and the tracks under a rectangle. */
import { toSeconds } from "../base/time-window.ts"
import { hitLane, hitStream, type Hit } from "../model/hit.ts"
import { headlinesOf, type Row } from "../model/tree.ts"
import type { Frame } from "./painter.ts"
import type { Scene, View } from "./session.ts"

const topOf = ({ rows, scroll }: Frame, row: Row): number =>
  row.isPinned ? row.top : rows.pinnedHeight + row.top - scroll

export const rowAt = ({ rows, scroll }: Frame, y: number): Row | undefined => {
  const isPinned = y < rows.pinnedHeight
  const inside = isPinned ? y : y - rows.pinnedHeight + scroll
  return rows.rows.find((row) => row.isPinned === isPinned && inside >= row.top && inside < row.top + row.height)
}

/** Within two pixels. */
export const hitAt = (scene: Scene, frame: Frame, x: number, y: number): Hit | undefined => {
  const { timeline, view, width } = frame
  const row = rowAt(frame, y)
  if (row === undefined || (row.kind !== "slices" && row.kind !== "headline")) return undefined
  const track = row.kind === "headline" ? row.node.headline : row.node.track
  const seconds = toSeconds(view.window, width, x)
  const reach = (2 * (view.window.end - view.window.start)) / width
  const lanes = timeline.lanesOfTrack[track] ?? []
  const depth = row.kind === "headline" ? 0 : Math.max(0, Math.floor((y - topOf(frame, row) - 2) / row.laneHeight))
  if (depth >= lanes.length && scene.streams.byTrack.has(track)) {
    const found = hitStream(timeline, scene.streams, track, seconds, reach)
    if (found !== undefined) return found
  }
  const lane = lanes[depth]
  if (lane === undefined) return undefined
  const slice = hitLane(timeline, lane, seconds, reach)
  if (slice >= 0) return { slice, entry: -1 }
  for (const other of row.kind === "headline" ? row.node.others : []) {
    const under = timeline.lanesOfTrack[other]?.[0]
    const found = under === undefined ? -1 : hitLane(timeline, under, seconds, reach)
    if (found >= 0) return { slice: found, entry: -1 }
  }
  return undefined
}

/** @param from,to  corners in pixels */
export const areaBetween = (
  frame: Frame,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number }
): View["area"] => {
  const { rows, view, width } = frame
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)]
  const covered = rows.rows.filter((row) => topOf(frame, row) < bottom && topOf(frame, row) + row.height > top)
  const tracks = new Set(
    covered.flatMap(({ node, kind }) => {
      if (kind === "headline") return [node.headline, ...node.others]
      if (kind === "busy") return headlinesOf(node)
      return kind === "slices" ? [node.track] : []
    })
  )
  return {
    start: toSeconds(view.window, width, Math.min(from.x, to.x)),
    end: toSeconds(view.window, width, Math.max(from.x, to.x)),
    tracks: [...tracks],
    rows: covered.map(({ node }) => node.id)
  }
}
