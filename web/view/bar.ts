/** A whole and its parts as one bar, with a table of the same numbers. */
import type { BreakdownPart } from "../model/run-result.ts"
import { formatPercent, formatSeconds } from "../../src/units/index.ts"
import { colourClasses } from "../model/kinds.ts"
import { h, swatch, table } from "./dom.ts"
import type { Theme } from "./theme.ts"

/** The colour of a part; a bubble is the ground itself, hatched. */
export const partColour = (
  { kind, isLight = false }: Pick<BreakdownPart, "kind" | "isLight">,
  theme: Theme
): string => {
  const shade = isLight ? "backward" : "plain"
  const index = colourClasses.findIndex((one) => one.kind === kind && one.shade === shade)
  return index < 0 ? "transparent" : (theme.colours[index] ?? "transparent")
}

/** Parts smaller than this share of the whole share one row. */
const least = 0.0005

export const breakdownBar = (title: string, parts: readonly BreakdownPart[], theme: Theme): HTMLElement => {
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0)
  const shownParts = parts.filter(({ seconds }) => seconds / total >= least)
  const share = (seconds: number): string => formatPercent(total > 0 ? seconds / total : 0)
  return h(
    "figure",
    { class: "breakdown" },
    h("figcaption", {}, title),
    h(
      "div",
      {
        class: "bar",
        role: "img",
        "aria-label": parts.map(({ name, seconds }) => `${name} ${share(seconds)}`).join(", ")
      },
      ...shownParts.map(({ name, kind, seconds, isLight = false }) =>
        h("span", {
          class: kind === "bubble" ? "part bubble" : "part",
          title: `${name}: ${formatSeconds(seconds)}, ${share(seconds)}`,
          style: {
            "flex-grow": String(seconds / total),
            background: kind === "bubble" ? "" : partColour({ kind, isLight }, theme)
          }
        })
      )
    ),
    table(
      "Where the time goes",
      [
        {
          title: "part",
          cell: (part: BreakdownPart) =>
            h(
              "span",
              {},
              part.kind === "bubble"
                ? h("span", { class: "swatch bubble", "aria-hidden": "true" })
                : swatch(partColour(part, theme)),
              part.name
            )
        },
        { title: "time", isNumber: true, cell: ({ seconds }) => formatSeconds(seconds) },
        { title: "share", isNumber: true, cell: ({ seconds }) => share(seconds) }
      ],
      [...parts].sort((a, b) => b.seconds - a.seconds)
    )
  )
}
