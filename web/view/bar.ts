/** A whole and its parts, as `charts` draws them. */
import { breakdownBar as barOf, type Part } from "../../src/charts/index.ts"
import { formatSeconds } from "../../src/units/index.ts"
import { colourClasses } from "../model/kinds.ts"
import type { BreakdownPart } from "../model/run-result.ts"
import { chart, widthUpTo } from "./chart.ts"
import type { Theme } from "./theme.ts"

type Coloured = Pick<BreakdownPart, "kind" | "isLight">

/** The colour of a part; a bubble is the ground itself, hatched. */
export const partColour = ({ kind, isLight = false }: Coloured, theme: Theme): string => {
  const shade = isLight ? "backward" : "plain"
  const index = colourClasses.findIndex((one) => one.kind === kind && one.shade === shade)
  return index < 0 ? "transparent" : (theme.colours[index] ?? "transparent")
}

const chartColour = ({ kind, isLight = false }: Coloured): Part["colour"] =>
  kind === "bubble" ? "idle" : kind === "compute" && isLight ? "backward" : kind

/** Parts of one colour go from its full depth to half of it. */
const depthOf = (parts: readonly BreakdownPart[], part: BreakdownPart): number => {
  const alike = parts.filter((one) => chartColour(one) === chartColour(part))
  return alike.length === 1 ? 1 : 1 - (0.5 * alike.indexOf(part)) / (alike.length - 1)
}

export const breakdownBar = (title: string, parts: readonly BreakdownPart[]): HTMLElement =>
  chart(
    barOf({
      title,
      unit: "time, s",
      width: widthUpTo(640),
      format: formatSeconds,
      parts: parts.map((part) => ({
        name: part.name,
        value: part.seconds,
        colour: chartColour(part),
        depth: part.depth ?? depthOf(parts, part)
      }))
    })
  )
