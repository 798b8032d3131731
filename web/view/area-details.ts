/** The table of an area. */
import { areaTime } from "../model/exposed.ts"
import { areaTable, type AreaRow } from "../model/area.ts"
import type { Timeline } from "../model/timeline.ts"
import { formatCount, formatPercent, formatSeconds } from "../../src/units/index.ts"
import { kindLabels } from "../model/kinds.ts"
import { definitions, h, swatch, table } from "./dom.ts"
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
  const time = areaTime(timeline, scene.streams, area.tracks, area)
  const said = (seconds: number): string =>
    `${formatSeconds(seconds / Math.max(1, time.ranks))}, ${formatPercent(time.seconds > 0 ? seconds / time.seconds : 0)}`
  const tracks = `${formatCount(found.tracks)} track${found.tracks === 1 ? "" : "s"}`
  return h(
    "div",
    { class: "details" },
    h("h2", {}, `${formatSeconds(area.end - area.start)} of ${tracks}, ${formatCount(found.slices)} slices`),
    definitions([
      ["work", said(time.work)],
      ["exposed communication", said(time.exposed.reduce((sum, [, seconds]) => sum + seconds, 0))],
      ...time.exposed.map(([kind, seconds]) => [kindLabels[kind], said(seconds)] as const),
      ["bubble", said(time.bubble)],
      ["idle on these tracks", formatPercent(found.seconds > 0 ? found.idle / found.seconds : 0)]
    ]),
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
        )
  )
}
