/** The picture as data, for tests and scripts: rows, rectangles, ticks, boxes. */
import { axisOf } from "../base/ticks.ts"
import { runDeltas } from "./compare-view.ts"
import { stageBoxes } from "./pipeline-view.ts"
import type { Scene, View } from "./session.ts"
import type { TimelineView } from "./timeline-view.ts"

export const pictureOf = (scene: Scene, view: View, timeline: TimelineView) => {
  const { names, slices, templateEntries } = scene.whole.trace
  const width = timeline.element.querySelector(".sheet")?.clientWidth ?? 0
  return {
    view: {
      ...view,
      folded: [...view.folded],
      pinned: [...view.pinned],
      hidden: [...view.hidden],
      requests: view.requests === undefined ? undefined : { ...view.requests, tracks: [...view.requests.tracks] }
    },
    bounds: timeline.timeline().bounds,
    rows: timeline.rows().rows.map(({ node: { id, label, level }, kind, top, height, isPinned }) => ({
      id,
      label,
      level,
      kind,
      top,
      height,
      isPinned
    })),
    rectangles: timeline.rectangles().map((one) => ({
      ...one,
      name: names[one.entry < 0 ? slices.name[one.slice]! : templateEntries.name[one.entry]!]
    })),
    axis: axisOf(view.window, width),
    deltas: runDeltas(scene.runs),
    stages: stageBoxes(timeline.timeline(), view.window, width),
    runs: scene.runs.map(({ name, result }) => ({
      name,
      iterationSeconds: result?.iterationSeconds,
      figures: result?.figures ?? []
    }))
  }
}
