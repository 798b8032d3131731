/** A request's own page: how long it waited, was read and answered, and the steps that it was part of. */
import type { TimeWindow } from "../base/time-window.ts"
import { lineChart, timeAxis } from "../../src/charts/index.ts"
import { latencyOf, stepsOfRequest, type RequestLane, type RequestStep } from "../model/requests.ts"
import type { BreakdownPart } from "../model/run-result.ts"
import { formatCount, formatSeconds } from "../../src/units/index.ts"
import { breakdownBar } from "./bar.ts"
import { chart, smallChart } from "./chart.ts"
import { definitions, h, table } from "./dom.ts"
import type { Scene } from "./session.ts"

/** Rows of the table of steps: a long answer has thousands. */
const mostRows = 200

export const requestDetails = (
  scene: Scene,
  lane: RequestLane,
  onSlice: (slice: number) => void,
  onWindow: (window: TimeWindow) => void
): HTMLElement => {
  const { trace } = scene.whole
  const steps = stepsOfRequest(trace, lane)
  const count = (phase: RequestStep["phase"]): number =>
    steps.reduce((sum, step) => (step.phase === phase ? sum + step.steps : sum), 0)
  const preempted = lane.preempted.reduce((sum, { start, end }) => sum + end - start, 0)
  const shown = (seconds: number): string => (Number.isNaN(seconds) ? "never" : formatSeconds(seconds))
  const hasTokens = !Number.isNaN(lane.prompt)
  const pairs: (readonly [string, string])[] = [
    ["arrived", formatSeconds(lane.arrival)],
    ["first token after", shown(latencyOf(lane, "ttft"))],
    ["end to end", formatSeconds(lane.end - lane.arrival)],
    ...(hasTokens
      ? ([
          ["prompt", `${formatCount(lane.prompt)} tokens`],
          ["answer", `${formatCount(lane.output)} tokens`]
        ] as const)
      : []),
    ...(lane.output > 1 ? ([["per token", shown(latencyOf(lane, "tpot"))]] as const) : []),
    ["replica", String(lane.replica)],
    ["steps", `${formatCount(count("prefill"))} prefill, ${formatCount(count("decode"))} decode`],
    ...(count("wait") > 0 ? ([["steps of others", formatCount(count("wait"))]] as const) : []),
    ["preempted", preemptionsOf(lane, preempted)]
  ]
  return h(
    "div",
    { class: "details overview-panel of-server" },
    h("h2", {}, (trace.tracks[lane.track]?.at(-1) ?? "").replace(/^r/, "R")),
    definitions(pairs),
    breakdownBar(sentenceOf(lane, preempted), partsOf(lane, preempted)),
    h("div", { class: "charts" }, courseOf(scene, lane, steps, onWindow)),
    steps.length === 0
      ? h("p", { class: "note" }, "The trace has no steps of this request")
      : stepTable(scene, lane, steps, onSlice)
  )
}

const preemptionsOf = ({ preempted: { length } }: RequestLane, seconds: number): string =>
  length === 0 ? "never" : `${length === 1 ? "once" : `${length} times`}, ${formatSeconds(seconds)}`

/** Parts that add up to the end-to-end time. */
const partsOf = (lane: RequestLane, preempted: number): readonly BreakdownPart[] => {
  const inPhase = (from: number, to: number): number =>
    lane.preempted.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.end, to) - Math.max(gap.start, from)), 0)
  if (Number.isNaN(lane.firstToken)) return [{ name: "waiting", kind: "other", seconds: lane.end - lane.arrival }]
  return [
    { name: "waiting", kind: "other", seconds: lane.scheduled - lane.arrival },
    {
      name: "prefill",
      kind: "compute",
      seconds: lane.firstToken - lane.scheduled - inPhase(lane.scheduled, lane.firstToken)
    },
    {
      name: "decode",
      kind: "compute",
      isLight: true,
      seconds: lane.end - lane.firstToken - inPhase(lane.firstToken, lane.end)
    },
    ...(preempted > 0 ? [{ name: "put aside for lack of memory", kind: "bubble", seconds: preempted } as const] : [])
  ]
}

const sentenceOf = (lane: RequestLane, preempted: number): string => {
  if (Number.isNaN(lane.firstToken)) return `It waited ${formatSeconds(lane.end - lane.arrival)} and was never begun`
  const parts = partsOf(lane, preempted)
  const longest = parts.reduce((a, b) => (b.seconds > a.seconds ? b : a))
  const share = (100 * longest.seconds) / Math.max(1e-12, lane.end - lane.arrival)
  return `${Math.round(share)} % of its ${formatSeconds(lane.end - lane.arrival)} is ${longest.name}`
}

/** How long each step took: who joins the batch slows everyone in it. */
const courseOf = (
  scene: Scene,
  lane: RequestLane,
  steps: readonly RequestStep[],
  onWindow: (window: TimeWindow) => void
): HTMLElement | null => {
  const { start, duration } = scene.whole.trace.slices
  const decodes = steps.filter(({ phase }) => phase === "decode")
  if (decodes.length < 3) return null
  const seconds = decodes.map(({ slice, steps: stands }) => duration[slice]! / stands)
  const points = decodes.map(({ slice }, index) => [start[slice]!, seconds[index]!] as const)
  return chart(
    lineChart({
      title: `Its decode steps took ${formatSeconds(Math.min(...seconds))} to ${formatSeconds(Math.max(...seconds))}`,
      x: { ...timeAxis("time", lane.firstToken, lane.end), isExact: true },
      y: timeAxis("time of a step", 0, Math.max(...seconds)),
      lines: [{ name: "", colour: "compute", points }],
      size: smallChart(),
      table: { columns: ["step began, s", "it took, s"], rows: points }
    }),
    { onBrush: ([from, to]) => onWindow({ start: from, end: to }) }
  )
}

const phaseNames = { prefill: "is read", decode: "is answered", wait: "waits" } as const

const stepTable = (
  scene: Scene,
  lane: RequestLane,
  steps: readonly RequestStep[],
  onSlice: (slice: number) => void
): HTMLElement => {
  const { slices, names } = scene.whole.trace
  const left = steps.length - mostRows
  return table(
    left > 0
      ? `The first ${mostRows} of ${formatCount(steps.length)} steps of its replica while it was at work`
      : "Steps of its replica while it was at work",
    [
      {
        title: "step",
        cell: ({ slice }: RequestStep) =>
          h(
            "button",
            { type: "button", class: "link", onclick: () => onSlice(slice) },
            (names[slices.name[slice]!] ?? "").slice(0, 100)
          )
      },
      { title: "the request", cell: ({ phase }) => phaseNames[phase] },
      {
        title: "after its arrival",
        isNumber: true,
        cell: ({ slice }) => formatSeconds(slices.start[slice]! - lane.arrival)
      },
      { title: "took", isNumber: true, cell: ({ slice }) => formatSeconds(slices.duration[slice]!) }
    ],
    steps.slice(0, mostRows)
  )
}
