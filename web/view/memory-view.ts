/** Memory: of a stage over time, and its peak by kind beside the capacity. */
import { area, scaleLinear } from "d3"
import type { TimeWindow } from "../base/time-window.ts"
import { counterBand, type CounterSeries } from "../model/counters.ts"
import type { RunResult, StageMemoryPart } from "../model/run-result.ts"
import { formatBytes } from "../../src/units/index.ts"
import { h, svg, table } from "./dom.ts"
import type { Scene } from "./session.ts"
import type { Theme } from "./theme.ts"

/** Kinds of memory in shades of the memory's brown, from what stays to what comes and goes. */
const shades: Readonly<Record<string, string>> = {
  weights: "#5a3613",
  gradients: "#7a4a1e",
  optimizer: "#9a6534",
  buffers: "#b98550",
  context: "#8a8a8a",
  activations: "#e0b586",
  logits: "#edd3b3",
  fragmentation: "#b5b5b5",
  keyValue: "#e0b586"
}

const shadeOf = (kind: string): string => shades[kind] ?? "#b98550"

/** The memory tab: bars by stage, and the course of the stage of the selected rank. */
export const memoryView = (scene: Scene, window: TimeWindow, theme: Theme, row: string | undefined): HTMLElement => {
  const memory = scene.runs[0]?.result?.memory
  const counter = chosenCounter(scene, row)
  const parts: HTMLElement[] = []
  if (counter !== undefined) parts.push(course(scene, counter, window, theme, memory))
  if (memory !== undefined) parts.push(peaks(memory))
  return parts.length === 0
    ? h("p", { class: "empty" }, "This run has no record of memory")
    : h("div", { class: "memory" }, ...parts)
}

/** The counter of memory of the row under the keyboard, else the first. */
const chosenCounter = (scene: Scene, row: string | undefined): number | undefined => {
  const { counters, names, tracks } = scene.whole.trace
  const found = counters.flatMap(({ name }, index) => (/memory|bytes|kv/i.test(names[name]!) ? [index] : []))
  const isOf = (counter: number): boolean => {
    const path = JSON.stringify(tracks[counters[counter]!.track]!)
    return row !== undefined && row.startsWith(path.slice(0, -1))
  }
  return found.find(isOf) ?? found[0]
}

const size = { width: 560, height: 150, left: 56, bottom: 20 }

const course = (
  scene: Scene,
  counter: number,
  window: TimeWindow,
  theme: Theme,
  memory: RunResult["memory"]
): HTMLElement => {
  const { trace } = scene.whole
  const series: CounterSeries = scene.counters[counter]!
  const path = trace.tracks[trace.counters[counter]!.track]!
  const stage = Number(/stage (\d+)/.exec(path.at(-1) ?? "")?.[1] ?? Number.NaN)
  const ofStage: StageMemoryPart | undefined = memory?.stages.find((one) => one.stage === stage)
  const inner = size.width - size.left
  const band = counterBand(series, window, inner)
  const top = Math.max(series.greatest, memory?.capacityBytes ?? 0)
  const y = scaleLinear([0, top], [size.height - size.bottom, 6])
  // What stays all the time is stacked by kind; above it the counter tells how much comes and goes.
  const resident = (ofStage?.kinds ?? []).filter(([kind]) =>
    ["weights", "gradients", "optimizer", "buffers", "context"].includes(kind)
  )
  let floor = 0
  const layers = resident.map(([kind, bytes]) => {
    const from = floor
    floor += bytes
    return { kind, from, to: floor }
  })
  const points = Array.from({ length: inner }, (_, x) => x)
  const shape = (low: (x: number) => number, high: (x: number) => number): string =>
    area<number>()
      .defined((x) => !Number.isNaN(band.greatest[x]!))
      .x((x) => size.left + x)
      .y0((x) => y(low(x)))
      .y1((x) => y(high(x)))(points) ?? ""
  const ticks = y.ticks(4)
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${size.width} ${size.height}`,
      width: size.width,
      height: size.height,
      role: "img",
      "aria-label": `Memory of ${path.at(-1) ?? ""} over time, at most ${formatBytes(series.greatest)}`
    },
    ...ticks.flatMap((tick) => [
      svg("line", { x1: size.left, x2: size.width, y1: y(tick), y2: y(tick), class: "grid" }),
      svg("text", { x: size.left - 6, y: y(tick) + 4, "text-anchor": "end", class: "label" }, formatBytes(tick))
    ]),
    ...layers.map(({ kind, from, to }) =>
      svg("path", {
        d: shape(
          (x) => Math.min(from, band.greatest[x]!),
          (x) => Math.min(to, band.greatest[x]!)
        ),
        fill: shadeOf(kind)
      })
    ),
    svg("path", {
      d: shape(
        (x) => Math.min(floor, band.greatest[x]!),
        (x) => band.greatest[x]!
      ),
      fill: shadeOf("activations")
    }),
    memory === undefined
      ? null
      : svg("line", {
          x1: size.left,
          x2: size.width,
          y1: y(memory.capacityBytes),
          y2: y(memory.capacityBytes),
          class: "limit",
          stroke: theme.ink
        })
  )
  return h(
    "figure",
    {},
    h(
      "figcaption",
      {},
      `${path.at(-1) ?? "memory"}: at most ${formatBytes(series.greatest)}${memory === undefined ? "" : ` of ${formatBytes(memory.capacityBytes)}`}`
    ),
    picture
  )
}

const peaks = (memory: NonNullable<RunResult["memory"]>): HTMLElement => {
  const kinds = [...new Set(memory.stages.flatMap((stage) => stage.kinds.map(([kind]) => kind)))]
  const bytes = (stage: StageMemoryPart, kind: string): number => stage.kinds.find(([name]) => name === kind)?.[1] ?? 0
  return h(
    "figure",
    {},
    h("figcaption", {}, "Peak by stage"),
    h(
      "div",
      { class: "legend" },
      ...kinds.map((kind) =>
        h("span", { class: "key" }, h("span", { class: "swatch", style: { background: shadeOf(kind) } }), kind)
      )
    ),
    table(
      "Peak memory of each stage by kind",
      [
        { title: "stage", cell: ({ stage }: StageMemoryPart) => String(stage) },
        {
          title: "",
          cell: (stage) =>
            h(
              "div",
              { class: "bar thin", "aria-hidden": "true" },
              ...kinds.map((kind) =>
                h("span", {
                  class: "part",
                  title: `${kind}: ${formatBytes(bytes(stage, kind))}`,
                  style: { width: `${(100 * bytes(stage, kind)) / memory.capacityBytes}%`, background: shadeOf(kind) }
                })
              )
            )
        },
        { title: "peak", isNumber: true, cell: ({ peakBytes }) => formatBytes(peakBytes) },
        { title: "spare", isNumber: true, cell: ({ peakBytes }) => formatBytes(memory.capacityBytes - peakBytes) }
      ],
      memory.stages
    )
  )
}
