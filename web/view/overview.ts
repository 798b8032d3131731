/** The first panel: key figures and where the time goes. */
import { formatCount, formatSeconds } from "../../src/units/index.ts"
import { breakdownBar } from "./bar.ts"
import { definitions, h } from "./dom.ts"
import { shown } from "./numbers.ts"
import { latencyTable } from "./serving-view.ts"
import type { Scene } from "./session.ts"

export const overview = (scene: Scene): HTMLElement => {
  const { trace, bounds } = scene.whole
  const [run] = scene.runs
  const result = run?.result
  const counts: readonly (readonly [string, string])[] = [
    ["length", formatSeconds(bounds.end - bounds.start)],
    ["tracks", formatCount(trace.tracks.length)],
    ["slices", formatCount(trace.slices.track.length)],
    ["arrows", formatCount(trace.flows.from.length)]
  ]
  const remarks = scene.read.remarks.map((remark) => h("p", { class: "note" }, remark))
  if (result === undefined)
    return h("div", { class: "details" }, h("h2", {}, run?.name ?? ""), definitions(counts), ...remarks)
  const figures = result.figures.map(({ label, value, unit }) => [label, shown(value, unit)] as const)
  const longest = [...result.breakdown].sort((a, b) => b.seconds - a.seconds)[0]
  const total = result.breakdown.reduce((sum, { seconds }) => sum + seconds, 0)
  const whole = scene.serving === undefined ? `an iteration of ${formatSeconds(total)}` : "a replica's time"
  return h(
    "div",
    { class: scene.serving === undefined ? "details overview-panel" : "details overview-panel of-server" },
    definitions([...figures, ...counts.slice(1, 3)]),
    scene.serving === undefined ? null : h("p", { class: "verdict" }, scene.serving.verdict),
    longest === undefined
      ? null
      : breakdownBar(
          `${Math.round((100 * longest.seconds) / total)} % of ${whole} is ${longest.name}`,
          result.breakdown
        ),
    scene.serving === undefined ? null : h("div", { class: "latencies" }, latencyTable(scene.serving)),
    ...remarks
  )
}
