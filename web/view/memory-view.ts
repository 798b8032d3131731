/** Memory: of a rank over time, stacked by kind, and the peak of every stage beside the capacity. */
import { area, scaleLinear } from "d3"
import type { TimeWindow } from "../base/time-window.ts"
import { atPeak, kindCounters, memoryStack, memoryTotals } from "../model/memory-stack.ts"
import type { RunResult, StageMemoryPart } from "../model/run-result.ts"
import { formatBytes, formatFigures, formatSeconds } from "../../src/units/index.ts"
import { widthUpTo } from "./chart.ts"
import { h, svg, swatch, table } from "./dom.ts"
import type { Scene, View } from "./session.ts"

/** So much of a colour of the charts, in per cent, on the ground. */
const mixed = (colour: string, percent: number): string =>
  `color-mix(in srgb, var(--${colour}) ${percent}%, var(--ground))`

/** Kinds of memory in the colours of a report's bar of memory (src/report/training-resources.ts). */
const shades: Readonly<Record<string, string>> = {
  weights: "var(--memory)",
  gradients: mixed("memory", 70),
  optimizer: mixed("memory", 45),
  buffers: "var(--host)",
  context: mixed("host", 70),
  activations: "var(--compute)",
  working: "var(--backward)",
  logits: mixed("compute", 60),
  fragmentation: "var(--other)",
  keyValue: "var(--backward)"
}

const shadeOf = (kind: string): string => shades[kind] ?? mixed("memory", 55)

/** The memory tab: the course of the rank that is looked at, and bars by stage. */
export const memoryView = (scene: Scene, view: Pick<View, "window" | "row" | "selection">): HTMLElement => {
  const memory = scene.runs[0]?.result?.memory
  const counter = chosenCounter(scene, view)
  const parts: HTMLElement[] = []
  if (counter !== undefined) parts.push(course(scene, counter, view.window, memory))
  if (memory !== undefined) parts.push(peaks(memory))
  return parts.length === 0
    ? h("p", { class: "empty" }, "This run has no record of memory")
    : h("div", { class: "memory" }, ...parts)
}

/** The counter of memory of the row under the keyboard, else of the selected slice's rank, else the first. */
const chosenCounter = (scene: Scene, { row, selection }: Pick<View, "row" | "selection">): number | undefined => {
  const { counters, tracks, slices } = scene.whole.trace
  const found = memoryTotals(scene.whole.trace)
  const below = (id: string | undefined): number | undefined =>
    id === undefined
      ? undefined
      : found.find((counter) => id.startsWith(JSON.stringify(tracks[counters[counter]!.track]!).slice(0, -1)))
  const selected = selection === undefined ? undefined : tracks[slices.track[selection.slice]!]
  return below(row) ?? below(selected === undefined ? undefined : JSON.stringify(selected)) ?? found[0]
}

const margins = { height: 190, left: 56, bottom: 20, top: 8 }

const course = (scene: Scene, counter: number, window: TimeWindow, memory: RunResult["memory"]): HTMLElement => {
  const { trace } = scene.whole
  const size = { width: widthUpTo(640), ...margins }
  const total = scene.counters[counter]!
  const path = trace.tracks[trace.counters[counter]!.track]!
  const named = kindCounters(trace, counter)
  const known = named.length > 0 ? named : [{ kind: trace.names[trace.counters[counter]!.name]!, counter }]
  const series = known.map((one) => scene.counters[one.counter]!)
  const isBytes = /bytes/.test(trace.names[trace.counters[counter]!.name]!)
  const shown = isBytes ? formatBytes : formatFigures
  const inner = size.width - size.left
  const stack = memoryStack(total, series, window, inner)
  const capacity = isBytes ? memory?.capacityBytes : undefined
  const y = scaleLinear([0, Math.max(total.greatest, capacity ?? 0)], [size.height - size.bottom, size.top])
  const points = Array.from({ length: inner }, (_, x) => x)
  const floor = new Float64Array(inner)
  const layers = stack.map((bytes, index) => {
    const low = Float64Array.from(floor)
    bytes.forEach((value, x) => (floor[x]! += Number.isNaN(value) ? 0 : value))
    const high = Float64Array.from(floor)
    const shape = area<number>()
      .defined((x) => !Number.isNaN(bytes[x]!))
      .x((x) => size.left + x)
      .y0((x) => y(low[x]!))
      .y1((x) => y(high[x]!))
    return svg("path", { d: shape.digits(1)(points) ?? "", fill: shadeOf(known[index]!.kind), class: "layer" })
  })
  const peak = atPeak(total, series)
  const at = total.time[total.value.indexOf(total.greatest)] ?? 0
  const name = path.at(-1) ?? "memory"
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${size.width} ${size.height}`,
      width: size.width,
      height: size.height,
      role: "img",
      class: "chart",
      "aria-label": `Memory of ${name} over time by kind, at most ${shown(total.greatest)}`
    },
    ...layers,
    ...y
      .ticks(4)
      .flatMap((tick) => [
        svg("line", { x1: size.left, x2: size.width, y1: y(tick), y2: y(tick), class: "grid" }),
        svg("text", { x: size.left - 6, y: y(tick) + 4, "text-anchor": "end", class: "faint" }, shown(tick))
      ]),
    ...timesOf(window, inner).map(([x, text]) =>
      svg("text", { x: size.left + x, y: size.height - 4, "text-anchor": "middle", class: "faint" }, text)
    ),
    capacity === undefined
      ? null
      : svg("line", { x1: size.left, x2: size.width, y1: y(capacity), y2: y(capacity), stroke: "var(--error)" })
  )
  return h(
    "figure",
    { class: "memory-course" },
    h(
      "figcaption",
      {},
      `${name}: at most ${shown(total.greatest)}${capacity === undefined ? "" : ` of ${formatBytes(capacity)}`}, after ${formatSeconds(at)}`
    ),
    picture,
    table(
      "At the peak",
      [
        {
          title: "kind",
          cell: ({ kind }: (typeof known)[number]) => h("span", {}, swatch(shadeOf(kind)), kind)
        },
        {
          title: "memory",
          isNumber: true,
          cell: ({ kind }) => shown(peak[known.findIndex((one) => one.kind === kind)]!)
        }
      ],
      known
    )
  )
}

/** Three times of the window, at places of the picture. */
const timesOf = ({ start, end }: TimeWindow, width: number): readonly (readonly [x: number, text: string])[] =>
  [0.1, 0.5, 0.9].map((share) => [share * width, formatSeconds(start + share * (end - start))])

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
