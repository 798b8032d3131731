/**
 * Where the time goes: the parts of an iteration, or of a replica's day, as one bar.
 */
import { formatPercent } from "../units/index.ts"
import { pictureOf, pictureWidth, titleLines, type Picture } from "./picture.ts"
import { drawKey, drawParts, hatch, type Part } from "./stacked-bar.ts"

export interface BreakdownBar {
  readonly title: string
  /** They add up to the whole. */
  readonly parts: readonly Part[]
  /** What a part measures, for the table: "time, s". */
  readonly unit: string
  /** Left out where parts are shares, which the key says anyway. */
  readonly format?: (value: number) => string
  /** Pixels; default 640. */
  readonly width?: number
}

const barHeight = 30
const leastShare = 5e-5

export const breakdownBar = ({ title, parts, unit, format, width = pictureWidth }: BreakdownBar): Picture => {
  const whole = parts.reduce((sum, { value }) => sum + value, 0)
  const share = ({ value }: Part): number => (whole > 0 ? value / whole : 0)
  // What rounds to nothing would be a line of the key for nothing.
  const shown = parts.filter((part) => share(part) >= leastShare)
  const top = titleLines(title, width).height + 4
  const key = drawKey(shown, top + barHeight + 12, width, (part) => [
    format?.(part.value) ?? "",
    formatPercent(share(part))
  ])
  return pictureOf(
    title,
    top + barHeight + 12 + key.height + 4,
    { columns: ["part", unit, "share"], rows: parts.map((part) => [part.name, part.value, share(part)]) },
    [
      hatch,
      drawParts(
        parts,
        { x: 0, y: top, height: barHeight },
        (value) => (whole > 0 ? (value / whole) * width : 0),
        (part) => part.name
      ),
      key.drawn
    ],
    width
  )
}
