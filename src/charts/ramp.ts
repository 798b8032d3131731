/**
 * A scale of one hue for how good a value is: from a shade of the ground, the worst, to the full colour, the best.
 */
import { extent, quantile } from "../statistics/index.ts"
import { element, type Markup } from "./svg.ts"
import { textWidth } from "./text-width.ts"

/** A measure of points that a chart colours by. */
export interface Measure {
  /** With its unit where the numbers have none: "throughput, tokens/s". */
  readonly label: string
  readonly better: "less" | "more"
  /** A number with its unit, or short enough for a cell. */
  readonly show: (value: number) => string
}

/** The worst is not the ground itself: it was simulated. */
const least = 0.1

/** Where the ramp begins and ends. */
interface Ends {
  readonly worst: number
  readonly best: number
  /** Some are worse than where it begins. */
  readonly isCut: boolean
}

/**
 * From the worst to the best; where a tenth of the values lie far from all others, as latencies near an overload do, from
 * the worst of the others, which otherwise could not be told apart.
 */
const endsOf = (values: readonly number[], { better }: Measure): Ends => {
  const [low, high] = extent(values)
  const [worst, best] = better === "more" ? [low, high] : [high, low]
  const most = quantile(values, better === "more" ? 0.1 : 0.9)
  return Math.abs(worst - best) > 3 * Math.abs(most - best) && most !== best
    ? { worst: most, best, isCut: true }
    : { worst, best, isCut: false }
}

/** The colour of values between the worst and the best of some, 0.1 ... 1; all alike are all the best. */
export const depthOf = (values: readonly number[], measure: Measure): ((value: number) => number) => {
  const { worst, best } = endsOf(values, measure)
  if (worst === best || values.length === 0) return () => 1
  return (value) => least + (1 - least) * Math.min(1, Math.max(0, (value - worst) / (best - worst)))
}

/** Letters on the ramp: the ink of the page where it is shallow, the ground where it is deep. */
export const lettersOn = (depth: number): string | undefined => (depth > 0.55 ? "on-deep" : undefined)

/** An opacity as SVG has it. */
export const opacity = (depth: number): string => depth.toFixed(2)

const stripWidth = 120
const steps = 12

/** The key of a ramp: what is measured, the worst value, a strip, the best; with its width. */
export const drawRamp = (
  values: readonly number[],
  measure: Measure,
  x: number,
  y: number
): { readonly drawn: readonly Markup[]; readonly width: number } => {
  const { label, show } = measure
  const ends = endsOf(values, measure)
  if (ends.worst === ends.best || values.length === 0) return { drawn: [], width: 0 }
  const worst = `${show(ends.worst)}${ends.isCut ? " and worse" : ""}`
  const best = `${show(ends.best)} (best)`
  // The label is long, and faces differ by some 10 %.
  const worstFrom = x + 1.1 * textWidth(`${label}:`) + 8
  const from = worstFrom + textWidth(worst) + 8
  const drawn = [
    element("text", { class: "faint", x, y: y + 10 }, `${label}:`),
    element("text", { x: worstFrom, y: y + 10 }, worst),
    ...Array.from({ length: steps }, (_, step) =>
      element("rect", {
        x: from + (step * stripWidth) / steps,
        y,
        width: stripWidth / steps,
        height: 11,
        fill: "var(--ramp)",
        "fill-opacity": opacity(least + ((1 - least) * step) / (steps - 1))
      })
    ),
    element("text", { x: from + stripWidth + 8, y: y + 10 }, best)
  ]
  return { drawn, width: from + stripWidth + 8 + textWidth(best) - x }
}
