/** What is known of a slice: what, when, how fast, what it waited for and what waited for it. */
import type { Hit } from "../model/hit.ts"
import { kindLabels, kindOfColour } from "../model/kinds.ts"
import { neighbour, stretchOf, trackOfHit } from "../model/place.ts"
import { formatBytes, formatPercent, formatQuantity3, formatSeconds } from "../../src/units/index.ts"
import { exactSeconds } from "./axis.ts"
import { definitions, h, swatch, table } from "./dom.ts"
import type { Scene } from "./session.ts"
import type { Theme } from "./theme.ts"

const longestValue = 300

const text = (value: unknown): string => {
  const whole = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return whole.length > longestValue ? `${whole.slice(0, longestValue)}… (${whole.length} characters)` : whole
}

/** Fields that have a place of their own in the panel. */
const known = ["microBatch", "layer", "stage", "bytes", "flops"]

export const sliceDetails = (scene: Scene, hit: Hit, theme: Theme, onSelect: (hit: Hit) => void): HTMLElement => {
  const { trace } = scene.whole
  const { slices, templateEntries: entries, names, tracks } = trace
  const { slice, entry } = hit
  const isInner = entry >= 0
  const { start, end } = stretchOf(scene.whole, hit)
  const seconds = end - start
  const name = names[isInner ? entries.name[entry]! : slices.name[slice]!] ?? ""
  const colour = isInner ? scene.streams.entryColour[entry]! : scene.colour[slice]!
  const track = trackOfHit(scene.whole, scene.streams, hit)
  const own = (inner: number | undefined, outer: number): number => (inner !== undefined && inner >= 0 ? inner : outer)
  const microBatch = own(isInner ? entries.microBatch[entry] : undefined, slices.microBatch[slice]!)
  const layer = own(isInner ? entries.layer[entry] : undefined, slices.layer[slice]!)
  const stage = own(isInner ? entries.stage[entry] : undefined, slices.stage[slice]!)
  const bytes = isInner ? entries.bytes[entry]! : slices.bytes[slice]!
  const flops = isInner ? entries.flops[entry]! : slices.flops[slice]!
  const peak = scene.runs.length === 1 ? scene.runs[0]?.result?.peakFlops : undefined
  const rows: (readonly [string, Node | string])[] = [
    ["kind", h("span", {}, swatch(theme.colours[colour]!), kindLabels[kindOfColour(colour)])],
    ["start", exactSeconds(start, Math.max(1e-9, seconds / 1000))],
    ["duration", formatSeconds(seconds)],
    ["track", (tracks[track] ?? []).join(" › ").slice(0, longestValue)]
  ]
  if (microBatch >= 0) rows.push(["micro-batch", String(microBatch)])
  if (layer >= 0) rows.push(["layer", String(layer)])
  if (stage >= 0) rows.push(["stage", String(stage)])
  if (flops > 0) {
    rows.push(["work", formatQuantity3(flops, "FLOP")])
    if (seconds > 0) rows.push(["rate", formatQuantity3(flops / seconds, "FLOP/s")])
    if (seconds > 0 && peak !== undefined) rows.push(["of the peak", formatPercent(flops / seconds / peak)])
  }
  if (bytes > 0) {
    rows.push(["bytes", formatBytes(bytes)])
    if (seconds > 0) rows.push(["bandwidth", formatQuantity3(bytes / seconds, "B/s")])
  }
  const category = isInner ? "" : scene.read.categoryOf(slice)
  if (category !== "") rows.push(["category", category])
  if (isInner) rows.push(["part of", link(names[slices.name[slice]!] ?? "", () => onSelect({ slice, entry: -1 }))])
  // A stream does one thing after the other: the slice before is waited for as well, without an arrow.
  for (const [label, direction] of [
    ["before it", -1],
    ["after it", 1]
  ] as const) {
    const next = neighbour(scene.whole, scene.streams, hit, direction)
    if (next === undefined) continue
    const other = stretchOf(scene.whole, next)
    const gap = formatSeconds(Math.max(0, direction < 0 ? start - other.end : other.start - end))
    const called = names[next.entry >= 0 ? entries.name[next.entry]! : slices.name[next.slice]!] ?? ""
    rows.push([
      `${label} on the track`,
      h(
        "span",
        {},
        link(called.slice(0, 100), () => onSelect(next)),
        `, ${gap} between`
      )
    ])
  }
  const args = isInner
    ? []
    : Object.entries(scene.read.argumentsOf(slice))
        .filter(([field]) => !known.includes(field))
        .slice(0, 50)
  for (const [field, value] of args) rows.push([field.slice(0, 60), text(value)])
  return h(
    "div",
    { class: "details" },
    h("h2", {}, name.slice(0, longestValue)),
    definitions(rows),
    isInner ? null : flowTable(scene, "waited for", scene.flows.into(slice), start, onSelect),
    isInner ? null : flowTable(scene, "waited for by", scene.flows.outOf(slice), end, onSelect)
  )
}

const link = (label: string, onClick: () => void): HTMLElement =>
  h("button", { type: "button", class: "link", onclick: onClick }, label)

const flowTable = (
  scene: Scene,
  caption: string,
  slices: readonly number[],
  at: number,
  onSelect: (hit: Hit) => void
): HTMLElement | null => {
  if (slices.length === 0) return null
  const { trace } = scene.whole
  const endOf = (slice: number): number => trace.slices.start[slice]! + trace.slices.duration[slice]!
  const isBefore = caption === "waited for"
  return table(
    caption,
    [
      {
        title: "slice",
        cell: (slice: number) =>
          link((trace.names[trace.slices.name[slice]!] ?? "").slice(0, longestValue), () =>
            onSelect({ slice, entry: -1 })
          )
      },
      { title: "on", cell: (slice) => (trace.tracks[trace.slices.track[slice]!] ?? []).slice(-2).join(" › ") },
      {
        title: isBefore ? "ended before" : "began after",
        isNumber: true,
        cell: (slice) => formatSeconds(Math.max(0, isBefore ? at - endOf(slice) : trace.slices.start[slice]! - at))
      }
    ],
    slices.slice(0, 50)
  )
}
