/** Stages by time with numbered micro-batches: the schedule as papers draw it, on the window of the timeline. */
import { bucketSeconds, toPixel, type TimeWindow } from "../base/time-window.ts"
import { inkOn } from "../model/kinds.ts"
import { laneRectangles } from "../model/rectangles.ts"
import { stageRows } from "../model/stages.ts"
import type { Timeline } from "../model/timeline.ts"
import { h } from "./dom.ts"
import type { Theme } from "./theme.ts"
import { sized } from "./timeline-view.ts"

export interface StageBox {
  readonly stage: number
  readonly microBatch: number
  readonly slice: number
  readonly x: number
  readonly width: number
  readonly colour: number
}

const rowHeight = 16
const gutter = 56

/** Boxes of a picture `width` wide. */
export const stageBoxes = (timeline: Timeline, window: TimeWindow, width: number): readonly StageBox[] => {
  const bucket = bucketSeconds(window, width)
  return stageRows(timeline).flatMap(({ stage, lane }) => {
    const { count, start, end, slice, colour } = laneRectangles(timeline, lane, window, bucket)
    return Array.from({ length: count }, (_, index) => {
      const x = toPixel(window, width, start[index]!)
      return {
        stage,
        microBatch: timeline.trace.slices.microBatch[slice[index]!]!,
        slice: slice[index]!,
        x,
        width: toPixel(window, width, end[index]!) - x,
        colour: colour[index]!
      }
    })
  })
}

export const pipelineView = (
  timeline: Timeline,
  window: TimeWindow,
  theme: Theme,
  onSelect: (slice: number) => void
): HTMLElement => {
  const stages = stageRows(timeline)
  if (stages.length === 0) return h("p", { class: "empty" }, "This run has no pipeline stages")
  const canvas = h("canvas", { role: "img", "aria-label": `Pipeline schedule of ${stages.length} stages` })
  const element = h("div", { class: "pipeline" }, canvas)
  const draw = (): void => {
    const width = element.clientWidth - gutter
    if (width <= 0) return
    const context = sized(canvas, width + gutter, stages.length * rowHeight + 2)
    if (context === null) return
    context.fillStyle = theme.background
    context.fillRect(0, 0, width + gutter, stages.length * rowHeight + 2)
    context.font = "11px system-ui, sans-serif"
    context.textBaseline = "middle"
    const inks = theme.colours.map(inkOn)
    const yOf = new Map(stages.map(({ stage }, index) => [stage, index * rowHeight]))
    context.fillStyle = theme.faint
    for (const { stage } of stages) context.fillText(`stage ${stage}`, 0, yOf.get(stage)! + rowHeight / 2)
    context.save()
    context.beginPath()
    context.rect(gutter, 0, width, stages.length * rowHeight + 2)
    context.clip()
    for (const box of stageBoxes(timeline, window, width)) {
      const y = yOf.get(box.stage)!
      context.fillStyle = theme.colours[box.colour]!
      context.fillRect(gutter + box.x, y + 1, Math.max(1, box.width - 0.75), rowHeight - 2)
      const label = box.microBatch >= 0 ? String(box.microBatch) : ""
      if (label === "" || box.width < label.length * 7 + 2) continue
      context.fillStyle = inks[box.colour]!
      context.textAlign = "center"
      context.fillText(
        label,
        gutter + Math.max(0, box.x) + (Math.min(width, box.x + box.width) - Math.max(0, box.x)) / 2,
        y + rowHeight / 2 + 0.5
      )
      context.textAlign = "left"
    }
    context.restore()
  }
  canvas.addEventListener("click", (event) => {
    const area = canvas.getBoundingClientRect()
    const width = element.clientWidth - gutter
    const [x, y] = [event.clientX - area.left - gutter, event.clientY - area.top]
    const stage = stages[Math.floor(y / rowHeight)]?.stage
    const found = stageBoxes(timeline, window, width).find(
      (one) => one.stage === stage && x >= one.x && x <= one.x + one.width
    )
    if (found !== undefined) onSelect(found.slice)
  })
  new ResizeObserver(draw).observe(element)
  return element
}
