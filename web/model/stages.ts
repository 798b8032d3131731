/** The pipeline picture: stages by time, each operation a box with the number of its micro-batch. */
import type { Timeline } from "./timeline.ts"

export interface StageRow {
  readonly stage: number
  /** Lane whose slices are the operations of the stage. */
  readonly lane: number
}

/** Of each stage the first rank that has operations with a micro-batch; a run without stages has none. */
export const stageRows = (timeline: Timeline): readonly StageRow[] => {
  const { trace, lanes, order } = timeline
  const { stage, microBatch } = trace.slices
  const found = new Map<number, number>()
  lanes.forEach(({ track, first, count }, lane) => {
    if (trace.tracks[track]!.at(-1) !== "schedule") return
    for (let at = first; at < first + count; at++) {
      const slice = order[at]!
      if (microBatch[slice]! < 0 || stage[slice]! < 0) continue
      if (!found.has(stage[slice]!)) found.set(stage[slice]!, lane)
      return
    }
  })
  return [...found].map(([ofStage, lane]) => ({ stage: ofStage, lane })).sort((a, b) => a.stage - b.stage)
}
