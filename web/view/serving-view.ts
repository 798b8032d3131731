/**
 * Serving: how latencies are distributed, and the course of the run. Brushing a course moves the timeline there; brushing
 * a distribution leaves the requests with such latencies in the timeline.
 */
import type { TimeWindow } from "../base/time-window.ts"
import { dotChart } from "../charts/dot-chart.ts"
import { lineChart } from "../charts/line-chart.ts"
import { metricNames, quantileNames, type Metric, type ServingFigures } from "../model/serving-result.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../../src/units/index.ts"
import { h, table } from "./dom.ts"
import type { View } from "./session.ts"
import type { Theme } from "./theme.ts"

export interface ServingActions {
  readonly setWindow: (window: TimeWindow) => void
  /** Undefined where the trace has no lanes of requests. */
  readonly showRequests: ((metric: Metric, range: readonly [number, number]) => void) | undefined
  readonly showAll: () => void
}

export const servingView = (
  figures: ServingFigures,
  view: Pick<View, "window" | "requests">,
  theme: Theme,
  actions: ServingActions
): HTMLElement => {
  const colour = (index: number): string => theme.colours[index]!
  return h(
    "div",
    { class: "details serving" },
    h("header", {}, h("h2", {}, figures.verdict), shownRequests(view.requests, actions)),
    h(
      "div",
      { class: "charts" },
      ...(["ttft", "tpot", "e2e"] as const).map((metric) =>
        distribution(figures, metric, colour(0), view.requests, actions.showRequests)
      ),
      loadChart(figures, view.window, colour(0), actions),
      ...courses(figures, view.window, colour, actions),
      latencyTable(figures)
    )
  )
}

/** What the timeline leaves out, and the way back. */
const shownRequests = (requests: View["requests"], { showRequests, showAll }: ServingActions): HTMLElement =>
  requests === undefined
    ? h(
        "p",
        { class: "note" },
        showRequests === undefined
          ? "Drag over a course to see that time. This trace has no lanes of requests: `windtunnel run --lanes` records them."
          : "Drag over a course to see that time, over a distribution to see the requests with such latencies."
      )
    : h(
        "p",
        { class: "note" },
        `${formatCount(requests.tracks.size)} requests in the timeline: ${requests.label} `,
        h("button", { type: "button", class: "link", onclick: showAll }, "Show all requests")
      )

const distribution = (
  { distributions, goals }: ServingFigures,
  metric: Metric,
  colour: string,
  requests: View["requests"],
  showRequests: ServingActions["showRequests"]
): SVGSVGElement | null => {
  const seconds = distributions[metric]
  if (seconds.length !== 101) return null
  const [least, p50, p90, p99, most] = [0, 50, 90, 99, 100].map((index) => seconds[index]!) as [
    number,
    number,
    number,
    number,
    number
  ]
  const goal = goals[metric]
  const isLog = least > 0 && most / p50 > 8
  const isMissed = goal !== undefined && goal <= most
  const name = metricNames[metric]
  return lineChart({
    title: `${name[0]!.toUpperCase()}${name.slice(1)}: half within ${formatSeconds(p50)}, 99 % within ${formatSeconds(p99)}`,
    lines: [{ name: "", colour, x: seconds, y: seconds.map((_, index) => index / 100) }],
    range: [isLog || least > most / 3 ? least : 0, most],
    isLog,
    formatX: formatSeconds,
    formatY: formatPercent,
    marks: [
      ...(isMissed ? [{ x: goal, name: "goal", isGoal: true }] : []),
      { x: p50, name: "p50" },
      { x: p99, name: "p99" },
      { x: p90, name: "p90" }
    ],
    ...(requests?.metric === metric ? { marked: requests.range } : {}),
    ...(showRequests === undefined ? {} : { onBrush: (range) => showRequests(metric, range) })
  })
}

/** Throughput against latency: a dot a window of the run. */
const loadChart = (
  { overTime }: ServingFigures,
  window: TimeWindow,
  colour: string,
  { setWindow }: ServingActions
): SVGSVGElement | null => {
  const { until, outputTokensPerSecond, tpot } = overTime
  if (until.length === 0 || tpot.mean.length !== until.length) return null
  const width = until[0]!
  const top = Math.max(...outputTokensPerSecond)
  return dotChart({
    title: `Time per token against output tokens/s, at most ${formatFigures(top)}`,
    dots: until.map((end, index) => ({
      x: outputTokensPerSecond[index]!,
      y: tpot.mean[index]!,
      title: `${formatSeconds(end - width)} to ${formatSeconds(end)}: ${formatFigures(outputTokensPerSecond[index]!)} tokens/s, ${formatSeconds(tpot.mean[index]!)} a token`
    })),
    colour,
    formatX: (value) => formatCount(value),
    formatY: formatSeconds,
    isChosen: (index) => until[index]! > window.start && until[index]! - width < window.end,
    onDot: (index) => setWindow({ start: until[index]! - width, end: until[index]! })
  })
}

const courses = (
  { series, overTime, goals }: ServingFigures,
  window: TimeWindow,
  colour: (index: number) => string,
  { setWindow }: ServingActions
): readonly (SVGSVGElement | null)[] => {
  const chart = (
    title: string,
    until: readonly number[],
    formatY: (value: number) => string,
    lines: readonly (readonly [name: string, colour: number, y: readonly number[]])[],
    goal?: number
  ): SVGSVGElement | null => {
    // A value is that of the interval which ends there, and stands in its middle.
    const half = (until[0] ?? 0) / 2
    const drawn = lines.flatMap(([name, index, y]) =>
      y.length === until.length && y.length > 0
        ? [{ name, colour: colour(index), x: until.map((end) => end - half), y }]
        : []
    )
    if (drawn.length === 0) return null
    return lineChart({
      title,
      lines: drawn,
      formatX: formatSeconds,
      formatY,
      range: [0, until.at(-1)!],
      marked: [window.start, window.end],
      onBrush: ([start, end]) => setWindow({ start, end }),
      ...(goal === undefined ? {} : { limit: { y: goal, name: "goal" } })
    })
  }
  const latency = (metric: "ttft" | "tpot"): SVGSVGElement | null => {
    const { p50, p99 } = overTime[metric]
    const name = metric === "ttft" ? "First token" : "Time per token"
    return chart(
      `${name} over time: p99 at most ${formatSeconds(greatest(p99))}`,
      overTime.until,
      formatSeconds,
      [
        ["p99", 2, p99],
        ["p50", 0, p50]
      ],
      goals[metric]
    )
  }
  return [
    latency("ttft"),
    latency("tpot"),
    chart(
      `At most ${formatFigures(greatest(series.running))} requests run, ${formatFigures(greatest(series.waiting))} wait`,
      series.until,
      formatFigures,
      [
        ["running", 0, series.running],
        ["waiting", 2, series.waiting]
      ]
    ),
    chart("Requests a second", series.until, formatFigures, [
      ["arrive", 0, series.arrivalsPerSecond],
      ["finish", 3, series.finishedPerSecond]
    ]),
    chart(`KV cache: at most ${formatPercent(greatest(series.keyValueShare))} in use`, series.until, formatPercent, [
      ["KV blocks", 7, series.keyValueShare]
    ])
  ]
}

const greatest = (values: readonly number[]): number => Math.max(0, ...values.filter(Number.isFinite))

type Latency = ServingFigures["latencies"][number]

/** Latencies by quantile, also for readers of the charts by ear. */
export const latencyTable = ({ latencies }: ServingFigures): HTMLElement | null =>
  latencies.length === 0
    ? null
    : table(
        "Latencies",
        [
          { title: "latency", cell: ({ metric }: Latency) => metricNames[metric] },
          ...quantileNames.map((quantile) => ({
            title: quantile,
            isNumber: true,
            cell: ({ values }: Latency) => (Number.isNaN(values[quantile]) ? "" : formatSeconds(values[quantile]))
          }))
        ],
        latencies
      )
