/** The critical path: of what it is made. */
import type { CriticalPath } from "../model/critical-path.ts"
import { kindLabels, kinds } from "../model/kinds.ts"
import type { BreakdownPart } from "../model/run-result.ts"
import { formatCount, formatSeconds } from "../../src/units/index.ts"
import { breakdownBar } from "./bar.ts"
import { h } from "./dom.ts"

export const pathParts = (path: CriticalPath): readonly BreakdownPart[] => [
  ...kinds.flatMap((kind) => {
    const seconds = path.composition[kind] ?? 0
    return seconds > 0 ? [{ name: kindLabels[kind], kind, seconds } as const] : []
  }),
  ...(path.waiting > 0 ? [{ name: "waiting", kind: "bubble", seconds: path.waiting } as const] : [])
]

export const pathView = (path: CriticalPath, isShown: boolean, onToggle: () => void): HTMLElement =>
  path.slices.length === 0
    ? h("p", { class: "empty" }, "Nothing runs in this trace")
    : h(
        "div",
        { class: "details overview-panel" },
        h(
          "p",
          {},
          h(
            "button",
            { type: "button", "aria-pressed": String(isShown), onclick: onToggle },
            isShown ? "Show everything" : "Highlight in the timeline"
          )
        ),
        breakdownBar(
          `The critical path takes ${formatSeconds(path.seconds)} through ${formatCount(path.slices.length)} slices`,
          pathParts(path)
        )
      )
