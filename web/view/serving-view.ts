/**
 * Serving: how latencies are distributed, and the course of the run. Brushing a course moves the timeline there; brushing
 * a distribution leaves the requests with such latencies in the timeline.
 */
import type { TimeWindow } from "../base/time-window.ts"
import {
  countAxis,
  distributionCurve,
  lineChart,
  timeAxis,
  type Axis,
  type Line,
  type Point
} from "../../src/charts/index.ts"
import { longNames, metricNames, quantileNames, type Metric, type ServingFigures } from "../model/serving-result.ts"
import { formatCount, formatFigures, formatPercent, formatSeconds } from "../../src/units/index.ts"
import { chart, smallChart } from "./chart.ts"
import { h, table } from "./dom.ts"
import type { View } from "./session.ts"

export interface ServingActions {
  readonly setWindow: (window: TimeWindow) => void
  /** Undefined where the trace has no lanes of requests. */
  readonly showRequests: ((metric: Metric, range: readonly [number, number]) => void) | undefined
  readonly showAll: () => void
}

export const servingView = (
  figures: ServingFigures,
  view: Pick<View, "window" | "requests">,
  actions: ServingActions
): HTMLElement =>
  h(
    "div",
    { class: "details serving" },
    h("header", {}, h("h2", {}, figures.verdict), shownRequests(view.requests, actions)),
    h(
      "div",
      { class: "charts" },
      ...(["ttft", "tpot", "e2e"] as const).map((metric) =>
        distribution(figures, metric, view.requests, actions.showRequests)
      ),
      loadChart(figures, view.window, actions),
      ...courses(figures, view.window, actions),
      latencyTable(figures)
    )
  )

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

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A goal so many times beyond what was measured would press the curve flat; the table of latencies tells how far it is. */
const farGoal = 3

const distribution = (
  { distributions, goals }: ServingFigures,
  metric: Metric,
  requests: View["requests"],
  showRequests: ServingActions["showRequests"]
): HTMLElement | null => {
  const seconds = distributions[metric]
  const goal = goals[metric]
  if (seconds.length !== 101) return null
  const what = longNames[metric]
  return chart(
    distributionCurve({
      what,
      title: `${capital(what)}: half within ${formatSeconds(seconds[50]!)}, 99 % within ${formatSeconds(seconds[99]!)}`,
      sorted: Float64Array.from(seconds),
      size: smallChart(),
      ...(goal === undefined || goal > farGoal * seconds[100]! ? {} : { goalSeconds: goal }),
      ...(requests?.metric === metric ? { marked: requests.range } : {})
    }),
    showRequests === undefined ? {} : { onBrush: (range) => showRequests(metric, range) }
  )
}

/** Throughput against latency: a dot a window of the run. */
const loadChart = (
  { overTime }: ServingFigures,
  window: TimeWindow,
  { setWindow }: ServingActions
): HTMLElement | null => {
  const { until, outputTokensPerSecond, tpot } = overTime
  if (until.length === 0 || tpot.mean.length !== until.length) return null
  const width = until[0]!
  const windows = until.flatMap((end, index) => {
    const [x, y] = [outputTokensPerSecond[index]!, tpot.mean[index]!]
    return x > 0 && y > 0 ? [{ start: end - width, end, x, y }] : []
  })
  const most = greatest(windows.map(({ x }) => x))
  return chart(
    lineChart({
      title: `Time per token against output tokens/s, at most ${formatFigures(most)}`,
      x: countAxis("output tokens per second", 0, most),
      y: timeAxis("time per token", 0, greatest(windows.map(({ y }) => y))),
      lines: [],
      dots: windows.map(({ start, end, x, y }) => ({
        x,
        y,
        title: `${formatSeconds(start)} to ${formatSeconds(end)}: ${formatFigures(x)} tokens/s, ${formatSeconds(y)} a token`,
        isFaint: end <= window.start || start >= window.end
      })),
      size: smallChart(),
      table: {
        columns: ["from, s", "until, s", "output tokens/s", "time per token, s"],
        rows: windows.map(({ start, end, x, y }) => [start, end, x, y])
      }
    }),
    {
      onDot: (index) => {
        const { start, end } = windows[index]!
        setWindow({ start, end })
      }
    }
  )
}

/** One line of a course: its name, its colour, a value for each interval. */
type Course = readonly [name: string, colour: Line["colour"], values: readonly number[]]

const share = (label: string, most: number): Axis => ({
  label: `${label}, %`,
  unit: 0.01,
  scale: "linear",
  from: 0,
  to: most
})

const courses = (
  { series, overTime, goals }: ServingFigures,
  window: TimeWindow,
  { setWindow }: ServingActions
): readonly (HTMLElement | null)[] => {
  const course = (
    title: string,
    until: readonly number[],
    axisTo: (most: number) => Axis,
    given: readonly Course[],
    aim?: number
  ): HTMLElement | null => {
    const known = given.filter(([, , values]) => values.length === until.length && values.some(Number.isFinite))
    if (known.length === 0) return null
    // A value is that of the interval which ends there, and stands in its middle.
    const half = (until[0] ?? 0) / 2
    const highest = greatest(known.flatMap(([, , values]) => values))
    const goal = aim !== undefined && aim <= farGoal * highest ? aim : undefined
    const most = Math.max(highest, goal ?? 0)
    const y = axisTo(most > 0 ? most : 1)
    return chart(
      lineChart({
        title,
        x: { ...timeAxis("time", 0, until.at(-1)!), isExact: true },
        y,
        lines: known.map(([name, colour, values]) => ({
          name,
          colour,
          points: values.flatMap((value, index): Point[] =>
            Number.isFinite(value) ? [[until[index]! - half, value]] : []
          )
        })),
        ...(goal === undefined ? {} : { limits: [{ y: goal, name: "goal" }] }),
        // The whole of it needs no mark.
        ...(window.start <= 0 && window.end >= until.at(-1)! ? {} : { marked: [window.start, window.end] as const }),
        size: smallChart(),
        table: {
          columns: ["until, s", ...known.map(([name]) => (name === "" ? y.label : `${name}: ${y.label}`))],
          rows: until.map((end, index) => [end, ...known.map(([, , values]) => finiteOrNull(values[index]))])
        }
      }),
      { onBrush: ([start, end]) => setWindow({ start, end }) }
    )
  }
  const latency = (metric: "ttft" | "tpot"): HTMLElement | null => {
    const { p50, p99 } = overTime[metric]
    const what = longNames[metric]
    return course(
      `${capital(what)} over the run: p99 at most ${formatSeconds(greatest(p99))}`,
      overTime.until,
      (most) => timeAxis(what, 0, most),
      [
        ["p99", "tensor", p99],
        ["p50", "compute", p50]
      ],
      goals[metric]
    )
  }
  const { until, preemptionsPerSecond, cacheHitShare } = series
  const preempted = greatest(preemptionsPerSecond)
  return [
    latency("ttft"),
    latency("tpot"),
    course(
      `At most ${formatFigures(greatest(series.running))} requests run, ${formatFigures(greatest(series.waiting))} wait`,
      until,
      (most) => countAxis("requests", 0, most),
      [
        ["running", "compute", series.running],
        ["waiting", "tensor", series.waiting]
      ]
    ),
    course(
      `At most ${formatFigures(greatest(series.arrivalsPerSecond))} requests a second come, ${formatFigures(greatest(series.finishedPerSecond))} finish`,
      until,
      (most) => countAxis("requests per second", 0, most),
      [
        ["arrive", "compute", series.arrivalsPerSecond],
        ["finish", "pipeline", series.finishedPerSecond]
      ]
    ),
    course(
      `KV cache: at most ${formatPercent(greatest(series.keyValueShare))} in use`,
      until,
      (most) => share("KV blocks in use", most),
      [["", "memory", series.keyValueShare]]
    ),
    // A chart of nothing would say less than its absence.
    preempted === 0
      ? null
      : course(
          `Up to ${formatFigures(preempted)} requests a second are put aside for lack of memory`,
          until,
          (most) => countAxis("preemptions per second", 0, most),
          [["", "tensor", preemptionsPerSecond]]
        ),
    greatest(cacheHitShare) === 0
      ? null
      : course(
          `Up to ${formatPercent(greatest(cacheHitShare))} of prompt tokens are found in the cache`,
          until,
          (most) => share("prompt tokens found", most),
          [["", "pipeline", cacheHitShare]]
        )
  ]
}

const finiteOrNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null

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
