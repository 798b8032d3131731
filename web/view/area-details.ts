/** The table of an area. */
import { areaTable, type AreaRow } from "../model/area.ts"
import type { Timeline } from "../model/timeline.ts"
import { formatCount, formatPercent, formatSeconds } from "../../src/units/index.ts"
import { h, swatch, table } from "./dom.ts"
import type { Scene, View } from "./session.ts"
import type { Theme } from "./theme.ts"

const mostRows = 200

export const areaDetails = (
  scene: Scene,
  timeline: Timeline,
  area: NonNullable<View["area"]>,
  theme: Theme,
  onName: (name: string) => void
): HTMLElement => {
  const found = areaTable(timeline, scene.streams, area.tracks, area)
  const tracks = `${formatCount(found.tracks)} track${found.tracks === 1 ? "" : "s"}`
  return h(
    "div",
    { class: "details" },
    h("h2", {}, `${formatSeconds(area.end - area.start)} of ${tracks}, ${formatCount(found.slices)} slices`),
    found.rows.length === 0
      ? h("p", { class: "empty" }, "Nothing runs here")
      : table(
          "Slices of the area by name",
          [
            {
              title: "name",
              cell: ({ name, colour }: AreaRow) => h("span", {}, swatch(theme.colours[colour]!), name.slice(0, 200))
            },
            { title: "count", isNumber: true, cell: ({ count }) => formatCount(count) },
            { title: "total", isNumber: true, cell: ({ total }) => formatSeconds(total) },
            { title: "mean", isNumber: true, cell: ({ mean }) => formatSeconds(mean) },
            { title: "p99", isNumber: true, cell: ({ p99 }) => formatSeconds(p99) },
            { title: "share", isNumber: true, cell: ({ share }) => formatPercent(share) }
          ],
          found.rows.slice(0, mostRows),
          ({ name }) => onName(name)
        ),
    h(
      "p",
      { class: "note" },
      `idle ${formatSeconds(found.idle)}, ${formatPercent(found.seconds > 0 ? found.idle / found.seconds : 0)} of the area`
    )
  )
}
