/** Names on the slices that have room for them, shortened where they are too long. */
import { inkOn } from "../model/kinds.ts"
import type { Rectangles } from "../model/rectangles.ts"
import type { Row } from "../model/tree.ts"
import type { Frame } from "./painter.ts"
import type { Scene } from "./session.ts"

/** A rectangle with room for a name. */
export interface Labelled {
  readonly row: Row
  readonly list: Rectangles
  readonly index: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const makeSliceLabels = (
  scene: Scene
): ((context: CanvasRenderingContext2D, frame: Frame, labelled: readonly Labelled[]) => void) => {
  const labelWidths = new Map<string, number>()

  const widthOf = (context: CanvasRenderingContext2D, text: string): number => {
    const known = labelWidths.get(text)
    if (known !== undefined) return known
    if (labelWidths.size > 20_000) labelWidths.clear()
    const measured = context.measureText(text).width
    labelWidths.set(text, measured)
    return measured
  }

  const fitted = (context: CanvasRenderingContext2D, name: string, room: number): string => {
    if (room < 6) return ""
    const shown = name.length > 200 ? name.slice(0, 200) : name
    if (widthOf(context, shown) <= room) return shown
    // A schedule's "F 12,345" is read by its number when there is room for no more.
    const number = /^(?:F|B|Bi|W) (\d+)/.exec(shown)?.[1]
    if (number !== undefined && widthOf(context, number) <= room) return number
    if (room < 24 || number !== undefined) return ""
    const letters = Math.floor((shown.length * room) / widthOf(context, shown)) - 1
    return letters < 3 ? "" : `${shown.slice(0, letters).trimEnd()}…`
  }

  return (context: CanvasRenderingContext2D, frame: Frame, labelled: readonly Labelled[]): void => {
    const { trace } = scene.whole
    const isPath = frame.path.size > 0
    context.font = "11px system-ui, sans-serif"
    context.textBaseline = "middle"
    const inks = frame.theme.colours.map(inkOn)
    for (const { row, list, index, x, y, width, height } of labelled) {
      if (isPath && !(list.entry[index]! < 0 && frame.path.has(list.slice[index]!))) continue
      const entry = list.entry[index]!
      const isStreamBar = entry < 0 && scene.streams.byTrack.has(row.node.track)
      if (isStreamBar) continue
      const name = entry < 0 ? trace.slices.name[list.slice[index]!]! : trace.templateEntries.name[entry]!
      const left = Math.max(x, 0) + 4
      const room = Math.min(x + width, frame.width) - left - 3
      const text = fitted(context, trace.names[name]!, room)
      if (text === "") continue
      context.fillStyle = inks[list.colour[index]!] ?? frame.theme.ink
      context.fillText(text, left, y + height / 2 + 0.5)
    }
  }
}
