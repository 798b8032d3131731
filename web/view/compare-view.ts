/** Two runs: what differs, the greatest contribution first. */
import { areaTable } from "../model/area.ts"
import { deltasOf, type Delta } from "../model/deltas.ts"
import type { BreakdownPart } from "../model/run-result.ts"
import { kindOfColour } from "../model/kinds.ts"
import { streamsOf } from "../model/streams.ts"
import { coloursOf, timelineOf } from "../model/timeline.ts"
import { formatPercent, formatSeconds } from "../../src/units/index.ts"
import { partColour } from "./bar.ts"
import { h, swatch, table } from "./dom.ts"
import { shown, signed } from "./numbers.ts"
import type { Run, Scene } from "./session.ts"
import type { Theme } from "./theme.ts"

/** Parts of a run: its breakdown, or for a recording the time of its slices by name on an average track. */
const partsOf = (run: Run): readonly BreakdownPart[] => {
  if (run.result !== undefined && run.result.breakdown.length > 0) return run.result.breakdown
  const { trace } = run.read
  const timeline = timelineOf(trace, coloursOf(trace, run.read.categoryOf))
  const tracks = timeline.lanesOfTrack.flatMap((lanes, track) => (lanes.length > 0 ? [track] : []))
  const found = areaTable(timeline, streamsOf(trace), tracks, timeline.bounds)
  return found.rows.map(({ name, colour, total }) => ({
    name,
    kind: kindOfColour(colour),
    seconds: total / Math.max(1, tracks.length)
  }))
}

const partsCache = new WeakMap<Run, readonly BreakdownPart[]>()
const cachedParts = (run: Run): readonly BreakdownPart[] => {
  const parts = partsCache.get(run) ?? partsOf(run)
  partsCache.set(run, parts)
  return parts
}

export const runDeltas = ([a, b]: Scene["runs"]): readonly Delta[] =>
  a === undefined || b === undefined ? [] : deltasOf(cachedParts(a), cachedParts(b))

export const compareView = (scene: Scene, theme: Theme, onFile: () => void, onEnd: () => void): HTMLElement => {
  const [a, b] = scene.runs
  if (a === undefined || b === undefined)
    return h(
      "div",
      { class: "details" },
      h("p", { class: "empty" }, "Lay a second run or a recorded trace beside this one, on the same time axis."),
      h("p", {}, h("button", { type: "button", onclick: onFile }, "Compare with a file…"))
    )
  const deltas = runDeltas(scene.runs)
  const [before, after] = [a, b].map((run) => run.result?.iterationSeconds)
  const largest = Math.max(...deltas.map(({ difference }) => Math.abs(difference)), 1e-12)
  const finding =
    before === undefined || after === undefined
      ? "What differs"
      : after === before
        ? "Both take the same time"
        : `B takes ${formatSeconds(after)} instead of ${formatSeconds(before)}, ${signed(after / before - 1, formatPercent)}${deltas[0] === undefined ? "" : `; most of it is ${deltas[0].name}`}`
  const figures = a.result?.figures.flatMap((figure) => {
    const other = b.result?.figures.find(({ label }) => label === figure.label)
    return other === undefined ? [] : [{ ...figure, other: other.value }]
  })
  return h(
    "div",
    { class: "details" },
    h("h2", {}, finding),
    h(
      "p",
      { class: "note" },
      `A: ${a.name} · B: ${b.name} `,
      h("button", { type: "button", onclick: onEnd }, "End the comparison")
    ),
    h(
      "div",
      { class: "side" },
      table(
        "Differences by contribution",
        [
          {
            title: "part",
            cell: ({ kind, name }: Delta) => h("span", {}, swatch(partColour({ kind }, theme)), name.slice(0, 200))
          },
          { title: "A", isNumber: true, cell: ({ before: was }) => formatSeconds(was) },
          { title: "B", isNumber: true, cell: ({ after: is }) => formatSeconds(is) },
          { title: "difference", isNumber: true, cell: ({ difference }) => signed(difference, formatSeconds) },
          {
            title: "",
            cell: ({ difference }) =>
              h(
                "div",
                { class: "delta", "aria-hidden": "true" },
                h("span", {
                  class: difference > 0 ? "more" : "less",
                  style: { width: `${(50 * Math.abs(difference)) / largest}%` }
                })
              )
          }
        ],
        deltas.filter(({ difference }) => Math.abs(difference) > largest * 1e-4).slice(0, 100)
      ),
      figures === undefined || figures.length === 0
        ? null
        : table(
            "Key figures",
            [
              { title: "figure", cell: (row: (typeof figures)[number]) => row.label },
              { title: "A", isNumber: true, cell: ({ value, unit }) => shown(value, unit) },
              { title: "B", isNumber: true, cell: ({ other, unit }) => shown(other, unit) },
              {
                title: "change",
                isNumber: true,
                cell: ({ value, other }) => (value === 0 ? "" : signed(other / value - 1, formatPercent))
              }
            ],
            figures
          )
    )
  )
}
